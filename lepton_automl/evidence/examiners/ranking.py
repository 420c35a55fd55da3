"""Ranking: how much of what is looked for stands at the top?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lepton_automl.evidence.bootstrap import interval_of
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.tasks import Makes, Task

POINTS = 100
"""Points of the curve."""


@dataclass(frozen=True)
class Ranking:
    """Kolmogorov-Smirnov distance; precision, recall and lift when a share of the rows, the most probable ones, is taken.

    Args:
        shares: Shares of the rows that are taken, 0 to 1.

    Source: Kolmogorov-Smirnov distance of the scores of two labels, lift and gain: Hand (2009), "Measuring classifier
    performance", Machine Learning 77, 103-123, and Berry and Linoff (2004), "Data mining techniques", chapter 3.
    """

    shares: Sequence[float] = (0.05, 0.1, 0.2, 0.5)
    name: str = "ranking"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures; none unless there are two labels."""
        if task.goal.makes is not Makes.PROBABILITIES or task.goal.width != 2:
            return ()
        tops = [top_of(share) for share in self.shares]
        return ("ks", *(f"{word}_{top}" for top in tops for word in ("precision", "recall", "lift")))

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter: the figures, and the curve of gains with its lift."""
        names = self.figures(judged.task, DecisionSettings())
        if not names:
            return Chapter()
        curve = Gains(judged.y == 1, judged.prediction[:, 1])
        weight = np.ones(len(judged.y)) if judged.weight is None else judged.weight

        def parts(times: np.ndarray) -> np.ndarray:
            rows, found = curve.ends(weight * times)
            return np.array([distance(rows, found), *(part for share in self.shares for part in top(rows, found, share))])

        rows, found = curve.ends(weight)
        taken = np.linspace(0, 1, POINTS + 1)
        gains = np.interp(taken, rows / rows[-1], found / found[-1]) if found[-1] > 0 else taken
        place, apart = furthest(rows, found)
        content = {
            "shares": list(self.shares),
            "gains": [[float(x), float(v)] for x, v in zip(taken, gains, strict=True)],
            "positive_share": float(found[-1] / rows[-1]),
            "furthest": {"taken": place, "distance": apart},
        }
        return Chapter(dict(zip(names, interval_of(parts, judged, until), strict=True)), content)


def top_of(share: float) -> str:
    """Names a share of the rows as a figure does.

    >>> top_of(0.1), top_of(0.025)
    ('top_10', 'top_2_5')
    """
    return f"top_{100 * share:g}".replace(".", "_")


class Gains:
    """Rows in the order of their score, for many sets of weights; rows with one score stand at one place.

    Args:
        positive: Whether a row is of the positive label, shape `(n,)`.
        score: Score, shape `(n,)`.
    """

    def __init__(self, positive: np.ndarray, score: np.ndarray) -> None:
        self._order = np.argsort(-score, kind="stable")
        self._positive = positive[self._order]
        self._ends = np.flatnonzero(np.append(np.diff(score[self._order]) != 0, True))

    def ends(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gives the weight of all rows, and of the positive ones, down to each score; both begin with 0."""
        mine = weight[self._order]
        rows, found = np.cumsum(mine)[self._ends], np.cumsum(mine * self._positive)[self._ends]
        return np.append(0.0, rows), np.append(0.0, found)


def top(rows: np.ndarray, found: np.ndarray, share: float) -> tuple[float, float, float]:
    """Gives precision, recall and lift of the first share of the rows; of rows with one score a part is taken, as by chance.

    >>> [round(part, 3) for part in top(np.array([0.0, 1, 2, 4]), np.array([0.0, 1, 1, 2]), 0.5)]
    [0.5, 0.5, 1.0]
    """
    taken = share * float(rows[-1])
    hits = float(np.interp(taken, rows, found))
    if found[-1] <= 0:
        return 0.0, float("nan"), float("nan")
    return hits / taken, hits / float(found[-1]), hits / float(found[-1]) / share


def distance(rows: np.ndarray, found: np.ndarray) -> float:
    """Gives the largest distance between the shares of positive and of other rows down to one score."""
    return furthest(rows, found)[1]


def furthest(rows: np.ndarray, found: np.ndarray) -> tuple[float, float]:
    """Gives the share of rows at which the two labels stand furthest apart, and how far; NaN where one label is absent."""
    others = rows - found
    if found[-1] <= 0 or others[-1] <= 0:
        return float("nan"), float("nan")
    apart = np.abs(found / found[-1] - others / others[-1])
    place = int(apart.argmax())
    return float(rows[place] / rows[-1]), float(apart[place])
