"""Slices: planted ones are found, chance is not, and each is told once."""

import json

import numpy as np
import pytest

from lepton_automl.data import Role
from lepton_automl.evidence import EXAMINERS, Decision, DecisionSettings, Judged
from lepton_automl.evidence.groups import Grouping
from lepton_automl.evidence.slices import find_worse, losses_of
from lepton_automl.evidence.slices.find import inflation
from lepton_automl.tasks import TASKS, Goal, Makes
from lepton_automl.testing import table

Slices = EXAMINERS.find("slices")


def judged_of(n=3_000, bad=None, seed=0, roles=None, **more):
    """Probabilities that are right, but where `bad` says of the columns that they tell nothing."""
    rng = np.random.default_rng(seed)
    columns = {f"c{k}": rng.choice(list("abcd"), n) for k in range(6)}
    columns["age"] = rng.integers(18, 80, n)
    p = rng.beta(0.8, 0.8, n)
    y = (rng.random(n) < p).astype("int64")
    if bad is not None:
        y = np.where(bad(columns), rng.integers(0, 2, n), y)
    data = table(target="y", roles=roles or {}, y=y, **columns, **more)
    task = TASKS.find("binary").load(
        {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}}
    )
    values = np.column_stack([1 - p, p])
    return Judged(data, y, values, values, task, Decision(0.5, ""), resamples=50)


def test_a_planted_slice_is_the_worst_and_what_lies_inside_is_told_once():
    chapter = Slices().examine(judged_of(bad=lambda c: c["c2"] == "b"), float("inf"))

    assert chapter.content["found"][0]["name"] == "c2: b"
    assert chapter.content["inside"] > 0
    assert all("c2: b" not in row["name"] for row in chapter.content["found"][1:])
    row = chapter.content["found"][0]
    assert row["difference"][1] > 0 and row["loss"] > row["rest"]
    assert abs(row["metric"][0] - 0.5) < 0.1, "inside, the ranking is chance"
    assert chapter.figures["worst_effect"].low > 0
    assert chapter.figures["worse_slices"].value == chapter.content["worse"]
    json.dumps(chapter.to_dict(), allow_nan=False)


def test_a_slice_of_two_columns_is_found_where_single_ones_are_fine():
    def bad(columns):
        return (columns["c0"] == "a") == (columns["c1"] == "a")

    judged = judged_of(n=6_000, bad=lambda c: bad(c) & (np.isin(c["c0"], ["a", "b"])) & np.isin(c["c1"], ["a", "b"]))

    found = Slices().examine(judged, float("inf")).content["found"]

    assert {row["name"] for row in found[:2]} == {"c0: a × c1: a", "c0: b × c1: b"}


def test_where_there_is_none_nearly_nothing_is_found():
    alarms = [Slices().examine(judged_of(seed=seed), float("inf")).figures["worse_slices"].value > 0 for seed in range(20)]

    assert sum(alarms) <= 3


def test_all_slices_looked_at_are_counted_and_small_ones_are_not_looked_at():
    judged = judged_of(n=400)
    few = Slices(min_rows=30, pairs=False).examine(judged, float("inf")).content
    fewer = Slices(min_rows=95, pairs=False).examine(judged, float("inf")).content

    assert few["looked_at"] == 6 * 4 + 4
    assert fewer["looked_at"] < few["looked_at"]
    assert Slices().examine(judged, float("inf")).content["pairs"] > 0


def test_protected_columns_are_sliced_and_identifiers_and_the_target_are_not():
    who = [f"id{k}" for k in range(400)]
    judged = judged_of(n=400, roles={"c0": Role.PROTECTED, "c1": Role.EVALUATION_ONLY, "who": Role.ID}, who=who)

    content = Slices(pairs=False).examine(judged, float("inf")).content

    assert content["columns"] == 7
    assert [column["name"] for column in content["declared"]][:2] == ["c0", "c1"]


def test_declared_columns_are_shown_with_their_worst_slice():
    examiner = Slices(columns=("c2", "age"), cuts={"age": [30, 50]})
    judged = judged_of(bad=lambda c: c["c2"] == "b")

    chapter = examiner.examine(judged, float("inf"))

    assert set(chapter.figures) == set(examiner.figures(judged.task, DecisionSettings()))
    assert [column["name"] for column in chapter.content["declared"]] == ["c2", "age"]
    assert [row["name"] for row in chapter.content["declared"][1]["slices"]] == ["up to 29", "30 to 49", "50 and more"]
    assert chapter.figures["c2.worst"].value < 0.6 < chapter.figures["age.worst"].value


def test_rows_without_a_value_are_a_slice():
    rng = np.random.default_rng(0)
    missing = rng.random(2_000) < 0.2
    judged = judged_of(2_000, hole=np.where(missing, None, rng.choice(["x", "y"], 2_000)))
    y = np.where(missing, rng.integers(0, 2, 2_000), judged.y)

    found = Slices().examine(Judged(judged.rows, y, *(judged.prediction,) * 2, judged.task, judged.decision), float("inf"))

    assert found.content["found"][0]["name"] == "hole: missing"


def test_rows_of_a_block_that_lose_alike_count_as_fewer():
    rng = np.random.default_rng(0)
    block = np.repeat(np.arange(100), 30)
    losses = rng.random(100)[block] + 0.01 * rng.random(3_000)
    grouping = Grouping("site", block % 7, tuple("abcdefg"))

    assert inflation(losses, None) == 1.0
    assert inflation(losses, block) == pytest.approx(30, rel=0.1)
    assert len(find_worse([grouping], losses, 30, 0.05, False, None).worse) > 0
    assert find_worse([grouping], losses, 30, 0.05, False, block).worse == ()


def test_without_time_pairs_are_left_out_and_told():
    chapter = Slices().examine(judged_of(n=400), 1.0)

    assert chapter.content["pairs"] == 0
    assert chapter.notes == ("21 pairs of columns were not looked at: no time",)
    assert not chapter.is_whole


def test_the_loss_of_a_row_fits_the_prediction():
    y = np.array([1, 0])
    two = losses_of(Goal(Makes.PROBABILITIES, 2), y, np.array([[0.2, 0.8], [0.5, 0.5]]))
    three = losses_of(Goal(Makes.PROBABILITIES, 3), y, np.array([[0.2, 0.8, 0.0], [0.5, 0.5, 0.0]]))

    assert two.tolist() == pytest.approx([0.04, 0.25])
    assert three.tolist() == pytest.approx([0.08, 0.5])
    assert losses_of(Goal(Makes.VALUES), np.array([1.0, 3.0]), np.array([[2.0], [3.0]])).tolist() == [1.0, 0.0]
    levels = losses_of(Goal(Makes.QUANTILES, 2, (0.1, 0.9)), np.array([1.0]), np.array([[0.0, 2.0]]))
    assert levels.tolist() == pytest.approx([0.1])
