"""Fewer trees where the curve of the loss allows it."""

import pytest

from lepton_automl.ensemble.prune import rounds_within
from lepton_automl.search import Fit


def fit(rounds, curve):
    return Fit(0, 0.3, rounds, 1.0, 1.0, 0.1, "nowhere", "codes_keep_fold0", tuple(curve))


CURVE = [(0, 1.0), (10, 0.5), (20, 0.404), (30, 0.401), (40, 0.4), (50, 0.45)]


@pytest.mark.parametrize(
    ("tolerance", "rounds"),
    [(0.0, None), (0.005, 31), (0.01, 21), (0.5, 11), (1.0, 1)],
    ids=["all kept", "a little", "more", "much", "all of it"],
)
def test_the_fewest_rounds_within_the_tolerance_are_kept(tolerance, rounds):
    assert rounds_within(fit((41,), CURVE), tolerance) == rounds


def test_rounds_after_the_last_one_in_use_do_not_count():
    assert rounds_within(fit((21,), CURVE), 0.0) is None


@pytest.mark.parametrize(
    "whole",
    [fit((), []), fit((41, 30), CURVE), fit((41,), [])],
    ids=["no booster", "one booster a quantile", "no curve"],
)
def test_a_fit_without_one_curve_stays_whole(whole):
    assert rounds_within(whole, 0.5) is None
