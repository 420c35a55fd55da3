"""Levels are described by the mean target of other rows, never by a row's own."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Role
from lepton_automl.features import FeatureOptions, Learning, Needs, learn_prepared
from lepton_automl.features.target import INNER_FOLDS, SMOOTHING, Aim, TargetStep, inner_folds, targets_of
from lepton_automl.testing import table


def aim_of(y, width=1, weight=None, inner=None):
    y = np.asarray(y, dtype="float64" if width == 1 else "int64")
    return Aim.of(y, width, weight, np.arange(len(y)) % INNER_FOLDS if inner is None else inner)


def city_rows(n=200, levels=12, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, levels, n)
    frame = pd.DataFrame({"city": pd.Categorical([f"c{code}" for code in codes])})
    return frame, codes + rng.normal(size=n)


def test_a_level_of_new_rows_has_the_smoothed_mean_and_the_log_count():
    frame = pd.DataFrame({"city": pd.Categorical(["a", "a", "a", "b"])})
    step, _ = TargetStep.learn(frame, [("city",)], aim_of([1.0, 2.0, 6.0, 3.0]))

    found = step.apply(pd.DataFrame({"city": ["a", "b"]}), None)

    prior = 3.0
    assert step.names == ("target by city", "count of city")
    assert found[0].tolist() == pytest.approx([(9 + SMOOTHING * prior) / (3 + SMOOTHING), np.log1p(3)], rel=1e-6)
    assert found[1].tolist() == pytest.approx([(3 + SMOOTHING * prior) / (1 + SMOOTHING), np.log1p(1)], rel=1e-6)


@pytest.mark.parametrize("level", ["never seen", None], ids=["unseen", "missing"])
def test_a_level_without_training_rows_has_the_overall_mean_and_no_count(level):
    frame, y = city_rows()
    step, _ = TargetStep.learn(frame, [("city",)], aim_of(y))
    found = step.apply(pd.DataFrame({"city": pd.Series([level], dtype="object")}), None)
    assert found[0].tolist() == pytest.approx([y.mean(), 0.0], rel=1e-6)


def test_weights_count_as_rows_would():
    frame = pd.DataFrame({"city": pd.Categorical(["a", "a", "b", "b"])})
    heavy, _ = TargetStep.learn(frame, [("city",)], aim_of([1.0, 5.0, 2.0, 2.0], weight=np.array([3.0, 1.0, 2.0, 2.0])))
    prior = (3 * 1 + 5 + 4 + 4) / 8
    found = heavy.apply(pd.DataFrame({"city": ["a"]}), None)[0, 0]
    assert found == pytest.approx((1.5 * 1 + 0.5 * 5 + SMOOTHING * prior) / (2 + SMOOTHING), rel=1e-6)


def test_no_row_is_described_by_its_own_target():
    frame, y = city_rows()
    _, before = TargetStep.learn(frame, [("city",)], aim_of(y))
    for row in (0, 17, 199):
        other = y.copy()
        other[row] += 1000.0
        _, after = TargetStep.learn(frame, [("city",)], aim_of(other))
        assert np.array_equal(after[row], before[row])
        assert not np.array_equal(after, before)


def test_a_row_is_described_by_the_other_inner_folds():
    frame = pd.DataFrame({"city": pd.Categorical(["a"] * 4)})
    _, block = TargetStep.learn(frame, [("city",)], aim_of([1.0, 2.0, 3.0, 6.0], inner=np.array([0, 0, 1, 1])))
    assert block[:, 0].tolist() == pytest.approx([4.5, 4.5, 1.5, 1.5])


def test_with_one_inner_fold_only_rows_have_the_overall_mean():
    frame, y = city_rows()
    _, block = TargetStep.learn(frame, [("city",)], aim_of(y, inner=np.zeros(len(y), dtype="int64")))
    assert block[:, 0] == pytest.approx(np.full(len(y), y.mean()))


def test_shuffled_targets_tell_training_rows_nothing():
    rng = np.random.default_rng(1)
    found = []
    for seed in range(20):
        frame, _ = city_rows(400, 150, seed)
        y = rng.normal(size=400)
        _, block = TargetStep.learn(frame, [("city",)], aim_of(y, inner=rng.permutation(400) % INNER_FOLDS))
        found.append(np.corrcoef(block[:, 0], y)[0, 1])
    assert abs(np.mean(found)) < 0.05
    naive = pd.Series(y).groupby(frame["city"].to_numpy()).transform("mean")
    assert np.corrcoef(naive, y)[0, 1] > 0.4


def test_a_cross_knows_pairs_that_occur_and_no_others():
    frame = pd.DataFrame({"a": pd.Categorical(["x", "x", "y", None]), "b": pd.Categorical(["1", "2", "1", "1"])})
    step, _ = TargetStep.learn(frame, [("a", "b")], aim_of([10.0, 20.0, 30.0, 40.0]))

    later = pd.DataFrame({"a": ["x", "x", "y", "y", None], "b": [1.0, 2.0, 1.0, 2.0, 1.0]})
    found = step.apply(later, None)

    smoothed = [(value + SMOOTHING * 25) / (1 + SMOOTHING) for value in (10.0, 20.0, 30.0)]
    assert step.names == ("target by a x b", "count of a x b")
    assert found[:, 0].tolist() == pytest.approx([*smoothed, 25.0, 25.0], rel=1e-6)
    assert found[3:, 1].tolist() == [0.0, 0.0]


def test_a_pair_that_tells_more_than_its_parts_is_crossed_and_others_are_not():
    rng = np.random.default_rng(0)
    one, two, three = (rng.integers(0, 6, 3000) for _ in range(3))
    y = ((one + two) % 2).astype("float64") + 0.1 * rng.normal(size=3000)
    data = table(one=[f"a{i}" for i in one], two=[f"b{i}" for i in two], three=[f"c{i}" for i in three])

    for crosses, expected in ((4, ["target by one x two"]), (0, [])):
        options = FeatureOptions(crosses=crosses)
        preparation, _ = learn_prepared(Learning(data, y, 1, Needs("target"), options))
        names = preparation.apply(data.frame).names
        assert [name for name in names if " x " in name and name.startswith("target")] == expected


def test_classes_have_a_mean_each_and_at_most_the_frequent_ones():
    y = np.repeat(np.arange(12), np.arange(1, 13))
    targets, outputs = targets_of(y, 12)
    assert outputs == tuple(range(4, 12)) and targets.shape == (78, 8)
    assert targets[-1].tolist() == [0] * 7 + [1]
    assert targets_of(np.array([0, 1, 1]), 2)[0].tolist() == [[0], [1], [1]]


def test_levels_of_rows_outside_of_training_leave_no_trace():
    frame, y = city_rows()
    some = frame.iloc[:50].reset_index(drop=True)
    alone = pd.DataFrame({"city": pd.Categorical(some["city"].astype(str))})
    one, two = (TargetStep.learn(rows, [("city",)], aim_of(y[:50]))[0] for rows in (some, alone))
    assert dict(one.levels) == dict(two.levels) and np.array_equal(one.tables[0], two.tables[0])


def test_rows_of_a_group_share_an_inner_fold():
    groups = [f"g{i % 9}" for i in range(90)]
    inner = inner_folds(table(roles={"g": Role.GROUP}, g=groups, a=np.arange(90.0)), seed=0)
    assert all(len({inner[i] for i in range(90) if groups[i] == name}) == 1 for name in set(groups))
    assert set(inner) == set(range(INNER_FOLDS))


def test_rows_with_a_time_are_in_five_stretches_of_it():
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.random.default_rng(0).permutation(100), unit="D")
    inner = inner_folds(table(roles={"when": Role.TIME}, when=pd.Series(when), a=np.arange(100.0)), seed=0)
    order = np.argsort(when.to_numpy())
    assert inner[order].tolist() == sorted(inner.tolist())
    assert np.bincount(inner).tolist() == [20] * 5


def test_other_rows_are_dealt_out_evenly_and_by_the_seed():
    data = table(a=np.arange(100.0))
    assert np.bincount(inner_folds(data, 0)).tolist() == [20] * 5
    assert not np.array_equal(inner_folds(data, 0), inner_folds(data, 1))
