"""The parts of the page about fairness and slices: what is said in words, and what is kept silent."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_automl.data import Role
from lepton_automl.evidence import EXAMINERS, Chapter, Decision, Judged
from lepton_automl.evidence.chapter import Rival
from lepton_automl.report.card import render_card
from lepton_automl.report.documents.render import render_document
from lepton_automl.report.fairness_front import best_of
from lepton_automl.report.page import render_page
from lepton_automl.report.sections.chapters.fairness import fairness_chapter
from lepton_automl.report.sections.chapters.slices import slices_chapter
from lepton_automl.tasks import TASKS, DecisionRule
from lepton_automl.testing import table


@pytest.fixture
def binary_facts(make_facts):
    return make_facts()


def judged(n=800, gap=0.4, **more):
    rng = np.random.default_rng(0)
    sex, job = rng.choice(["<f>", "m"], n), rng.choice(list("abc"), n)
    p = np.clip(0.5 + gap * (sex == "m") - gap / 2 + rng.normal(0, 0.15, n), 0, 1)
    y = (rng.random(n) < np.where(job == "a", 0.5, p)).astype("int64")
    data = table(target="y", roles={"sex": Role.PROTECTED}, y=y, sex=sex, job=job, **more)
    task = TASKS.find("binary").load(
        {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}}
    )
    values = np.column_stack([1 - p, p])
    rivals = (
        Rival("mine", values, DecisionRule(0.5), -0.8, is_delivered=True),
        Rival("alike", np.full((n, 2), 0.5), DecisionRule(0.5), -0.5),
        Rival("beaten", values[::-1], DecisionRule(0.5), -0.4),
    )
    return Judged(data, y, values, values, task, Decision(0.5, ""), resamples=80, rivals=rivals)


def page_of(facts, **chapters):
    return render_page(replace(facts, evidence=replace(facts.evidence, chapters=chapters)))


def test_the_sentence_says_how_often_and_how_sure(binary_facts):
    chapter = EXAMINERS.find("fairness")(columns=("sex",)).examine(judged(), float("inf"))

    shown = fairness_chapter(binary_facts, chapter)

    (sentence,) = shown["sentences"]
    assert sentence.startswith("sex: “1” is said ") and "times as often of “m” as of “<f>”" in sentence
    assert "the interval is" in sentence and "chance" not in sentence
    assert "unfair" not in sentence and "discriminat" not in sentence
    page = page_of(binary_facts, fairness=chapter)
    assert "<f>" not in page and "&lt;f&gt;" in page
    assert 'aria-label="Groups of sex"' in page and "What another choice would cost" in page


def test_the_card_gives_the_figures_of_groups_without_naming_one(binary_facts):
    chapter = EXAMINERS.find("fairness")(columns=("sex",)).examine(judged(), float("inf"))
    facts = replace(binary_facts, evidence=replace(binary_facts.evidence, chapters={"fairness": chapter}))

    card, manual = render_card(facts), render_document("instructions_for_use.md", facts)

    assert "**Groups**: sex: disparate impact ratio 0." in card
    assert "disparate impact ratio 0." in manual
    assert "f\\>" not in card and "&lt;f&gt;" not in card
    assert "no figures by group" in render_card(binary_facts)


def test_what_can_be_chance_is_called_so_and_small_groups_are_named_apart(binary_facts):
    alike = EXAMINERS.find("fairness")(columns=("sex",)).examine(judged(8_000, gap=0.0), float("inf"))
    few = EXAMINERS.find("fairness")(columns=("sex",), min_group=395).examine(judged(800), float("inf"))

    assert "so it can be chance" in fairness_chapter(binary_facts, alike)["sentences"][0]
    (column,) = fairness_chapter(binary_facts, few)["columns"]
    assert len(column["groups"]) == 1 and column["small"] and column["figures"] == []
    assert "are large enough to be compared" in page_of(binary_facts, fairness=few)


def test_the_slices_found_are_counted_among_all_looked_at(binary_facts):
    chapter = EXAMINERS.find("slices")().examine(judged(4_000, noise=np.arange(4_000) % 7.5), float("inf"))

    shown = slices_chapter(binary_facts, chapter)

    content = chapter.content
    assert shown["said"].startswith(f"{content['worse']} of {content['looked_at']} slices of at least 30 rows")
    assert shown["found"][0]["name"] == "job: a"
    page = page_of(binary_facts, slices=chapter)
    assert 'aria-label="Slices that are worse"' in page and "job: a" in page


def test_without_a_slice_found_the_page_does_not_promise_that_there_is_none(binary_facts):
    chapter = EXAMINERS.find("slices")(false_share=1e-9).examine(judged(200), float("inf"))

    assert "does not prove that all are alike" in slices_chapter(binary_facts, chapter)["said"]


def test_a_chapter_that_failed_says_only_that(binary_facts):
    page = page_of(binary_facts, fairness=Chapter(notes=("failed: KeyError",), is_whole=False))

    assert "Failed: keyerror" in page or "Failed: KeyError" in page


@pytest.mark.parametrize(
    ("figure", "names"), [("a.demographic_parity_difference", ["x", "y"]), ("a.disparate_impact_ratio", ["z", "y"])]
)
def test_the_front_holds_what_no_other_beats_in_both(figure, names):
    choices = [
        {"name": name, "loss": loss, "figures": {figure: value}}
        for name, loss, value in (("x", 0.9, 0.1), ("y", 0.5, 0.5), ("z", 0.6, 0.6))
    ]

    assert [choice["name"] for choice in best_of(choices, figure)] == names
