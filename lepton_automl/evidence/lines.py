"""Finds the line, or the two lines of a band, at which a table of worths adds up to most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CUTS_OF_BAND = 300
"""Cuts that are tried for each end of a band; a single line is tried between any two scores."""
POINTS = 400
"""Points of the curve that is kept for the picture."""
TOLERANCE = 0.005
"""Of the best worth, what is given up for a line in the middle of those that are about as good: it holds better on new rows."""


@dataclass(frozen=True)
class Worths:
    """What each row is worth by what is done with it, each of shape `(n,)`.

    Args:
        positive: It gets the positive label.
        other: It gets the other label.
        refer: It is for a human; none where no row is.
    """

    positive: np.ndarray
    other: np.ndarray
    refer: np.ndarray | None

    def rows(self, pick: np.ndarray) -> Worths:
        """Gives those of some rows."""
        return Worths(self.positive[pick], self.other[pick], None if self.refer is None else self.refer[pick])


@dataclass(frozen=True)
class Lines:
    """The lines that were picked.

    Args:
        low: Scores below it get the other label.
        high: Scores from it on get the positive label; those between are for a human.
        best: The best mean worth there is.
        curve: Lines and the mean worth of a single line there, for the picture.
    """

    low: float
    high: float
    best: float
    curve: tuple[tuple[float, float], ...]


def pick_lines(score: np.ndarray, worths: Worths, weight: np.ndarray, capacity: float = 1.0, referred: float = 0.0) -> Lines:
    """Finds the lines at which the mean worth is highest.

    Args:
        score: What is held against the lines, shape `(n,)`.
        worths: What each row is worth by what is done with it.
        weight: Row weights, shape `(n,)`.
        capacity: Largest share of the weight that can lie above the high line.
        referred: Largest share of the weight that can lie between the lines.
    """
    cuts = Cuts.of(score, weight)
    total = float(weight.sum())
    values = cuts.values(worths.positive - worths.other, worths.other, weight) / total
    open_to = cuts.mass <= capacity * total * (1 + 1e-12)
    place = _middle_of_best(np.where(open_to, values, -np.inf), cuts.mass)
    curve = _curve(cuts, values)
    best = float(values[open_to].max())
    if worths.refer is None or referred <= 0:
        return Lines(cuts.line(place), cuts.line(place), best, curve)
    high, low, with_band = _band(cuts, worths, weight, capacity * total, referred * total)
    if with_band / total <= best:
        return Lines(cuts.line(place), cuts.line(place), best, curve)
    return Lines(cuts.line(low), cuts.line(high), with_band / total, curve)


@dataclass(frozen=True)
class Cuts:
    """Places at which rows, sorted by falling score, can be cut: before the first, after the last, between unlike scores.

    Args:
        order: Rows by falling score, shape `(n,)`.
        ends: Rows above each cut, shape `(c,)`, the first 0.
        score: Sorted scores, shape `(n,)`.
        mass: Weight above each cut, shape `(c,)`.
    """

    order: np.ndarray
    ends: np.ndarray
    score: np.ndarray
    mass: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray, weight: np.ndarray) -> Cuts:
        """Sorts the rows once."""
        order = np.argsort(-score, kind="stable")
        falling = score[order]
        ends = np.concatenate([[0], np.flatnonzero(np.append(np.diff(falling) != 0, True)) + 1])
        mass = np.concatenate([[0.0], np.cumsum(weight[order])])[ends]
        return cls(order, ends, falling, mass)

    def values(self, gain: np.ndarray, base: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Gives the total at each cut when rows above it add `gain` to `base`, shape `(c,)`."""
        return float((base * weight).sum()) + self.sums(gain, weight)

    def sums(self, gain: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Gives the sum of `gain` over the rows above each cut, shape `(c,)`."""
        return np.concatenate([[0.0], np.cumsum((gain * weight)[self.order])])[self.ends]

    def line(self, place: int) -> float:
        """Gives a score that parts the rows at a cut: half way between the two next to it."""
        end = int(self.ends[place])
        if end == 0:
            return float(np.nextafter(self.score[0], np.inf))
        if end == len(self.score):
            return float(self.score[-1])
        above, below = float(self.score[end - 1]), float(self.score[end])
        middle = below + (above - below) / 2
        return middle if middle > below else above


def _middle_of_best(values: np.ndarray, mass: np.ndarray) -> int:
    """Gives the cut in the middle of the stretch around the best one that is about as good."""
    best = int(values.argmax())
    known = values[np.isfinite(values)]
    slack = TOLERANCE * min(abs(float(values[best])), float(known.max() - known.min()))
    good = values >= values[best] - slack
    bad = np.flatnonzero(~good)
    before, after = bad[bad < best], bad[bad > best]
    first = int(before[-1]) + 1 if len(before) else 0
    last = int(after[0]) - 1 if len(after) else len(values) - 1
    middle = (mass[first] + mass[last]) / 2
    return first + int(np.abs(mass[first : last + 1] - middle).argmin())


def _band(cuts: Cuts, worths: Worths, weight: np.ndarray, capacity: float, referred: float) -> tuple[int, int, float]:
    """Gives the cuts of the high and of the low line and the total, tried on a grid."""
    assert worths.refer is not None
    pick = np.unique(np.linspace(0, len(cuts.ends) - 1, min(len(cuts.ends), CUTS_OF_BAND)).astype(int))
    above = cuts.sums(worths.positive - worths.refer, weight)[pick]
    down_to = cuts.sums(worths.refer - worths.other, weight)[pick]
    mass = cuts.mass[pick]
    total = float((worths.other * weight).sum()) + above[:, None] + down_to[None, :]
    width = mass[None, :] - mass[:, None]
    allowed = (width >= 0) & (width <= referred * (1 + 1e-12)) & (mass[:, None] <= capacity * (1 + 1e-12))
    place = int(np.where(allowed, total, -np.inf).argmax())
    high, low = divmod(place, len(pick))
    return int(pick[high]), int(pick[low]), float(total[high, low])


def line_interval(
    score: np.ndarray,
    worths: Worths,
    weight: np.ndarray,
    capacity: float,
    resamples: int,
    rng: np.random.Generator,
    confidence: float,
) -> tuple[float, float]:
    """Gives the interval in which the best single line lay when the rows were drawn again."""
    cuts, n = Cuts.of(score, weight), len(score)
    found = []
    for _ in range(resamples):
        times = weight * np.bincount(rng.integers(0, n, n), minlength=n)
        values = cuts.values(worths.positive - worths.other, worths.other, times)
        mass = np.concatenate([[0.0], np.cumsum(times[cuts.order])])[cuts.ends]
        open_to = mass <= capacity * mass[-1] * (1 + 1e-12)
        found.append(cuts.line(int(np.where(open_to, values, -np.inf).argmax())))
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)


def _curve(cuts: Cuts, values: np.ndarray) -> tuple[tuple[float, float], ...]:
    pick = np.unique(np.linspace(0, len(values) - 1, min(len(values), POINTS)).astype(int))[::-1]
    return tuple((cuts.line(int(place)), float(values[place])) for place in pick)
