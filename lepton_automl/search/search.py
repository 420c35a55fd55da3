"""The search: opens trials, hands their folds to workers, keeps score, and stops in time."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind, Role, save_dataset
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.models.protocol import pack_arrays
from lepton_automl.search.board import Board
from lepton_automl.search.by_clock import ByClock
from lepton_automl.search.fitting import GRACE, Bench, Fitting
from lepton_automl.search.fold_job import fit_fold
from lepton_automl.search.protocol import Candidate, SearchSettings, Trial, TrialState, Watcher
from lepton_automl.search.pruning import given_up
from lepton_automl.search.sampling import Sampler
from lepton_automl.search.schedule import Costs, first_allowance
from lepton_automl.tasks import Fold
from lepton_automl.work import Outcome, State

EXPECTED_MEMBERS = 6
"""Trials in a usual ensemble: what scoring the test rows is expected to cost goes by it."""
BATCH = 4
"""Trials asked for at a time where the budget counts trials: fixed, so that the number of workers changes nothing."""
READ = frozenset(
    {Role.FEATURE, Role.TARGET, Role.TIME, Role.SERIES, Role.STATIC, Role.KNOWN_FUTURE, Role.PAST_ONLY, Role.GROUP}
)
"""Roles of the columns that preparations read; weights are written beside the table."""
BASELINE = Candidate("baseline", "lepton_automl.models.baseline:Baseline", {}, ({},), False)
"""What is delivered when nothing else could be fitted."""


class _StoppedByUser(Exception):  # noqa: N818 - it is named after what happened
    """The user asked for an end, and the search is between two steps."""


def lay_table(bench: Bench, data: Dataset, y: np.ndarray, weight: np.ndarray | None, folds: Sequence[Fold]) -> None:
    """Writes what workers read: training rows, target and folds."""
    table = bench.folder / "table"
    table.mkdir(parents=True, exist_ok=True)
    save_dataset(_readable(data), table / "train.arrow")
    (table / "target.npz").write_bytes(pack_arrays({"y": y, **({} if weight is None else {"weight": weight})}))
    cut = {f"{side}_{fold.number}": getattr(fold, side) for fold in folds for side in ("train", "valid")}
    (table / "folds.npz").write_bytes(pack_arrays(cut))


def _readable(data: Dataset) -> Dataset:
    """Gives the columns that workers read: no identifier and nothing that is kept out of models is written down.

    Of a group only which rows are together counts: its values become numbers of the same order.
    """
    data = data.without([column.name for column in data.columns if not column.roles & READ])
    for column in data.with_role(Role.GROUP):
        if column.roles & (READ - {Role.GROUP}):
            continue
        codes, levels = pd.factorize(data.values(column.name), sort=True, use_na_sentinel=True)
        names = pd.Index([f"{code:09d}" for code in range(len(levels))], dtype="str")
        values = pd.Series(pd.Categorical.from_codes(codes, categories=names))
        reading = replace(column.reading, kind=Kind.CATEGORY, treatments=())
        data = data.with_column(replace(column, kind=Kind.CATEGORY, reading=reading), values)
    return data


@dataclass
class Search:
    """One search over one table.

    Args:
        settings: What it goes by.
        bench: Where it works.
        board: The trials.
        ledger: Where failures and prunings are recorded.
        watcher: Is told when a trial ends.
    """

    settings: SearchSettings
    bench: Bench
    board: Board
    ledger: Ledger
    watcher: Watcher | None = None

    def __post_init__(self) -> None:
        self.fitting = Fitting(self.settings, self.bench)
        self.jobs: dict[str, tuple[Trial, int]] = {}
        self.costs = Costs(self.settings.candidates, max(1, self.bench.executor.idle + self.bench.executor.busy))

    def run(self) -> list[Trial]:
        """Searches until time or trials are used up; gives all trials."""
        try:
            if self.settings.recorded:
                self._replay()
            elif self.settings.trials is not None:
                self._count_trials(self.settings.trials)
            else:
                self._read_diary()
                ByClock(self).run()
        except _StoppedByUser:
            self._stop()
        if not self.settings.recorded:
            self._say_what_never_began()
        if self.board.starts_left and not self.settings.recorded:
            note = "configurations of the starting list were not tried"
            self.ledger.add(Entry("search", "SEARCH007", "starts", "noted", count=self.board.starts_left, note=note))
        for trial in self.board.trials:
            if trial.state is TrialState.RUNNING:
                trial.state = TrialState.SKIPPED
                why = "the user stopped the run" if self.bench.stopped() else "time was up"
                self.ended(trial, f"{why} before all folds were fitted")
        if not any(trial.fits and trial.state is not TrialState.FAILED for trial in self.board.trials):
            self._fall_back()
        return self.board.trials

    def _stop(self) -> None:
        """Ends all workers, and says that the user wanted it.

        Raises:
            KeyboardInterrupt: If no fit has ended well, so that there is nothing to deliver.
        """
        self.bench.executor.close()
        if not any(trial.fits and trial.state is not TrialState.FAILED for trial in self.board.trials):
            raise KeyboardInterrupt
        note = "stopped by the user; the best so far is delivered"
        self.ledger.add(Entry("search", "SEARCH005", "search", "noted", note=note))

    def _fall_back(self) -> None:
        """Fits the constant model in this process, so that there is always an answer, named as what it is."""
        self.fitting.candidates["baseline"] = BASELINE
        trial = Trial(self.board.next_number, "baseline", {}, "fallback")
        self.board.trials.append(trial)
        for fold in self.board.folds:
            job = self.fitting.job(trial, fold.number, None, math.inf, math.inf)
            value = fit_fold(**job.arguments)
            self.board.record(trial, fold.number, value, job.arguments["out"])
        trial.state = TrialState.DONE
        self.ended(trial, "")
        self.ledger.add(Entry("search", "SEARCH006", "fallback", "noted", "baseline", 1, note="no other model could be fitted"))

    def _say_what_never_began(self) -> None:
        """Names the families of which no fit was begun."""
        for candidate in self.costs.unknown(self.board.begun):
            note = f"no time: a fit is not worth beginning in less than {candidate.least_seconds:.1f} s"
            self.ledger.add(Entry("search", "SEARCH009", "families", "not tried", candidate.name, 1, note=note))

    @property
    def deadline(self) -> float:
        """The moment at which no fit may run any more: earlier, the longer the ensemble will take to score the test rows."""
        fits = [fit for trial in self.board.trials for fit in trial.fits.values()]
        if not fits or not math.isfinite(self.bench.deadline):
            return self.bench.deadline
        row = float(np.mean([fit.predict_seconds / max(1, len(self.board.folds[fit.fold].valid)) for fit in fits]))
        members = min(EXPECTED_MEMBERS, 1 + sum(trial.state is TrialState.DONE for trial in self.board.trials))
        return self.bench.deadline - min(
            self.bench.most_scoring, members * (self.board.wanted + 1) * row * self.bench.rows_judged
        )

    # ---- seconds -------------------------------------------------------------------------------------------------

    def _read_diary(self) -> None:
        """Takes up the trials of a run that was killed, in the order in which their fits ended."""
        diary = self.bench.diary
        if diary is None or not diary.before:
            return
        opened = {line.number: (line.candidate, line.params, line.origin) for line in diary.before}
        for number in sorted(opened):
            self.board.take_up(number, *opened[number])
        by_number = {trial.number: trial for trial in self.board.trials}
        for line in diary.before:
            trial = by_number[line.number]
            if trial.state is TrialState.RUNNING:
                self._judge(trial, line.fold, line.outcome)
            self.costs.learn(trial.candidate, line.outcome.seconds)

    # ---- trials --------------------------------------------------------------------------------------------------

    def _count_trials(self, count: int) -> None:
        while len(self.board.trials) < count:
            batch: list[Trial] = []
            while len(batch) < BATCH and len(self.board.trials) < count:
                opened = self.board.next_start() or self.board.next_sampled()
                if opened is None:
                    count = len(self.board.trials)
                    break
                batch.append(opened)
            if batch:
                self._finish([(trial, fold.number) for trial in batch for fold in self.board.folds])
            for trial in batch:
                self.board.sampler.tell(trial)

    def _finish(self, fits: list[tuple[Trial, int]]) -> None:
        """Carries the fits out, in order, and waits for all of them."""
        while fits or self.jobs:
            while fits and self.bench.executor.idle:
                trial, fold = fits.pop(0)
                if trial.state is TrialState.RUNNING:
                    self.submit(trial, fold)
            if self.jobs:
                self.wait(0.5)

    # ---- replay --------------------------------------------------------------------------------------------------

    def _replay(self) -> None:
        fits: list[tuple[Trial, int]] = []
        for record in self.settings.recorded:
            trial = Trial(record.number, record.candidate, record.params, "recorded")
            self.board.trials.append(trial)
            fits.extend((trial, fold) for fold in sorted(record.rounds))
        self._recorded = {(r.number, fold): rounds for r in self.settings.recorded for fold, rounds in r.rounds.items()}
        self._finish(fits)

    # ---- fits ----------------------------------------------------------------------------------------------------

    def submit(self, trial: Trial, fold: int) -> bool:
        """Begins a fit; one that ended before the run was killed is taken as it was."""
        known = self.fitting.known(trial, fold)
        if known is not None:
            self._judge(trial, fold, known)
            return True
        rounds = self._recorded[trial.number, fold] if self.settings.recorded else None
        self.jobs[self.fitting.submit(trial, fold, rounds, self.deadline, self._fit_deadline(trial))] = (trial, fold)
        trial.pending.add(fold)
        return True

    def _fit_deadline(self, trial: Trial) -> float:
        """Gives the moment at which a fit that goes by rounds stops: the end, or sooner where it is the first of its family."""
        if not self.settings.candidates or trial.candidate in self.costs.slowest:
            return self.deadline
        waiting = len(self.costs.unknown(self.board.begun)) + 1
        return time.time() + first_allowance((self.deadline - time.time()), self.costs.workers, waiting)

    def wait(self, seconds: float) -> None:
        """Waits for fits to end, and takes them.

        Raises:
            _StoppedByUser: If the user asked for an end meanwhile; a KeyboardInterrupt ends the whole run.
        """
        self._collect(self.bench.executor.poll(seconds))
        if self.bench.stopped():
            raise _StoppedByUser

    def _collect(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.id not in self.jobs:
                continue
            trial, fold = self.jobs.pop(outcome.id)
            trial.pending.discard(fold)
            self.costs.learn(trial.candidate, outcome.seconds)
            self.fitting.write_down(trial, fold, outcome)
            if trial.state is TrialState.RUNNING:
                self._judge(trial, fold, outcome)
            elif fold in trial.extra:
                self._take_extra(trial, fold, outcome)

    def _take_extra(self, trial: Trial, fold: int, outcome: Outcome) -> None:
        """Keeps one more fold of a trial that is complete already; one that failed changes nothing."""
        if outcome.state is State.DONE:
            with contextlib.suppress(ArithmeticError):
                self.board.record(trial, fold, dict(outcome.value), str(self.bench.folder / "fits" / outcome.id))
        trial.extra &= set(trial.fits)

    def _judge(self, trial: Trial, fold: int, outcome: Outcome) -> None:
        error = outcome.error
        if outcome.state is State.DONE:
            try:
                self.board.record(trial, fold, dict(outcome.value), str(self.bench.folder / "fits" / outcome.id))
            except ArithmeticError as reason:
                error = str(reason)
        if error and outcome.state is State.OUT_OF_TIME and time.time() >= self.deadline - GRACE:
            trial.state = TrialState.SKIPPED
            self.ended(trial, "time was up")
        elif error:
            trial.state, trial.error = (
                TrialState.FAILED,
                f"{outcome.state}: {error}" if outcome.state is not State.DONE else error,
            )
            self.ended(trial, trial.error)
        elif self.board.is_done(trial):
            trial.state = TrialState.DONE
            self.ended(trial, "")
        elif self.board.is_behind(trial):
            self.give_up(trial, given_up(self.settings, trial))

    def give_up(self, trial: Trial, note: str) -> None:
        """Ends a trial before all its folds are fitted."""
        trial.state = TrialState.PRUNED
        self.ended(trial, note)

    def ended(self, trial: Trial, note: str) -> None:
        """Tells the sampler, the ledger and the watcher what became of a trial."""
        if self.settings.trials is None and not self.settings.recorded:
            self.board.sampler.tell(trial)
        if trial.state is not TrialState.DONE:
            code = {TrialState.FAILED: "SEARCH001", TrialState.PRUNED: "SEARCH002", TrialState.SKIPPED: "SEARCH003"}[
                trial.state
            ]
            note = f"trial {trial.number}: {note}"
            self.ledger.add(Entry("search", code, "trials", f"trial {trial.state}", trial.candidate, 1, note=note))
        if self.watcher is not None:
            self.watcher.on_trial(trial, self.board.trials, self.board.best)


def open_search(
    settings: SearchSettings,
    bench: Bench,
    data: Dataset,
    y: np.ndarray,
    weight: np.ndarray | None,
    folds: Sequence[Fold],
    baseline_losses: Sequence[float],
    ledger: Ledger,
    journal: Path,
    watcher: Watcher | None = None,
    fit_weight: np.ndarray | None = None,
) -> Search:
    """Lays the table for the workers and opens a search on it; rows may weigh otherwise when models are fitted."""
    lay_table(bench, data, y, weight if fit_weight is None else fit_weight, folds)
    sampler = Sampler(settings.candidates, settings.sampler, settings.seed, journal, settings.studies)
    board = Board(settings, folds, y, weight, baseline_losses, sampler)
    return Search(settings, bench, board, ledger, watcher)
