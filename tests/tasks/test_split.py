"""Every row on one side, the future never judged by itself, and the same seed the same split."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_automl.errors import DataError
from lepton_automl.tasks import GroupSplitter, RandomSplitter, RollingSplitter, TimeSplitter
from lepton_automl.testing import table

N = 103


def people(seed=0):
    rng = np.random.default_rng(seed)
    return table(
        target="y",
        y=rng.choice(["a", "b", "c"], N, p=[0.7, 0.2, 0.1]),
        household=rng.integers(0, 25, N).astype(str),
        day=pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 60, N), unit="D"),
    )


SPLITTERS = {
    "random": RandomSplitter(),
    "stratified": RandomSplitter("y", "stratified"),
    "group": GroupSplitter("household"),
    "time": TimeSplitter("day"),
    "rolling": RollingSplitter("day", 5),
}


@pytest.mark.parametrize("name", SPLITTERS)
def test_a_holdout_puts_every_row_on_one_side(name):
    split = SPLITTERS[name].holdout(people(), 0.2, seed=1)
    assert sorted([*split.train, *split.test]) == list(range(N))
    assert len(split.test) and len(split.train)
    assert split.kind == name


@pytest.mark.parametrize("name", SPLITTERS)
def test_the_same_seed_gives_the_same_split_and_folds(name):
    first, again = (SPLITTERS[name].holdout(people(), 0.2, seed=3).test.tolist() for _ in range(2))
    assert first == again
    one, two = ([fold.valid.tolist() for fold in SPLITTERS[name].folds(people(), 3, seed=3)] for _ in range(2))
    assert one == two


@pytest.mark.parametrize("name", ["random", "stratified", "group"])
def test_another_seed_gives_another_split_where_rows_are_exchangeable(name):
    splitter = SPLITTERS[name]
    assert splitter.is_exchangeable
    assert splitter.holdout(people(), 0.2, 1).test.tolist() != splitter.holdout(people(), 0.2, 2).test.tolist()
    assert splitter.folds(people(), 3, 1)[0].valid.tolist() != splitter.folds(people(), 3, 2)[0].valid.tolist()


@pytest.mark.parametrize("name", ["random", "stratified", "group"])
def test_each_row_is_judged_in_exactly_one_fold(name):
    folds = SPLITTERS[name].folds(people(), 5, seed=1)
    assert [fold.number for fold in folds] == list(range(5))
    assert sorted(np.concatenate([fold.valid for fold in folds])) == list(range(N))
    for fold in folds:
        assert sorted([*fold.train, *fold.valid]) == list(range(N))


def test_random_folds_differ_by_one_row_at_most():
    sizes = [len(fold.valid) for fold in RandomSplitter().folds(people(), 5, seed=1)]
    assert max(sizes) - min(sizes) <= 1


def test_a_stratified_split_has_the_same_shares_on_each_side():
    data, splitter = people(), SPLITTERS["stratified"]
    y = data.values("y").to_numpy()
    split = splitter.holdout(data, 0.2, seed=1)
    for label in "abc":
        assert (y[split.test] == label).sum() == round((y == label).sum() * 0.2)
    for fold in splitter.folds(data, 5, seed=1):
        for label in "abc":
            assert abs((y[fold.valid] == label).sum() - (y == label).sum() / 5) < 1


def test_a_label_of_two_rows_is_on_both_sides_and_one_of_a_single_row_is_learned():
    data = table(target="y", y=["a"] * 20 + ["b"] * 2 + ["c"])
    split = RandomSplitter("y").holdout(data, 0.2, seed=0)
    assert {20, 21} - set(split.test) != {20, 21}
    assert {20, 21} - set(split.train) != {20, 21}
    assert 22 in split.train


def test_a_group_is_never_on_two_sides():
    data, splitter = people(), SPLITTERS["group"]
    group = data.values("household").astype(str).to_numpy()
    split = splitter.holdout(data, 0.3, seed=5)
    assert not set(group[split.train]) & set(group[split.test])
    for fold in splitter.folds(data, 4, seed=5):
        assert not set(group[fold.train]) & set(group[fold.valid])
        assert len(fold.valid) == pytest.approx(N / 4, abs=6)


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 60), min_size=2, max_size=15), share=st.floats(0.1, 0.5), seed=st.integers(0, 9))
def test_a_holdout_of_groups_is_as_near_to_its_share_as_one_group_allows(sizes, share, seed):
    data = table(group=np.repeat(np.arange(len(sizes)), sizes).astype(str))
    split = GroupSplitter("group").holdout(data, share, seed)
    assert 0 < len(split.test) < len(data)
    assert abs(len(split.test) - share * len(data)) <= max(sizes)


def test_a_huge_group_is_learned_from_and_not_tested_on():
    data = table(group=["huge"] * 90 + [str(i) for i in range(10)])
    for seed in range(5):
        assert len(GroupSplitter("group").holdout(data, 0.1, seed).test) == 10


def test_too_few_groups_are_refused_with_the_key_and_the_fix():
    data = table(group=["a"] * 5 + ["b"] * 5)
    with pytest.raises(DataError, match=r"split.group .*'group' has 2 groups, 3 are needed.*Lower split.folds"):
        GroupSplitter("group").folds(data, 3, seed=0)


def test_test_rows_are_the_latest_and_rows_of_a_moment_stay_together():
    data = people()
    day = data.values("day").to_numpy()
    split = TimeSplitter("day").holdout(data, 0.2, seed=0)
    assert day[split.test].min() > day[split.train].max()
    assert len(split.test) >= 0.2 * N - 1


@settings(max_examples=60, deadline=None)
@given(
    moments=st.lists(st.integers(0, 12), min_size=8, max_size=60).filter(lambda found: len(set(found)) > 1),
    count=st.integers(2, 5),
)
def test_folds_of_time_are_judged_by_the_past_alone_and_never_judge_a_row_twice(moments, count):
    data = table(when=moments)
    when = np.asarray(moments)
    try:
        folds = TimeSplitter("when").folds(data, count, seed=0)
    except DataError:
        assert (when < when.max()).sum() < len(when) / (count + 1)
        return
    judged = np.concatenate([fold.valid for fold in folds])
    assert len(set(judged)) == len(judged)
    assert 1 <= len(folds) <= count
    for fold in folds:
        assert when[fold.train].max() < when[fold.valid].min()
    for earlier, later in pairwise(folds):
        assert set(earlier.train) | set(earlier.valid) == set(later.train)


def test_folds_of_time_are_equal_blocks_where_moments_differ():
    folds = TimeSplitter("when").folds(table(when=np.arange(60)), 5, seed=0)
    assert [len(fold.train) for fold in folds] == [10, 20, 30, 40, 50]
    assert [len(fold.valid) for fold in folds] == [10] * 5


def test_a_first_moment_with_most_rows_is_learned_from():
    data = table(when=[1] * 90 + [2] * 10)
    assert TimeSplitter("when").holdout(data, 0.2, 0).test.tolist() == list(range(90, 100))
    (fold,) = TimeSplitter("when").folds(data, 3, 0)
    assert fold.valid.tolist() == list(range(90, 100))


def test_one_moment_can_not_be_split_by_time():
    with pytest.raises(DataError, match=r"split.time .*'when' has one moment only.*Split by another column"):
        TimeSplitter("when").holdout(table(when=[5] * 10), 0.2, seed=0)
    with pytest.raises(DataError, match=r"most rows of the column 'when' share a moment"):
        TimeSplitter("when").folds(table(when=[5] * 10), 2, seed=0)


def test_a_time_with_missing_values_or_text_is_refused_by_name():
    with pytest.raises(DataError, match=r"split.time when .* has 1 missing values"):
        TimeSplitter("when").holdout(table(when=[1.0, np.nan, 2.0]), 0.2, seed=0)
    with pytest.raises(DataError, match=r"'when' holds text that can not be read as dates.*data.kinds"):
        TimeSplitter("when").holdout(table(when=["soon", "later"]), 0.2, seed=0)


def test_rolling_windows_are_the_last_horizons_one_after_the_other():
    days = np.repeat(np.arange(20), 2)
    data = table(day=days)
    split = RollingSplitter("day", 3).holdout(data, 0.5, seed=0)
    assert set(days[split.test]) == {17, 18, 19}

    folds = RollingSplitter("day", 3).folds(data.rows(split.train), 3, seed=0)

    left = days[split.train]
    assert [sorted(set(left[fold.valid])) for fold in folds] == [[8, 9, 10], [11, 12, 13], [14, 15, 16]]
    assert [left[fold.train].max() for fold in folds] == [7, 10, 13]


def test_too_short_a_history_for_the_windows_is_refused():
    with pytest.raises(DataError, match=r"task.horizon .*there are 9 steps of time; 3 windows of 3 steps need more"):
        RollingSplitter("day", 3).folds(table(day=np.arange(9)), 2, seed=0)


def test_rows_that_are_alike_are_in_one_block():
    rows = people()
    group, day = rows.values("household"), rows.values("day")

    assert SPLITTERS["random"].blocks(rows) is None and SPLITTERS["stratified"].blocks(rows) is None
    assert pd.Series(SPLITTERS["group"].blocks(rows)).groupby(group.to_numpy()).nunique().max() == 1
    for name in ("time", "rolling"):
        block = SPLITTERS[name].blocks(rows)
        assert pd.Series(block).groupby(day.to_numpy()).nunique().max() == 1, "rows of a moment stay together"
        assert (np.diff(block[np.argsort(day.to_numpy(), kind="stable")]) >= 0).all(), "blocks follow one another in time"
        assert 10 < len(np.unique(block)) < day.nunique()
    one = rows.rows(np.flatnonzero(group == group.iloc[0]))
    assert SPLITTERS["group"].blocks(one) is None, "of a single group there is nothing to draw"
