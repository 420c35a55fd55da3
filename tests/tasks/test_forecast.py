"""The seasonal naive forecast by hand, and what a panel must be."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.errors import RecipeError
from lepton_automl.tasks import TASKS, DecisionRule
from lepton_automl.testing import table


def forecast(season=2, levels=(0.1, 0.5, 0.9), series=("shop",), horizon=2, **settings):
    block = {"target": "sold", "time": "day", "series": list(series), "horizon": horizon, "season": season}
    return TASKS.find("forecast").learn({**block, "quantiles": list(levels), **settings}, pd.Series(dtype="float64"))


def days(*numbers):
    return pd.Timestamp("2024-01-01") + pd.to_timedelta(list(numbers), unit="D")


def panel(shop, day, sold):
    return table(target="sold", shop=list(shop), day=days(*day), sold=np.asarray(sold, dtype="float64"))


def test_each_series_repeats_its_last_season():
    past = panel("aaaabbbb", [0, 1, 2, 3] * 2, [1, 2, 3, 4, 50, 60, 70, 80])
    ahead = panel("baab", [4, 4, 5, 5], [0, 0, 0, 0])

    point = forecast(season=2, levels=(0.5,)).baseline(past, ahead)

    assert point[:, 0].tolist() == [70, 3, 4, 80]


def test_the_third_step_of_a_season_of_two_repeats_the_first():
    past = panel("aaaa", [0, 1, 2, 3], [1, 2, 3, 4])
    ahead = panel("aaa", [6, 5, 4], [0, 0, 0])
    assert forecast(season=2, levels=(0.5,)).baseline(past, ahead)[:, 0].tolist() == [3, 4, 3]


def test_a_series_that_ended_early_keeps_its_place_in_the_season():
    past = panel("aaaabbb", [0, 1, 2, 3, 0, 1, 2], [1, 2, 3, 4, 50, 60, 70])
    ahead = panel("bb", [4, 5], [0, 0])
    assert forecast(season=2, levels=(0.5,)).baseline(past, ahead)[:, 0].tolist() == [70, 60]


def test_rows_of_the_past_may_come_in_any_order_and_with_missing_values():
    past = panel("aaaa", [3, 0, 2, 1], [np.nan, 1, 3, 2])
    assert forecast(season=2, levels=(0.5,)).baseline(past, panel("aa", [4, 5], [0, 0]))[:, 0].tolist() == [3, 2]


def test_a_new_series_gets_the_mean_of_all_and_a_new_place_in_the_season_that_of_its_series():
    past = panel("aab", [2, 3, 2], [1, 3, 8])
    ahead = panel("cb", [4, 5], [0, 0])
    assert forecast(season=2, levels=(0.5,)).baseline(past, ahead)[:, 0].tolist() == [4, 8]


def test_a_single_series_needs_no_name():
    past = table(target="sold", day=days(0, 1, 2), sold=[5.0, 6.0, 7.0])
    ahead = table(target="sold", day=days(3, 4), sold=[0.0, 0.0])
    assert forecast(season=1, series=(), levels=(0.5,)).baseline(past, ahead)[:, 0].tolist() == [7, 7]


def test_the_spread_is_that_of_past_seasonal_differences_around_the_last_value():
    past = panel("aaaaaa", range(6), [0, 1, 3, 2, 6, 10])
    found = forecast(season=1, levels=(0.1, 0.5, 0.9)).baseline(past, panel("a", [6], [0]))
    change = np.quantile([1, 2, -1, 4, 4], [0.1, 0.5, 0.9])
    assert found[0] == pytest.approx(10 + change - change[1])


def test_numbers_of_steps_and_several_names_of_a_series_are_understood():
    past = table(target="sold", day=[0, 1, 0, 1], shop=list("aaaa"), item=list("xxyy"), sold=[1.0, 2.0, 3.0, 4.0])
    ahead = table(target="sold", day=[2, 2], shop=list("aa"), item=list("yx"), sold=[0.0, 0.0])
    found = forecast(season=1, series=("shop", "item"), levels=(0.5,)).baseline(past, ahead)
    assert found[:, 0].tolist() == [4, 2]


def test_two_rows_of_one_series_and_time_are_refused():
    (problem,) = forecast().check(panel("aaaaab", [0, 1, 2, 2, 3, 0], [1, 2, 3, 4, 5, 6]), 2)
    assert problem.key == "task.series"
    assert problem.message == "1 rows share their series and time (shop, day)."
    assert "add the rows up in the source" in problem.fix


def test_quantiles_without_the_median_are_refused():
    with pytest.raises(RecipeError, match=r"task.quantiles .*0.1, 0.9; 0.5 is not among them.*Add 0.5"):
        forecast(levels=(0.1, 0.9))


def test_levels_are_sorted_and_each_is_there_once():
    task = forecast(levels=(0.9, 0.5, 0.1, 0.5))
    assert task.goal.levels == (0.1, 0.5, 0.9)
    assert task.goal.width == 3


def test_the_prediction_is_the_median_with_one_column_a_level():
    out = forecast(levels=(0.5, 0.9)).output(np.array([[1.0, 2.0]]), DecisionRule())
    assert list(out) == ["prediction", "quantile_0.5", "quantile_0.9"]
    assert out["prediction"].tolist() == [1.0]
