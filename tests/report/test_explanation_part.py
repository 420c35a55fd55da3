"""The part of the page about the explanation: bars, curves, pairs and examples, true to the chapter and safe with its words."""

from dataclasses import replace

import pytest
from markupsafe import escape

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.page import render_page

HOSTILE = "<img src=x onerror=alert(1)>"


def feature(column, value, **goes):
    return {"column": column, "value": value, "low": value * 0.8, "high": value * 1.2, "n": 60, "together": None, **goes}


def chapter(**changed):
    change = {"column": HOSTILE, "before": 5, "after": HOSTILE, "bound": "at most"}
    content = {
        "rows": 60,
        "rounds": 24,
        "background": 24,
        "explained": "b",
        "is_share": True,
        "features": [
            feature("debt", 0.104, goes="up"),
            feature("income", 0.05, goes="down"),
            feature(HOSTILE, 0.02, goes="levels", raises=HOSTILE, lowers=True),
        ],
        "curves": [
            {"column": "debt", "kind": "ale of b", "at": [0.0, 5.0, 9.0], "effects": [-0.1, 0.0, 0.2], "rows": [0, 30, 30]},
            {
                "column": HOSTILE,
                "kind": "partial dependence of b",
                "at": [HOSTILE, "x"],
                "effects": [0.07, -0.02],
                "rows": [5, 9],
            },
        ],
        "interactions": [{"columns": ["debt", HOSTILE], "strength": 0.031}],
        "checks": {"rows": 20, "rounds": [200, 200], "without_reason": 0, "flipped": 0.75},
        "examples": [
            {
                "name": "adverse",
                "answer": "b",
                "label": "b",
                "value": 0.612,
                "usual": 0.3,
                "threshold": 0.5,
                "effects": [
                    {"column": "debt", "value": 9, "effect": 0.21},
                    {"column": HOSTILE, "value": None, "effect": -0.04},
                ],
                "reasons": [{"words": HOSTILE}],
                "options": [{"changes": [change], "value": 0.4, "answer": 0, "cost": 0.1}],
            }
        ],
        **changed,
    }
    figures = {
        "additivity": Measure(0.0, 0.0, 0.0, 60),
        "reason_stability": Measure(0.9, 0.7, 0.97, 20, "share"),
        "reason_fidelity": Measure(1.0, 0.84, 1.0, 20, "share"),
    }
    return Chapter(figures, content, ("60 of 200 rows were explained: no time for more",), False)


@pytest.fixture
def part(make_facts):
    """Gives the part of the page that a chapter makes."""

    def of(found):
        facts = make_facts("binary", ["a", "b"])
        page = render_page(replace(facts, evidence=replace(facts.evidence, chapters={"explanation": found})))
        return page.partition('id="chapter-explanation"')[2].partition("</section>")[0].replace("\u00a0", " ")

    return of


def test_effects_are_in_points_with_interval_and_direction(part):
    said = part(chapter())

    assert "Of 60 test rows, each was compared with 24 training rows" in said
    assert "10.4" in said and "8.3 to 12.5" in said
    assert "↑ rises with it" in said and "↓ falls with it" in said
    assert "60 of 200 rows were explained: no time for more" in said


def test_curves_pairs_and_examples_are_there(part):
    said = part(chapter())

    assert 'aria-labelledby="effect-0-t"' in said and "debt 9: +20 points" in said
    assert "+7" in said and "−2" in said
    assert "3.1" in said
    assert "A typical row with the adverse answer" in said and "probability of “b” 61.2 %" in said and "+21" in said
    assert "The answer would change with" in said and "at most" in said


def test_whether_reasons_hold_is_told_with_the_rows_it_rests_on(part):
    said = part(chapter())

    assert "stay the same for 90 % of 20 checked rows (95 % interval 70 % to 97 %)" in said
    assert "for 100 % of 20 rows (from 84 %)" in said
    assert "75 % of them get the other answer" in said


def test_words_of_data_are_text(part):
    said = part(chapter())

    assert HOSTILE not in said.replace("<wbr>", "")
    assert said.count(str(escape(HOSTILE))[:12]) >= 5


def test_numbers_are_in_the_units_of_the_target_and_have_no_line(part):
    example = {
        **chapter().content["examples"][0],
        "name": "middle",
        "answer": "",
        "label": "",
        "value": 1234.5,
        "usual": 1000.0,
    }
    curve = {"column": "debt", "kind": "ale", "at": [0.0, 9.0], "effects": [-20.0, 20.0], "rows": [0, 60]}
    checks = {"rows": 20, "rounds": [200, 200], "without_reason": 0, "flipped": None}

    said = part(chapter(is_share=False, explained="y", curves=[curve], examples=[example], checks=checks))

    assert "how far each feature moves the prediction of a row" in said and "the prediction, units of y beside the mean" in said
    assert "points" not in said and "1,234" in said
    assert "get the other answer" not in said


def test_without_time_for_anything_only_the_note_is_there(part):
    said = part(Chapter(notes=("left out: no time",), is_whole=False))

    assert "Left out: no time" in said and "<table" not in said
