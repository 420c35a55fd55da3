"""What a tracker is told, as plain data: no value of the table, no recipe, no secret."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

ENDS = {"value": "", "low": "_low", "high": "_high"}
"""What the three figures of an interval are called behind its name."""


@dataclass(frozen=True)
class Told:
    """A trial that has ended, and how the search stands with it.

    Args:
        number: Its number, from 0.
        model: Name of its family.
        origin: `start`, `probe`, `sampled` or `recorded`.
        state: `done`, `pruned`, `skipped` or `failed`.
        score: Mean of its folds in the metric's own sense, or none before the first.
        best: The best of all complete trials in the same sense, or none.
        seconds: Wall clock of its fits, added up.
        at: Seconds since the run began.
        params: Its parameters, under the library's own names.
        folds: Fold and score, in order.
        curves: Fold and its points (round, loss as the library counts it); empty where a fit tells none.
        counts: State to number of trials.
    """

    number: int
    model: str
    origin: str
    state: str
    score: float | None
    best: float | None
    seconds: float
    at: float
    params: Mapping[str, Any]
    folds: tuple[tuple[int, float], ...]
    curves: tuple[tuple[int, tuple[tuple[int, float], ...]], ...]
    counts: Mapping[str, int]

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Told:
        """Makes it of JSON data."""
        known = {field.name: content[field.name] for field in fields(cls)}
        curves = tuple((int(fold), tuple((int(a), float(b)) for a, b in points)) for fold, points in content["curves"])
        return cls(**{**known, "folds": tuple((int(a), float(b)) for a, b in content["folds"]), "curves": curves})

    @property
    def ended(self) -> int:
        """Number of trials that have ended, this one included."""
        return sum(count for state, count in self.counts.items() if state != "running")


class Tracker(Protocol):
    """Writes down what happens, for one tool. It is called in this order, and may be slow only where it works aside."""

    def on_start(self, facts: Mapping[str, Any]) -> None:
        """The search begins.

        Args:
            facts: `run`, `recipe`, `title`, `recipe_hash`, `version`, `task`, `metric`, `is_score`, `models`, `rows`,
                `columns`, `folds`, `budget_seconds`, `budget_trials`, `threads`, `seed`, and `started` in seconds since the
                epoch.
        """
        ...

    def on_trial(self, told: Told) -> None:
        """A trial has ended."""
        ...

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """The run is finished.

        Args:
            figures: The content of `metrics.json`.
        """
        ...

    def close(self, finished: bool) -> None:
        """Nothing more comes; says whether the run was finished."""
        ...


def flat(figures: Mapping[str, Any], head: str = "") -> dict[str, float]:
    """Gives the finite numbers of nested figures, their names joined by `/`; an interval `value, low, high` keeps its name.

    >>> flat({"test": {"roc_auc": {"value": 0.8, "low": 0.7, "high": 0.9}}, "seed": 3, "task": "binary"})
    {'test/roc_auc': 0.8, 'test/roc_auc_low': 0.7, 'test/roc_auc_high': 0.9, 'seed': 3.0}
    """
    found: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping) and "value" in value:
            found.update(flat({f"{head}{name}{tail}": value.get(end) for end, tail in ENDS.items()}))
        elif isinstance(value, Mapping):
            found.update(flat(value, f"{head}{name}/"))
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            found[f"{head}{name}"] = float(value)
    return found
