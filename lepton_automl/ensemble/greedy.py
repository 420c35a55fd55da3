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


FEW_ROWS = 5_000
"""Up to so many rows one selection would pick by chance: the mean of many, each among half of the trials, is taken
(measured: `docs/log.md`)."""
BAGS = 20
MAX_BAGGED = 60
"""Trials that the many selections choose among, the best first."""


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

    Source: Caruana, Niculescu-Mizil, Crew and Ksikes (2004), "Ensemble selection from libraries of models", ICML; the bags
    of `select` are theirs too.
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
    """Gives each prediction its weight in the ensemble, shape `(t,)`; they sum to 1.

    With many rows the shortest prefix of the greedy path with the lowest loss. With few the mean of many such selections,
    each among a random half of the trials, cut to its heaviest members.

    Args:
        predictions: Of each model, shape `(n, width)`, the best first.
        y: Class codes or numbers, shape `(n,)`.
        weight: Weights, shape `(n,)`, or none.
        metric: What is optimised.
        steps: Steps of a selection; 1 keeps the best alone.
        limits: What the members together must keep.
        max_members: Most different members.
    """
    if len(y) > FEW_ROWS or steps == 1 or len(predictions) < 3:
        return shortest_best(greedy(predictions, y, weight, metric, steps, limits, max_members)).weights
    first = predictions[:MAX_BAGGED]
    rng = np.random.default_rng(0)
    mean = np.zeros(len(predictions))
    for _ in range(BAGS):
        half = np.sort(rng.choice(len(first), -(-len(first) // 2), replace=False))
        path = greedy([first[i] for i in half], y, weight, metric, steps)
        mean[half] += shortest_best(path).weights / BAGS
    heaviest = _heaviest(mean, limits, max_members)
    if heaviest.any():
        return np.asarray(heaviest / heaviest.sum())
    return greedy(predictions, y, weight, metric, 1, limits).pop().weights


def _heaviest(weights: np.ndarray, limits: Sequence[Limit], max_members: int | None) -> np.ndarray:
    """Keeps the heaviest weights with which all limits hold, and sets the others to 0."""
    counts = np.zeros(len(weights), dtype="int64")
    for place in np.argsort(-weights, kind="stable"):
        if weights[place] > 0 and _allowed(counts, limits, max_members)[place]:
            counts[place] = 1
    return np.where(counts > 0, weights, 0.0)


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
