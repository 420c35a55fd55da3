"""Makes jobs of fits, remembers how they end, and fits the chosen trials again on all rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl.ledger import Entry, Ledger
from lepton_automl.search.board import Board
from lepton_automl.search.diary import Diary, Line
from lepton_automl.search.fold_job import ALL_ROWS
from lepton_automl.search.protocol import Candidate, Fit, SearchSettings, Trial
from lepton_automl.tasks import Fold
from lepton_automl.work import Executor, Job, Outcome, State

USUAL_RATE, MOST_PATIENCE = 0.1, 5.0
"""The rate of boosting that the settings' patience is meant for, and the most it is multiplied by."""
LARGE_SHARE = 0.7
"""Share of the training rows of the largest fold that another must have for its rounds to count in a refit."""
SLOW = "slow"
"""Group of the jobs of slow families: what they import takes more memory than all else in a worker."""
GRACE = 1.0
"""Seconds a fit that stops by itself may be late before its worker is killed."""
FIRST_SHARE_OF_TIME = 1 / 3
"""Share of the time that is left which a fit of a family may take while none of its fits has ended."""
FIRST_SECONDS = 10.0
"""So many seconds it may take even where that is more than its share, but never more than half of what is left."""
KNOWN_FACTOR = 5.0
"""A fit may take so many times what the slowest fit of its family took."""


def kill_after(candidate: Candidate, left: float, known_seconds: float) -> float:
    """Gives the seconds after which a fit's worker is killed, so that a fit which hangs does not take a worker's whole time.

    A fit that goes by rounds stops by itself, and only must not be late.

    Args:
        candidate: Its family.
        left: Seconds until no fit may run any more.
        known_seconds: Seconds of the slowest fit of the family that ended well; 0 before the first.

    >>> plain = Candidate("forest", "m:C", {}, ({},), in_rounds=False)
    >>> kill_after(plain, 60.0, 0.0), kill_after(plain, 12.0, 0.0), kill_after(plain, 60.0, 9.0)
    (20.0, 6.0, 45.0)
    """
    if candidate.in_rounds:
        return left + GRACE
    first = max(FIRST_SHARE_OF_TIME * left, min(FIRST_SECONDS, left / 2))
    return min(left, max(first, KNOWN_FACTOR * known_seconds))


@dataclass(frozen=True)
class Bench:
    """Where the search works.

    Args:
        executor: Carries out the fits.
        folder: Working folder for tables, models and predictions.
        deadline: Moment (seconds since the epoch) at which no fit may run any more.
        rows_judged: Rows that the ensemble will score for the evidence.
        most_scoring: Most seconds to set aside for that.
        diary: Where fits that have ended are written down.
        stopped: Says whether the user asked for an end.
    """

    executor: Executor
    folder: Path
    deadline: float
    rows_judged: int = 0
    most_scoring: float = 0.0
    diary: Diary | None = None
    stopped: Callable[[], bool] = lambda: False


class Fitting:
    """Makes jobs of the fits of a search.

    Args:
        settings: What the search goes by.
        bench: Where it works.
    """

    def __init__(self, settings: SearchSettings, bench: Bench) -> None:
        self.settings, self.bench = settings, bench
        self.candidates = {c.name: c for c in settings.candidates}
        self._slowest: dict[str, float] = {}

    def known(self, trial: Trial, fold: int) -> Outcome | None:
        """Gives how the fit ended before the run was killed, if it did."""
        diary = self.bench.diary
        found = None if diary is None else diary.find(trial.number, trial.candidate, trial.params, fold)
        if found is not None:
            self._learn_seconds(trial, found)
        return found

    def _learn_seconds(self, trial: Trial, outcome: Outcome) -> None:
        if outcome.state is State.DONE:
            self._slowest[trial.candidate] = max(self._slowest.get(trial.candidate, 0.0), outcome.seconds)

    def write_down(self, trial: Trial, fold: int, outcome: Outcome) -> None:
        """Writes down how a fit ended."""
        self._learn_seconds(trial, outcome)
        if self.bench.diary is not None:
            self.bench.diary.write(Line(trial.number, trial.candidate, trial.params, trial.origin, fold, outcome))

    def submit(self, trial: Trial, fold: int, rounds: tuple[int, ...] | None, deadline: float, stop: float) -> str:
        """Gives a fit to an idle worker; gives the job's name."""
        job = self.job(trial, fold, rounds, deadline, stop)
        self.bench.executor.submit(job)
        return job.id

    def job(self, trial: Trial, fold: int, rounds: tuple[int, ...] | None, deadline: float, stop: float) -> Job:
        """Makes the job of a fit.

        Args:
            trial: The trial.
            fold: Number of the fold, or `ALL_ROWS`.
            rounds: Exact rounds, or none to find them.
            deadline: Moment at which no fit may run any more, where seconds are counted: its worker is killed then, or sooner
                by `kill_after`.
            stop: Moment at which a fit that goes by rounds stops by itself.
        """
        settings, candidate = self.settings, self.candidates[trial.candidate]
        name = f"trial{trial.number}_{'all' if fold == ALL_ROWS else f'fold{fold}'}"
        has_clock = settings.trials is None and not settings.recorded
        seconds = kill_after(candidate, deadline - time.time(), self._slowest.get(candidate.name, 0.0))
        history = settings.history
        arguments = {
            "table": str(self.bench.folder / "table"),
            "out": str(self.bench.folder / "fits" / name),
            "place": candidate.place,
            "params": dict(trial.params),
            "fold": fold,
            "goal": {"makes": str(settings.goal.makes), "width": settings.goal.width, "levels": list(settings.goal.levels)},
            "history": None if history is None else {**vars(history), "series": list(history.series)},
            "features": dict(vars(settings.features)),
            "limits": {
                "threads": settings.threads,
                "seed": settings.seed + max(fold, 0),
                "deadline": min(stop, 1e18) if has_clock else 1e18,
                "patience": _patience(settings.patience, candidate, trial.params),
                "device": candidate.device,
                "rounds": None if rounds is None or not rounds else list(rounds),
            },
        }
        group = SLOW if candidate.is_slow else ""
        return Job(name, "lepton_automl.search.fold_job:fit_fold", arguments, seconds if has_clock else float("inf"), group)


class Refit:
    """Fits trials again on all training rows, with the mean rounds of their folds.

    Rounds of boosting grow by the share of rows that each fold had set aside. A trial is left out when its fit would not end by
    the deadline, did not, or failed.

    Args:
        fitting: Makes the jobs.
        board: The trials.
        ledger: Where those left out are recorded.
    """

    def __init__(self, fitting: Fitting, board: Board, ledger: Ledger) -> None:
        self.fitting, self.board, self.ledger = fitting, board, ledger
        self.found: dict[int, Fit] = {}

    def run(self, trials: Sequence[Trial], deadline: float) -> dict[int, Fit]:
        """Fits the trials; gives trial number to fit."""
        executor, stopped = self.fitting.bench.executor, self.fitting.bench.stopped
        waiting, under_way = list(trials), dict[str, Trial]()
        while (waiting or under_way) and time.time() < deadline and not stopped():
            while waiting and executor.idle:
                self._begin(waiting.pop(0), under_way, deadline)
            for outcome in executor.poll(max(0.0, min(0.5, deadline - time.time()))):
                trial = under_way.pop(outcome.id, None)
                if trial is not None:
                    self.fitting.write_down(trial, ALL_ROWS, outcome)
                    self._take(trial, outcome)
        for trial in (*waiting, *under_way.values()):
            self._leave_out(trial, "the user stopped the run" if stopped() else "time was up")
        return self.found

    def _begin(self, trial: Trial, under_way: dict[str, Trial], deadline: float) -> None:
        known = self.fitting.known(trial, ALL_ROWS)
        if known is not None:
            self._take(trial, known)
        elif time.time() + self._expected_seconds(trial) > deadline:
            self._leave_out(trial, "no time")
        else:
            grows = bool(self.fitting.candidates[trial.candidate].rate)
            rounds = _mean_rounds(trial, self.board.folds, len(self.board.y) if grows else None)
            under_way[self.fitting.submit(trial, ALL_ROWS, rounds, deadline, deadline)] = trial

    def _take(self, trial: Trial, outcome: Outcome) -> None:
        if outcome.state is not State.DONE:
            self._leave_out(trial, f"{outcome.state}: {outcome.error}")
            return
        value, out = outcome.value, str(self.fitting.bench.folder / "fits" / outcome.id)
        rounds, seconds, size = tuple(value["rounds"]), value["seconds"], value["model_mb"]
        self.found[trial.number] = Fit(ALL_ROWS, float("nan"), rounds, seconds, size, 0.0, out, value["preparation"])

    def _expected_seconds(self, trial: Trial) -> float:
        rows = len(self.board.y)
        return max(fit.seconds * rows / max(1, len(self.board.folds[fit.fold].train)) for fit in trial.fits.values())

    def _leave_out(self, trial: Trial, why: str) -> None:
        note = f"trial {trial.number}: {why}; the models of its folds are delivered"
        self.ledger.add(Entry("search", "SEARCH004", "refit", "refit left out", "", 1, note=note))


def _patience(rounds: int, candidate: Candidate, params: Mapping[str, Any]) -> int:
    """Gives the rounds without gain before a fit stops: more at a lower rate, as each round then gains less."""
    rate = float(params.get(candidate.rate, USUAL_RATE)) if candidate.rate else USUAL_RATE
    return round(rounds * min(max(USUAL_RATE / rate, 1.0), MOST_PATIENCE))


def _mean_rounds(trial: Trial, folds: Sequence[Fold], rows: int | None) -> tuple[int, ...] | None:
    """Gives the mean rounds of a trial's folds; for so many rows in proportion, as they are where none are named.

    Folds with far fewer training rows than the largest, as those early in time have, do not count.
    """
    sizes = {fold: max(1, len(folds[fold].train)) for fold in trial.fits}
    large = [fold for fold, size in sizes.items() if size >= LARGE_SHARE * max(sizes.values())]
    scales = {fold: 1.0 if rows is None else rows / sizes[fold] for fold in large}
    rounds = [np.array(trial.fits[fold].rounds, dtype="float64") * scales[fold] for fold in large]
    if not rounds or not len(rounds[0]):
        return None
    return tuple(int(max(1, round(value))) for value in np.mean(rounds, axis=0))
