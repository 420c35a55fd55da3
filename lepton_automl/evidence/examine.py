"""What the untouched test rows say. Their labels are read here and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.evidence.bootstrap import measures
from lepton_automl.evidence.decision import Decision
from lepton_automl.evidence.pictures import picture_data
from lepton_automl.measure import Measure
from lepton_automl.tasks import Makes, Task

Score = Callable[[pd.DataFrame], np.ndarray]
IMPORTANCE_ROWS = 1_000


@dataclass(frozen=True)
class EvidenceSettings:
    """How sure the figures are made.

    Args:
        confidence: Confidence of the intervals.
        resamples: Bootstrap resamples.
        importance: Whether features are permuted.
        seed: Seed of everything random in it.
        deadline: Moment (seconds since the epoch) by which resampling and permuting end; infinite where no clock may decide.
    """

    confidence: float = 0.95
    resamples: int = 500
    importance: bool = True
    seed: int = 0
    deadline: float = float("inf")


@dataclass(frozen=True)
class Evidence:
    """What is known of the model that will be served.

    Args:
        kind: `test`, or `out of fold` where no test rows were set aside.
        n: Rows it rests on.
        scores: Metric to measure.
        baseline: Metric to the baseline's measure.
        metric: Name of the metric that was optimised.
        value: Mean worth of a row at the decision's line, or none.
        pictures: Data of the pictures.
        importance: Feature to the loss that permuting it costs, the largest first.
        importance_of: Features that were permuted, and how many there are.
        predict_seconds: Wall clock of scoring all rows at once.
        confidence: Confidence of the intervals.
        resamples: Bootstrap resamples they rest on.
    """

    kind: str
    n: int
    scores: dict[str, Measure]
    baseline: dict[str, Measure]
    metric: str
    value: Measure | None = None
    pictures: dict[str, Any] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)
    importance_of: tuple[int, int] = (0, 0)
    predict_seconds: float = 0.0
    confidence: float = 0.95
    resamples: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Gives the evidence as plain JSON data."""
        return {
            **vars(self),
            "scores": {name: measure.to_dict() for name, measure in self.scores.items()},
            "baseline": {name: measure.to_dict() for name, measure in self.baseline.items()},
            "value": None if self.value is None else self.value.to_dict(),
            "importance_of": list(self.importance_of),
        }


def examine(
    score: Score,
    rows: Dataset,
    task: Task,
    baseline: np.ndarray,
    decision: Decision,
    settings: EvidenceSettings,
    weight: np.ndarray | None = None,
) -> Evidence:
    """Judges what will be served on test rows.

    Args:
        score: Gives the prediction, shape `(n, width)`, of typed rows.
        rows: The test rows, with their targets.
        task: What is predicted.
        baseline: The baseline's prediction of the same rows, shape `(n, width)`.
        decision: The line that was drawn.
        settings: How sure the figures are made.
        weight: Row weights, shape `(n,)`, or none.
    """
    started = time.perf_counter()
    prediction = score(rows.frame)
    seconds = time.perf_counter() - started
    y = task.encode(rows.values(task.target))
    evidence = judge(y, prediction, baseline, task, decision, settings, weight)
    importance, of = _importance(score, rows, task, y, weight, settings) if settings.importance else ({}, (0, 0))
    return Evidence(**{**vars(evidence), "importance": importance, "importance_of": of, "predict_seconds": seconds})


def judge(
    y: np.ndarray,
    prediction: np.ndarray,
    baseline: np.ndarray,
    task: Task,
    decision: Decision,
    settings: EvidenceSettings,
    weight: np.ndarray | None = None,
    kind: str = "test",
) -> Evidence:
    """Judges predictions that are made already, such as out-of-fold ones."""
    seconds = (settings.deadline - time.time()) * (0.5 if settings.importance else 0.9)
    args = (y, prediction, weight, settings.resamples, settings.confidence, settings.seed, seconds)
    scores, made = measures(task.metrics, *args)
    below = {m.name: Measure(v := m.of(y, baseline, weight), v, v, len(y)) for m in task.metrics}
    return Evidence(
        kind,
        len(y),
        scores,
        below,
        task.metric.name,
        _value(y, prediction, decision, settings),
        picture_data(task, y, prediction, settings.seed, decision.threshold),
        confidence=settings.confidence,
        resamples=made,
    )


def _value(y: np.ndarray, prediction: np.ndarray, decision: Decision, settings: EvidenceSettings) -> Measure | None:
    if decision.payoff is None or decision.threshold is None:
        return None
    worth = decision.payoff.of(y == 1, prediction[:, 1] >= decision.threshold)
    rng = np.random.default_rng(settings.seed)
    means = [worth[rng.integers(0, len(worth), len(worth))].mean() for _ in range(settings.resamples)]
    tail = (1 - settings.confidence) / 2
    low, high = (float(q) for q in np.quantile(means, [tail, 1 - tail]))
    return Measure(float(worth.mean()), low, high, len(worth), decision.currency)


def _importance(
    score: Score, rows: Dataset, task: Task, y: np.ndarray, weight: np.ndarray | None, settings: EvidenceSettings
) -> tuple[dict[str, float], tuple[int, int]]:
    """Permutes one feature at a time; gives how much the loss grows.

    Source: Breiman (2001), "Random forests", Machine Learning 45, section 10.
    """
    rng = np.random.default_rng(settings.seed)
    pick = np.sort(rng.permutation(len(y))[:IMPORTANCE_ROWS])
    frame, target = rows.frame.iloc[pick].reset_index(drop=True), y[pick]
    mine = None if weight is None else weight[pick]
    whole = task.metric.loss(target, score(frame), mine)
    names = [column.name for column in rows.features]
    found: dict[str, float] = {}
    longest = 0.0
    for name in names:
        started = time.time()
        if started + longest > settings.deadline:
            break
        order = rng.permutation(len(frame))
        shuffled = frame.assign(**{name: frame[name].iloc[order].reset_index(drop=True)})
        found[name] = float(task.metric.loss(target, score(shuffled), mine) - whole)
        longest = max(longest, time.time() - started)
    ranked = dict(sorted(found.items(), key=lambda item: -item[1]))
    return ranked, (len(found), len(names))


def has_line(task: Task) -> bool:
    """Says whether a line can be drawn: between two labels."""
    return task.goal.makes is Makes.PROBABILITIES and task.goal.width == 2
