"""What each swept key does, beside designs whose answer is known."""

import math

import numpy as np
import pytest

from lepton_automl.evidence.comparing import banded, main_effects


def by_level(effects):
    return {(effect.key, effect.level): effect for effect in effects}


def test_effects_of_a_full_design_are_the_differences_of_its_means():
    rng = np.random.default_rng(0)
    levels = {"leaves": [], "seed": []}
    values = []
    for leaves, lift in (("4", -0.02), ("16", 0.0), ("64", 0.05)):
        for seed in ("1", "2", "3", "4"):
            levels["leaves"].append(leaves)
            levels["seed"].append(seed)
            values.append(0.8 + lift + 0.002 * int(seed) + rng.normal(0, 0.001))
    values = np.array(values)

    found = by_level(main_effects(levels, values, 0.95))

    assert len(found) == 7
    for leaves in ("4", "16", "64"):
        mine = values[np.array(levels["leaves"]) == leaves]
        effect = found["leaves", leaves]
        assert effect.effect == pytest.approx(mine.mean() - values.mean(), abs=1e-12)
        assert (effect.runs, effect.mean) == (4, pytest.approx(mine.mean()))
        assert effect.low < effect.effect < effect.high
    assert found["leaves", "64"].low > 0 > found["leaves", "4"].high


def test_the_interval_is_that_of_least_squares():
    levels = {"a": ["x", "x", "x", "y", "y", "y"]}
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 7.0])

    effect = by_level(main_effects(levels, values, 0.95))["a", "y"]

    groups = values[:3], values[3:]
    spread = sum(((g - g.mean()) ** 2).sum() for g in groups) / 4
    half = 2.7764451 * math.sqrt(spread * (1 / 3 + 1 / 3)) / 2
    assert effect.effect == pytest.approx((groups[1].mean() - groups[0].mean()) / 2)
    assert effect.high - effect.effect == pytest.approx(half, rel=1e-6)


def test_keys_that_only_change_together_are_left_open():
    levels = {"a": ["x", "x", "y", "y"], "b": ["1", "1", "2", "2"], "c": ["p", "q", "p", "q"]}

    found = by_level(main_effects(levels, np.array([1.0, 2.0, 3.0, 4.0]), 0.95))

    assert math.isnan(found["a", "x"].effect) and math.isnan(found["b", "2"].effect)
    assert found["c", "q"].effect == pytest.approx(0.5)


def test_without_runs_to_spare_there_is_no_interval():
    found = main_effects({"a": ["x", "y"]}, np.array([1.0, 2.0]), 0.95)

    assert [effect.effect for effect in found] == pytest.approx([-0.5, 0.5])
    assert all(math.isnan(effect.low) and math.isnan(effect.high) for effect in found)


def test_many_numbers_become_three_bands_and_texts_stay():
    assert set(banded(list(range(30)))) == {"up to 9.67", "9.67 to 19.3", "over 19.3"}
    assert banded(["a", "b", 3]) == ["a", "b", "3"]
