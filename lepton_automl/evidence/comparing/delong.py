"""The areas under the ROC curves of several scores of the same rows, and how they vary together."""

from __future__ import annotations

import math

import numpy as np

from lepton_automl.errors import ShapeError
from lepton_automl.evidence.comparing.distribution import Difference

METHOD = "DeLong"


def midranks(values: np.ndarray) -> np.ndarray:
    """Gives the rank of each value from 1 on; ties share the middle of their ranks. Shape `(n,)`.

    >>> midranks(np.array([0.2, 0.5, 0.2, 0.9])).tolist()
    [1.5, 3.0, 1.5, 4.0]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    return middle[place]


def areas(positive: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the area under the ROC curve of each score and the covariance of these areas.

    Args:
        positive: Whether a row is of the positive class, shape `(n,)`.
        scores: Scores, higher for the positive class, shape `(m, n)`.

    Returns:
        The areas, shape `(m,)`, and their covariance, shape `(m, m)`; not a number where a class has fewer than two rows.

    Raises:
        ShapeError: If the rows do not agree.

    Source: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44(3), pages 837-845; by midranks as in Sun and Xu (2014),
    IEEE Signal Processing Letters 21(11), pages 1389-1393.
    """
    if scores.ndim != 2 or scores.shape[1] != len(positive):
        raise ShapeError(f"scores have the shape {scores.shape}, and there are {len(positive)} rows")
    above, below = scores[:, positive], scores[:, ~positive]
    ups, downs, count = above.shape[1], below.shape[1], len(scores)
    if ups < 2 or downs < 2:
        return np.full(count, np.nan), np.full((count, count), np.nan)
    ranks = np.array([midranks(np.concatenate([a, b])) for a, b in zip(above, below, strict=True)])
    own_up, own_down = np.array([midranks(a) for a in above]), np.array([midranks(b) for b in below])
    found = ranks[:, :ups].mean(axis=1) / downs - (ups + 1) / (2 * downs)
    of_positive = (ranks[:, :ups] - own_up) / downs
    of_negative = 1 - (ranks[:, ups:] - own_down) / ups
    covariance = np.atleast_2d(np.cov(of_positive)) / ups + np.atleast_2d(np.cov(of_negative)) / downs
    return found, covariance


def area_difference(positive: np.ndarray, baseline: np.ndarray, candidate: np.ndarray) -> Difference:
    """Gives the difference of two areas under ROC curves on the same rows.

    Args:
        positive: Whether a row is of the positive class, shape `(n,)`.
        baseline: Scores of the one, shape `(n,)`.
        candidate: Scores of the other, shape `(n,)`.
    """
    found, covariance = areas(positive, np.stack([baseline, candidate]))
    spread = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    error = math.sqrt(max(spread, 0.0)) if np.isfinite(spread) else math.nan
    return Difference(float(found[1] - found[0]), 0.0 if error < 1e-12 else error, math.inf, METHOD)
