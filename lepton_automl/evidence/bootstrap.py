"""Intervals by resampling rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lepton_automl.measure import Measure
from lepton_automl.tasks import Metric

MAX_ROWS = 100_000


def measures(
    metrics: Sequence[Metric],
    y: np.ndarray,
    prediction: np.ndarray,
    weight: np.ndarray | None,
    resamples: int,
    confidence: float,
    seed: int,
) -> dict[str, Measure]:
    """Gives each metric with a percentile interval of its bootstrap distribution.

    A resample is a set of row weights: how often each row was drawn. Above 100,000 rows a part of the resamples is made.

    Args:
        metrics: The metrics.
        y: Class codes or numbers, shape `(n,)`.
        prediction: Shape `(n, width)`.
        weight: Row weights, shape `(n,)`, or none.
        resamples: Number of resamples.
        confidence: Confidence of the intervals, 0 to 1.
        seed: Seed of the resamples.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 13.
    """
    n = len(y)
    base = np.ones(n) if weight is None else weight
    rng = np.random.default_rng(seed)
    count = resamples if n <= MAX_ROWS else max(50, int(resamples * MAX_ROWS / n))
    drawn: dict[str, list[float]] = {metric.name: [] for metric in metrics}
    for _ in range(count):
        times = np.bincount(rng.integers(0, n, n), minlength=n)
        for metric in metrics:
            drawn[metric.name].append(metric.of(y, prediction, base * times))
    tail = (1 - confidence) / 2
    found = {}
    for metric in metrics:
        values = np.asarray(drawn[metric.name])
        values = values[np.isfinite(values)]
        value = metric.of(y, prediction, base)
        low, high = (float(q) for q in np.quantile(values, [tail, 1 - tail])) if len(values) else (value, value)
        found[metric.name] = Measure(value, min(low, value), max(high, value), n)
    return found
