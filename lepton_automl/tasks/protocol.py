"""What the engine asks of a task: facts and functions. Nobody asks a task its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.errors import Problem, RecipeError
from lepton_automl.registry import did_you_mean
from lepton_automl.tasks.deciding import NOTHING, DecisionRule, Known
from lepton_automl.tasks.metrics import METRICS, Metric
from lepton_automl.tasks.prediction import Goal, Labels


@dataclass(frozen=True)
class History:
    """How the rows of a table form series, for tasks that look back.

    Args:
        time: Column of the time.
        series: Columns that name a series.
        horizon: Steps to forecast.
        season: Steps in a season.
    """

    time: str
    series: tuple[str, ...]
    horizon: int
    season: int


def metric_named(name: str | None, shown: Sequence[str], fitting: Mapping[str, Metric], kind: str) -> tuple[Metric, ...]:
    """Gives the metrics of a task: the one the search optimises, then the others that the evidence shows.

    Args:
        name: The one that is asked for, or none for the first that is shown.
        shown: Those that the evidence shows.
        fitting: All that fit the task, by name.
        kind: Kind of the task, for the message.

    Raises:
        RecipeError: If the one asked for does not fit.
    """
    chosen = shown[0] if name is None else name
    if chosen not in fitting:
        known = chosen in METRICS
        message = f"{chosen!r} does not fit a {kind} task." if known else f"{chosen!r} is not a metric."
        fix = f"Choose one of: {', '.join(fitting)}." if known else did_you_mean(chosen, fitting)
        raise RecipeError(Problem("task.metric", message, fix))
    return (fitting[chosen], *(fitting[other] for other in shown if other != chosen))


class Task(Protocol):
    """What is predicted, and how it is judged.

    Facts:
        target: Column to predict.
        goal: What a model must make.
        metric: What the search optimises.
        metrics: What the evidence shows, the metric first.
        labels: The labels, of classification; else none.
        history: How rows form series, where the task looks back; else none.
        mixes: Whether predictions of several models may be averaged.
        final: `folds` or `refit`: what is delivered by default.
        strata: Whether folds spread the target's values evenly.
    """

    target: str
    goal: Goal
    metric: Metric
    metrics: tuple[Metric, ...]
    labels: Labels | None
    history: History | None
    mixes: bool
    final: str
    strata: bool

    def check(self, data: Dataset, folds: int) -> list[Problem]:
        """Says what keeps the target from being learned."""
        ...

    def encode(self, raw: pd.Series) -> np.ndarray:
        """Gives the target as numbers or class codes, shape `(n,)`."""
        ...

    def baseline(self, train: Dataset, rows: Dataset) -> np.ndarray:
        """Predicts without any model, shape `(n, width)`: what every model must beat."""
        ...

    def output(self, prediction: np.ndarray, rule: DecisionRule, known: Known = NOTHING) -> dict[str, Any]:
        """Gives the columns of a prediction file: `prediction`, what is decided by the rule, and probabilities or quantiles.

        Args:
            prediction: Shape `(n, width)`.
            rule: What is done with it.
            known: What is known of the rows besides, where the rule needs it.
        """
        ...

    def state(self) -> dict[str, Any]:
        """Gives the task as plain JSON data, for the artefact."""
        ...
