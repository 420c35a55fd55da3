"""One of two labels, or one of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.data.personal import shown_safely
from lepton_automl.errors import Problem
from lepton_automl.tasks.deciding import NOTHING, REFER, DecisionRule, Known, Payoff
from lepton_automl.tasks.metrics import METRICS, VALUE, Metric, value_metric
from lepton_automl.tasks.prediction import Goal, Labels, Makes
from lepton_automl.tasks.protocol import History, metric_named

MAX_CLASSES = 1_000
BINARY_METRICS = ("roc_auc", "log_loss", "average_precision", "brier_score", "accuracy", "balanced_accuracy", "f1")
MULTICLASS_METRICS = ("log_loss", "accuracy", "balanced_accuracy", "macro_f1", "roc_auc")


@dataclass(frozen=True)
class Classification:
    """Labels with probabilities.

    Args:
        target: Column of the labels.
        metric: What the search optimises.
        metrics: What the evidence shows.
        labels: The labels in order; of two, the positive one last.
        is_binary: Whether the recipe promises two labels.
        payoff: Worth of the outcomes, where the metric is in money.
    """

    target: str
    metric: Metric
    metrics: tuple[Metric, ...]
    labels: Labels
    is_binary: bool
    payoff: Payoff | None = None
    history: History | None = None
    mixes: bool = True
    final: str = "folds"
    strata: bool = True

    @property
    def goal(self) -> Goal:
        """Probabilities, one column a label."""
        return Goal(Makes.PROBABILITIES, len(self.labels.values))

    def check(self, data: Dataset, folds: int) -> list[Problem]:
        """Wants at least two labels that read apart, exactly two where the recipe says so, and enough rows of each."""
        count, key = len(self.labels.values), f"task.target {self.target}"
        if count < 2:
            shown = f"only the value {shown_safely(self.labels.names[0])!r}" if count else "no value at all"
            return [Problem(key, f"holds {shown}.", "There is nothing to learn; check source and target.")]
        if self.is_binary and count != 2:
            shown = ", ".join(map(shown_safely, self.labels.names[:6]))
            fix = "Set task.kind: multiclass, or name another target."
            return [Problem("task.kind", f"is binary, but {self.target!r} has {count} labels: {shown}.", fix)]
        if count > MAX_CLASSES:
            fix = "Is it a number? Then set task.kind: regression."
            return [Problem(key, f"has {count} labels; at most {MAX_CLASSES} are learned.", fix)]
        if not all(isinstance(label, str | int | float) for label in self.labels.values):
            shown = type(self.labels.values[0]).__name__
            return [Problem(key, f"holds labels of the type {shown}.", "Give labels as text, numbers, or true and false.")]
        alike = sorted({name for name in self.labels.names if self.labels.names.count(name) > 1})
        if alike:
            message = f"has labels of different types that read the same: {', '.join(map(shown_safely, alike[:6]))}."
            return [Problem(key, message, "Write each label in one way in the source.")]
        return self._small(data, folds)

    def _small(self, data: Dataset, folds: int) -> list[Problem]:
        """Tells labels with fewer rows than folds."""
        count = len(self.labels.values)
        counts = np.bincount(self.encode(data.values(self.target)) + 1, minlength=count + 1)[1:]
        small = [f"{shown_safely(name)} ({n})" for name, n in zip(self.labels.names, counts, strict=True) if n < folds]
        if small:
            message = f"has labels with fewer rows than the {folds} folds: {', '.join(small[:6])}."
            fix = "Lower split.folds, give more rows, or join rare labels in the source; they are never merged silently."
            return [Problem(f"task.target {self.target}", message, fix)]
        return []

    def encode(self, raw: pd.Series) -> np.ndarray:
        """Gives class codes, -1 where the label is missing or unknown."""
        return self.labels.codes(raw)

    def baseline(self, train: Dataset, rows: Dataset) -> np.ndarray:
        """Gives every row the shares of the labels among the training rows."""
        counts = np.bincount(self.encode(train.values(self.target)), minlength=len(self.labels.values))
        return np.tile(counts / counts.sum(), (len(rows), 1))

    def output(self, prediction: np.ndarray, rule: DecisionRule, known: Known = NOTHING) -> dict[str, Any]:
        """Gives the label, in its own type, and the probability of each.

        Where rows may be for a human there is a column `decision` too: the label, or `refer`. Where worth depends on the
        amount, `expected_gain` says what the positive label is expected to be worth more than the other one.
        """
        codes = prediction.argmax(axis=1)
        is_line = rule.threshold is not None and prediction.shape[1] == 2
        said, referred = rule.said(prediction, known) if is_line else (codes == 1, np.zeros(len(codes), dtype=bool))
        columns: dict[str, Any] = {"prediction": self.labels.decode(said.astype("int64") if is_line else codes)}
        if is_line and (rule.refer_from is not None or rule.amount is not None):
            label = np.asarray(self.labels.names, dtype=object)[said.astype("int64")]
            columns["decision"] = np.where(referred, REFER, label)
        if rule.amount is not None:
            columns["expected_gain"] = rule.score(prediction, known)
        columns.update({f"probability_{name}": prediction[:, k] for k, name in enumerate(self.labels.names)})
        return columns

    def state(self) -> dict[str, Any]:
        """Gives the task as plain JSON data."""
        return {
            "kind": "binary" if self.is_binary else "multiclass",
            "target": self.target,
            "metric": self.metric.name,
            "labels": self.labels.to_dict(),
            **({} if self.payoff is None else {"payoff": self.payoff.to_dict()}),
        }


def build(
    kind: str,
    target: str,
    metric: str | None,
    raw: pd.Series | None,
    labels: Labels | None,
    positive: Any,
    payoff: Payoff | None = None,
) -> Classification:
    """Makes the task from the target's values, or from labels that are known; `payoff` is what the metric in money needs."""
    is_binary = kind == "binary"
    known = labels if labels is not None else Labels.of(raw if raw is not None else pd.Series([]), positive)
    most = 2 if is_binary else MAX_CLASSES
    fitting = {
        name: found for name, found in METRICS.items() if Makes.PROBABILITIES in found.makes and found.classes[1] >= most
    }
    fitting.pop(VALUE, None)
    if payoff is not None and is_binary:
        fitting[VALUE] = value_metric(payoff)
    metrics = metric_named(metric, BINARY_METRICS if is_binary else MULTICLASS_METRICS, fitting, kind)
    return Classification(target, metrics[0], metrics, known, is_binary, payoff=payoff if metrics[0].name == VALUE else None)


class Binary:
    """Builds the task of one of two labels."""

    makes = Makes.PROBABILITIES
    has_labels = True
    most_classes = 2

    @staticmethod
    def learn(settings: dict[str, Any], raw: pd.Series) -> Classification:
        """Makes the task from the recipe's block and the target's values."""
        payoff = settings.get("payoff")
        return build("binary", settings["target"], settings.get("metric"), raw, None, settings.get("positive"), payoff)

    @staticmethod
    def load(state: dict[str, Any]) -> Classification:
        """Makes the task from what `state` gave."""
        labels = Labels(tuple(state["labels"]["values"]), state["labels"]["dtype"])
        payoff = None if state.get("payoff") is None else Payoff.load(state["payoff"])
        return build(state["kind"], state["target"], state["metric"], None, labels, None, payoff)


class Multiclass:
    """Builds the task of one of several labels."""

    makes = Makes.PROBABILITIES
    has_labels = True
    most_classes = MAX_CLASSES

    @staticmethod
    def learn(settings: dict[str, Any], raw: pd.Series) -> Classification:
        """Makes the task from the recipe's block and the target's values."""
        return build("multiclass", settings["target"], settings.get("metric"), raw, None, None)

    load = staticmethod(Binary.load)
