"""Logistic regression, ridge and elastic net, on scaled numbers, one-hot categories and weighted terms of text."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs, Prepared
from lepton_automl.models.protocol import REPRESENTATION, Files, Limits, Rows, Shape, Step, pack_arrays, unpack_arrays
from lepton_automl.space import Choice, Dimension, Float
from lepton_automl.tasks import Goal, Makes

CLIP = 30.0
SEES = {name: REPRESENTATION[name] for name in ("made", "target_scale")}


@dataclass(frozen=True)
class FittedLinear:
    """Coefficients.

    Args:
        weights: Shape `(p, width)`; one column for two classes.
        bias: Shape `(width,)`.
        center: Mean and deviation of the target, shape `(2,)`, for numbers.
        makes: What the outputs are.
        bounds: Smallest and largest target seen, widened by a tenth of their distance, for numbers: no prediction leaves them.
    """

    weights: np.ndarray
    bias: np.ndarray
    center: np.ndarray
    makes: Makes
    bounds: np.ndarray
    rounds: tuple[int, ...] = ()

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives probabilities or numbers."""
        score = np.asarray(rows.X @ self.weights, dtype="float64") + self.bias
        if self.makes is Makes.VALUES:
            return np.clip(score * self.center[1] + self.center[0], self.bounds[0], self.bounds[1])
        if score.shape[1] == 1:
            up = 1 / (1 + np.exp(-np.clip(score, -CLIP, CLIP)))
            return np.hstack([1 - up, up])
        score = np.exp(score - score.max(axis=1, keepdims=True))
        return score / score.sum(axis=1, keepdims=True)

    def save(self) -> Files:
        """Gives the coefficients as arrays."""
        arrays = {"weights": self.weights, "bias": self.bias, "center": self.center, "bounds": self.bounds}
        return {"linear.npz": pack_arrays({**arrays, "makes": np.array([str(self.makes)])})}


class Linear:
    """Linear models with an L2 or elastic-net penalty (scikit-learn)."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES})
    needs = Needs(category="onehot", missing="fill", scale=True, text="tfidf")
    package = None
    devices = frozenset({"cpu"})
    in_rounds = False
    rate = ""
    span = ""

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """`C` for labels, `alpha` and `l1_ratio` for numbers, as scikit-learn names them."""
        if goal.makes is Makes.VALUES:
            return {"alpha": Float(1e-6, 1e6, log=True), "l1_ratio": Float(0, 1), **SEES}
        return {"C": Float(1e-6, 1e6, log=True), **SEES}

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """The strength of the penalty."""
        if shape.goal.makes is Makes.VALUES:
            return {"alpha": Float(1e-3, 1e3, log=True), "l1_ratio": Choice((0.0, 0.5))}
        return {"C": Float(0.1, 300.0, log=True) if shape.terms else Float(1e-3, 100.0, log=True)}

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """A medium penalty, then a stronger and a weaker one."""
        if shape.goal.makes is Makes.VALUES:
            return [{"alpha": 10.0, "l1_ratio": 0.0}, {"alpha": 1.0, "l1_ratio": 0.0}]
        return [{"C": 10.0}, {"C": 30.0}] if shape.terms else [{"C": 1.0}, {"C": 0.1}]

    def least_seconds(self, shape: Shape) -> float:
        """Gives little: it ends when it has converged."""
        return 0.5

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedLinear:
        """Fits by L-BFGS, ridge's own solvers, or coordinate descent."""
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            if goal.makes is Makes.VALUES:
                return _fit_values(train, params, limits)
            return _fit_labels(train, params, goal, limits)

    def load(self, files: Files) -> FittedLinear:
        """Reads the coefficients."""
        arrays = unpack_arrays(files["linear.npz"])
        makes = Makes(str(arrays["makes"][0]))
        return FittedLinear(arrays["weights"], arrays["bias"], arrays["center"], makes, arrays["bounds"])


def _fit_labels(train: Rows, params: Mapping[str, Any], goal: Goal, limits: Limits) -> FittedLinear:
    from sklearn.linear_model import LogisticRegression

    width = 1 if goal.width == 2 else goal.width
    weights, bias = np.zeros((train.prepared.X.shape[1], width)), np.full(width, -CLIP)
    present = np.unique(train.y)
    if len(present) == 1:
        bias[0 if width == 1 else present[0]] = 0.0 if width > 1 else CLIP if present[0] else -CLIP
        return FittedLinear(weights, bias, np.array([0.0, 1.0]), goal.makes, np.array([0.0, 1.0]))
    model = LogisticRegression(C=params["C"], max_iter=300, tol=1e-4, random_state=limits.seed)
    model.fit(train.prepared.X, train.y, sample_weight=train.weight)
    columns = [0] if width == 1 else list(present)
    if len(present) == 2 and width > 1:  # scikit-learn then gives the odds of the second class only
        bias[present[0]], columns = 0.0, [present[1]]
    weights[:, columns], bias[columns] = model.coef_.T, model.intercept_
    return FittedLinear(weights, bias, np.array([0.0, 1.0]), goal.makes, np.array([0.0, 1.0]))


def _fit_values(train: Rows, params: Mapping[str, Any], limits: Limits) -> FittedLinear:
    from sklearn.linear_model import ElasticNet, Ridge

    center = np.array([np.average(train.y, weights=train.weight), train.y.std() or 1.0])
    y = (train.y - center[0]) / center[1]
    ratio = params.get("l1_ratio", 0.0)
    model: Any = Ridge(alpha=params["alpha"], random_state=limits.seed)
    if ratio > 0:
        model = ElasticNet(alpha=params["alpha"] / len(y), l1_ratio=ratio, random_state=limits.seed, max_iter=2000)
    model.fit(train.prepared.X, y, sample_weight=train.weight)
    weights = np.asarray(model.coef_, dtype="float64").reshape(-1, 1)
    low, high = float(train.y.min()), float(train.y.max())
    bounds = np.array([low - 0.1 * (high - low), high + 0.1 * (high - low)])
    return FittedLinear(weights, np.array([float(model.intercept_)]), center, Makes.VALUES, bounds)
