"""What a feature holds beside the target: how a strong feature is told from a copy with noise."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import pandas as pd

from lepton_automl.governance.power import Sample, ranks_of, score_of
from lepton_automl.governance.protocol import Subject

ROWS, BINS = 10_000, 100
CHANCE = 1.5
"""Added to the largest of `p` correlations of random numbers, in standard errors."""
SURE = 1.5
"""Times the largest correlation by chance, from which one is none by chance."""
ALIKE = 0.98


class Beside(StrEnum):
    """Whether a feature goes with others among rows of the same target."""

    NOTHING = "nothing"
    SOMETHING = "something"
    UNKNOWN = "unknown"


def look_beside(subject: Subject, sample: Sample, names: list[str], suspects: list[str]) -> dict[str, Beside]:
    """Says of features whether there is more in them than the target.

    Args:
        subject: What a rule looks at.
        sample: The training rows to look at.
        names: Features that they may go with, themselves among them.
        suspects: The features that are asked about.
    """
    if not suspects:
        return {}
    aim = (sample.y == np.bincount(sample.y).argmax()).astype("float64") if sample.is_label else sample.y
    scores = np.column_stack([ranks_of(score_of(sample.values(subject, name), aim)) for name in names])
    return dict(zip(suspects, beside(scores, _strata(sample), [names.index(name) for name in suspects]), strict=True))


def beside(scores: np.ndarray, strata: np.ndarray, suspects: list[int]) -> list[Beside]:
    """Says of columns whether they go with another column among rows of the same target.

    `NOTHING` is said only where other columns go with the target so well that a column that holds more would be found out.

    Args:
        scores: Ranks, shape `(n, p)`.
        strata: Number of the rows' target, alike for rows of the same, shape `(n,)`.
        suspects: Positions of the columns that are asked about.
    """
    n, p = scores.shape
    limit = (np.sqrt(2 * np.log(max(2, p))) + CHANCE) / np.sqrt(n)
    counts = np.bincount(strata)
    rest = np.empty_like(scores)
    for j in range(p):
        means = np.bincount(strata, weights=scores[:, j]) / np.maximum(counts, 1)
        rest[:, j] = scores[:, j] - means[strata]
    whole, within = standard(scores), standard(rest)
    answers = []
    for j in suspects:
        with_all, with_rest = np.abs(whole.T @ whole[:, j]) / n, np.abs(within.T @ within[:, j]) / n
        others = (np.arange(p) != j) & (with_all < ALIKE)
        most = float(with_rest[others].max(initial=0.0))
        if most > SURE * limit:
            answers.append(Beside.SOMETHING)
        else:
            can_tell = most <= limit and bool((with_all[others] > 2 * limit).any())
            answers.append(Beside.NOTHING if can_tell else Beside.UNKNOWN)
    return answers


def balanced(sample: Sample, most: int = ROWS) -> Sample:
    """Gives at most so many rows, of two labels no more than three of one for each of the other.

    Args:
        sample: Rows drawn without order.
        most: Rows to give at most.
    """
    rows, y = np.arange(len(sample.y)), sample.y
    if sample.width == 2:
        rare = max(1, int(np.bincount(y, minlength=2).min()))
        few = 3 * min(rare, most // 4)
        rows = np.sort(np.concatenate([np.flatnonzero(y == k)[:few] for k in (0, 1)]))
    rows = rows[:most]
    return Sample(sample.rows[rows], y[rows], sample.width, sample.of)


def _strata(sample: Sample) -> np.ndarray:
    if sample.is_label:
        return sample.y.astype("int64")
    bins = int(np.clip(len(sample.y) // 20, 2, BINS))
    return np.minimum((pd.Series(sample.y).rank(pct=True).to_numpy() * bins).astype("int64"), bins - 1)


def standard(columns: np.ndarray) -> np.ndarray:
    """Gives columns with mean 0 and deviation 1, shape `(n, p)`; those that do not vary are 0."""
    largest = np.abs(columns).max(axis=0, initial=0.0)
    scaled = columns / np.where(largest > 0, largest, 1.0)
    centred = scaled - scaled.mean(axis=0)
    deviation = centred.std(axis=0)
    return centred / np.where(deviation > 0, deviation, 1.0)
