"""Columns are made of others where that tells more of the target, and not of noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lepton_automl.features import FeatureOptions, Learning, Needs, learn_prepared
from lepton_automl.features.judge import left_over, parts_of, share_told
from lepton_automl.features.made import STEPS, MadeStep, _group_table, _within, numbers_of
from lepton_automl.testing import table

N = 3000


def made_of(data, y, width=1, most=12):
    return MadeStep.learn(data.frame, data.features, y, width, most, seed=0)


def two_numbers(seed=0):
    rng = np.random.default_rng(seed)
    return rng, rng.uniform(1, 10, N), rng.uniform(1, 10, N)


@pytest.mark.parametrize(
    "effect", [lambda a, b: a / b, lambda a, b: b / a, lambda a, b: a * b], ids=["ratio", "inverse ratio", "product"]
)
def test_what_two_numbers_tell_only_together_is_made(effect):
    rng, a, b = two_numbers()
    step = made_of(table(a=a, b=b, c=rng.normal(size=N)), effect(a, b) + 0.01 * rng.normal(size=N))
    assert step.pairs and all({one, two} == {"a", "b"} for _, one, two in step.pairs)


def test_the_distance_of_two_numbers_is_made_of_their_difference():
    rng, a, b = two_numbers()
    step = made_of(table(a=a, b=b), np.where(a > b, 1.0, -1.0) + 0.01 * rng.normal(size=N))
    assert step.pairs[0][0] in ("minus", "over")


@pytest.mark.parametrize("effect", [lambda a, b: a - b, lambda a, b: a + b, lambda a, b: a], ids=["difference", "sum", "one"])
def test_what_numbers_tell_one_by_one_is_not_made_again(effect):
    rng, a, b = two_numbers()
    assert made_of(table(a=a, b=b), effect(a, b) + 3.0 * rng.normal(size=N)).pairs == ()


def test_two_classes_are_told_apart_by_a_ratio():
    _, a, b = two_numbers()
    step = made_of(table(a=a, b=b), (a / b > 1).astype("int64"), width=2)
    assert step.pairs[0][0] in ("over", "minus") and set(step.pairs[0][1:]) == {"a", "b"}


def test_several_classes_are_told_apart_by_a_ratio():
    _, a, b = two_numbers()
    y = np.digitize(a / b, [0.5, 1.0, 2.0])
    step = made_of(table(a=a, b=b), y, width=4)
    assert step.pairs[0][0] in ("over", "minus") and set(step.pairs[0][1:]) == {"a", "b"}


def test_a_number_is_seen_within_its_group_where_that_matters():
    rng = np.random.default_rng(0)
    group, own = rng.integers(0, 5, N), rng.normal(size=N)
    data = table(pay=20.0 * group + own, team=[f"t{i}" for i in group])
    step = made_of(data, own + 0.1 * rng.normal(size=N))
    assert step.pairs[0][1:] == ("pay", "team") and step.pairs[0][0] in ("against", "ranked in")


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_made_of_noise(width, seed):
    rng = np.random.default_rng(seed)
    numbers = {f"x{i}": rng.normal(size=N) for i in range(12)}
    data = table(**numbers, g=[f"g{i}" for i in rng.integers(0, 8, N)])
    y = rng.normal(size=N) if width == 1 else rng.integers(0, width, N)
    assert made_of(data, y, width).pairs == ()


def test_no_more_is_made_than_asked_for_and_nothing_twice():
    rng, a, b = two_numbers()
    c = rng.uniform(1, 10, N)
    data, y = table(a=a, b=b, c=c), a * b / c
    assert len(made_of(data, y, most=2).pairs) == 2
    many = made_of(data, y)
    ranks = pd.DataFrame(many.apply(data.frame, None)).rank().corr().abs().to_numpy() - np.eye(len(many.pairs))
    assert ranks.max() < 0.98


def test_two_dates_become_the_days_between_them():
    rng = np.random.default_rng(0)
    since = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, N), unit="D"))
    until = since + pd.to_timedelta(rng.integers(1, 30, N), unit="D")
    step = made_of(table(since=since, until=until), rng.normal(size=N))
    assert step.pairs[0][0] == "minus" and set(step.pairs[0][1:]) == {"since", "until"}
    days = step.apply(
        pd.DataFrame({"since": pd.to_datetime(["2020-01-01", None]), "until": pd.to_datetime(["2020-01-05"] * 2)}), None
    )
    assert abs(days[0, 0]) == 4 and np.isnan(days[1, 0])


def test_a_missing_number_gives_a_missing_column_and_so_does_a_division_by_nothing():
    step = MadeStep((("over", "a", "b"), ("plus", "a", "b")), ((), ()), (np.zeros((0, 0)),) * 2)
    found = step.apply(pd.DataFrame({"a": [6.0, np.nan, 6.0], "b": [3.0, 3.0, 0.0]}), None)
    assert np.array_equal(found, np.array([[2, 9], [np.nan, np.nan], [np.nan, 6]], dtype="float32"), equal_nan=True)


def test_an_unseen_or_missing_level_counts_as_all_rows():
    values, codes = np.array([1.0, 3.0, 10.0, 20.0]), np.array([0, 0, 1, 1])
    means = _group_table("against", values, codes, 2)
    assert means[:, 0].tolist() == [2.0, 15.0, 8.5]
    assert _within("against", np.array([5.0]), np.array([-1]), means).tolist() == [-3.5]


def test_ranks_in_a_group_are_shares_below_and_small_groups_borrow_all_rows():
    values = np.concatenate([np.arange(100.0), np.arange(1000.0, 1005.0)])
    codes = np.repeat([0, 1], [100, 5])
    quantiles = _group_table("ranked in", values, codes, 2)
    assert quantiles.shape == (3, STEPS + 1)
    assert quantiles[0, [0, -1]].tolist() == [0.0, 99.0]
    assert np.array_equal(quantiles[1], quantiles[2])
    ranks = _within("ranked in", np.array([-1.0, 49.6, 1e9, np.nan]), np.zeros(4, dtype="int64"), quantiles)
    assert ranks[:3].tolist() == pytest.approx([0.0, 10 / (STEPS + 1) + 0.03, 1.0], abs=0.05)
    assert np.isnan(ranks[3])


def test_large_tables_get_fewer_columns():
    data = table(a=np.arange(10.0))
    learning = Learning(data, None, 1, Needs(), FeatureOptions())
    assert learning.most(12) == 12
    huge = replace(data, frame=pd.DataFrame(index=range(10_000_000)))
    assert Learning(huge, None, 1, Needs(), FeatureOptions()).most(12) == 5


def test_what_columns_leave_has_nothing_of_them_any_more():
    _, a, b = two_numbers()
    group = np.arange(N) % 3
    targets = np.column_stack([np.sin(a) + b**2 + 5.0 * group, group == 1]).astype("float64")
    rest = left_over(targets, [parts_of(a), parts_of(b), group])
    assert rest.var(axis=0)[0] < 0.02 * targets.var(axis=0)[0] and rest.var(axis=0)[1] < 0.01
    assert parts_of(np.array([np.nan, 1.0])).tolist()[0] == 24


def test_the_share_a_category_tells_is_corrected_for_chance():
    rng = np.random.default_rng(0)
    codes, y = rng.integers(0, 200, 2000), rng.normal(size=(2000, 1))
    assert abs(share_told(codes, 200, y)) < 0.03
    assert share_told(codes, 200, codes.astype("float64")[:, None]) > 0.85


def test_numbers_too_large_for_float32_stay_finite():
    assert np.isfinite(numbers_of(pd.Series([1e300, -1e300]))).all()


def test_what_is_made_is_filled_and_scaled_where_the_model_needs_it():
    rng, a, b = two_numbers()
    data = table(a=pd.Series(a).where(rng.random(N) > 0.1), b=b)
    needs = Needs("onehot", "fill", True, "none", True)
    preparation, prepared = learn_prepared(Learning(data, a / b, 1, needs, FeatureOptions()))
    place = next(i for i, name in enumerate(prepared.names) if " over " in name)
    assert np.isfinite(prepared.X).all()
    assert prepared.X[:, place].mean() == pytest.approx(0, abs=1e-3) and prepared.X[:, place].std() == pytest.approx(
        1, abs=1e-3
    )
    assert np.array_equal(prepared.X, preparation.apply(data.frame).X)
