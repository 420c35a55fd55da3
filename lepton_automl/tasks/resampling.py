"""Figures of one prediction under many sets of row weights: what does not depend on the weights is worked out once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

OfWeights = Callable[[np.ndarray], float]


def mean_of_rows(rows: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[np.ndarray, np.ndarray], OfWeights]:
    """Makes a figure that is the weighted mean of one number a row.

    Args:
        rows: `(y, prediction) -> numbers`, shape `(n,)`.
    """

    def prepare(y: np.ndarray, prediction: np.ndarray) -> OfWeights:
        numbers = rows(y, prediction)
        return lambda weight: float(np.dot(numbers, weight) / weight.sum())

    return prepare


def roc_auc_of_weights(y: np.ndarray, p: np.ndarray) -> OfWeights:
    """Gives the area under the ROC curve as a function of the weights; rows are ranked once.

    Args:
        y: Class codes, shape `(n,)`.
        p: Probabilities, shape `(n, k)`.
    """
    ranked = [auc_of_weights(y == k, p[:, k]) for k in _judged(y, p)]
    return lambda weight: mean_known([figure(weight) for figure in ranked])


def average_precision_of_weights(y: np.ndarray, p: np.ndarray) -> OfWeights:
    """Gives the mean precision as a function of the weights; rows are ranked once.

    Args:
        y: Class codes, shape `(n,)`.
        p: Probabilities, shape `(n, k)`.
    """
    ranked = [precision_of_weights(y == k, p[:, k]) for k in _judged(y, p)]
    return lambda weight: mean_known([figure(weight) for figure in ranked])


def _judged(y: np.ndarray, p: np.ndarray) -> list[int]:
    return [1] if p.shape[1] == 2 else [k for k in range(p.shape[1]) if (y == k).any()]


def mean_known(figures: list[float]) -> float:
    """Gives the mean of the figures that are numbers; NaN where none is."""
    known = [figure for figure in figures if not np.isnan(figure)]
    if len(known) == 1:
        return float(known[0])
    return float(np.mean(known)) if known else float("nan")


def _rises(totals: np.ndarray) -> np.ndarray:
    """Gives by how much running totals rise at each position, from 0 on; `np.diff` takes five times as long for few rows."""
    steps: np.ndarray = totals.copy()
    steps[1:] -= totals[:-1]
    return steps


def _ends(ranked: np.ndarray) -> np.ndarray | slice:
    """Gives the last position of every run of ties; all positions, as a slice, where there is no tie."""
    last = np.append(ranked[1:] != ranked[:-1], True)
    return slice(None) if last.all() else np.flatnonzero(last)


def auc_of_weights(positive: np.ndarray, score: np.ndarray) -> OfWeights:
    """Gives the area under the ROC curve of one score as a function of the weights; NaN where one class has none.

    Args:
        positive: Whether a row is of the positive class, shape `(n,)`.
        score: Score, shape `(n,)`; ties count half.
    """
    order = np.argsort(score, kind="stable")
    ends, hit = _ends(score[order]), positive[order].astype("float64")
    other = 1.0 - hit

    def figure(weight: np.ndarray) -> float:
        sorted_weight = weight[order]
        up = np.cumsum(sorted_weight * hit)[ends]
        down = np.cumsum(sorted_weight * other)[ends]
        total = up[-1] * down[-1]
        if total <= 0:
            return float("nan")
        below = down - _rises(down) / 2
        return float(np.dot(_rises(up), below) / total)

    return figure


def precision_of_weights(positive: np.ndarray, score: np.ndarray) -> OfWeights:
    """Gives the average precision of one score as a function of the weights; NaN where the positive class has none.

    Args:
        positive: Whether a row is of the positive class, shape `(n,)`.
        score: Score, shape `(n,)`.
    """
    order = np.argsort(-score, kind="stable")
    ends, hit = _ends(score[order]), positive[order].astype("float64")

    def figure(weight: np.ndarray) -> float:
        sorted_weight = weight[order]
        hits, seen = np.cumsum(sorted_weight * hit)[ends], np.cumsum(sorted_weight)[ends]
        if hits[-1] <= 0:
            return float("nan")
        precision = np.divide(hits, seen, out=np.zeros(len(hits)), where=seen > 0)
        return float(np.dot(_rises(hits), precision) / hits[-1])

    return figure
