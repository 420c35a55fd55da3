"""The page of a comparison: complete in itself, safe with hostile names, and true to the figures."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from test_page import HOSTILE, Page, words

from lepton_automl.evidence.comparing import VALUE, Change, Comparison, Difference, Side, figure_of, judged
from lepton_automl.report.comparing import render_junit, render_markdown, render_text, write_comparison
from lepton_automl.report.comparing.page import render_comparison


def figure(name="roc_auc", slice_="", value=0.03, error=0.01, is_score=True, is_deciding=True, unit=""):
    difference = Difference(value, error, 199, "paired bootstrap")
    return figure_of(name, slice_, 200, (0.8, 0.8 + value), difference, is_score, 0.95, 0.01, is_deciding, unit)


@pytest.fixture
def comparison():
    figures = (
        figure(),
        figure(VALUE, value=-0.2, error=0.05, unit="EUR"),
        figure("log_loss", value=-0.02, is_score=False, is_deciding=False),
        figure("roc_auc", "sex = f", 0.01, 0.02, is_deciding=False),
        figure("roc_auc", "sex = m", -0.2, 0.02, is_deciding=False),
    )
    sides = Side("outputs/a", "credit", "1" * 64, "0.1.0"), Side("outputs/b", "credit", "2" * 64, "0.1.0")
    changes = (Change("seed", "1", "2"),)
    (found,) = judged([Comparison("model", "test", 200, *sides, figures, 0.95, changes, ("A notice.",), "late")])
    return found


def test_the_page_is_whole_and_asks_the_network_for_nothing(comparison):
    text = render_comparison([comparison])
    page = Page(text)

    assert page.wrong == [] and page.open == []
    assert len(page.ids()) == len(set(page.ids()))
    named = {part for _, attrs in page.tags for part in attrs.get("aria-labelledby", "").split()}
    assert named <= set(page.ids())
    linked = {attrs["href"][1:] for tag, attrs in page.tags if tag == "a"}
    assert linked <= set(page.ids())
    assert "http://" not in text and "https://" not in text and "@import" not in text and "url(" not in text


def test_the_first_screen_is_the_verdict_and_what_else_got_worse(comparison):
    said = words(render_comparison([comparison]))

    assert "Worse" in said.split("Every figure")[0]
    assert "Worth of a row is worse by −0.200 EUR (−0.299 to −0.101)" in said
    assert "Worse, though not among the deciding figures: ROC AUC of sex = m." in said
    assert "Keys of the two resolved recipes that differ" in said and "A notice." in said


def test_several_candidates_stand_in_one_list_first(comparison):
    other = replace(comparison, candidate=Side("outputs/c", "credit"))
    page = Page(render_comparison([comparison, other]))

    assert len(page.ids()) == len(set(page.ids()))
    assert "Which is better?" in page.text
    answer = page.text[: page.text.index("Every candidate less the baseline")]
    assert "Worse outputs/b , outputs/c" in " ".join(answer.split())
    assert page.wrong == [] and page.open == []


def test_names_of_people_who_mean_harm_stay_text(comparison):
    side = Side(HOSTILE, HOSTILE, HOSTILE)
    bad = replace(
        comparison,
        baseline=side,
        candidate=side,
        figures=tuple(replace(f, slice=HOSTILE if f.slice else "", unit=HOSTILE if f.unit else "") for f in comparison.figures),
        changes=(Change(HOSTILE, HOSTILE, HOSTILE),),
        notices=(HOSTILE,),
        target=HOSTILE,
    )

    page = Page(render_comparison([bad]))

    assert [tag for tag, _ in page.tags].count("script") == 1 and "img" not in {tag for tag, _ in page.tags}
    assert page.wrong == [] and page.open == []
    assert "<script" not in render_markdown([bad]).replace("`", "") or "&lt;script" in render_markdown([bad])
    assert len(ElementTree.fromstring(render_junit([bad])).findall("testsuite/testcase")) == 5
    assert "WORSE" in render_text([bad])


def test_every_form_tells_the_same_verdict(comparison, tmp_path):
    paths = write_comparison([comparison], tmp_path / "new" / "folder")

    assert [path.name for path in paths] == ["comparison.html", "comparison.md", "comparison.json", "comparison.xml"]
    html, markdown, json_, xml = (path.read_text(encoding="utf-8") for path in paths)
    assert "## ❌ credit: worse" in markdown and '"word": "worse"' in json_
    assert 'failures="1"' in xml and "Worse" in html
    assert len(html) < 200_000
