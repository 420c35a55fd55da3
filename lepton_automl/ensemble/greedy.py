"""Greedy selection with replacement over out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lepton_automl.tasks import Metric

MAX_ROWS = 20_000


def greedy_weights(
    predictions: Sequence[np.ndarray],
    y: np.ndarray,
    weight: np.ndarray | None,
    metric: Metric,
    steps: int,
    sizes_mb: Sequence[float] | None = None,
    max_size_mb: float | None = None,
) -> np.ndarray:
    """Gives each model its weight in the ensemble.

    At every step the model is added, again if need be, that makes the running mean best. The shortest prefix of steps with
    the lowest loss is kept; ties go to models that are already in.

    Args:
        predictions: Of each model, shape `(n, width)`.
        y: Class codes or numbers, shape `(n,)`.
        weight: Weights, shape `(n,)`, or none.
        metric: What is optimised.
        steps: Number of steps.
        sizes_mb: Size of each model.
        max_size_mb: Largest sum of the sizes of those chosen.

    Returns:
        Weights that sum to 1, shape `(len(predictions),)`.

    Source: Caruana, Niculescu-Mizil, Crew and Ksikes (2004), "Ensemble selection from libraries of models", ICML.
    """
    pick = _sample(len(y))
    stack = [prediction[pick] for prediction in predictions]
    y, weight = y[pick], None if weight is None else weight[pick]
    counts = np.zeros(len(stack), dtype="int64")
    total = np.zeros_like(stack[0])
    best_loss, best_counts = np.inf, counts.copy()
    for step in range(1, steps + 1):
        losses = [
            metric.loss(y, (total + prediction) / step, weight) if _allowed(counts, i, sizes_mb, max_size_mb) else np.inf
            for i, prediction in enumerate(stack)
        ]
        rounded = np.round(np.asarray(losses, dtype="float64"), 9)
        rounded[np.isnan(rounded)] = np.inf
        if not np.isfinite(rounded).any():
            break
        ties = np.flatnonzero(rounded == rounded.min())
        chosen = int(ties[np.argmax(counts[ties] > 0)])
        counts[chosen] += 1
        total = total + stack[chosen]
        if rounded[chosen] < best_loss:
            best_loss, best_counts = float(rounded[chosen]), counts.copy()
    if best_counts.sum() == 0:
        best_counts[0] = 1
    return best_counts / best_counts.sum()


def _sample(n: int) -> np.ndarray:
    return np.arange(n) if n <= MAX_ROWS else np.sort(np.random.default_rng(0).permutation(n)[:MAX_ROWS])


def _allowed(counts: np.ndarray, i: int, sizes_mb: Sequence[float] | None, max_size_mb: float | None) -> bool:
    if max_size_mb is None or sizes_mb is None or counts[i]:
        return True
    return sum(size for size, count in zip(sizes_mb, counts, strict=True) if count) + sizes_mb[i] <= max_size_mb
