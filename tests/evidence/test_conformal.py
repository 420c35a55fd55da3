"""Intervals and sets hold the truth as often as they promise."""

import json
from dataclasses import replace

import numpy as np
import pytest
from made_judged import made_judged, task_of

from lepton_automl.ensemble import Conformal, Promise, learn_conformal
from lepton_automl.evidence import EXAMINERS, DecisionSettings
from lepton_automl.evidence.examiners.conformal import held_and_size

KINDS = ["binary", "multiclass", "regression", "forecast"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("has_test", [True, False], ids=["test rows", "out of fold"])
def test_coverage_is_near_its_level_and_a_higher_level_is_wider(kind, has_test):
    rows = made_judged(kind, 6_000, has_test=has_test)
    examiner = EXAMINERS.find("conformal")()
    chapter = examiner.examine(rows, float("inf"))
    figures = chapter.figures
    size = "width" if kind in ("regression", "forecast") else "set_size"

    assert tuple(figures) == examiner.figures(rows.task, DecisionSettings())
    for level in (80, 90):
        assert figures[f"coverage_{level}"].value == pytest.approx(level / 100, abs=0.02)
        assert figures[f"coverage_{level}"].low < figures[f"coverage_{level}"].high
    assert figures[f"{size}_80"].value < figures[f"{size}_90"].value
    assert bool(chapter.notes) and (("half" in chapter.notes[0]) is not has_test)
    assert {row["n"] > 100 for row in chapter.content["groups"]} == {True} and len(chapter.content["groups"]) == 8


def test_sets_of_aps_are_never_empty_and_hold_at_least_what_is_promised():
    rows = made_judged("multiclass", 6_000)
    sharp = rows.prediction**6 / (rows.prediction**6).sum(axis=1, keepdims=True)
    learned = {
        kind: learn_conformal(rows.y[:3_000], sharp[:3_000], rows.task.goal, Promise((0.5,), kind)) for kind in ("aps", "lac")
    }
    sets = {kind: one.sets(sharp[3_000:])[0] for kind, one in learned.items()}

    assert sets["aps"].any(axis=1).all() and not sets["lac"].any(axis=1).all()
    assert held_and_size(learned["aps"], rows.y[3_000:], sharp[3_000:])[0].mean() > 0.5
    assert sets["lac"].sum() < sets["aps"].sum()


def test_where_errors_grow_with_the_prediction_so_do_the_intervals():
    rng = np.random.default_rng(0)
    said = rng.uniform(1, 10, 8_000)
    y, goal = said + said * rng.normal(0, 0.3, 8_000), task_of("regression").goal
    learned = learn_conformal(y[:4_000], said[:4_000, None], goal, Promise((0.9,), bins=5))
    hit, width = held_and_size(learned, y[4_000:], said[4_000:, None])
    low, high = said[4_000:] < 3, said[4_000:] > 8

    assert width[0, high].mean() > 2.5 * width[0, low].mean()
    assert hit[0, low].mean() == pytest.approx(0.9, abs=0.04) and hit[0, high].mean() == pytest.approx(0.9, abs=0.04)


def test_quantiles_that_are_too_near_are_moved_apart_and_too_wide_ones_together():
    rng, goal = np.random.default_rng(0), task_of("forecast").goal
    middle, y = np.zeros(4_000), np.random.default_rng(1).normal(size=4_000)
    widths = []
    for half in (0.2, 4.0):
        said = np.column_stack([middle - half, middle, middle + half]) + rng.normal(0, 1e-6, (4_000, 1))
        learned = learn_conformal(y, said, goal, Promise((0.8,)))
        low, high = learned.intervals(said)
        widths.append(float((high - low).mean()))

    assert widths == pytest.approx([2 * 1.2816] * 2, abs=0.12)


def test_with_too_few_rows_for_a_level_the_interval_says_nothing_at_all():
    learned = learn_conformal(np.arange(5.0), np.zeros((5, 1)), task_of("regression").goal, Promise((0.5, 0.99)))
    low, high = learned.intervals(np.zeros((1, 1)))

    assert np.isfinite(low[0]).all() and high[1, 0] == np.inf


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_learned_comes_back_from_json_as_it_was(kind):
    rows = made_judged(kind)
    learned = learn_conformal(rows.held_out.y, rows.held_out.values, rows.task.goal, Promise())
    back = Conformal.load(json.loads(json.dumps(learned.to_dict())))

    for before, after in zip(*(held_and_size(one, rows.y, rows.prediction) for one in (learned, back)), strict=True):
        assert np.array_equal(before, after)
    assert Conformal.load(None) is None


def test_a_row_that_weighs_more_counts_more():
    y, goal = np.concatenate([np.zeros(100), np.full(100, 5.0)]), task_of("regression").goal
    widths = [
        learn_conformal(y, np.zeros((200, 1)), goal, Promise((0.7,)), np.repeat([first, 1.0], 100)).thresholds[0, 0]
        for first in (1.0, 9.0)
    ]

    assert widths == [5.0, 0.0]


def test_without_a_group_there_is_no_coverage_of_groups():
    rows = made_judged("regression")
    alone = replace(rows, rows=rows.rows.without(["member"]))

    assert EXAMINERS.find("conformal")().examine(alone, float("inf")).content["groups"] == []


@pytest.mark.parametrize("kind", ["regression", "forecast"])
def test_where_no_truth_is_below_zero_neither_is_an_interval_and_it_holds_no_less(kind):
    rows = made_judged(kind, 4_000)
    goal, y = rows.task.goal, np.maximum(rows.y - np.median(rows.y), 0)
    said = rows.prediction - np.median(rows.y)
    counts, others = (learn_conformal(t, said, goal, Promise((0.8, 0.9))) for t in (y, np.append(y[1:], -0.1)))

    low, high = counts.intervals(said)
    assert (low >= 0).all() and (high >= low).all() and (others.intervals(said)[0] < 0).any()
    plain = replace(counts, from_zero=False)
    assert (held_and_size(counts, y, said)[0] >= held_and_size(plain, y, said)[0]).all()
    assert Conformal.load(json.loads(json.dumps(counts.to_dict()))).from_zero
    few = learn_conformal(y[:150], said[:150], goal, Promise((0.9,)))
    assert not few.from_zero
