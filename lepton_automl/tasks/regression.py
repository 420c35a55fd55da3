"""A number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.errors import Problem
from lepton_automl.tasks.deciding import NOTHING, DecisionRule, Known
from lepton_automl.tasks.metrics import METRICS, Metric
from lepton_automl.tasks.prediction import Goal, Labels, Makes
from lepton_automl.tasks.protocol import History, metric_named

REGRESSION_METRICS = ("rmse", "mae", "r2", "mape")


@dataclass(frozen=True)
class Number:
    """A number for each row.

    Args:
        target: Column of the numbers.
        metric: What the search optimises.
        metrics: What the evidence shows.
        dtype: Type the numbers came in.
    """

    target: str
    metric: Metric
    metrics: tuple[Metric, ...]
    dtype: str = "float64"
    labels: Labels | None = None
    history: History | None = None
    mixes: bool = True
    final: str = "folds"
    strata: bool = False

    @property
    def goal(self) -> Goal:
        """One value."""
        return Goal(Makes.VALUES)

    def check(self, data: Dataset, folds: int) -> list[Problem]:
        """Wants numbers that differ, and more rows than folds."""
        return check_numbers(data, self.target, folds)

    def encode(self, raw: pd.Series) -> np.ndarray:
        """Gives the numbers as float64."""
        return raw.to_numpy(dtype="float64", na_value=np.nan)

    def baseline(self, train: Dataset, rows: Dataset) -> np.ndarray:
        """Gives every row the constant that is best for the metric: the median for absolute errors, else the mean."""
        y = self.encode(train.values(self.target))
        constant = np.median(y) if self.metric.name in ("mae", "mape", "wape") else y.mean()
        return np.full((len(rows), 1), constant)

    def output(self, prediction: np.ndarray, rule: DecisionRule, known: Known = NOTHING) -> dict[str, Any]:
        """Gives the number, and the quantity to order where there is one.

        Whole targets are predicted as real numbers: rounding is the reader's to decide.
        """
        order = {} if rule.level is None else {"order": rule.quantity(prediction, ())}
        return {"prediction": pd.Series(prediction[:, 0]), **order}

    def state(self) -> dict[str, Any]:
        """Gives the task as plain JSON data."""
        return {"kind": "regression", "target": self.target, "metric": self.metric.name, "dtype": self.dtype}


def check_numbers(data: Dataset, target: str, folds: int) -> list[Problem]:
    """Says what keeps a column of numbers from being learned."""
    values = data.values(target)
    key = f"task.target {target}"
    if not pd.api.types.is_numeric_dtype(values):
        return [Problem(key, "does not hold numbers.", "Set task.kind: multiclass, or name another target.")]
    present = values.dropna()
    if present.nunique() < 2:
        shown = f"only the value {present.iloc[0]:g}" if len(present) else "no value at all"
        return [Problem(key, f"holds {shown}.", "There is nothing to learn; check source and target.")]
    if len(present) < 2 * folds:
        message = f"has {len(present)} rows with a target for {folds} folds."
        return [Problem("data.source", message, "Lower split.folds or give more rows.")]
    return []


class Regression:
    """Builds the task."""

    makes = Makes.VALUES
    has_labels = False
    most_classes = 0

    @staticmethod
    def learn(settings: dict[str, Any], raw: pd.Series) -> Number:
        """Makes the task from the recipe's block and the target's values."""
        return _build(settings["target"], settings.get("metric"), str(raw.dtype))

    @staticmethod
    def load(state: dict[str, Any]) -> Number:
        """Makes the task from what `state` gave."""
        return _build(state["target"], state["metric"], state["dtype"])


def _build(target: str, metric: str | None, dtype: str) -> Number:
    fitting = {name: found for name, found in METRICS.items() if Makes.VALUES in found.makes}
    metrics = metric_named(metric, REGRESSION_METRICS, fitting, "regression")
    return Number(target, metrics[0], metrics, dtype)
