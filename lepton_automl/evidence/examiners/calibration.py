"""Calibration: does it happen as often as it is said?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lepton_automl.evidence.bootstrap import interval_of
from lepton_automl.evidence.chapter import Chapter, Judged
from lepton_automl.evidence.decision import DecisionSettings
from lepton_automl.tasks import Makes, Task

FIGURES = ("ece", "brier_score", "reliability", "resolution")


@dataclass(frozen=True)
class Calibrated:
    """Expected calibration error and the parts of the Brier score, of the positive label or of the most probable one.

    Args:
        bins: Bins of equally many rows.

    Source: Naeini et al. (2015), "Obtaining well calibrated probabilities using Bayesian binning", AAAI; Murphy (1973), "A new
    vector partition of the probability score", Journal of Applied Meteorology 12, 595-600.
    """

    bins: int = 10
    name: str = "calibration"

    def figures(self, task: Task, decision: DecisionSettings) -> tuple[str, ...]:
        """Gives its figures; none where no probabilities are made."""
        return FIGURES if task.goal.makes is Makes.PROBABILITIES else ()

    def examine(self, judged: Judged, until: float) -> Chapter:
        """Writes the chapter; of several labels it looks at the most probable one of each row."""
        if judged.task.goal.makes is not Makes.PROBABILITIES:
            return Chapter()
        if judged.prediction.shape[1] == 2:
            said, hit = judged.prediction[:, 1], judged.y == 1
        else:
            said, hit = judged.prediction.max(axis=1), judged.y == judged.prediction.argmax(axis=1)
        place = bins_of(said, self.bins)
        weight = np.ones(len(said)) if judged.weight is None else judged.weight

        def parts(times: np.ndarray) -> np.ndarray:
            return np.array(brier_parts(said, hit, place, weight * times))

        found = interval_of(parts, judged, until)
        return Chapter(dict(zip(FIGURES, found, strict=True)), {"bins": self.bins})


def bins_of(said: np.ndarray, bins: int) -> np.ndarray:
    """Gives each row its bin of equally many rows, shape `(n,)`; rows with the same probability share one."""
    edges = np.unique(np.quantile(said, np.linspace(0, 1, bins + 1)))
    return np.clip(np.searchsorted(edges, said, side="right") - 1, 0, max(0, len(edges) - 2))


def brier_parts(said: np.ndarray, hit: np.ndarray, place: np.ndarray, weight: np.ndarray) -> tuple[float, float, float, float]:
    """Gives expected calibration error, Brier score, reliability and resolution.

    Args:
        said: Probabilities, shape `(n,)`.
        hit: Whether it happened, shape `(n,)`.
        place: Bin of each row, shape `(n,)`.
        weight: Row weights, shape `(n,)`.

    >>> said, hit = np.array([0.2, 0.2, 0.8, 0.8]), np.array([False, False, True, True])
    >>> [round(part, 3) for part in brier_parts(said, hit, np.array([0, 0, 1, 1]), np.ones(4))]
    [0.2, 0.04, 0.04, 0.25]
    """
    total = weight.sum()
    rows = np.bincount(place, weight)
    kept = rows > 0
    mean = np.bincount(place, weight * said)[kept] / rows[kept]
    rate = np.bincount(place, weight * hit)[kept] / rows[kept]
    share, overall = rows[kept] / total, float((weight * hit).sum() / total)
    gap = mean - rate
    brier = float((weight * (said - hit) ** 2).sum() / total)
    return (
        float((share * np.abs(gap)).sum()),
        brier,
        float((share * gap**2).sum()),
        float((share * (rate - overall) ** 2).sum()),
    )
