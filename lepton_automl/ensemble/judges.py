"""Judges every trial as the next member of an ensemble at once: what a metric allows is worked out before the first step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from lepton_automl.tasks import Metric
from lepton_automl.tasks.metrics import EPSILON, brier_score, log_loss, mae, mape, r2, rmse, roc_auc, wape

BLOCK = 2_048
"""Rows worked on at a time, so that they stay in the processor's cache."""
FACTORS = 16
"""Probabilities that are multiplied before one logarithm is taken: the smallest product is `EPSILON` to the 16th, 3e-251."""
NEAR_ONE = 1e-9
"""Sums of probabilities this near to 1 are taken for it."""


class Judge(Protocol):
    """Knows the members so far."""

    def losses(self, places: np.ndarray) -> np.ndarray:
        """Gives the loss of the ensemble with each prediction at `places` as its next member, shape `(len(places),)`."""
        ...

    def add(self, place: int) -> None:
        """Takes a prediction in, again if it is in already."""
        ...


def judge(metric: Metric, stack: Sequence[np.ndarray], y: np.ndarray, weight: np.ndarray | None) -> Judge:
    """Makes the quickest judge of a metric.

    Args:
        metric: The metric.
        stack: The `t` predictions, each of shape `(n, width)`, all finite.
        y: Class codes or numbers, shape `(n,)`.
        weight: Row weights, shape `(n,)`, or none.
    """
    width, function = stack[0].shape[1], metric.function
    if function is log_loss:
        return LogLoss(stack, y, weight)
    if function in (rmse, r2, brier_score):
        return Squares(metric, stack, y, weight)
    if function in (mae, mape, wape) and width == 1:
        return Absolutes(metric, stack, y, weight)
    if function is roc_auc and width == 2 and weight is None and 0 < np.count_nonzero(y == 1) < len(y):
        return Ranks(stack, y)
    return Plain(metric, stack, y, weight)


class Squares:
    """Squared errors: all inner products of residuals are taken once, a step then costs a few hundred operations."""

    def __init__(self, metric: Metric, stack: Sequence[np.ndarray], y: np.ndarray, weight: np.ndarray | None) -> None:
        given = np.ones(len(y)) if weight is None else weight
        self._finish = _finish_of_squares(metric, y, given)
        self._gram = np.zeros((len(stack), len(stack)))
        for start in range(0, len(y), BLOCK):
            here = slice(start, start + BLOCK)
            parts = np.stack([_residuals(metric, prediction[here], y[here]) for prediction in stack])
            scaled = parts * given[here, None]
            self._gram += scaled.reshape(len(stack), -1) @ parts.reshape(len(stack), -1).T
        self._gram /= given.sum()
        self._sums, self._whole, self._count = np.zeros(len(stack)), 0.0, 0

    def losses(self, places: np.ndarray) -> np.ndarray:
        """Gives the loss with each of them as the next member."""
        squares = (self._whole + 2 * self._sums[places] + np.diag(self._gram)[places]) / (self._count + 1) ** 2
        return self._finish(np.maximum(squares, 0.0))

    def add(self, place: int) -> None:
        """Takes one in."""
        self._whole += 2 * self._sums[place] + self._gram[place, place]
        self._sums = self._sums + self._gram[place]
        self._count += 1


def _residuals(metric: Metric, prediction: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Gives what is squared and summed, shape `(n, columns)`."""
    if metric.function is not brier_score:
        return prediction[:, :1] - y[:, None]
    if prediction.shape[1] == 2:
        return prediction[:, 1:] - (y == 1)[:, None]
    out = prediction.astype("float64")
    out[np.arange(len(y)), y] -= 1.0
    return out


def _finish_of_squares(metric: Metric, y: np.ndarray, weight: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Gives the way from mean squares to the loss."""
    if metric.function is rmse:
        return np.sqrt
    if metric.function is brier_score:
        return lambda squares: squares
    variance = float(np.average((y - np.average(y, weights=weight)) ** 2, weights=weight))
    return lambda squares: squares / variance - 1 if variance > 0 else -(squares == 0).astype("float64")


class LogLoss:
    """Logarithms of the true class's probability; of many rows' product only one is taken."""

    def __init__(self, stack: Sequence[np.ndarray], y: np.ndarray, weight: np.ndarray | None) -> None:
        rows = np.arange(len(y))
        self._true = np.stack([prediction[rows, y] for prediction in stack])
        totals = np.stack([prediction.sum(axis=1, dtype="float64") for prediction in stack])
        self._totals = None if np.abs(totals - 1).max(initial=0.0) < NEAR_ONE else totals
        self._weight = weight
        self._sum, self._sum_of_totals, self._count = np.zeros(len(y)), np.zeros(len(y)), 0

    def losses(self, places: np.ndarray) -> np.ndarray:
        """Gives the loss with each of them as the next member."""
        n = len(self._sum)
        found = np.zeros(len(places))
        for start in range(0, n, BLOCK):
            here = slice(start, start + BLOCK)
            mixed = self._true[:, here][places] + self._sum[here]
            if self._totals is None:
                mixed *= 1 / (self._count + 1)
            else:
                mixed /= np.clip(self._totals[:, here][places] + self._sum_of_totals[here], EPSILON, None)
            np.clip(mixed, EPSILON, 1 - EPSILON, out=mixed)
            found += _sums_of_logs(mixed, None if self._weight is None else self._weight[here])
        return -found / (n if self._weight is None else self._weight.sum())

    def add(self, place: int) -> None:
        """Takes one in."""
        self._sum = self._sum + self._true[place]
        if self._totals is not None:
            self._sum_of_totals = self._sum_of_totals + self._totals[place]
        self._count += 1


def _sums_of_logs(values: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    if weight is not None:
        return np.asarray(np.log(values) @ weight)
    rest = values.shape[1] % FACTORS
    sums = np.log(values[:, values.shape[1] - rest :]).sum(axis=1)
    groups = values[:, : values.shape[1] - rest].reshape(len(values), FACTORS, -1)
    return np.asarray(sums + np.log(np.multiply.reduce(groups, axis=1)).sum(axis=1))


class Absolutes:
    """Absolute errors, as they are, or as shares of what was observed."""

    def __init__(self, metric: Metric, stack: Sequence[np.ndarray], y: np.ndarray, weight: np.ndarray | None) -> None:
        given = np.ones(len(y)) if weight is None else weight
        keep = np.ones(len(y), dtype=bool)
        scale = float(given.sum())
        if metric.function is mape:
            keep = (y != 0) & (given > 0)
            scale = float(given[keep].sum())
            given = given / np.where(keep, np.abs(y), 1.0)
        elif metric.function is wape:
            scale = float(np.sum(given * np.abs(y)))
        self._weight = given[keep] / scale if scale > 0 else np.full(int(keep.sum()), np.nan)
        self._errors = np.stack([prediction[keep, 0] - y[keep] for prediction in stack])
        self._sum, self._count = np.zeros(self._errors.shape[1]), 0

    def losses(self, places: np.ndarray) -> np.ndarray:
        """Gives the loss with each of them as the next member."""
        found = np.zeros(len(places))
        for start in range(0, len(self._sum), BLOCK):
            here = slice(start, start + BLOCK)
            found += np.abs(self._errors[:, here][places] + self._sum[here]) @ self._weight[here]
        return found / (self._count + 1)

    def add(self, place: int) -> None:
        """Takes one in."""
        self._sum = self._sum + self._errors[place]
        self._count += 1


class Ranks:
    """The area under the ROC curve of two classes: the label rides in the last bit of its score, so that one sort does."""

    def __init__(self, stack: Sequence[np.ndarray], y: np.ndarray) -> None:
        self._scores = np.stack([prediction[:, 1] for prediction in stack]).astype("float64")
        self._positive = (y == 1).astype("int64")
        self._sum = np.zeros(len(y))

    def losses(self, places: np.ndarray) -> np.ndarray:
        """Gives the loss with each of them as the next member."""
        return np.array([-self._area(self._sum + score) for score in self._scores[places]])

    def _area(self, score: np.ndarray) -> float:
        keys = np.sort((score.view("int64") & ~1) | self._positive)
        is_positive = keys & 1
        ups = int(self._positive.sum())
        wins = float(np.flatnonzero(is_positive).sum()) - ups * (ups - 1) / 2
        return (wins - _half_of_ties(keys, is_positive)) / (ups * (len(keys) - ups))

    def add(self, place: int) -> None:
        """Takes one in."""
        self._sum = self._sum + self._scores[place]


def _half_of_ties(keys: np.ndarray, is_positive: np.ndarray) -> float:
    """Gives half of the pairs of a positive and another row with one score; rows are sorted, others before positives."""
    meets = (keys[1:] ^ keys[:-1]) == 1
    if not meets.any():
        return 0.0
    starts = np.flatnonzero(np.append(True, (keys[1:] >> 1) != (keys[:-1] >> 1)))
    counts = np.diff(np.append(starts, len(keys)))
    ups = np.add.reduceat(is_positive, starts)
    return float(ups @ (counts - ups)) / 2


class Plain:
    """Any metric, asked for one prediction after the other."""

    def __init__(self, metric: Metric, stack: Sequence[np.ndarray], y: np.ndarray, weight: np.ndarray | None) -> None:
        self._metric, self._stack, self._y, self._weight = metric, stack, y, weight
        self._sum, self._count = np.zeros(stack[0].shape), 0

    def losses(self, places: np.ndarray) -> np.ndarray:
        """Gives the loss with each of them as the next member."""
        step = self._count + 1
        return np.array(
            [
                self._metric.loss(self._y, (self._sum + one) / step, self._weight)
                for one in (self._stack[place] for place in places)
            ]
        )

    def add(self, place: int) -> None:
        """Takes one in."""
        self._sum = self._sum + self._stack[place]
        self._count += 1
