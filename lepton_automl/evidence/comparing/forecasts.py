"""Are two forecasts of the same series equally good?"""

from __future__ import annotations

import math

import numpy as np

from lepton_automl.evidence.comparing.distribution import Difference

METHOD = "Diebold–Mariano"


def loss_difference(baseline: np.ndarray, candidate: np.ndarray, steps: int) -> Difference:
    """Gives the mean difference of two series of losses, whose neighbours depend on each other.

    Args:
        baseline: Loss of the one at each moment, in the order of time, shape `(t,)`.
        candidate: Loss of the other at the same moments, shape `(t,)`.
        steps: Steps ahead of the forecasts: autocovariances up to one less count. Limited to the cube root of `t`, as the
            moments of one forecast path say too little of more.

    Source: Diebold and Mariano (1995), "Comparing predictive accuracy", Journal of Business & Economic Statistics 13(3), pages
    253-263; corrected for small samples as in Harvey, Leybourne and Newbold (1997), International Journal of Forecasting 13(2),
    pages 281-291. The sum of autocovariances counts as at least the variance: of few moments it is often found too small, and
    then one in ten pairs of equal forecasts would be told apart instead of one in twenty (`docs/log.md`).
    """
    change = candidate - baseline
    t, value = len(change), float(np.mean(change)) if len(change) else math.nan
    if t < 3:
        return Difference(value, math.nan, 1.0, METHOD)
    ahead = max(1, min(steps, round(t ** (1 / 3))))
    centred = change - value
    covariances = np.array([float(np.dot(centred[lag:], centred[: t - lag])) / t for lag in range(ahead)])
    long_run = max(covariances[0], covariances[0] + 2 * covariances[1:].sum())
    factor = (t + 1 - 2 * ahead + ahead * (ahead - 1) / t) / t
    error = math.sqrt(long_run / t / factor)
    return Difference(value, 0.0 if error < 1e-12 * (1 + abs(value)) else error, t - 1.0, METHOD)


def by_moment(losses: np.ndarray, moment: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Gives each moment's share of the weighted mean loss, so that their mean is that mean. Shape `(t,)`.

    Args:
        losses: Loss of each row, shape `(n,)`.
        moment: Number of each row's moment, shape `(n,)`.
        weight: Weights of the rows, shape `(n,)`.

    >>> by_moment(np.array([1.0, 3.0, 4.0]), np.array([0, 0, 1]), np.ones(3)).tolist()
    [2.6666666666666665, 2.6666666666666665]
    """
    place = np.unique(moment, return_inverse=True)[1]
    return np.bincount(place, weights=losses * weight) * (place.max() + 1) / weight.sum()
