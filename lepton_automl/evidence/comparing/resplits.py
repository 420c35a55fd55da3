"""Would a recipe do better again? The mean difference over fresh splits, whose training rows overlap."""

from __future__ import annotations

import math

import numpy as np

from lepton_automl.evidence.comparing.distribution import Difference

METHOD = "corrected resampled t"


def resplit_difference(baseline: np.ndarray, candidate: np.ndarray, test_to_train: float) -> Difference:
    """Gives the mean difference over splits; its variance counts that the splits share training rows.

    Args:
        baseline: Figure of the one on each split, shape `(j,)`.
        candidate: Figure of the other on the same splits, shape `(j,)`.
        test_to_train: Test rows for each training row.

    Source: Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning 52, pages 239-281.

    >>> found = resplit_difference(np.zeros(4), np.array([1.0, 2.0, 3.0, 2.0]), 0.25)
    >>> round(found.value, 3), round(found.error, 3), found.freedom
    (2.0, 0.577, 3.0)
    """
    change = candidate - baseline
    change = change[np.isfinite(change)]
    count = len(change)
    if count < 2:
        return Difference(float(change.mean()) if count else math.nan, math.nan, 1.0, METHOD)
    error = math.sqrt(float(change.var(ddof=1)) * (1 / count + test_to_train))
    return Difference(float(change.mean()), error, count - 1.0, METHOD)
