"""Intervals by resampling rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lepton_automl.measure import Measure
from lepton_automl.tasks import Metric

if TYPE_CHECKING:
    from lepton_automl.evidence.chapter import Judged

LEAST = 20
"""Resamples that are made however short the time is."""


def measures(
    metrics: Sequence[Metric],
    y: np.ndarray,
    prediction: np.ndarray,
    weight: np.ndarray | None,
    resamples: int,
    confidence: float,
    seed: int,
    seconds: float = float("inf"),
    block: np.ndarray | None = None,
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
        block: Block of each row, shape `(n,)`, of which whole ones are drawn; none where rows are independent.

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
        times = base * draw_times(rng, n, block)
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


def draw_times(rng: np.random.Generator, n: int, block: np.ndarray | None = None) -> np.ndarray:
    """Gives how often each row is drawn by one resample, shape `(n,)`; whole blocks where rows of one belong together.

    Args:
        rng: Source of chance.
        n: Number of rows.
        block: Block of each row, numbered from 0, shape `(n,)`; or none.
    """
    if block is None:
        return np.bincount(rng.integers(0, n, n), minlength=n)
    blocks = int(block.max()) + 1
    return np.bincount(rng.integers(0, blocks, blocks), minlength=blocks)[block]


def interval_of(figures: Callable[[np.ndarray], np.ndarray], judged: Judged, until: float, unit: str = "") -> list[Measure]:
    """Gives figures of the judged rows with percentile intervals of their bootstrap distribution.

    Args:
        figures: Gives the figures, shape `(f,)`, from how often each row counts, shape `(n,)`.
        judged: The rows; its confidence, resamples, blocks and seed are used.
        until: Moment (seconds since the epoch) from which no further resample is made, once there are 20.
        unit: Unit of the figures.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 13; whole blocks: Davison and Hinkley
    (1997), "Bootstrap methods and their application", section 3.8.
    """
    n = len(judged.y)
    values, drawn = figures(np.ones(n)), draws_of(figures, judged, until)
    tail = (1 - judged.confidence) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
    return [
        Measure(float(value), float(min(value, bottom)), float(max(value, top)), n, unit)
        for value, bottom, top in zip(values, low, high, strict=True)
    ]


def draws_of(figures: Callable[[np.ndarray], np.ndarray], judged: Judged, until: float) -> np.ndarray:
    """Gives figures of resamples of the judged rows, shape `(resamples, f)`.

    Args:
        figures: Gives the figures, shape `(f,)`, from how often each row counts, shape `(n,)`.
        judged: The rows; its resamples, blocks and seed are used.
        until: Moment (seconds since the epoch) from which no further resample is made, once there are 20.
    """
    n, rng = len(judged.y), np.random.default_rng(judged.seed)
    drawn: list[np.ndarray] = []
    while len(drawn) < judged.resamples and (len(drawn) < LEAST or time.time() < until):
        drawn.append(figures(draw_times(rng, n, judged.block).astype("float64")))
    return np.array(drawn)
