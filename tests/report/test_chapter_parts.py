"""Every chapter has a part of the page, with a picture."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_page import Page, words

from lepton_automl.evidence import EXAMINERS, Refitted
from lepton_automl.evidence.chapter import write_chapters
from lepton_automl.report.page import render_page

sys.path.append(str(Path(__file__).parent.parent / "evidence"))
from made_judged import made_judged

LABELS = {"binary": ("good", "bad"), "multiclass": ("a", "b", "c"), "regression": ()}
FIGURES = {
    "binary": {"gains", "lift", "set-sizes", "over-time", "learning-curve", "drop-noise"},
    "multiclass": {"set-sizes", "over-time", "learning-curve", "drop-wrong_labels"},
    "regression": {"intervals", "over-time", "learning-curve", "drop-far_rows"},
}
NAMES = ("ranking", "conformal", "robustness", "learning_curve")


def chapters_of(kind):
    def refit(shares, until):
        half = (made_judged(kind).prediction + made_judged(kind).baseline) / 2
        return Refitted([(round(1_000 * share), (made_judged(kind).prediction if share == 1 else half,)) for share in shares])

    rows = made_judged(kind, refit=refit)
    return write_chapters(rows, [EXAMINERS.find(name)() for name in NAMES], float("inf"))


@pytest.mark.parametrize("kind", LABELS)
def test_the_page_shows_every_chapter_that_fits_the_task_with_its_pictures(make_facts, kind):
    facts = make_facts(kind, LABELS[kind])
    facts = replace(facts, evidence=replace(facts.evidence, chapters=chapters_of(kind), looks=7))
    text = render_page(facts)
    page = Page(text)

    assert page.wrong == [] and page.open == [] and len(page.ids()) == len(set(page.ids()))
    assert page.figures() >= FIGURES[kind]
    assert "Twice the rows would bring about" in words(text)
    assert "These test rows were looked at 7 times." in words(text)


def test_a_figure_that_the_sample_can_not_carry_is_marked_beside_it_with_the_reason(make_facts):
    facts = make_facts()
    reason = "it rests on 9 events; 30 are the least"
    marked = replace(facts, evidence=replace(facts.evidence, underpowered={"roc_auc": reason}))

    assert f"Underpowered : {reason}." in words(render_page(marked)), "an end tag reads as a blank"
    assert "nderpowered" not in words(render_page(replace(facts, evidence=replace(facts.evidence, underpowered={}))))


def test_a_chapter_that_was_left_out_says_why(make_facts):
    facts = make_facts()
    left = write_chapters(made_judged(), [EXAMINERS.find("robustness")()], 0.0)

    assert "Left out: no time." in words(render_page(replace(facts, evidence=replace(facts.evidence, chapters=left))))
