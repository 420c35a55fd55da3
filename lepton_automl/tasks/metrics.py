"""The figures models are judged by. All take row weights, so that a bootstrap is only another set of weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lepton_automl.tasks.deciding import Payoff
from lepton_automl.tasks.prediction import Makes
from lepton_automl.tasks.resampling import (
    OfWeights,
    auc_of_weights,
    average_precision_of_weights,
    mean_known,
    mean_of_rows,
    roc_auc_of_weights,
)

VALUE = "value_per_row"
"""Name of the metric in money; the task makes it of the payoffs."""
EPSILON = float(np.finfo("float64").eps)
"""Nearest to 0 and 1 that a probability is judged, as in scikit-learn."""
Score = Callable[[np.ndarray, np.ndarray, np.ndarray], float]
Prepare = Callable[[np.ndarray, np.ndarray], OfWeights]


@dataclass(frozen=True)
class Metric:
    """A figure, and what it takes.

    Args:
        name: Its name, as in scikit-learn where that has it.
        makes: Kinds of prediction it judges.
        is_score: Whether higher is better.
        function: `(y, prediction, weight) -> figure`; `y` has shape `(n,)`: class codes or numbers; `prediction` has shape
            `(n, width)`; `weight` has shape `(n,)`.
        classes: Smallest and largest number of classes it fits.
        perfect: The best figure there is; none if there is no bound.
        prepare: `(y, prediction) -> (weight -> figure)`, where most of the work does not depend on the weights.
        rows: `(y, prediction, weight) -> losses`, shape `(n,)`, where the figure is their weighted mean; of forecasts.
    """

    name: str
    makes: tuple[Makes, ...]
    is_score: bool
    function: Score
    classes: tuple[int, int] = (2, 1_000_000)
    perfect: float | None = None
    prepare: Prepare | None = None
    rows: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] | None = None

    def loss(self, y: np.ndarray, prediction: np.ndarray, weight: np.ndarray | None = None) -> float:
        """Gives the figure with its sign turned so that lower is better."""
        figure = self.of(y, prediction, weight)
        return -figure if self.is_score else figure

    def of(self, y: np.ndarray, prediction: np.ndarray, weight: np.ndarray | None = None) -> float:
        """Gives the figure; every row weighs 1 where no weights are given. NaN where no row has a weight."""
        given = np.ones(len(y)) if weight is None else weight
        return self.function(y, prediction, given) if np.sum(given) > 0 else float("nan")

    def of_weights(self, y: np.ndarray, prediction: np.ndarray) -> OfWeights:
        """Gives the figure as a function of the row weights, for many sets of them."""
        if self.prepare is not None:
            return self.prepare(y, prediction)
        return lambda weight: self.function(y, prediction, weight)


def binary_auc(positive: np.ndarray, score: np.ndarray, weight: np.ndarray) -> float:
    """Area under the ROC curve of a score; ties count half. NaN when one class is absent.

    Args:
        positive: Whether a row is of the positive class, shape `(n,)`.
        score: Score, shape `(n,)`.
        weight: Weights, shape `(n,)`.

    Source: Hanley and McNeil (1982), "The meaning and use of the area under a ROC curve", Radiology 143, pages 29-36.

    >>> binary_auc(np.array([True, False, True]), np.array([0.9, 0.1, 0.1]), np.ones(3))
    0.75
    """
    return auc_of_weights(positive, score)(weight)


def roc_auc(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Area under the ROC curve; with more classes the mean of one against the rest over the classes that occur."""
    return roc_auc_of_weights(y, p)(weight)


def log_loss(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean of minus the logarithm of the probability given to the true class, clipped as scikit-learn does."""
    return float(np.average(_log_losses(y, p), weights=weight))


def _log_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    total = np.clip(p.sum(axis=1, dtype="float64"), EPSILON, None)
    chosen = p[np.arange(len(y)), y] / total
    return -np.log(np.clip(chosen, EPSILON, 1 - EPSILON))


def brier_score(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean squared error of the probabilities; for two classes that of the positive one (Brier 1950)."""
    return float(np.average(_brier_losses(y, p), weights=weight))


def _brier_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    if p.shape[1] == 2:
        return np.square(p[:, 1] - (y == 1))
    return np.square(p - np.eye(p.shape[1])[y]).sum(axis=1)


def average_precision(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean precision over the steps of recall; with more classes the mean of one against the rest over those that occur."""
    return average_precision_of_weights(y, p)(weight)


def accuracy(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Share of rows whose most probable class is the true one."""
    return float(np.average(_hits(y, p), weights=weight))


def _hits(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return (p.argmax(axis=1) == y).astype("float64")


def balanced_accuracy(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean over the classes of the share of their rows that are found."""
    hit, k = p.argmax(axis=1) == y, p.shape[1]
    total = np.bincount(y, weights=weight, minlength=k)
    found = np.bincount(y, weights=weight * hit, minlength=k)
    return float(np.mean(found[total > 0] / total[total > 0]))


def macro_f1(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean of the harmonic mean of precision and recall, over the classes that occur or are predicted."""
    return mean_known(list(_f1_by_class(y, p, weight)))


def f1(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Harmonic mean of precision and recall of the positive class, at a probability of 0.5; 0 where it is not to be had."""
    return float(np.nan_to_num(_f1_by_class(y, p, weight)[1]))


def _f1_by_class(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> np.ndarray:
    k, guess = p.shape[1], p.argmax(axis=1)
    hits = np.bincount(y, weights=weight * (guess == y), minlength=k)
    both = np.bincount(y, weights=weight, minlength=k) + np.bincount(guess, weights=weight, minlength=k)
    return np.divide(2 * hits, both, out=np.full(k, np.nan), where=both > 0)


def rmse(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Root of the mean squared error, in the units of `y`."""
    return float(np.sqrt(np.average((y - p[:, 0]) ** 2, weights=weight)))


def mae(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean absolute error, in the units of `y`."""
    return float(np.average(_absolute_errors(y, p), weights=weight))


def _absolute_errors(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.abs(y - p[:, 0])


def r2(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Share of the variance that is explained; of a constant 1 if it is met, else 0, as in scikit-learn."""
    residual = np.average((y - p[:, 0]) ** 2, weights=weight)
    variance = np.average((y - np.average(y, weights=weight)) ** 2, weights=weight)
    return float(1 - residual / variance) if variance > 0 else float(residual == 0)


def mape(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    """Mean absolute error as a share of the observed value; rows observed at 0 are left out."""
    keep = (y != 0) & (weight > 0)
    return float(np.average(np.abs((y - p[:, 0])[keep] / y[keep]), weights=weight[keep])) if keep.any() else float("nan")


def wape(y: np.ndarray, p: np.ndarray, weight: np.ndarray, column: int = 0) -> float:
    """Sum of absolute errors over the sum of absolute observed values; of quantiles, one column is judged."""
    total = np.sum(weight * np.abs(y))
    return float(np.sum(weight * np.abs(y - p[:, column])) / total) if total > 0 else float("nan")


def wape_rows(y: np.ndarray, p: np.ndarray, weight: np.ndarray, column: int = 0) -> np.ndarray:
    """Absolute error of each row over the weighted mean of the absolute observed values, shape `(n,)`; their mean is `wape`."""
    total = np.average(np.abs(y), weights=weight)
    return np.abs(y - p[:, column]) / total if total > 0 else np.full(len(y), np.nan)


def pinball(y: np.ndarray, p: np.ndarray, weight: np.ndarray, levels: tuple[float, ...]) -> float:
    """Mean pinball loss over the quantile levels, in the units of `y`.

    Source: Koenker and Bassett (1978), "Regression Quantiles", Econometrica 46(1), pages 33-50.
    """
    return float(np.average(pinball_rows(y, p, levels), weights=weight))


def pinball_rows(y: np.ndarray, p: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Pinball loss of each row, the mean over the quantile levels, shape `(n,)`."""
    error = y[:, None] - p
    level = np.asarray(levels)[None, :]
    return np.maximum(level * error, (level - 1) * error).mean(axis=1)


CLASSES = (Makes.PROBABILITIES,)
NUMBERS = (Makes.VALUES,)


def value_metric(payoff: Payoff) -> Metric:
    """Gives the metric `value_per_row`: the mean worth of a row at the best line between two labels.

    Args:
        payoff: Worth of each outcome, the same for every row.

    >>> value_metric(Payoff(1, -1, 0, 0)).of(np.array([1, 0]), np.array([[0.1, 0.9], [0.8, 0.2]]))
    0.5
    """

    def prepared(y: np.ndarray, p: np.ndarray) -> OfWeights:
        order = np.argsort(-p[:, 1], kind="stable")
        falling, n = p[order, 1], len(y)
        ends = np.concatenate([[0], np.flatnonzero(np.append(np.diff(falling) != 0, True)) + 1])
        yes, no = (payoff.of(y == 1, np.full(n, said))[order] for said in (True, False))

        def of(weight: np.ndarray) -> float:
            mine = weight[order]
            sums = np.concatenate([[0.0], np.cumsum((yes - no) * mine)])[ends]
            return float((sums.max() + (no * mine).sum()) / mine.sum())

        return of

    return Metric(VALUE, CLASSES, True, lambda y, p, w: prepared(y, p)(w), classes=(2, 2), prepare=prepared)


def _no_payoff(y: np.ndarray, p: np.ndarray, weight: np.ndarray) -> float:
    raise ValueError("the payoffs are not known here")


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("roc_auc", CLASSES, True, roc_auc, perfect=1.0, prepare=roc_auc_of_weights),
        Metric("log_loss", CLASSES, False, log_loss, perfect=0.0, prepare=mean_of_rows(_log_losses)),
        Metric("brier_score", CLASSES, False, brier_score, perfect=0.0, prepare=mean_of_rows(_brier_losses)),
        Metric("average_precision", CLASSES, True, average_precision, perfect=1.0, prepare=average_precision_of_weights),
        Metric("accuracy", CLASSES, True, accuracy, perfect=1.0, prepare=mean_of_rows(_hits)),
        Metric("balanced_accuracy", CLASSES, True, balanced_accuracy, perfect=1.0),
        Metric("f1", CLASSES, True, f1, classes=(2, 2), perfect=1.0),
        Metric("macro_f1", CLASSES, True, macro_f1, perfect=1.0),
        Metric(VALUE, CLASSES, True, _no_payoff, classes=(2, 2)),
        Metric("rmse", NUMBERS, False, rmse, perfect=0.0),
        Metric("mae", NUMBERS, False, mae, perfect=0.0, prepare=mean_of_rows(_absolute_errors)),
        Metric("r2", NUMBERS, True, r2, perfect=1.0),
        Metric("mape", NUMBERS, False, mape, perfect=0.0),
        Metric("wape", (Makes.VALUES, Makes.QUANTILES), False, wape, perfect=0.0),
    )
}


def quantile_metrics(levels: tuple[float, ...]) -> dict[str, Metric]:
    """Gives the metrics that judge quantiles at the levels, by name; the median is judged where one column is."""
    median = int(np.argmin(np.abs(np.asarray(levels) - 0.5)))
    made = (Makes.QUANTILES,)
    return {
        "wape": Metric(
            "wape",
            made,
            False,
            lambda y, p, w: wape(y, p, w, median),
            perfect=0.0,
            rows=lambda y, p, w: wape_rows(y, p, w, median),
        ),
        "pinball": Metric(
            "pinball",
            made,
            False,
            lambda y, p, w: pinball(y, p, w, levels),
            perfect=0.0,
            rows=lambda y, p, w: pinball_rows(y, p, levels),
        ),
    }
