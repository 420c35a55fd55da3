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
BEST_SHARE = 0.3
"""Share of the workers' time left that the other folds of the best may take, where one fold is enough to tell trials apart."""
MOST_FOLDS = 5
"""Folds that trials are fitted on at most then."""
ONE_SHARE = 0.4
"""Share of the workers' time left that the other folds of one trial may take after the opening."""
FIRST_SHARE = 0.6
"""Share of the time left that the first fit of a family may take at most."""
ENOUGH = 3.0
"""Seconds that a first fit may take even where others wait."""
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

    Where little time is left, a fit that is worth something goes before one of every family.

    Args:
        left: Seconds left.
        workers: Worker processes.
        waiting: Families of which no fit was begun, this one included.

    >>> first_allowance(50.0, 2, 7), first_allowance(50.0, 1, 2), first_allowance(50.0, 1, 6), first_allowance(4.0, 1, 6)
    (30.0, 25.0, 12.5, 2.4)
    """
    if workers > 1:
        return FIRST_SHARE * left
    return min(FIRST_SHARE * left, max(2.0 / (waiting + 2) * left, ENOUGH))


def least_folds(rows: int) -> int:
    """Gives the folds that trials need at least to be told apart, and weighed: more, the fewer rows there are."""
    return next((folds for limit, folds in LEAST_FOLDS if rows <= limit), 1)


def wanted_folds(
    there: int, survivors: Sequence[float], left: float, workers: int, least: int = 1
) -> tuple[int, tuple[int, ...]]:
    """Gives the number of folds that trials are fitted on, once the first fold of the opening is known, and who gets them.

    With many rows one fold is enough to tell trials apart and to weigh them: others make more models of one, which errs less,
    so their number goes by what the best costs. With few rows all survivors get the same where there is time for the least
    number. Those that cost too much are passed over, in their order; the best never is.

    Args:
        there: Folds that were cut.
        survivors: Seconds of the first fold of each trial that is still in the race, the best trial first.
        left: Seconds left.
        workers: Worker processes.
        least: Folds that are needed to tell trials apart.

    >>> wanted_folds(10, [0.6, 4.4, 20.0, 1.2], 20.0, 2), wanted_folds(10, [20.0, 1.0], 10.0, 2)
    ((5, (0, 1)), (1, (0, 1)))
    >>> wanted_folds(8, [0.5] * 3, 45.0, 2, 3), wanted_folds(8, [8.0, 8.0, 2.0], 45.0, 2, 3)
    ((8, (0, 1, 2)), (3, (0, 1, 2)))
    >>> wanted_folds(8, [8.0, 40.0, 2.0], 45.0, 2, 5), wanted_folds(8, [14.0, 5.0, 1.0], 25.0, 2, 5)
    ((5, (0, 2)), (3, (0, 2)))
    """
    if not survivors:
        return min(there, FOLD_STEPS[0]), ()
    room = FOLD_SHARE * left * workers
    steps = [min(count, there) for count in FOLD_STEPS]
    if least == 1:
        steps = [count for count in steps if count <= MOST_FOLDS] or [there]
        count = next(count for count in steps if (count - 1) * survivors[0] <= BEST_SHARE * left * workers)
    else:
        count = next(count for count in steps if (count - 1) * sum(survivors) <= room)
        if count >= min(least, there):
            return count, tuple(range(len(survivors)))
        count = next(count for count in steps if count <= least and (count - 1) * survivors[0] <= room)
    kept = []
    for place, seconds in enumerate(survivors):
        if (count - 1) * seconds <= room:
            kept.append(place)
            room -= (count - 1) * seconds
    return count, tuple(kept)


def is_worth_folds(seconds: float, folds: int, left: float, workers: int) -> bool:
    """Says whether more folds of a trial leave time for others.

    Args:
        seconds: What a fold of it takes.
        folds: How many more there would be.
        left: Seconds left.
        workers: Worker processes.
    """
    return folds * seconds <= ONE_SHARE * left * workers
