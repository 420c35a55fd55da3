"""A strong feature that holds more than the target is told from a copy of it."""

import numpy as np
import pytest
from leak_tables import LABELS, NUMBER, findings, told

from lepton_automl.governance.beside import Beside, beside
from lepton_automl.testing import table


def rare(n=20_000, seed=0):
    """Gives a rare label that a height tells nearly for sure, and a slope that goes with the height."""
    rng = np.random.default_rng(seed)
    height = rng.normal(size=n)
    y = (height + 0.12 * rng.normal(size=n) > 2.2).astype("int64")
    return y, height, 0.6 * height + rng.normal(size=n)


def test_a_strong_feature_that_goes_with_others_among_rows_of_one_label_is_told():
    y, height, slope = rare()
    (found,) = findings("leakage", table(target="y", y=y, height=height, slope=slope), LABELS)
    assert (found.column, str(found.verdict)) == ("height", "noted")
    assert 0.985 < found.measured < 0.9995
    assert "goes with other features" in found.note


def test_it_stops_the_run_where_the_recipe_says_so():
    y, height, slope = rare()
    data = table(target="y", y=y, height=height, slope=slope)
    assert told(findings("leakage", data, LABELS, action="stop")) == [("GOV007", "height", "stop")]


def test_a_copy_with_noise_beside_them_is_dropped():
    y, height, slope = rare()
    copy = y + 0.25 * np.random.default_rng(1).normal(size=len(y))
    found = findings("leakage", table(target="y", y=y, height=height, slope=slope, copy=copy), LABELS)
    assert [(f.column, f.effect) for f in found] == [("height", ""), ("copy", "column dropped")]


def test_what_tells_the_target_for_sure_is_dropped_whatever_else_is_in_it():
    rng = np.random.default_rng(0)
    loan = rng.gamma(2.0, 500.0, 2000)
    y = rng.integers(0, 2, 2000)
    paid = np.where(y == 1, loan * rng.uniform(0.9, 1.1, 2000), 0.0)
    found = findings("leakage", table(target="y", y=y, loan=loan, paid=paid), LABELS)
    assert [(f.column, f.effect, f.measured) for f in found] == [("paid", "column dropped", 1.0)]


@pytest.mark.parametrize(("share", "expected"), [(0.0, Beside.NOTHING), (0.6, Beside.SOMETHING)])
def test_what_a_column_holds_beside_the_target_is_seen_among_rows_of_the_same(share, expected):
    rng = np.random.default_rng(0)
    strata = rng.integers(0, 2, 4000)
    other = strata + rng.normal(size=4000)
    asked = strata + rng.normal(size=4000) + share * (other - strata)
    assert beside(np.column_stack([asked, other]), strata, [0]) == [expected]


def test_without_another_column_that_goes_with_the_target_nothing_can_be_said():
    rng = np.random.default_rng(0)
    strata = rng.integers(0, 2, 4000)
    scores = np.column_stack([strata + rng.normal(size=4000), rng.normal(size=4000)])
    assert beside(scores, strata, [0]) == [Beside.UNKNOWN]


def test_a_number_that_goes_with_others_among_rows_of_the_same_target_is_told():
    rng = np.random.default_rng(0)
    before, other = rng.normal(size=8000), rng.normal(size=8000)
    y = before + 0.05 * other
    found = findings("leakage", table(target="y", y=y, before=before, other=other), NUMBER)
    assert told(found) == [("GOV007", "before", "noted")]


def test_power_beyond_belief_on_a_sample_is_measured_on_all_rows():
    y, height, slope = rare(60_000)
    first = np.random.default_rng(0).permutation(len(y))[:20_000]
    shown = height.copy()
    shown[first] = np.where(y[first] == 1, 9.0, np.minimum(height[first], 2.0))
    (found,) = findings("leakage", table(target="y", y=y, height=shown, slope=slope), LABELS)
    assert found.measured < 0.9999
