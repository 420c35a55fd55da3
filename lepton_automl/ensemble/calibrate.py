"""Makes probabilities mean what they say, learned on out-of-fold predictions and kept only where it gains out of fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.tasks import METRICS, Goal, Makes, Metric

PROPER = ("log_loss", "brier_score")
"""Metrics that a probability other than the true one makes worse."""
MIN_ROWS = (3_000, 500)
"""Out-of-fold rows from which on `auto` calibrates: of two classes, of more."""
FOLDS = 5
SMALLEST = 1e-12
"""Probabilities are taken for at least this large before their logarithm is taken."""
SHARPNESS = (0.1, 10.0)
"""Range of the factor on the logits."""


@dataclass(frozen=True)
class Calibration:
    """What is done to probabilities.

    Args:
        kind: `temperature` or `isotonic`.
        sharpness: Factor on the logits, 1 over the temperature.
        points: For each class (of two, the second) its probabilities, rising, shape `(2, p)`: as said, and as seen; what
            lies between two points is on the line between them.

    Source: Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", ICML; Zadrozny and Elkan
    (2002), "Transforming classifier scores into accurate multiclass probability estimates", KDD.
    """

    kind: str
    sharpness: float = 1.0
    points: tuple[np.ndarray, ...] = ()

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Gives the calibrated probabilities, shape `(n, k)`."""
        if self.kind == "temperature":
            return _sharpened(values, self.sharpness)
        if values.shape[1] == 2:
            up = np.interp(values[:, 1], *self.points[0])
            return np.column_stack([1 - up, up])
        seen = np.column_stack([np.interp(column, *part) for column, part in zip(values.T, self.points, strict=True)])
        return np.asarray(seen / seen.sum(axis=1, keepdims=True))

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {"kind": self.kind, "sharpness": self.sharpness, "points": [part.tolist() for part in self.points]}

    @classmethod
    def load(cls, item: Mapping[str, Any] | None) -> Calibration | None:
        """Reads what `to_dict` gave; none of none."""
        if item is None:
            return None
        points = tuple(np.array(part, dtype="float64") for part in item["points"])
        return cls(item["kind"], float(item["sharpness"]), points)


@dataclass(frozen=True)
class Trialled:
    """What became of a calibration.

    Args:
        kind: What was tried.
        metric: Name of the figure it was judged by.
        before: That loss without it.
        after: With it, each row calibrated by the others.
        kept: The calibration learned on all rows, or none where it did not gain.
    """

    kind: str
    metric: str
    before: float
    after: float
    kept: Calibration | None


def kind_for(asked: str, metric: Metric, goal: Goal, rows: int) -> str:
    """Gives the calibration to try: the one asked for, or with `auto` a temperature where metric and rows allow; or `none`."""
    if goal.makes is not Makes.PROBABILITIES:
        return "none"
    if asked != "auto":
        return asked
    enough = rows >= MIN_ROWS[0 if goal.width == 2 else 1]
    return "temperature" if metric.name in PROPER and enough else "none"


def try_calibration(kind: str, values: np.ndarray, y: np.ndarray, weight: np.ndarray | None, metric: Metric) -> Trialled:
    """Learns a calibration, and keeps it if it gains on rows it was not learned on.

    Args:
        kind: `temperature` or `isotonic`.
        values: Out-of-fold probabilities, shape `(n, k)`.
        y: Class codes, shape `(n,)`.
        weight: Row weights, shape `(n,)`, or none.
        metric: What is optimised; where it does not judge probabilities, the log loss does.
    """
    judged = metric if metric.name in PROPER else METRICS["log_loss"]
    given = np.ones(len(y)) if weight is None else weight
    learn = LEARNERS[kind]
    fold = np.random.default_rng(0).permutation(len(y)) % FOLDS
    crossed = values.copy()
    for number in range(FOLDS):
        here = fold == number
        if here.any() and not here.all():
            crossed[here] = learn(values[~here], y[~here], given[~here]).apply(values[here])
    before, after = judged.loss(y, values, weight), judged.loss(y, crossed, weight)
    return Trialled(kind, judged.name, before, after, learn(values, y, given) if after < before else None)


def _sharpened(values: np.ndarray, sharpness: float) -> np.ndarray:
    logits = sharpness * np.log(np.clip(values, SMALLEST, None))
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _learn_temperature(values: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Calibration:
    """Minimises the log loss over one factor on the logits."""
    from scipy.optimize import minimize_scalar

    logits = np.log(np.clip(values, SMALLEST, None))
    chosen, total = logits[np.arange(len(y)), y], weight.sum()

    def loss(log_sharpness: float) -> float:
        scaled = np.exp(log_sharpness) * logits
        top = scaled.max(axis=1)
        spread = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        return float(weight @ (spread - np.exp(log_sharpness) * chosen) / total)

    found = minimize_scalar(loss, bounds=np.log(SHARPNESS), method="bounded", options={"xatol": 1e-5})
    return Calibration("temperature", float(np.exp(found.x)))


def _learn_isotonic(values: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Calibration:
    """Fits a rising step to each class, off 0 and 1 by what the number of rows can tell."""
    classes = [1] if values.shape[1] == 2 else range(values.shape[1])
    return Calibration("isotonic", 1.0, tuple(_rising(values[:, k], y == k, weight) for k in classes))


def _rising(said: np.ndarray, is_true: np.ndarray, weight: np.ndarray) -> np.ndarray:
    from sklearn.isotonic import IsotonicRegression

    least = 1 / (len(said) + 2)
    model = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(said, is_true, sample_weight=weight)
    return np.array([model.X_thresholds_, model.y_thresholds_], dtype="float64")


LEARNERS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], Calibration]] = {
    "temperature": _learn_temperature,
    "isotonic": _learn_isotonic,
}
