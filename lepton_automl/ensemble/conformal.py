"""Says how far off a prediction may be: intervals and sets of labels that hold the truth in a promised share of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.ensemble.averaging import Averaging
from lepton_automl.tasks import Goal, Makes

LEAST_IN_BIN = 200
"""Out-of-fold rows that a bin of predicted values has at least."""
MOST_MOVED = 0.025
"""Most that averaging may move the level at which a threshold of labels is learned: far below the accuracy nearly all rows have
nearly the same score, and what the noise is taken for there moves many of them (`docs/log.md`)."""
HUGE = 1e300
"""Stands for a threshold that no row reaches: too few rows for the level."""


@dataclass(frozen=True)
class Conformal:
    """Thresholds on how unlike a truth is to what was predicted, learned on rows the models had not seen.

    Args:
        kind: `absolute` (numbers: distance from the prediction), `quantile` (quantiles: how far outside a pair of them), `lac`
            (labels: those that are probable enough) or `aps` (labels: the most probable ones until enough is held).
        levels: Shares of rows to hold the truth, rising, each in (0, 1).
        thresholds: For each level one threshold for each bin, shape `(levels, bins)`.
        edges: Inner edges of the bins of predicted values, shape `(bins - 1,)`.
        columns: For each level the pair of columns that is widened, of quantiles; else empty.
        from_zero: Whether ends below 0 are 0: no truth was below it.

    Source: Vovk, Gammerman and Shafer (2005), "Algorithmic learning in a random world"; `absolute` by bins: Vovk, Lindsay,
    Nouretdinov and Gammerman (2003), "Mondrian confidence machine"; `quantile`: Romano, Patterson and Candès (2019),
    "Conformalized quantile regression", NeurIPS; `lac`: Sadinle, Lei and Wasserman (2019), "Least ambiguous set-valued
    classifiers with bounded error levels", JASA 114; `aps`: Romano, Sesia and Candès (2020), "Classification with valid and
    adaptive coverage", NeurIPS, without its random part. That all rows calibrate, each by a model that had not seen it, follows
    the CV+ of Barber, Candès, Ramdas and Tibshirani (2021), "Predictive inference with the jackknife+", Annals of Statistics
    49; one threshold for all folds is simpler than their sets and has no proven bound, so coverage is measured. Thresholds are
    drawn in by what the mean of all folds' models errs less than one fold's: `lepton_automl/ensemble/averaging.py`.
    """

    kind: str
    levels: tuple[float, ...]
    thresholds: np.ndarray
    edges: np.ndarray
    columns: tuple[tuple[int, int], ...] = ()
    from_zero: bool = False

    def intervals(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gives lower and upper ends, each of shape `(levels, n)`; infinite where there were too few rows for a level."""
        low, high = self._ends(values)
        return (np.maximum(low, 0), np.maximum(high, 0)) if self.from_zero else (low, high)

    def _ends(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.kind == "quantile":
            low, high = (np.stack([values[:, pair[end]] for pair in self.columns]) for end in (0, 1))
            far = self._far()
            middle = (low + high) / 2
            return np.minimum(low - far, middle), np.maximum(high + far, middle)
        place = np.searchsorted(self.edges, values[:, 0], side="right")
        far = self._far()[:, place]
        return values[:, 0] - far, values[:, 0] + far

    def _far(self) -> np.ndarray:
        return np.where(self.thresholds >= HUGE, np.inf, self.thresholds)

    def sets(self, values: np.ndarray) -> np.ndarray:
        """Gives which labels are in the set of each row, boolean, shape `(levels, n, k)`."""
        strange = _label_scores(self.kind, values)
        return strange[None, :, :] <= self.thresholds[:, :1, None]

    @property
    def has_sets(self) -> bool:
        """Whether it makes sets of labels; else intervals."""
        return self.kind in ("lac", "aps")

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {
            "kind": self.kind,
            "levels": list(self.levels),
            "thresholds": self.thresholds.tolist(),
            "edges": self.edges.tolist(),
            "columns": [list(pair) for pair in self.columns],
            "from_zero": self.from_zero,
        }

    @classmethod
    def load(cls, item: Mapping[str, Any] | None) -> Conformal | None:
        """Reads what `to_dict` gave; none of none."""
        if item is None:
            return None
        pairs = tuple((int(low), int(high)) for low, high in item["columns"])
        thresholds, edges = (np.array(item[key], dtype="float64") for key in ("thresholds", "edges"))
        return cls(item["kind"], tuple(item["levels"]), thresholds, edges, pairs, bool(item.get("from_zero")))


@dataclass(frozen=True)
class Promise:
    """What is to be learned.

    Args:
        levels: Shares of rows to hold the truth, each in (0, 1).
        sets: How sets of labels are made: `lac` or `aps`.
        bins: Most bins of predicted values, of numbers.
    """

    levels: Sequence[float] = (0.8, 0.9)
    sets: str = "lac"
    bins: int = 5


def learn_conformal(
    y: np.ndarray,
    values: np.ndarray,
    goal: Goal,
    promise: Promise,
    weight: np.ndarray | None = None,
    averaging: Averaging | None = None,
) -> Conformal | None:
    """Learns the thresholds; none where the prediction is neither numbers, quantiles nor probabilities.

    Args:
        y: Class codes or numbers, shape `(n,)`.
        values: What models that had not seen the rows said of them, shape `(n, width)`.
        goal: What the prediction is.
        promise: What is wanted.
        weight: Row weights, shape `(n,)`, or none.
        averaging: What the mean of several folds' models, which is served, errs less than the one that said this; or none where
            the same is served. Sets of `aps`, which hold more than is promised anyway, do not ask for it.
    """
    levels = tuple(sorted(set(promise.levels)))
    mine = np.ones(len(y)) if weight is None else weight
    nothing, from_zero = np.zeros(0), len(y) >= LEAST_IN_BIN and bool(y.min() >= 0)
    if goal.makes is Makes.PROBABILITIES:
        strange = _label_scores(promise.sets, values)[np.arange(len(y)), y]
        averaged = None
        if averaging is not None and promise.sets == "lac":
            averaged = 1 - averaging.of_labels(1 - strange, mine)
        thresholds = [[_of_mean(strange, averaged, level, mine)] for level in levels]
        return Conformal(promise.sets, levels, np.array(thresholds), nothing)
    if goal.makes is Makes.VALUES:
        edges = _edges(values[:, 0], promise.bins)
        place, off = np.searchsorted(edges, values[:, 0], side="right"), np.abs(y - values[:, 0])
        if averaging is not None:
            off = off * averaging.factor(float(np.average(off**2, weights=mine)))
        bins = [place == number for number in range(len(edges) + 1)]
        thresholds = [[threshold(off[b], level, mine[b]) for b in bins] for level in levels]
        return Conformal("absolute", levels, np.array(thresholds), edges, from_zero=from_zero)
    if goal.makes is Makes.QUANTILES:
        pairs = tuple(_pair(goal.levels, level) for level in levels)
        outside = [np.maximum(values[:, low] - y, y - values[:, high]) for low, high in pairs]
        thresholds = [[threshold(off, level, mine)] for off, level in zip(outside, levels, strict=True)]
        return Conformal("quantile", levels, np.array(thresholds), nothing, pairs, from_zero)
    return None


def threshold(strange: np.ndarray, level: float, weight: np.ndarray) -> float:
    """Gives what a new row's score stays at or below with the probability `level`: the row itself counts as one more.

    Args:
        strange: Scores of rows whose truth is known, shape `(n,)`; higher is stranger.
        level: In (0, 1).
        weight: Row weights, shape `(n,)`.

    >>> threshold(np.arange(1.0, 10.0), 0.8, np.ones(9)), threshold(np.arange(1.0, 10.0), 0.95, np.ones(9)) == HUGE
    (8.0, True)
    """
    known = np.isfinite(strange)
    strange, weight = strange[known], weight[known]
    if not len(strange) or weight.sum() <= 0:
        return HUGE
    order = np.argsort(strange, kind="stable")
    share = np.cumsum(weight[order]) / (weight.sum() + weight.mean())
    place = int(np.searchsorted(share, level - 1e-12))
    return float(strange[order][place]) if place < len(order) else HUGE


def _of_mean(strange: np.ndarray, averaged: np.ndarray | None, level: float, weight: np.ndarray) -> float:
    """Gives the threshold of what the mean of the folds' models says, at most `MOST_MOVED` of the level from that of one's."""
    if averaged is None:
        return threshold(strange, level, weight)
    lower, upper = max(level - MOST_MOVED, level / 2), min(level + MOST_MOVED, (1 + level) / 2)
    found = threshold(averaged, level, weight)
    return min(max(found, threshold(strange, lower, weight)), threshold(strange, upper, weight))


def _label_scores(kind: str, p: np.ndarray) -> np.ndarray:
    """Gives how strange each label would be, shape `(n, k)`: 1 less its probability, or what more probable labels hold."""
    if kind == "lac":
        return np.asarray(1 - p)
    order = np.argsort(-p, axis=1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=1)
    before = np.cumsum(ranked, axis=1) - ranked
    strange = np.empty_like(before)
    np.put_along_axis(strange, order, before, axis=1)
    return strange


def _edges(predicted: np.ndarray, most: int) -> np.ndarray:
    """Gives inner edges of bins with equally many rows, none with fewer than `LEAST_IN_BIN` unless there is one alone."""
    bins = max(1, min(most, len(predicted) // LEAST_IN_BIN))
    edges = np.unique(np.quantile(predicted, np.linspace(0, 1, bins + 1)[1:-1])) if bins > 1 else np.zeros(0)
    counts = np.bincount(np.searchsorted(edges, predicted, side="right"), minlength=len(edges) + 1)
    return edges if counts.min() >= LEAST_IN_BIN // 2 or not len(edges) else np.zeros(0)


def _pair(levels: Sequence[float], level: float) -> tuple[int, int]:
    """Gives the places of the quantiles nearest to the ends of an interval; the median twice where there is no other."""
    tail = (1 - level) / 2
    low, high = (int(np.argmin(np.abs(np.asarray(levels) - end))) for end in (tail, 1 - tail))
    return low, high
