"""What becomes of the metric when the rows are not as they were."""

import time
from dataclasses import replace

import numpy as np
import pytest
from made_judged import made_judged

from lepton_automl.evidence import EXAMINERS, DecisionSettings
from lepton_automl.evidence.examiners.robustness import UNSEEN, blanked, noisy, unfamiliar

KINDS = ["binary", "multiclass", "regression"]


def examined(judged, **settings):
    return EXAMINERS.find("robustness")(**settings).examine(judged, float("inf"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_has_the_metric_and_its_drop_and_stronger_changes_cost_more(kind):
    rows = made_judged(kind, 2_000)
    weak, strong = examined(rows, noise=0.1, missing=0.05, unseen=0.05), examined(rows, noise=2.0, missing=0.8, unseen=1.0)

    assert set(weak.figures) == set(EXAMINERS.find("robustness")().figures(rows.task, DecisionSettings()))
    assert weak.is_whole and not weak.notes
    for way in ("noise", "missing", "unseen"):
        assert strong.figures[f"{way}_drop"].low > 0
        assert strong.figures[f"{way}_drop"].value > 3 * weak.figures[f"{way}_drop"].value
    assert {row["name"] for row in weak.content["ways"]} | {"late_rows"} == {
        name for name in weak.figures if not name.endswith("_drop")
    }
    assert [block["number"] for block in weak.content["blocks"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_labels_make_the_metric_worse_as_far_as_they_can(kind):
    found = examined(made_judged(kind, 2_000), wrong_labels=0.1).figures["wrong_labels_drop"]

    assert found.low > 0


def test_a_drop_is_what_the_metric_loses_whichever_way_it_points():
    for kind, sign in (("binary", -1), ("regression", 1)):
        rows = made_judged(kind, 2_000)
        chapter = examined(rows, noise=1.0)
        before = next(way["before"] for way in chapter.content["ways"] if way["name"] == "noise")
        figures = chapter.figures
        assert figures["noise_drop"].value == pytest.approx(sign * (figures["noise"].value - before))
        assert before == pytest.approx(rows.task.metric.of(rows.y, rows.prediction))


def test_a_model_that_fails_far_from_its_training_rows_is_told():
    rows = made_judged("regression", 2_000)
    income = rows.rows.frame["income"].to_numpy()
    prediction = rows.prediction + np.where(np.abs(income - 30) > 15, 5.0, 0.0)[:, None]

    found = examined(replace(rows, prediction=prediction)).figures
    assert found["far_rows_drop"].low > 0 and found["far_rows"].n == 400


def test_a_model_that_grows_old_is_told_by_its_later_rows():
    rows = made_judged("regression", 2_000)
    aged = np.linspace(0, 4, 2_000)[:, None]
    chapter = examined(replace(rows, prediction=rows.prediction + aged))

    assert chapter.figures["late_rows_drop"].low > 0
    values = [block["value"] for block in chapter.content["blocks"]]
    assert values == sorted(values)


def test_rows_are_changed_as_strongly_as_was_asked_for():
    rows = made_judged("binary", 4_000)
    frame, rng = rows.rows.frame, np.random.default_rng(0)

    moved = noisy(rows, frame, 0.5, rng)
    assert (moved["income"] - frame["income"]).std() == pytest.approx(0.5 * frame["income"].std(), rel=0.05)
    assert np.array_equal(moved["age"], np.round(moved["age"])), "whole numbers stay whole"
    assert blanked(rows, frame, 0.3, rng)[["income", "city"]].isna().mean().tolist() == pytest.approx([0.3, 0.3], abs=0.03)
    odd = unfamiliar(rows, frame, 0.2, rng)
    assert (odd["city"] == UNSEEN).mean() == pytest.approx(0.2, abs=0.03)
    assert np.array_equal(moved["member"], frame["member"]) and np.array_equal(odd["member"], frame["member"])


def test_many_rows_are_sampled_and_it_is_told():
    chapter = examined(made_judged("binary", 3_000), rows=500)

    assert chapter.figures["noise"].n == 500 and chapter.figures["wrong_labels"].n == 3_000
    assert chapter.notes == ("changed rows are a sample of 500 of 3,000",)


def test_a_way_that_is_off_or_has_no_column_is_not_made():
    rows = made_judged("binary")
    parts = {name: getattr(rows, name).without(["city", "day"]) for name in ("rows", "train")}
    no_city = replace(rows, **parts, score=lambda frame: rows.score(frame.assign(city="Bern")))

    found = examined(no_city, missing=0)
    assert set(found.figures) == {name + end for name in ("noise", "far_rows", "wrong_labels") for end in ("", "_drop")}
    assert "missing" not in EXAMINERS.find("robustness")(missing=0).figures(rows.task, DecisionSettings())


def test_without_time_what_was_not_done_is_told():
    chapter = EXAMINERS.find("robustness")().examine(made_judged("binary"), time.time() - 1)

    assert not chapter.is_whole and not chapter.figures
    assert chapter.notes == ("no time for noise, missing, unseen, far_rows, wrong_labels, late_rows",)


def test_out_of_fold_rows_can_not_be_scored_again():
    found = examined(made_judged("binary", has_test=False)).figures

    assert set(found) == {"wrong_labels", "wrong_labels_drop", "late_rows", "late_rows_drop"}
