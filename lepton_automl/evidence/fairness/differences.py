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


def interval_of_difference(
    difference: Difference,
    kind: str,
    rates: np.ndarray,
    draws: np.ndarray,
    compared: np.ndarray,
    sizes: np.ndarray,
    confidence: float,
) -> tuple[float, float]:
    """Gives the interval of a figure from resamples of the rates.

    A difference of the worst pair is never below 0, and chance alone makes it the larger the more groups there are. So the end
    away from "no difference" is the percentile of the resamples, which errs on the far side; the end towards it is the largest
    lower end of all pairs, made so wide that all of them hold at once. With two groups that is the interval of their plain
    difference.

    Args:
        difference: The figure.
        kind: `labels` or `numbers`.
        rates: Shape `(rates, groups, labels)`.
        draws: Those of each resample, shape `(b, rates, groups, labels)`.
        compared: Which groups are compared, shape `(groups,)`.
        sizes: Rows of each group, shape `(groups,)`.
        confidence: Confidence of the interval, 0 to 1.

    Source: Davison and Hinkley (1997), "Bootstrap methods and their application", section 5.3; all pairs at once: Hothorn,
    Bretz and Westfall (2008), "Simultaneous inference in general parametric models", Biometrical Journal 50(3), 346-363.
    """
    value = float(value_of(difference, kind, rates, compared))
    values = value_of(difference, kind, draws, compared)
    known = values[~np.isnan(values)]
    if not len(known):
        return value, value
    tail = (1 - confidence) / 2
    places = [RATES[kind].index(name) for name in difference.rates]
    mine, theirs = rates[places][:, compared], draws[:, places][:, :, compared]
    if difference.is_ratio:
        least = (0.5 / np.maximum(sizes[compared], 1))[:, None]
        near = _nearest(np.log(np.maximum(mine, least)), np.log(np.maximum(theirs, least)), confidence)
        return min(value, float(np.quantile(known, tail))), max(value, float(np.exp(-near)))
    far = float(np.quantile(known, 1 - tail))
    return min(value, _nearest(mine, theirs, confidence)), max(value, far)


def _nearest(rates: np.ndarray, draws: np.ndarray, confidence: float) -> float:
    """Gives the largest lower end of the differences of all pairs of groups, all intervals held at once; 0 at least.

    Args:
        rates: Shape `(rates, groups, labels)`.
        draws: Shape `(b, rates, groups, labels)`.
        confidence: Confidence that all intervals hold, 0 to 1.
    """
    one, other = np.triu_indices(rates.shape[1], 1)
    widest, apart, errors = np.zeros(len(draws)), list[np.ndarray](), list[np.ndarray]()
    for rate in range(rates.shape[0]):
        for label in range(rates.shape[2]):
            mine, theirs = rates[rate, :, label], draws[:, rate, :, label]
            difference = mine[one] - mine[other]
            off = np.nan_to_num(theirs[:, one] - theirs[:, other] - difference)
            error = np.sqrt(np.square(off).mean(axis=0))
            away = np.divide(np.abs(off), error, out=np.zeros_like(off), where=error > 0)
            widest = np.maximum(widest, away.max(axis=1, initial=0.0))
            apart.append(np.nan_to_num(np.abs(difference)))
            errors.append(error)
    reach = float(np.quantile(widest, confidence))
    return max(0.0, float((np.concatenate(apart) - reach * np.concatenate(errors)).max(initial=0.0)))


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
