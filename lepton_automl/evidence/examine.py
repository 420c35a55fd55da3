"""What the untouched test rows say. Their labels are read here and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lepton_automl.evidence.bootstrap import measures
from lepton_automl.evidence.chapter import Chapter, Examiner, Judged, share_of, write_chapters
from lepton_automl.evidence.pictures import picture_data
from lepton_automl.evidence.power import events_of, underpowered
from lepton_automl.measure import Measure
from lepton_automl.tasks import VALUE, Makes, Task

IMPORTANCE_ROWS = 1_000
SCORES_SHARE = 0.35
"""Of the seconds left for the evidence, what the intervals of the metrics may take."""
CHAPTERS_SHARE = 0.8
"""Of the seconds that are left then, what the chapters may take at least; more where permuting features takes little."""


@dataclass(frozen=True)
class EvidenceSettings:
    """How sure the figures are made.

    Args:
        confidence: Confidence of the intervals.
        resamples: Bootstrap resamples.
        importance: Whether features are permuted.
        seed: Seed of everything random in it.
        examiners: Who writes which chapter, in order.
        deadline: Moment (seconds since the epoch) by which all of it ends; infinite where no clock may decide.
    """

    confidence: float = 0.95
    resamples: int = 500
    importance: bool = True
    seed: int = 0
    examiners: tuple[Examiner, ...] = ()
    deadline: float = float("inf")

    @property
    def chapters_share(self) -> float:
        """Share of the run's seconds that the chapters want set aside, all together."""
        return sum(share_of(examiner) for examiner in self.examiners)


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
        chapters: Name of an examiner to what it found.
        underpowered: Figure (a metric, or `value_per_row`) to why the sample can not carry it.
        looks: Runs that looked at these test rows so far, this one included; none where that is not known.
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
    chapters: Mapping[str, Chapter] = field(default_factory=dict)
    underpowered: Mapping[str, str] = field(default_factory=dict)
    looks: int | None = None

    def figure(self, name: str) -> Measure | None:
        """Gives what a gate may limit: `roc_auc`, `value_per_row`, or `CHAPTER.FIGURE`; none where it was not made."""
        if name == VALUE:
            return self.value
        chapter, _, figure = name.partition(".")
        if chapter in self.chapters:
            return self.chapters[chapter].figures.get(figure)
        return self.scores.get(name)

    def to_dict(self) -> dict[str, Any]:
        """Gives the evidence as plain JSON data."""
        return {
            **vars(self),
            "scores": {name: measure.to_dict() for name, measure in self.scores.items()},
            "baseline": {name: measure.to_dict() for name, measure in self.baseline.items()},
            "value": None if self.value is None else self.value.to_dict(),
            "importance_of": list(self.importance_of),
            "underpowered": dict(self.underpowered),
            "chapters": {name: chapter.to_dict() for name, chapter in self.chapters.items()},
        }


def examine(judged: Judged, settings: EvidenceSettings, kind: str = "test", predict_seconds: float = 0.0) -> Evidence:
    """Judges what will be served: the metrics, then the chapters, then the importance of the features.

    Args:
        judged: The judged rows and what was said of them.
        settings: How sure the figures are made.
        kind: `test`, or `out of fold`.
        predict_seconds: Wall clock of scoring all rows at once.
    """
    task, y, prediction = judged.task, judged.y, judged.prediction
    seconds = _seconds(settings, SCORES_SHARE)
    args = (judged.weight, settings.resamples, judged.confidence, judged.seed, seconds, judged.block)
    scores, made = measures(task.metrics, y, prediction, *args)
    below = {m.name: Measure(v := m.of(y, judged.baseline, judged.weight), v, v, len(y)) for m in task.metrics}
    rule = judged.decision.rule
    pictures = picture_data(task, y, prediction, settings.seed, rule, rule.known(judged.rows.frame))
    ahead = _importance_seconds(judged, settings, predict_seconds)
    chapters = write_chapters(
        judged, settings.examiners, time.time() + max(_seconds(settings, CHAPTERS_SHARE), _seconds(settings, 1) - ahead)
    )
    value = chapters["value"].figures.get("per_row") if "value" in chapters else None
    if task.metric.name == VALUE and value is not None:
        scores[VALUE] = value
    importance, of = _importance(judged, settings)
    return Evidence(
        kind,
        len(y),
        scores,
        below,
        task.metric.name,
        value,
        pictures,
        importance,
        of,
        predict_seconds,
        settings.confidence,
        made,
        chapters,
        _marks(judged, scores, below, chapters),
    )


def _seconds(settings: EvidenceSettings, share: float) -> float:
    """Gives a share of the seconds that are left."""
    return (settings.deadline - time.time()) * share


def _marks(
    judged: Judged, scores: Mapping[str, Measure], below: Mapping[str, Measure], chapters: Mapping[str, Chapter]
) -> dict[str, str]:
    """Gives the headline figures that the sample can not carry; the worth is held against giving every row one label."""
    figures, baseline = dict(scores), {name: measure.value for name, measure in below.items()}
    ways = chapters["value"].content.get("ways", {}) if "value" in chapters else {}
    if "all_positive" in ways:
        figures[VALUE] = chapters["value"].figures["per_row"]
        baseline[VALUE] = max(ways["all_positive"], ways["all_negative"])
    return underpowered(figures, baseline, events_of(judged.task, judged.y))


def _importance_seconds(judged: Judged, settings: EvidenceSettings, predict_seconds: float) -> float:
    """Gives what permuting all features will take about, from what it took to score all judged rows."""
    if judged.score is None or not settings.importance:
        return 0.0
    part = min(1.0, IMPORTANCE_ROWS / max(1, len(judged.y)))
    return 1.5 * (len(judged.rows.features) + 1) * predict_seconds * part


def _importance(judged: Judged, settings: EvidenceSettings) -> tuple[dict[str, float], tuple[int, int]]:
    """Permutes one feature at a time; gives how much the loss grows.

    Source: Breiman (2001), "Random forests", Machine Learning 45, section 10.
    """
    if judged.score is None or not settings.importance:
        return {}, (0, 0)
    rng, metric = np.random.default_rng(settings.seed), judged.task.metric
    pick = np.sort(rng.permutation(len(judged.y))[:IMPORTANCE_ROWS])
    frame, target = judged.rows.frame.iloc[pick].reset_index(drop=True), judged.y[pick]
    mine = None if judged.weight is None else judged.weight[pick]
    whole = metric.loss(target, judged.score(frame), mine)
    names = [column.name for column in judged.rows.features]
    found: dict[str, float] = {}
    longest = 0.0
    for name in names:
        started = time.time()
        if started + longest > settings.deadline:
            break
        order = rng.permutation(len(frame))
        shuffled = frame.assign(**{name: frame[name].iloc[order].reset_index(drop=True)})
        found[name] = float(metric.loss(target, judged.score(shuffled), mine) - whole)
        longest = max(longest, time.time() - started)
    ranked = dict(sorted(found.items(), key=lambda item: -item[1]))
    return ranked, (len(found), len(names))


def has_line(task: Task) -> bool:
    """Says whether a line can be drawn: between two labels."""
    return task.goal.makes is Makes.PROBABILITIES and task.goal.width == 2
