"""How the time of a search is spent: what fits cost, on how many folds they are worth it, how long one may take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from lepton_automl.search.protocol import Candidate

FOLD_STEPS = (8, 5, 3, 2, 1)
"""Numbers of folds that a trial may be fitted on, where what fits cost decides."""
LEAST_FOLDS = ((1_500, 5), (10_000, 3))
"""Training rows up to which trials need so many folds."""
FOLD_SHARE = 0.6
"""Share of the workers' time left after the opening that the other folds of its survivors may take."""
FIRST_SHARE = 0.6
"""Share of the time left that the first fit of a family may take at most."""
CUT_SHORT = 0.6
"""Share of the slowest fit's seconds that must be left for a fit which may be cut short."""
ROOM = 1.1
"""A fit is begun when this many times its expected seconds are left."""


@dataclass
class Costs:
    """Seconds of the fits of each family so far.

    Args:
        candidates: The families.
        workers: Worker processes.
        slowest: Family to the seconds of its slowest fit.
    """

    candidates: Sequence[Candidate]
    workers: int
    slowest: dict[str, float] = field(default_factory=dict)

    def learn(self, family: str, seconds: float) -> None:
        """Remembers what a fit took."""
        self.slowest[family] = max(self.slowest.get(family, 0.0), seconds)

    def unknown(self, begun: Collection[str]) -> list[Candidate]:
        """Gives the families of which no fit was begun."""
        return [candidate for candidate in self.candidates if candidate.name not in begun]

    def has_time(self, candidate: Candidate, left: float, folds: int, allowance: float) -> bool:
        """Says whether a new trial of a family is likely to end in time, by the slowest of its fits so far.

        On a single fold a fit that goes by rounds is worth its while when it is cut short.

        Args:
            candidate: The family.
            left: Seconds left.
            folds: Folds that it is to be fitted on.
            allowance: Seconds that a first fit may take.
        """
        known = self.slowest.get(candidate.name)
        if known is None:
            return allowance >= candidate.least_seconds
        turns = -(-folds // max(1, self.workers))
        share = CUT_SHORT if folds == 1 and candidate.in_rounds else ROOM
        return left > share * turns * known


def first_allowance(left: float, workers: int, waiting: int) -> float:
    """Gives the seconds that the first fit of a family may take; less where others wait behind it for the only worker.

    Args:
        left: Seconds left.
        workers: Worker processes.
        waiting: Families of which no fit was begun, this one included.

    >>> first_allowance(50.0, 2, 7), first_allowance(50.0, 1, 2), first_allowance(50.0, 1, 6)
    (30.0, 25.0, 12.5)
    """
    return left * (FIRST_SHARE if workers > 1 else min(FIRST_SHARE, 2.0 / (waiting + 2)))


def least_folds(rows: int) -> int:
    """Gives the folds that trials need at least to be told apart, and weighed: more, the fewer rows there are."""
    return next((folds for limit, folds in LEAST_FOLDS if rows <= limit), 1)


def wanted_folds(
    there: int, survivors: Sequence[float], left: float, workers: int, least: int = 1
) -> tuple[int, tuple[int, ...]]:
    """Gives the number of folds that trials are fitted on, once the first fold of the opening is known, and who gets them.

    All survivors do where there is time for the least number of folds at least. Else the best has them, or as many as it has
    time for, and of the others, in their order, those for which time is left then.

    Args:
        there: Folds that were cut.
        survivors: Seconds of the first fold of each trial that is still in the race, the best trial first.
        left: Seconds left.
        workers: Worker processes.
        least: Folds that are needed.

    >>> wanted_folds(8, [0.5] * 3, 45.0, 2), wanted_folds(8, [8.0, 8.0, 2.0], 45.0, 2), wanted_folds(8, [30.0] * 2, 45.0, 2)
    ((8, (0, 1, 2)), (3, (0, 1, 2)), (1, (0, 1)))
    >>> wanted_folds(8, [8.0, 40.0, 2.0], 45.0, 2, 5), wanted_folds(8, [14.0, 5.0, 1.0], 25.0, 2, 5)
    ((5, (0, 2)), (3, (0, 2)))
    """
    room = FOLD_SHARE * left * workers
    steps = [min(count, there) for count in FOLD_STEPS]
    count = next(count for count in steps if (count - 1) * sum(survivors) <= room)
    if count >= min(least, there) or not survivors:
        return count, tuple(range(len(survivors)))
    count = next(count for count in steps if count <= least and (count - 1) * survivors[0] <= room)
    kept = []
    for place, seconds in enumerate(survivors):
        if (count - 1) * seconds <= room:
            kept.append(place)
            room -= (count - 1) * seconds
    return count, tuple(kept)
