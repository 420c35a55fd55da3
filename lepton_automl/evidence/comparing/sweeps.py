"""What the keys that a sweep varied did to the figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.evidence.comparing.distribution import quantile_of_t
from lepton_automl.evidence.comparing.result import Word


@dataclass(frozen=True)
class Effect:
    """What one level of a key does, the other keys held.

    Args:
        key: The recipe key.
        level: Its value, or a band of values.
        runs: Runs that had it.
        mean: Mean figure of these runs.
        effect: Figure at this level minus the mean over all levels of the key; not a number where it can not be told from
            other keys that changed with it.
        low: Lower end of its interval; not a number where there are too few runs for one.
        high: Upper end.
    """

    key: str
    level: str
    runs: int
    mean: float
    effect: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        """Gives the effect as plain JSON data."""
        return dict(vars(self))


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep.

    Args:
        name: Its folder below the sweep's.
        keys: Swept key to its value as text.
        value: The figure.
        low: Lower end of its interval.
        high: Upper end.
        seconds: Wall clock of the run.
        artifact_mb: Size of what it delivers.
        against_best: Beside the best run on the same rows; none for the best itself, and where the rows are not the same.
        difference: The figure minus that of the best run.
        difference_low: Lower end of its interval.
        difference_high: Upper end.
    """

    name: str
    keys: Mapping[str, str]
    value: float
    low: float
    high: float
    seconds: float
    artifact_mb: float
    against_best: Word | None = None
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan

    def to_dict(self) -> dict[str, Any]:
        """Gives the run as plain JSON data."""
        return {
            **vars(self),
            "keys": dict(self.keys),
            "against_best": None if self.against_best is None else str(self.against_best),
        }


@dataclass(frozen=True)
class Sweep:
    """All runs of a sweep, the best first.

    Args:
        name: Folder of the sweep.
        metric: The figure.
        is_score: Whether higher is better.
        target: Column that is predicted.
        runs: The runs.
        effects: What each level of each swept key does.
        unfinished: Name of a run that has no result to why.
        confidence: Confidence of the intervals.
        notices: What a reader must know.
        language: Code of the language that all recipes ask for in pages; English where they differ.
    """

    name: str
    metric: str
    is_score: bool
    target: str
    runs: tuple[SweepRun, ...]
    effects: tuple[Effect, ...]
    unfinished: Mapping[str, str]
    confidence: float
    notices: tuple[str, ...]
    language: str = "en"

    @property
    def keys(self) -> list[str]:
        """The swept keys."""
        return list(self.runs[0].keys)

    def to_dict(self) -> dict[str, Any]:
        """Gives the sweep as plain JSON data."""
        return {
            **vars(self),
            "runs": [run.to_dict() for run in self.runs],
            "effects": [effect.to_dict() for effect in self.effects],
            "unfinished": dict(self.unfinished),
            "notices": list(self.notices),
        }


def main_effects(levels: Mapping[str, Sequence[str]], values: np.ndarray, confidence: float) -> list[Effect]:
    """Gives the effect of each level of each key, the other keys held, by an additive model of all runs.

    Args:
        levels: Key to its level in each run, `n` each.
        values: Figure of each run, shape `(n,)`.
        confidence: Confidence of the intervals.

    Source: ordinary least squares on indicator variables; the effect of a level is the estimable contrast of its coefficient
    with the mean of its key's (Searle 1971, "Linear models", chapter 5).
    """
    names = {key: list(dict.fromkeys(column)) for key, column in levels.items()}
    columns = [(key, level) for key, found in names.items() for level in found]
    X = np.column_stack(
        [
            np.ones(len(values)),
            *(np.array([value == level for value in levels[key]], dtype="float64") for key, level in columns),
        ]
    )
    inverse = np.linalg.pinv(X.T @ X)
    coefficients = inverse @ X.T @ values
    freedom = len(values) - int(np.linalg.matrix_rank(X))
    residual = values - X @ coefficients
    spread = float(residual @ residual) / freedom if freedom > 0 else math.nan
    reach = quantile_of_t(0.5 + confidence / 2, freedom) if freedom > 0 else math.nan
    projection = inverse @ (X.T @ X)
    found = []
    for place, (key, level) in enumerate(columns, 1):
        contrast = np.zeros(X.shape[1])
        for other, (name, _) in enumerate(columns, 1):
            if name == key:
                contrast[other] = (other == place) - 1 / len(names[key])
        mine = X[:, place] == 1
        is_known = bool(np.allclose(contrast @ projection, contrast, atol=1e-8)) and len(names[key]) > 1
        effect = float(contrast @ coefficients) if is_known else math.nan
        half = (
            reach * math.sqrt(max(float(contrast @ inverse @ contrast) * spread, 0.0)) if is_known and freedom > 0 else math.nan
        )
        found.append(Effect(key, level, int(mine.sum()), float(values[mine].mean()), effect, effect - half, effect + half))
    return found


MOST_LEVELS = 8
"""Levels of a key that are told apart; numbers with more are cut into thirds."""


def banded(values: Sequence[Any]) -> list[str]:
    """Gives the level of each value as text; many different numbers become three bands of about equal runs.

    >>> banded([1, 2, 2]), banded([0.1 * k for k in range(9)])[::4]
    (['1', '2', '2'], ['up to 0.267', '0.267 to 0.533', 'over 0.533'])
    """
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(values) or len(set(texts)) <= MOST_LEVELS:
        return texts
    low, high = np.quantile(np.asarray(numbers, dtype="float64"), [1 / 3, 2 / 3])
    names = (f"up to {low:.3g}", f"{low:.3g} to {high:.3g}", f"over {high:.3g}")
    return [names[int(value > low) + int(value > high)] for value in numbers]
