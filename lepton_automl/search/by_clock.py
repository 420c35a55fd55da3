"""The search by the clock: at every moment an idle worker is given the fit that is most useful then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lepton_automl.ledger import Entry
from lepton_automl.search.board import open_fold
from lepton_automl.search.fitting import SLOW
from lepton_automl.search.protocol import Candidate, TrialState
from lepton_automl.search.pruning import given_up
from lepton_automl.search.schedule import ROOM, first_allowance, is_worth_folds, least_folds

if TYPE_CHECKING:
    from lepton_automl.search.search import Search

TOO_SLOW = "its other folds would take too much of the time"
PROBE_SHARE = 0.25
"""Share of the time after which no representation is probed any more."""
SETTLE_SHARE = 0.55
"""Share of the time that is left when folds are settled at the latest."""
LATE_SHARE = 0.4
"""Share of the time that is left when the best configuration is learned at a lower rate."""
LAST_SHARE = 0.15
"""Share of the time that is left when more folds of the best trials go before new configurations."""


class ByClock:
    """Spends the seconds of a search.

    Args:
        search: The search.
    """

    def __init__(self, search: Search) -> None:
        self.search, self.board, self.settings = search, search.board, search.settings
        self.costs, self.ledger, self._began = search.costs, search.ledger, time.time()

    def run(self) -> None:
        """Begins fits while there is time for them."""
        while time.time() < self.search.deadline:
            while self.search.bench.executor.idle and self._start_something():
                continue
            if not self.search.jobs:
                break
            wait = max(0.0, min(0.5, self.search.deadline - time.time()))
            self.search.wait(wait)

    def _start_something(self) -> bool:
        """Gives an idle worker the most useful fit; false when none is worth starting.

        The opening comes first: one fold of every family and representation. What that took settles on how many folds trials
        are fitted; those still in the race get theirs, the best first. Then new configurations; once they are out of time the
        best is learned at a lower rate, and the best ones on more folds.
        """
        if self._opens_something():
            return True
        if not self.board.is_settled and self._tries_more_first():
            return True
        if not self.board.is_settled and not self._is_opening_under_way():
            self._settle()
        if self.board.is_settled and self._completes_something():
            return True
        if self._is_within(LAST_SHARE) and self._adds_a_fold():
            return True
        allowed = self._startable()
        finish = not allowed or self._is_within(LATE_SHARE)
        opened = (
            (self.board.next_finish(self._left / ROOM, self.costs.workers) if finish else None)
            or self.board.next_start(allowed)
            or self.board.next_sampled(allowed)
        )
        return self.search.submit(opened, 0) if opened is not None else self._adds_a_fold()

    def _adds_a_fold(self) -> bool:
        """Begins one more fold of one of the best trials."""
        extra = self.board.next_extra(self._left / ROOM, self._placeable()) if self.board.is_settled else None
        if extra is None:
            return False
        trial, fold = extra
        trial.extra.add(fold)
        return self.search.submit(trial, fold)

    def _tries_more_first(self) -> bool:
        """Begins one more start of a quick family on the first fold, in the first half of the time, where one fold is enough.

        With many rows the first fold tells configurations apart: which of them get more folds is decided among more of them.
        """
        if least_folds(len(self.board.y)) > 1 or self._is_within(SETTLE_SHARE):
            return False
        quick = {c.name for c in self.settings.candidates if not c.is_slow}
        opened = self.board.next_start(quick & self._startable())
        return opened is not None and self.search.submit(opened, 0)

    def _settle(self) -> None:
        """Decides on how many folds trials are fitted; ends those that are behind or have no time for them."""
        behind = [t for t in self.board.standing if self.board.is_behind(t)]
        too_slow = self.board.settle(self._left, self.costs.workers)
        for trial in (*behind, *too_slow):
            self.search.give_up(trial, TOO_SLOW if trial in too_slow else given_up(self.settings, trial))
        note = f"trials are fitted on {self.board.wanted} of {len(self.board.folds)} folds, by what the first fits took"
        self.ledger.add(Entry("search", "SEARCH010", "folds", "noted", count=self.board.wanted, note=note))

    @property
    def _left(self) -> float:
        return self.search.deadline - time.time()

    def _is_within(self, share: float) -> bool:
        """Says whether at most this share of the time is left."""
        return self._left < share * (self.search.bench.deadline - self._began)

    def _opens_something(self) -> bool:
        """Begins the first configuration of a family, or a representation, in the first quarter or so of the time."""
        allowed = {c.name for c in self.settings.candidates if c.name in self.board.begun or self._may_begin(c)}
        if self._is_within(1 - PROBE_SHARE) and (dropped := self.board.drop_probes()):
            note = "representations were not tried: a quarter of the time was over"
            self.ledger.add(Entry("search", "SEARCH011", "probes", "not tried", count=dropped, note=note))
        if not self.board.opening(allowed):
            return False
        opened = self.board.next_start(allowed)
        return opened is not None and self.search.submit(opened, 0)

    def _may_begin(self, candidate: Candidate) -> bool:
        """Says whether the first fit of a family may begin: there is time, and if it is slow, a worker for it."""
        return candidate.name in self._placeable() and self._has_time_for(candidate)

    def _startable(self) -> set[str]:
        """Gives the families begun of which a new trial can start now and is likely to end in time."""
        placeable = self._placeable()
        begun = [c for c in self.settings.candidates if c.name in self.board.begun and c.name in placeable]
        return {c.name for c in begun if self._has_time_for(c)}

    def _placeable(self) -> set[str]:
        """Gives the families of which a fit can start now: slow ones, on the workers left to them alone."""
        has_place = self.search.bench.executor.has_place(SLOW, self.settings.slow_workers)
        return {c.name for c in self.settings.candidates if has_place or not c.is_slow}

    def _first_fits(self) -> set[str]:
        """Gives the families whose first fit is under way."""
        scored = {trial.candidate for trial in self.board.trials if trial.fits or trial.state is not TrialState.RUNNING}
        return {trial.candidate for trial, _ in self.search.jobs.values()} - scored

    def _is_opening_under_way(self) -> bool:
        """Says whether the first fit of a family has not ended; slow ones are not waited for while others have work."""
        first = self._first_fits()
        slow = {c.name for c in self.settings.candidates if c.is_slow}
        return bool(first - slow) or (bool(first) and self.settings.slow_workers > 1)

    def _completes_something(self) -> bool:
        """Begins the next fold of a trial that is in the race, the best first; ends those that others have left behind."""
        under_way = sorted((t for t in self.board.trials if t.state is TrialState.RUNNING and t.fits), key=lambda t: t.loss)
        placeable = self._placeable()
        for trial in under_way:
            if self.board.is_done(trial):
                trial.state = TrialState.DONE
                self.search.ended(trial, "")
                continue
            if not trial.pending and self.board.is_behind(trial):
                self.search.give_up(trial, given_up(self.settings, trial))
                continue
            fold = open_fold(trial, self.board.wanted)
            if fold is None:
                continue
            seconds = max(fit.seconds for fit in trial.fits.values())
            more = self.board.wanted - len(trial.fits) - len(trial.pending)
            is_best = trial.fits[0].loss <= self.board.best_first
            if not is_best and not trial.pending and not is_worth_folds(seconds, more, self._left, self.costs.workers):
                self.search.give_up(trial, TOO_SLOW)
            elif self._left > ROOM * seconds and trial.candidate in placeable:
                return self.search.submit(trial, fold)
        return False

    def _has_time_for(self, candidate: Candidate) -> bool:
        """Says whether a new trial of the family is likely to end in time."""
        waiting = self.costs.unknown(self.board.begun)
        allowance = first_allowance(self._left, self.costs.workers, len(waiting))
        return self.costs.has_time(candidate, self._left, self.board.wanted, allowance)
