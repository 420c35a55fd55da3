"""Conformal: intervals and sets of labels, and how often they hold the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Role
from lepton_automl.ensemble import Conformal, Promise, learn_conformal
from lepton_automl.evidence.bootstrap import interval_of
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.tasks import Makes, Task

GROUPS, LEAST_ROWS = 12, 20
"""Groups that are shown, the largest first, and the rows that each of them has at least."""
SHOWN = 60
"""Rows that the picture shows."""


@dataclass(frozen=True)
class Intervals:
    """Learns thresholds on training rows that the models had not seen, and counts on the judged rows how often they hold.

    Where the judged rows are those very rows, a random half of them learns and the other half is counted.

    Args:
        levels: Shares of rows to hold the truth, each in (0, 1).
        sets: How sets of labels are made: `lac`, the smallest, which may be empty, or `aps`, never empty.
        bins: Most bins of predicted values, each with a width of its own, where numbers are predicted.
        delivered: Whether the thresholds are in the artefact; the chapter is the same.

    Source: see `lepton_automl/ensemble/conformal.py`.
    """

    levels: Sequence[float] = (0.8, 0.9)
    sets: str = "lac"
    bins: int = 5
    delivered: bool = True
    name: str = "conformal"

    @property
    def promise(self) -> Promise:
        """What is to be learned."""
        return Promise(tuple(sorted(set(self.levels))), self.sets, self.bins)

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives coverage, and width or size, of each level."""
        size = {Makes.PROBABILITIES: "set_size", Makes.VALUES: "width", Makes.QUANTILES: "width"}.get(task.goal.makes)
        if size is None:
            return ()
        return tuple(f"{word}_{level_name(level)}" for level in self.promise.levels for word in ("coverage", size))

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter."""
        names = self.figures(judged.task, DecisionSettings())
        if not names:
            return Chapter()
        judged, learned, from_rows = _parted(judged, self.promise)
        if learned is None:
            return Chapter()
        hit, size = held_and_size(learned, judged.y, judged.prediction)
        weight = np.ones(len(judged.y)) if judged.weight is None else judged.weight

        def parts(times: np.ndarray) -> np.ndarray:
            mine = weight * times
            total = mine.sum()
            return np.stack([hit @ mine / total, size @ mine / total], axis=1).ravel()

        figures = dict(zip(names, interval_of(parts, judged, until), strict=True))
        content: dict[str, Any] = {
            "kind": learned.kind,
            "levels": list(learned.levels),
            "rows": from_rows,
            "delivered": self.delivered,
            "groups": groups_of(judged, hit, learned.levels),
            **(_set_sizes(learned, judged) if learned.has_sets else _shown(learned, judged)),
        }
        return Chapter(figures, content, _notes(judged))


def level_name(level: float) -> str:
    """Names a level as figures and columns do.

    >>> level_name(0.9), level_name(0.975)
    ('90', '97_5')
    """
    return f"{100 * level:g}".replace(".", "_")


def held_and_size(learned: Conformal, y: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives for each level and row whether the truth is held, and the width or the number of labels; each `(levels, n)`."""
    if learned.has_sets:
        sets = learned.sets(values)
        return sets[:, np.arange(len(y)), y].astype("float64"), sets.sum(axis=2).astype("float64")
    low, high = learned.intervals(values)
    return ((low <= y) & (y <= high)).astype("float64"), high - low


def _parted(judged: Judged, promise: Promise) -> tuple[Judged, Conformal | None, int]:
    """Gives the rows to count on, what was learned, and of how many rows."""
    goal, held = judged.task.goal, judged.held_out
    if held is not None:
        return judged, learn_conformal(held.y, held.values, goal, promise, held.weight, held.averaging), len(held.y)
    unit = np.arange(len(judged.y)) if judged.block is None else judged.block
    order = np.random.default_rng(judged.seed).permutation(int(unit.max()) + 1)
    learns = np.isin(unit, order[: len(order) // 2])
    weight = None if judged.weight is None else judged.weight[learns]
    learned = learn_conformal(judged.y[learns], judged.prediction[learns], goal, promise, weight)
    return judged.part(~learns), learned, int(learns.sum())


def groups_of(judged: Judged, hit: np.ndarray, levels: Sequence[float]) -> list[dict[str, Any]]:
    """Gives rows and coverage of the largest groups that the split keeps together; the widest level counts."""
    name = judged.rows.name_of(Role.GROUP) or judged.rows.name_of(Role.SERIES)
    if name is None:
        return []
    places, names = pd.factorize(judged.rows.values(name))
    found: list[dict[str, Any]] = []
    for place in np.argsort(-np.bincount(places[places >= 0], minlength=len(names)), kind="stable")[:GROUPS]:
        here = places == place
        if here.sum() >= LEAST_ROWS:
            shares = [float(row[here].mean()) for row in hit]
            found.append({"group": len(found) + 1, "n": int(here.sum()), "coverage": shares})
    return found


def _set_sizes(learned: Conformal, judged: Judged) -> dict[str, Any]:
    """Gives the share of rows with each number of labels, for each level: 0, 1, 2, 3 and more."""
    counts = np.minimum(learned.sets(judged.prediction).sum(axis=2), 3)
    return {"sizes": [[float((row == number).mean()) for number in range(4)] for row in counts]}


def _shown(learned: Conformal, judged: Judged) -> dict[str, Any]:
    """Gives a sample of rows in the order of their prediction, with the interval of the widest level and the truth."""
    rng = np.random.default_rng(judged.seed)
    pick = rng.permutation(len(judged.y))[:SHOWN]
    values = judged.prediction[pick]
    low, high = (ends[-1] for ends in learned.intervals(values))
    middle = values[:, values.shape[1] // 2]
    order = np.argsort(middle, kind="stable")
    columns = (middle, low, high, judged.y[pick])
    return {"sample": [[float(column[i]) for column in columns] for i in order if np.isfinite(low[i])]}


def _notes(judged: Judged) -> tuple[str, ...]:
    if judged.held_out is None:
        return ("coverage was counted on half of the out-of-fold rows; the other half set the widths",)
    if judged.rows.name_of(Role.TIME) is not None:
        return ("rows follow each other in time: coverage is measured, not promised",)
    return ()
