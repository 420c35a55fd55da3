"""What a row knows of the past: nothing nearer than the horizon, and the right step of it."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_automl.data import Role
from lepton_automl.features import FeatureOptions, Needs, Preparation, learn_preparation
from lepton_automl.features.history import HistoryStep
from lepton_automl.tasks import History
from lepton_automl.testing import table

START = pd.Timestamp("2023-01-01")


def days(numbers):
    return START + pd.to_timedelta(list(numbers), unit="D")


def step_of(times, values=None, horizon=2, season=3, series=None):
    frame = pd.DataFrame(
        {"day": pd.Series(times), "sold": np.arange(len(times), dtype="float64") if values is None else values}
    )
    names = ()
    if series is not None:
        frame["shop"], names = series, ("shop",)
    return HistoryStep.learn(frame, "sold", History("day", names, horizon, season)), frame


def lag(step, frame, steps, rows=None):
    """The column `sold … steps ago` of all rows."""
    made = step.apply(frame if rows is None else rows, frame)
    return made[:, step.names.index(f"sold {steps} steps ago")]


@settings(max_examples=60, deadline=None)
@given(horizon=st.integers(1, 6), season=st.integers(1, 8), at=st.integers(20, 39), seed=st.integers(0, 99))
def test_values_nearer_than_the_horizon_never_change_a_row(horizon, season, at, seed):
    rng = np.random.default_rng(seed)
    step, frame = step_of(days(range(40)), rng.normal(size=40), horizon, season)
    changed = frame.copy()
    near = np.arange(at - horizon + 1, 40)
    changed.loc[near, "sold"] = rng.normal(size=len(near)) * 1e6

    row = frame.iloc[[at]].reset_index(drop=True)

    assert np.array_equal(step.apply(row, frame), step.apply(row, changed), equal_nan=True)


@given(horizon=st.integers(1, 60), season=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_every_lag_is_at_least_the_horizon_and_whole_seasons_are_among_them(horizon, season):
    step, _ = step_of(days(range(5)), horizon=horizon, season=season)
    assert min(step.lags) == horizon
    assert any(lag % season == 0 for lag in step.lags)
    assert step.reach >= max(step.lags)


def test_a_lag_is_the_value_of_that_many_steps_ago():
    step, frame = step_of(days(range(10)))
    assert lag(step, frame, 3).tolist()[3:] == [0, 1, 2, 3, 4, 5, 6]
    assert np.isnan(lag(step, frame, 3)[:3]).all()


def test_a_rolling_mean_ends_a_horizon_before_the_row():
    step, frame = step_of(days(range(12)), horizon=2, season=1)
    means = step.apply(frame, frame)[:, step.names.index("sold mean of 4 steps")]
    assert means[11] == np.mean([6, 7, 8, 9])
    assert means[2] == 0 and np.isnan(means[:2]).all()


def test_the_mean_of_the_season_takes_whole_seasons_only():
    step, frame = step_of(days(range(20)), horizon=2, season=7)
    found = step.apply(frame, frame)[:, step.names.index("sold mean of its season")]
    assert found[19] == np.mean([12, 5])


def test_rows_within_the_horizon_know_their_nearest_lag_and_later_ones_do_not():
    step, frame = step_of(days(range(10)), horizon=2)
    ahead = pd.DataFrame({"day": days([10, 11, 12, 400])})
    assert lag(step, frame, 2, ahead).tolist()[:2] == [8, 9]
    assert np.isnan(lag(step, frame, 2, ahead)[2:]).all()
    assert np.isnan(step.apply(ahead, frame)[3]).all()


def test_a_row_of_a_far_away_date_takes_no_more_memory():
    step, frame = step_of(days(range(10)))
    ahead = pd.DataFrame({"day": pd.Series([pd.Timestamp("2250-01-01"), pd.Timestamp("1700-01-01"), pd.NaT])})
    assert np.isnan(step.apply(ahead, frame)).all()


def test_a_series_looks_at_its_own_past_and_a_new_one_has_none():
    step, frame = step_of(days([0, 1, 2] * 2), [1, 2, 3, 10, 20, 30], series=list("aaabbb"))
    ahead = pd.DataFrame({"day": days([3, 3, 3]), "shop": ["b", "new", "a"]})
    found = lag(step, frame, 2, ahead)
    assert found[[0, 2]].tolist() == [20, 2]
    assert np.isnan(step.apply(ahead, frame)[1]).all()


def test_a_series_is_known_whatever_type_its_name_comes_in():
    step, frame = step_of(days(range(3)), series=["7", "7", "7"])
    for name in (7, 7.0, "7"):
        assert lag(step, frame, 2, pd.DataFrame({"day": days([3]), "shop": [name]})).tolist() == [1]


def test_gaps_are_gaps_and_not_steps():
    step, frame = step_of(days([0, 1, 2, 3, 7, 8]))
    found = lag(step, frame, 3)
    assert np.isnan(found[[4, 5]]).all()
    assert lag(step, frame, 4)[4] == 3


@pytest.mark.parametrize(
    ("times", "in_months", "distance"),
    [
        (pd.date_range("2015-01-01", periods=90, freq="MS"), True, 1),
        (pd.date_range("2015-01-31", periods=90, freq="ME"), True, 1),
        (pd.date_range("2015-01-31", periods=90, freq="BME"), True, 1),
        (pd.date_range("2015-01-01", periods=60, freq="QS"), True, 3),
        (pd.date_range("1980-06-30", periods=40, freq="YE"), True, 12),
        (pd.date_range("2015-01-01", periods=60, freq="28D"), False, 28 * 86_400_000_000),
        (pd.date_range("2015-01-01", periods=60, freq="7D"), False, 7 * 86_400_000_000),
        (pd.date_range("2015-01-01", periods=60, freq="h"), False, 3_600_000_000),
        (pd.bdate_range("2015-01-01", periods=60), False, 86_400_000_000),
    ],
    ids=[
        "month starts",
        "month ends",
        "last business days",
        "quarters",
        "years",
        "four weeks",
        "weeks",
        "hours",
        "business days",
    ],
)
def test_the_distance_of_two_steps_is_found(times, in_months, distance):
    step, frame = step_of(times)
    assert (step.in_months, step.step) == (in_months, distance)
    if times.freqstr != "B":
        assert step.steps(frame["day"]).tolist() == list(range(len(times)))


def test_a_month_that_is_left_out_moves_no_other():
    times = pd.date_range("2015-01-01", periods=120, freq="MS").delete([3, 50, 51])
    step, frame = step_of(times, season=12)
    assert (step.in_months, step.step) == (True, 1)
    assert step.steps(frame["day"]).tolist() == [i for i in range(120) if i not in (3, 50, 51)]


def test_series_that_are_measured_at_other_minutes_share_the_distance_within_one():
    a, b = pd.date_range("2024-01-01 00:00", periods=30, freq="D"), pd.date_range("2024-01-01 00:05", periods=30, freq="D")
    step, _ = step_of(a.append(b), series=["a"] * 30 + ["b"] * 30)
    assert step.step == 86_400_000_000


def test_moments_without_a_common_distance_go_by_the_median_one():
    gaps = np.random.default_rng(0).integers(1, 10**6, 200)
    step, frame = step_of(START + pd.to_timedelta(np.cumsum(gaps), unit="s"))
    assert step.step == np.quantile(gaps[1:], 0.5, method="lower") * 1_000_000
    assert step.apply(frame, frame).shape == (200, len(step.names))


def test_time_may_be_a_number():
    step, frame = step_of([2001, 2002, 2003, 2004])
    assert (step.step, step.in_months) == (1, False)
    assert lag(step, frame, 2).tolist()[2:] == [0, 1]


def test_missing_values_of_the_past_stay_missing():
    step, frame = step_of(days(range(6)), [0, np.nan, 2, 3, 4, 5])
    assert np.isnan(lag(step, frame, 2)[3])
    assert lag(step, frame, 2)[4] == 2


@pytest.mark.parametrize("needs", [Needs(), Needs(category="onehot", missing="fill", scale=True)], ids=["kept", "filled"])
def test_a_preparation_with_history_is_the_same_once_stored_and_loaded(needs):
    rng = np.random.default_rng(0)
    data = table(
        target="sold",
        roles={"day": Role.TIME, "shop": Role.SERIES},
        sold=rng.normal(size=60),
        day=days(list(range(30)) * 2),
        shop=["a"] * 30 + ["b"] * 30,
    )
    preparation = learn_preparation(data, needs, FeatureOptions(), History("day", ("shop",), 3, 7))
    meta, arrays = preparation.state()

    loaded = Preparation.load(json.loads(json.dumps(meta, allow_nan=False)), arrays)

    ahead = pd.DataFrame({"day": days([30, 31, 32]), "shop": pd.Categorical(["a", "b", "new"])})
    before, after = (found.apply(ahead, data.frame).X for found in (preparation, loaded))
    assert np.array_equal(before, after, equal_nan=True)
    assert loaded.reach == preparation.reach > 0
    assert np.isfinite(before).all() or needs.missing == "keep"
