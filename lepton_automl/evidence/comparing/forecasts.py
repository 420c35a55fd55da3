"""Are two forecasts of the same series equally good?"""

from __future__ import annotations

import math

import numpy as np

from lepton_automl.evidence.comparing.distribution import Difference

METHOD = "Diebold–Mariano"
BIAS = 0.1
"""Most that the long-run variance may be too small by, as a share, because neighbours hang together."""
FEWEST = 2
"""Fewest cosine terms: with one alone, Student's t says next to nothing."""


def loss_difference(baseline: np.ndarray, candidate: np.ndarray) -> Difference:
    """Gives the mean difference of two series of losses, whose neighbours depend on each other.

    The long-run variance is the mean square of the differences' first cosine terms, and the statistic is held against
    Student's t with as many degrees of freedom as there are terms.

    Args:
        baseline: Loss of the one at each moment, in the order of time, shape `(t,)`.
        candidate: Loss of the other at the same moments, shape `(t,)`.

    Source: Diebold and Mariano (1995), "Comparing predictive accuracy", Journal of Business & Economic Statistics 13(3), pages
    253-263; equal-weighted cosines: Müller (2004), and Lazarus, Lewis, Stock and Watson (2018), "HAR inference: recommendations
    for practice", the same journal 36(4), pages 541-559. They take `0.4 t ** (2 / 3)` terms of any series; here there are more
    where neighbours do not hang together and fewer where they do (measured: `docs/log.md`).
    """
    change = candidate - baseline
    t, value = len(change), float(np.mean(change)) if len(change) else math.nan
    if t < 3:
        return Difference(value, math.nan, 1.0, METHOD)
    terms = cosine_terms(change)
    waves = np.cos(np.pi * np.outer(np.arange(1, terms + 1), np.arange(t) + 0.5) / t)
    error = math.sqrt(float(np.mean((waves @ change) ** 2)) * 2) / t
    return Difference(value, 0.0 if error < 1e-12 * (1 + abs(value)) else error, float(terms), METHOD)


def cosine_terms(change: np.ndarray) -> int:
    """Gives how many cosine terms tell the long-run variance of a series.

    The `j`-th term stands for the frequency `pi j / t`. Where neighbours correlate by `r`, as in an autoregression, the mean
    of the first `v` is too small by the share `r / (1 - r) ** 2 * (pi v / t) ** 2 / 3`. The largest `v` is taken for which that
    is `BIAS` at most, and `t ** (2 / 3)` at most. `r` is the estimate, what it is too small by on average, and half a standard
    error more, as a memory that is missed costs more than one that is not there.

    Args:
        change: The series, shape `(t,)`.

    Source: bias of the estimate: Kendall (1954), "Note on bias in the estimation of autocorrelation", Biometrika 41.

    >>> cosine_terms(np.tile([1.0, -1.0], 32)), cosine_terms(np.arange(64.0))
    (16, 2)
    """
    t = len(change)
    centred = change - np.mean(change)
    whole = float(np.dot(centred, centred))
    seen = float(np.dot(centred[1:], centred[:-1])) / whole if whole > 0 else 0.0
    near = min(max(seen + (1 + 3 * seen) / t + 0.5 / math.sqrt(t), 0.0), 0.97)
    most = max(FEWEST, round(t ** (2 / 3)))
    if near == 0:
        return most
    allowed = math.floor(t / math.pi * (1 - near) * math.sqrt(3 * BIAS / near))
    return min(most, max(FEWEST, allowed))


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
