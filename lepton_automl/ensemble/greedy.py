"""Greedy selection with replacement over out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lepton_automl.ensemble.judges import judge
from lepton_automl.tasks import Metric

MAX_ROWS = 20_000
"""Rows that the selection looks at."""
SCANNED = 50
"""Predictions that are looked at from the third step on: those that did best beside the first member."""


@dataclass(frozen=True)
class Limit:
    """A sum that the members together must keep.

    Args:
        costs: What each prediction adds, shape `(t,)`.
        most: The largest sum.
    """

    costs: np.ndarray
    most: float


@dataclass(frozen=True)
class Prefix:
    """The ensemble after some steps.

    Args:
        counts: How often each prediction is in it, shape `(t,)`.
        loss: Its loss on the rows of the selection.
    """

    counts: np.ndarray
    loss: float

    @property
    def weights(self) -> np.ndarray:
        """Weights that sum to 1, shape `(t,)`."""
        return self.counts / self.counts.sum()


def greedy(
    predictions: Sequence[np.ndarray],
    y: np.ndarray,
    weight: np.ndarray | None,
    metric: Metric,
    steps: int,
    limits: Sequence[Limit] = (),
    max_members: int | None = None,
) -> list[Prefix]:
    """Chooses members one by one.

    At every step the prediction is added, again if need be, that makes the running mean best; ties go to those that are
    already in.

    Args:
        predictions: Of each model, shape `(n, width)`.
        y: Class codes or numbers, shape `(n,)`.
        weight: Weights, shape `(n,)`, or none.
        metric: What is optimised.
        steps: Number of steps.
        limits: What the members together must keep; where none does alone, the cheapest is taken.
        max_members: Most different members.

    Returns:
        The ensemble after each step; one step at least.

    Source: Caruana, Niculescu-Mizil, Crew and Ksikes (2004), "Ensemble selection from libraries of models", ICML.
    """
    pick = _sample(len(y))
    stack = [prediction[pick] for prediction in predictions]
    sound = [i for i, prediction in enumerate(stack) if np.isfinite(prediction).all()] or [0]
    judged = judge(metric, [stack[i] for i in sound], y[pick], None if weight is None else weight[pick])
    bounds = [Limit(limit.costs[sound], limit.most) for limit in limits]
    counts, path, scanned = np.zeros(len(sound), dtype="int64"), list[Prefix](), np.arange(len(sound))
    for step in range(steps):
        places = scanned[_allowed(counts, bounds, max_members)[scanned]]
        if not len(places):
            break
        losses = np.round(judged.losses(places), 9)
        losses[np.isnan(losses)] = np.inf
        if not np.isfinite(losses).any():
            break
        ties = places[losses == losses.min()]
        chosen = int(ties[np.argmax(counts[ties] > 0)])
        counts[chosen] += 1
        judged.add(chosen)
        path.append(Prefix(_spread(counts, sound, len(stack)), float(losses.min())))
        if step == 1 and len(places) > SCANNED:
            scanned = np.union1d(places[np.argsort(losses, kind="stable")[:SCANNED]], np.flatnonzero(counts))
    return path or [_only(sound, bounds, len(stack))]


def select(
    predictions: Sequence[np.ndarray],
    y: np.ndarray,
    weight: np.ndarray | None,
    metric: Metric,
    steps: int,
    limits: Sequence[Limit] = (),
    max_members: int | None = None,
) -> np.ndarray:
    """Gives each prediction its weight in the ensemble, shape `(t,)`; they sum to 1. Takes what `greedy` takes."""
    return shortest_best(greedy(predictions, y, weight, metric, steps, limits, max_members)).weights


def shortest_best(path: Sequence[Prefix]) -> Prefix:
    """Gives the shortest prefix with the lowest loss."""
    return min(path, key=lambda prefix: prefix.loss)


def _spread(counts: np.ndarray, places: Sequence[int], size: int) -> np.ndarray:
    out = np.zeros(size, dtype="int64")
    out[list(places)] = counts
    return out


def _only(sound: Sequence[int], bounds: Sequence[Limit], size: int) -> Prefix:
    """Gives the one that comes nearest to keeping all limits: the first where there are none."""
    overrun = np.max([limit.costs / limit.most for limit in bounds], axis=0) if bounds else np.zeros(len(sound))
    counts = np.zeros(len(sound), dtype="int64")
    counts[int(np.argmin(overrun))] = 1
    return Prefix(_spread(counts, sound, size), float("nan"))


def _sample(n: int) -> np.ndarray:
    return np.arange(n) if n <= MAX_ROWS else np.sort(np.random.default_rng(0).permutation(n)[:MAX_ROWS])


def _allowed(counts: np.ndarray, limits: Sequence[Limit], max_members: int | None) -> np.ndarray:
    """Says which may be added: those that are in, and those with which all limits still hold; shape `(t,)`."""
    is_in = counts > 0
    may = np.full(len(counts), max_members is None or int(is_in.sum()) < max_members)
    for limit in limits:
        may &= limit.costs[is_in].sum() + limit.costs <= limit.most
    return np.asarray(may | is_in)
