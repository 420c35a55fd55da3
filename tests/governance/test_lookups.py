"""A number that is the mean target of a category."""

import numpy as np
import pandas as pd
import pytest
from leak_tables import LABELS, NUMBER, QUANTILES, THREE, findings, told

from lepton_automl.testing import table


def made(goal, n=3000, levels=30, seed=0):
    """Gives a target that goes with a category of many levels."""
    rng = np.random.default_rng(seed)
    level = rng.integers(0, levels, n)
    effect = rng.normal(size=levels)[level]
    y = effect + rng.normal(size=n)
    if goal is not NUMBER:
        y = np.digitize(y, [0.0] if goal is LABELS else [-0.5, 0.7]).astype("int64")
    return y, np.array([f"r{k}" for k in level]), level


@pytest.mark.parametrize("goal", [LABELS, NUMBER, THREE], ids=["labels", "numbers", "three labels"])
def test_the_mean_target_of_a_category_is_told(goal):
    y, region, level = made(goal)
    aim = y if goal is NUMBER else (y == 1) * 1.0
    means = pd.Series(aim).groupby(level).transform("mean")
    is_train = np.random.default_rng(1).random(len(y)) < 0.75
    data = table(target="y", y=y, region=region, rate=means, age=np.random.default_rng(2).normal(size=len(y)))
    found = findings("lookups", data.rows(is_train), goal)
    assert told(found) == [("GOV016", "rate", "noted")]
    assert "per level of region" in found[0].note
    assert told(findings("lookups", data.rows(is_train), goal, action="stop")) == [("GOV016", "rate", "stop")]


def test_a_smoothed_look_up_is_told():
    y, region, level = made(NUMBER)
    sums, counts = np.bincount(level, weights=y), np.bincount(level)
    smooth = ((sums + 20 * y.mean()) / (counts + 20))[level]
    assert told(findings("lookups", table(target="y", y=y, region=region, rate=smooth), NUMBER)) == [
        ("GOV016", "rate", "noted")
    ]


def test_a_look_up_that_leaves_the_rows_own_target_out_is_dropped():
    y, region, level = made(LABELS)
    sums, counts = np.bincount(level, weights=y), np.bincount(level)
    left = (sums[level] - y) / (counts[level] - 1)
    (found,) = findings("lookups", table(target="y", y=y, region=region, rate=left), LABELS)
    assert (found.column, found.effect) == ("rate", "column dropped")
    assert "leaves the row's own target out" in found.note


def test_an_honest_fact_about_each_level_passes():
    y, region, level = made(NUMBER)
    rng = np.random.default_rng(5)
    people = rng.integers(1000, 90000, 30)[level]
    rises_with_it = (100 + 40 * pd.Series(y).groupby(level).transform("mean")).to_numpy()
    data = table(target="y", y=y, region=region, people=people, other_scale=rises_with_it)
    assert findings("lookups", data, NUMBER) == []


def test_numbers_that_differ_within_levels_pass():
    y, region, _ = made(NUMBER)
    data = table(target="y", y=y, region=region, like=y + np.random.default_rng(0).normal(size=len(y)))
    assert findings("lookups", data, NUMBER) == []


def test_forecasts_are_left_alone():
    assert told(findings("lookups", table(target="y", y=[1.0, 2.0], a=[1, 2]), QUANTILES)) == [("GOV016", "", "not applicable")]
