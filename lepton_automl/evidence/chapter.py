"""The chapters of the evidence: what an examiner looks at, and what it hands on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.ensemble import Averaging
from lepton_automl.evidence.decision import Decision, DecisionSettings
from lepton_automl.measure import Measure
from lepton_automl.tasks import DecisionRule, Task

Score = Callable[[pd.DataFrame], np.ndarray]


@dataclass(frozen=True)
class Refitted:
    """What one configuration said of the judged rows when it had learned of shares of the training rows.

    Args:
        points: For each share, rising, the rows learned of, and what each fit said of the judged rows, shape `(n, width)`: none
            where no fit ended, several where the search had fitted as many rows on several folds.
        shared: Share of the rows that two fits of the largest share have in common.
        model: Name of the model.
        notes: Why it is not the best one, or why there are no fits.
    """

    points: Sequence[tuple[int, Sequence[np.ndarray]]]
    shared: float = 0.0
    model: str = ""
    notes: tuple[str, ...] = ()


Refits = Callable[[Sequence[float], float], Refitted]
"""Fits the best configuration whose fits end in time on shares of the training rows, until a moment."""


@dataclass(frozen=True)
class HeldOut:
    """What was said of training rows by models that had not seen them.

    Args:
        rows: The training rows.
        y: Their target, shape `(n,)`.
        values: The prediction, shape `(n, width)`.
        weight: Their weights, shape `(n,)`, or none.
        averaging: What the mean of all folds' models, which is served, errs less than the one that said this; or none.
    """

    rows: Dataset
    y: np.ndarray
    values: np.ndarray
    weight: np.ndarray | None = None
    averaging: Averaging | None = None


@dataclass(frozen=True)
class Rival:
    """A choice that could have been delivered, by what it said of the rows out of fold.

    Args:
        name: What it is made of, in words.
        values: What it said, shape `(m, width)`, of the rows of `held_out`; of the judged rows where those are out of fold.
        rule: What is done with it, by a line of its own that is drawn as the decision's was.
        loss: Its loss on those rows.
        is_delivered: Whether it is what is served.
    """

    name: str
    values: np.ndarray
    rule: DecisionRule
    loss: float
    is_delivered: bool = False


@dataclass(frozen=True)
class Judged:
    """All that an examiner may look at. The choices are made by now: nothing that it finds changes the artefact.

    Args:
        rows: The judged rows, columns that no model sees (protected, evaluation only, group, time) included.
        y: Class codes or numbers, shape `(n,)`.
        prediction: What the artefact says of them, shape `(n, width)`.
        baseline: What the baseline says of them, shape `(n, width)`.
        task: What is predicted.
        decision: The line that was drawn.
        weight: Row weights, shape `(n,)`, or none.
        block: Block of each row, shape `(n,)`, of which resamples draw whole ones; none where rows are independent.
        score: Gives the prediction of typed rows; none where the judged rows are out of fold.
        train: The training rows; or none.
        held_out: What was said of the training rows out of fold; or none.
        refit: Fits again on shares of the training rows; none where that is not to be had.
        confidence: Confidence of the intervals, 0 to 1.
        resamples: Bootstrap resamples of an interval.
        seed: Seed of everything random.
        rivals: Choices that could have been delivered, the one that was among them.
    """

    rows: Dataset
    y: np.ndarray
    prediction: np.ndarray
    baseline: np.ndarray
    task: Task
    decision: Decision
    weight: np.ndarray | None = None
    block: np.ndarray | None = None
    score: Score | None = None
    train: Dataset | None = None
    held_out: HeldOut | None = None
    refit: Refits | None = None
    confidence: float = 0.95
    resamples: int = 500
    seed: int = 0
    rivals: tuple[Rival, ...] = ()

    def of(self, keep: np.ndarray) -> Judged:
        """Gives the same of some of the judged rows only.

        Args:
            keep: Which rows stay, shape `(n,)`, boolean.
        """
        weight, block = (None if values is None else values[keep] for values in (self.weight, self.block))
        if block is not None:
            block = np.unique(block, return_inverse=True)[1]
        sides = {"y": self.y[keep], "prediction": self.prediction[keep], "baseline": self.baseline[keep]}
        return replace(self, rows=self.rows.rows(keep), **sides, weight=weight, block=block)

    def part(self, chosen: np.ndarray) -> Judged:
        """Gives some of the rows.

        Args:
            chosen: Whether a row is among them, shape `(n,)`.
        """
        block = None if self.block is None else np.unique(self.block[chosen], return_inverse=True)[1]
        weight = None if self.weight is None else self.weight[chosen]
        y, prediction, baseline = (values[chosen] for values in (self.y, self.prediction, self.baseline))
        rows = self.rows.rows(chosen)
        return replace(self, rows=rows, y=y, prediction=prediction, baseline=baseline, weight=weight, block=block)


@dataclass(frozen=True)
class Chapter:
    """What an examiner found.

    Args:
        figures: Name to measure; each can be limited by a gate `CHAPTER.NAME`.
        content: Plain data for the page of the chapter.
        notes: What was left out or sampled, a sentence each; they go into the ledger.
        is_whole: Whether all was done; false where time was short or it failed.
    """

    figures: Mapping[str, Measure] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    is_whole: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Gives the chapter as plain JSON data."""
        figures = {name: measure.to_dict() for name, measure in self.figures.items()}
        return {"figures": figures, "content": dict(self.content), "notes": list(self.notes), "is_whole": self.is_whole}


class Examiner(Protocol):
    """Writes one chapter. Frozen data with the settings that the recipe gave."""

    @property
    def name(self) -> str:
        """Name of its chapter, as the recipe, `evidence.json` and gates call it."""
        ...

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives the names of the figures it will make of such a task and decision, for gates to be checked before the run."""
        ...

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter.

        Args:
            judged: What it may look at.
            until: Moment, in seconds since the epoch, from which it leaves out what can be left out; infinite where no clock
                may decide.
        """
        ...


SHARE = 0.003
"""Share of the run's seconds that is set aside for a chapter whose examiner does not say another."""


def share_of(examiner: Examiner) -> float:
    """Gives the share of the run's seconds that an examiner wants set aside: its `share`, if it has one."""
    return float(getattr(examiner, "share", SHARE))


def write_chapters(judged: Judged, examiners: Sequence[Examiner], until: float) -> dict[str, Chapter]:
    """Lets each examiner write its chapter; of the time that is left each gets a part in proportion to its share.

    An examiner that fails leaves an empty chapter that says so: a page is not worth the run.
    """
    chapters: dict[str, Chapter] = {}
    for place, examiner in enumerate(examiners):
        now = time.time()
        if now >= until:
            chapters[examiner.name] = Chapter(notes=("left out: no time",), is_whole=False)
            continue
        left = sum(share_of(later) for later in examiners[place:])
        share = now + (until - now) * share_of(examiner) / left
        try:
            chapters[examiner.name] = examiner.examine(judged, share)
        except Exception as error:  # noqa: BLE001 - the ledger says what it was; its message may hold values
            chapters[examiner.name] = Chapter(notes=(f"failed: {type(error).__name__}",), is_whole=False)
    return chapters
