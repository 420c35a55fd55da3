"""A target that was cut at a value piles up there."""

import numpy as np
import pytest
from leak_tables import LABELS, NUMBER, QUANTILES, findings

from lepton_automl.testing import table

PRICES = np.round(np.random.default_rng(0).lognormal(12, 0.6, 2000))


def test_a_target_cut_at_the_top_is_told_with_its_value_and_its_rows():
    y = np.minimum(PRICES, 400_001)

    (found,) = findings("capped_target", table(target="y", y=y, a=y), NUMBER)

    assert (found.code, str(found.verdict), found.column, found.effect) == ("GOV033", "noted", "", "")
    assert found.count == (y == 400_001).sum() > 20
    assert found.measured == found.count / 2000 and "the largest value of the target, 400001" in found.note


def test_a_target_cut_at_the_bottom_is_told_too():
    y = np.maximum(PRICES, 60_000)
    (found,) = findings("capped_target", table(target="y", y=y, a=y), NUMBER)
    assert found.count == (y == 60_000).sum() and "the smallest value of the target, 60000" in found.note


@pytest.mark.parametrize(
    "y",
    [
        pytest.param(PRICES, id="nothing piles up"),
        pytest.param(np.where(np.arange(2000) % 3 == 0, 0.0, PRICES), id="amounts begin at zero"),
        pytest.param(np.round(PRICES, -4), id="all are rounded"),
        pytest.param(np.where(np.arange(2000) < 15, PRICES.max() + 1, PRICES), id="too few rows"),
    ],
)
def test_a_target_that_was_not_cut_passes(y):
    assert findings("capped_target", table(target="y", y=y, a=y), NUMBER) == []


def test_the_share_is_a_setting():
    y = np.where(np.arange(2000) < 15, PRICES.max() + 1, PRICES)
    (found,) = findings("capped_target", table(target="y", y=y, a=y), NUMBER, min_share=0.005)
    assert (found.count, found.limit) == (15, 0.005)


def test_demand_that_was_cut_is_told():
    y = np.minimum(PRICES, 400_001)
    assert [f.count for f in findings("capped_target", table(target="y", y=y, a=y), QUANTILES)] == [(y == 400_001).sum()]


@pytest.mark.parametrize(
    ("y", "goal"),
    [
        pytest.param(np.arange(2000) % 2, LABELS, id="labels"),
        pytest.param(np.minimum(np.arange(2000) % 40, 5.0), NUMBER, id="marks of few steps"),
        pytest.param(PRICES[:50], NUMBER, id="few rows"),
    ],
)
def test_it_does_not_apply(y, goal):
    assert [str(f.verdict) for f in findings("capped_target", table(target="y", y=y, a=y), goal)] == ["not applicable"]
