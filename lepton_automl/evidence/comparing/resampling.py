"""Differences of figures by resampling rows, the same rows for both sides."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from lepton_automl.evidence.comparing.distribution import Difference
from lepton_automl.tasks import OfWeights

METHOD = "paired bootstrap"
Pair = tuple[OfWeights, OfWeights]


class Draws:
    """Resamples of rows as sets of row weights: how often each row was drawn.

    Entities are drawn whole; moments in blocks of neighbouring ones, whose number is the cube root of the moments.

    Args:
        n: Rows.
        seed: Seed of the resamples.
        group: Code of each row's entity, shape `(n,)`, or none.
        moment: Number of each row's moment, shape `(n,)`, or none; goes before the entity.

    Source: Davison and Hinkley (1997), "Bootstrap methods and their application", sections 3.8 and 8.2; Politis and Romano
    (1992) for blocks that go on from the last moment to the first.
    """

    def __init__(self, n: int, seed: int, group: np.ndarray | None = None, moment: np.ndarray | None = None) -> None:
        self.rng = np.random.default_rng(seed)
        code = moment if moment is not None else group
        self.code = None if code is None else np.unique(code, return_inverse=True)[1]
        self.units = n if self.code is None else int(self.code.max()) + 1
        self.length = 1 if moment is None else max(1, round(self.units ** (1 / 3)))

    @property
    def method(self) -> str:
        """What is drawn, in words."""
        if self.code is None:
            return METHOD
        return f"{METHOD} of entities" if self.length == 1 else f"{METHOD} of blocks of {self.length} moments"

    @property
    def freedom(self) -> float:
        """Degrees of freedom: what is drawn, less one."""
        return max(1.0, self.units / self.length - 1)

    def weights(self) -> np.ndarray:
        """Gives the weights of one resample, shape `(n,)`."""
        count = math.ceil(self.units / self.length)
        starts = self.rng.integers(0, self.units, count)
        drawn = starts if self.length == 1 else ((starts[:, None] + np.arange(self.length)) % self.units).ravel()
        times = np.bincount(drawn[: self.units], minlength=self.units).astype("float64")
        return times if self.code is None else times[self.code]


def differences(pairs: Sequence[Pair], base: np.ndarray, draws: Draws, resamples: int) -> list[Difference]:
    """Gives the difference of each pair of figures, candidate minus baseline, with its bootstrap standard error.

    Args:
        pairs: Figure of the baseline and of the candidate, each as a function of the row weights.
        base: Weights of the rows themselves, shape `(n,)`.
        draws: The resamples.
        resamples: Number of resamples.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", chapters 6 and 12.
    """
    made = np.full((resamples, len(pairs)), np.nan)
    for number in range(resamples):
        weights = base * draws.weights()
        made[number] = [candidate(weights) - baseline(weights) for baseline, candidate in pairs]
    found = []
    for place, (baseline, candidate) in enumerate(pairs):
        known = made[np.isfinite(made[:, place]), place]
        error = float(known.std(ddof=1)) if len(known) > resamples // 2 else math.nan
        value = candidate(base) - baseline(base)
        found.append(Difference(value, 0.0 if error < 1e-12 * (1 + abs(value)) else error, draws.freedom, draws.method))
    return found


def mean_of(numbers: np.ndarray) -> Callable[[np.ndarray], float]:
    """Gives the mean of one number a row as a function of the row weights."""
    return lambda weight: float(np.dot(numbers, weight) / total) if (total := weight.sum()) > 0 else math.nan
