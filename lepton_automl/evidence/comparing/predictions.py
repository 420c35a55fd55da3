"""Two predictions of the same rows: every metric, every slice, and money."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lepton_automl.evidence.comparing import delong
from lepton_automl.evidence.comparing.distribution import Difference
from lepton_automl.evidence.comparing.forecasts import by_moment, loss_difference
from lepton_automl.evidence.comparing.resampling import Draws, Pair, differences, mean_of
from lepton_automl.evidence.comparing.result import Figure, figure_of, margin_of
from lepton_automl.tasks import VALUE, Metric

LEAST_ROWS = 30
"""Rows that a slice must have to be compared."""
LEAST_OF_LABEL = 5
"""Rows of each label that it must have, where labels are predicted."""
LEAST_MOMENTS = 8
"""Moments from which two forecasts are compared moment by moment."""


@dataclass(frozen=True)
class Rows:
    """Rows that both sides predicted.

    Args:
        y: Class codes or numbers, shape `(n,)`.
        baseline: Prediction of the baseline, shape `(n, width)`.
        candidate: Prediction of the candidate, shape `(n, width)`.
        weight: Weights of the rows, shape `(n,)`, or none.
        group: Code of each row's entity, shape `(n,)`, or none.
        moment: Number of each row's moment, shape `(n,)`, or none.
        slices: Column to the level of each row, shape `(n,)`.
        worth: Worth of each row in money by the line of the baseline and of the candidate, shape `(2, n)`, or none.
    """

    y: np.ndarray
    baseline: np.ndarray
    candidate: np.ndarray
    weight: np.ndarray | None = None
    group: np.ndarray | None = None
    moment: np.ndarray | None = None
    slices: Mapping[str, np.ndarray] = field(default_factory=dict)
    worth: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.y)

    def at(self, keep: np.ndarray) -> Rows:
        """Gives some of the rows, without their slices; `keep` has the shape `(n,)`."""
        weight, group, moment = (None if a is None else a[keep] for a in (self.weight, self.group, self.moment))
        worth = None if self.worth is None else self.worth[:, keep]
        return Rows(self.y[keep], self.baseline[keep], self.candidate[keep], weight, group, moment, worth=worth)


@dataclass(frozen=True)
class Ways:
    """How the comparison is made.

    Args:
        metrics: All metrics of the task.
        deciding: Names of the figures by which the verdict on the whole goes.
        margins: Figure to the difference that does not matter, where it is given.
        confidence: Confidence of intervals and verdicts.
        resamples: Bootstrap resamples.
        seed: Seed of the resamples.
        steps: Steps ahead, of forecasts; 0 for other tasks.
        has_labels: Whether labels are predicted.
        currency: Currency of the worth.
    """

    metrics: Sequence[Metric]
    deciding: frozenset[str]
    margins: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.95
    resamples: int = 1_000
    seed: int = 0
    steps: int = 0
    has_labels: bool = True
    currency: str = ""


def compare_rows(rows: Rows, ways: Ways) -> tuple[list[Figure], list[str]]:
    """Compares two predictions of the same rows.

    Slices are compared by the deciding figures, all rows by every figure.

    Returns:
        The figures, not judged yet, the deciding ones of all rows first; and the slices that are too small to be compared.
    """
    found = list(_figures(rows, ways, ways.metrics, ""))
    found.sort(key=lambda figure: not figure.is_deciding)
    few = []
    metrics = [metric for metric in ways.metrics if metric.name in ways.deciding]
    for column, levels in rows.slices.items():
        for level in sorted(set(levels)):
            part, name = rows.at(levels == level), f"{column} = {level}"
            if _is_large(part, ways):
                found.extend(_figures(part, ways, metrics, name))
            else:
                few.append(name)
    return found, few


def _is_large(rows: Rows, ways: Ways) -> bool:
    if ways.steps:
        return rows.moment is not None and len(np.unique(rows.moment)) >= LEAST_MOMENTS
    if len(rows) < LEAST_ROWS:
        return False
    return not ways.has_labels or bool(np.sort(np.bincount(rows.y))[-2:].min() >= LEAST_OF_LABEL and len(set(rows.y)) > 1)


def _figures(rows: Rows, ways: Ways, metrics: Sequence[Metric], slice_: str) -> Iterator[Figure]:
    """Compares metrics, and money where there is some, on the same resamples."""
    base = np.ones(len(rows)) if rows.weight is None else rows.weight
    exact = {metric.name: _exact(metric, rows, ways, base) for metric in metrics}
    drawn = [metric for metric in metrics if exact[metric.name] is None]
    pairs: list[Pair] = [
        (metric.of_weights(rows.y, rows.baseline), metric.of_weights(rows.y, rows.candidate)) for metric in drawn
    ]
    by_draw = _drawn(pairs, rows, base, ways)
    for metric in metrics:
        found = exact[metric.name]
        difference = by_draw[drawn.index(metric)] if found is None else found
        sides = metric.of(rows.y, rows.baseline, base), metric.of(rows.y, rows.candidate, base)
        margin = margin_of(metric.name, metric.is_score, sides[0], ways.margins)
        is_deciding = not slice_ and metric.name in ways.deciding
        yield figure_of(
            metric.name, slice_, len(rows), sides, difference, metric.is_score, ways.confidence, margin, is_deciding
        )
    if rows.worth is not None:
        yield _money(rows, rows.worth, ways, slice_)


def _money(rows: Rows, worth: np.ndarray, ways: Ways, slice_: str) -> Figure:
    """Compares the worth of a row; one without a worth, as its amount is missing, does not count."""
    known = np.isfinite(worth).all(axis=0)
    base = known * (np.ones(len(rows)) if rows.weight is None else rows.weight)
    numbers = np.where(known, worth, 0.0)
    pair = mean_of(numbers[0]), mean_of(numbers[1])
    (difference,) = _drawn([pair], rows, base, ways)
    sides = (pair[0](base), pair[1](base)) if base.sum() > 0 else (math.nan, math.nan)
    margin = margin_of(VALUE, True, sides[0], ways.margins)
    is_deciding = not slice_ and VALUE in ways.deciding
    n = int(known.sum())
    return figure_of(VALUE, slice_, n, sides, difference, True, ways.confidence, margin, is_deciding, ways.currency)


def _drawn(pairs: list[Pair], rows: Rows, base: np.ndarray, ways: Ways) -> list[Difference]:
    if not pairs:
        return []
    return differences(pairs, base, Draws(len(rows), ways.seed, rows.group, rows.moment), ways.resamples)


def _exact(metric: Metric, rows: Rows, ways: Ways, base: np.ndarray) -> Difference | None:
    """Compares by a test made for the metric, where there is one: rows that stand alone for DeLong, moments for forecasts."""
    is_alone = rows.weight is None and rows.group is None and rows.moment is None
    if metric.name == "roc_auc" and rows.baseline.shape[1] == 2 and is_alone:
        return delong.area_difference(rows.y == 1, rows.baseline[:, 1], rows.candidate[:, 1])
    if ways.steps and metric.rows is not None and rows.moment is not None:
        sides = [by_moment(metric.rows(rows.y, p, base), rows.moment, base) for p in (rows.baseline, rows.candidate)]
        found = loss_difference(sides[0], sides[1])
        return found if math.isfinite(found.value) else None
    return None
