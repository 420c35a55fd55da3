"""How far groups lie apart, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lepton_automl.evidence.fairness.rates import RATES


@dataclass(frozen=True)
class Difference:
    """A figure that compares groups.

    Args:
        rates: The rates it looks at; of several it is the largest difference.
        is_ratio: Whether it is the smallest rate over the largest instead of the largest less the smallest.
    """

    rates: tuple[str, ...]
    is_ratio: bool = False


LABEL_DIFFERENCES = {
    "demographic_parity_difference": Difference(("selection",)),
    "disparate_impact_ratio": Difference(("selection",), is_ratio=True),
    "equal_opportunity_difference": Difference(("true_positive",)),
    "equalised_odds_difference": Difference(("true_positive", "false_positive")),
    "predictive_parity_difference": Difference(("precision",)),
    "calibration_gap": Difference(("said_less_observed",)),
}
NUMBER_DIFFERENCES = {
    "mean_prediction_difference": Difference(("said",)),
    "mean_error_difference": Difference(("error",)),
    "mae_difference": Difference(("absolute_error",)),
}
DIFFERENCES: Mapping[str, Mapping[str, Difference]] = {"labels": LABEL_DIFFERENCES, "numbers": NUMBER_DIFFERENCES}
"""Name to what it is, where labels or where numbers are predicted.

Source: Hardt, Price and Srebro (2016), "Equality of opportunity in supervised learning", NeurIPS; Chouldechova (2017), "Fair
prediction with disparate impact", Big Data 5(2); the worst pair of groups: Weerts et al. (2023), JMLR 24(257).
"""


@dataclass(frozen=True)
class Found:
    """A figure of some rows.

    Args:
        value: The figure; NaN where fewer than two groups have the rate.
        highest: Group with the highest rate, -1 for none.
        lowest: Group with the lowest.
        label: Label it is about.
        rate: Rate it is about.
    """

    value: float
    highest: int
    lowest: int
    label: int
    rate: str


def value_of(difference: Difference, kind: str, rates: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """Gives the figure for many sets of rates at once.

    Args:
        difference: The figure.
        kind: `labels` or `numbers`.
        rates: Shape `(…, rates, groups, labels)`.
        compared: Which groups are compared, shape `(groups,)`.

    Returns:
        Shape `(…)`; NaN where fewer than two groups have the rate.
    """
    places = [RATES[kind].index(name) for name in difference.rates]
    each = _each(rates[..., places, :, :], compared, difference.is_ratio)
    flat = each.reshape(*each.shape[:-2], -1)
    return -_largest(-flat) if difference.is_ratio else _largest(flat)


def _each(rates: np.ndarray, compared: np.ndarray, is_ratio: bool) -> np.ndarray:
    """Gives the figure of each rate and label, shape `(…, rates, labels)`."""
    known = compared[:, None] & ~np.isnan(rates)
    high = np.where(known, rates, -np.inf).max(axis=-2, initial=-np.inf)
    low = np.where(known, rates, np.inf).min(axis=-2, initial=np.inf)
    is_known = known.sum(axis=-2) >= 2
    high, low = np.where(is_known, high, 0.0), np.where(is_known, low, 0.0)
    found = np.divide(low, high, out=np.ones_like(high), where=high > 0) if is_ratio else high - low
    return np.where(is_known, found, np.nan)


def _largest(values: np.ndarray) -> np.ndarray:
    best = np.where(np.isnan(values), -np.inf, values).max(axis=-1, initial=-np.inf)
    return np.where(np.isfinite(best), best, np.nan)


def find(difference: Difference, kind: str, rates: np.ndarray, compared: np.ndarray) -> Found:
    """Gives a figure of one set of rates, and which groups it is about.

    Args:
        difference: The figure.
        kind: `labels` or `numbers`.
        rates: Shape `(rates, groups, labels)`.
        compared: Which groups are compared, shape `(groups,)`.
    """
    value = float(value_of(difference, kind, rates, compared))
    if not np.isfinite(value):
        return Found(float("nan"), -1, -1, -1, "")
    places = [RATES[kind].index(name) for name in difference.rates]
    each = _each(rates[places], compared, difference.is_ratio)
    rate, label = (int(k) for k in np.argwhere(each == value)[0])
    mine = np.where(compared, rates[places[rate], :, label], np.nan)
    return Found(value, int(np.nanargmax(mine)), int(np.nanargmin(mine)), label, difference.rates[rate])


def interval_of_difference(value: float, draws: np.ndarray, confidence: float, is_ratio: bool) -> tuple[float, float]:
    """Gives the interval of a figure that is never below 0 (a ratio: never above 1), from its resamples.

    A difference of the worst pair is never below 0, in the resamples neither, and chance alone makes it larger. So the end away
    from "no difference" is the percentile, and the other end lies as far on the other side of the figure: with two groups that
    is the interval of their plain difference; with more it is on the cautious side.

    Args:
        value: The figure.
        draws: That of each resample, shape `(b,)`; NaN are left out.
        confidence: Confidence of the interval, 0 to 1.
        is_ratio: Whether it is a ratio.

    Source: Davison and Hinkley (1997), "Bootstrap methods and their application", sections 5.2 and 5.3.
    """
    known = draws[~np.isnan(draws)]
    if not len(known):
        return value, value
    tail = (1 - confidence) / 2
    if is_ratio:
        far = min(value, float(np.quantile(known, tail)))
        return far, 1.0 if far <= 0 else min(1.0, value * value / far)
    far = max(value, float(np.quantile(known, 1 - tail)))
    return max(0.0, 2 * value - far), far


def tells_nothing(low: float, high: float, relevant: float, is_ratio: bool) -> bool:
    """Says whether an interval is too wide to tell anything: it holds no difference at all, and one that matters too.

    Args:
        low: Lower end.
        high: Upper end.
        relevant: The smallest difference that matters; of a ratio, the largest ratio that does.
        is_ratio: Whether it is a ratio.
    """
    return bool(high >= 1.0 and low <= relevant) if is_ratio else bool(low <= 0.0 and high >= relevant)


def known_differences(kind: str) -> Sequence[str]:
    """Gives the names of the figures."""
    return tuple(DIFFERENCES[kind])
