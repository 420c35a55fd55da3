"""Intervals by resampling rows."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from lepton_automl.measure import Measure
from lepton_automl.tasks import Metric

LEAST = 20


def measures(
    metrics: Sequence[Metric],
    y: np.ndarray,
    prediction: np.ndarray,
    weight: np.ndarray | None,
    resamples: int,
    confidence: float,
    seed: int,
    seconds: float = float("inf"),
) -> tuple[dict[str, Measure], int]:
    """Gives each metric with a percentile interval of its bootstrap distribution.

    A resample is a set of row weights: how often each row was drawn.

    Args:
        metrics: The metrics.
        y: Class codes or numbers, shape `(n,)`.
        prediction: Shape `(n, width)`.
        weight: Row weights, shape `(n,)`, or none.
        resamples: Number of resamples.
        confidence: Confidence of the intervals, 0 to 1.
        seed: Seed of the resamples.
        seconds: Wall clock after which no further resample is made, once there are 20; infinite where no clock may decide.

    Returns:
        Metric to measure, and the number of resamples made.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 13.
    """
    n = len(y)
    base = np.ones(n) if weight is None else weight
    rng = np.random.default_rng(seed)
    until = time.perf_counter() + seconds
    made = 0
    figures = {metric.name: metric.of_weights(y, prediction) for metric in metrics}
    drawn: dict[str, list[float]] = {metric.name: [] for metric in metrics}
    while made < resamples and (made < LEAST or time.perf_counter() < until):
        made += 1
        times = base * np.bincount(rng.integers(0, n, n), minlength=n)
        for name, figure in figures.items():
            drawn[name].append(figure(times))
    tail = (1 - confidence) / 2
    found = {}
    for metric in metrics:
        values = np.asarray(drawn[metric.name])
        values = values[np.isfinite(values)]
        value = metric.of(y, prediction, base)
        low, high = (float(q) for q in np.quantile(values, [tail, 1 - tail])) if len(values) else (value, value)
        found[metric.name] = Measure(value, min(low, value), max(high, value), n)
    return found, made
