"""Asks whether random folds believe too well of the future: a quick trial, judged on the latest rows and on random ones."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.engine.plan import Plan
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.search import Bench, Search, Trial, lay_table
from lepton_automl.search.fitting import Fitting
from lepton_automl.tasks import Fold, Metric, TimeSplitter
from lepton_automl.work import Outcome, State

SHARE_OF_BUDGET = 0.02
MOST_ROWS = 20_000
LATEST = 0.2
LEAST_JUDGED = 50
LEAST_MOMENTS = 20
"""A date with fewer distinct values is no order of time."""
MOST_MISSING = 0.2
QUICK = ("lightgbm", "linear", "xgboost")
"""Families whose fit on so many rows takes a second or two."""
WORSE_BY = 0.1
"""What is worse by less than this share of the way from the baseline to the believed figure is let pass."""
STANDARD_ERRORS = 3.0
"""And so is what is worse by fewer standard errors of the difference than this: chance."""
RESAMPLES = 100


@dataclass(frozen=True)
class Judged:
    """One way of setting rows aside, and how the model did.

    Args:
        loss: Its loss, lower is better.
        error: Standard error of it, by the bootstrap over the rows that were judged.
        baseline: Loss of the task's baseline on the same rows.
    """

    loss: float
    error: float
    baseline: float


def disagrees(random: Judged, latest: Judged) -> bool:
    """Says whether the latest rows are worse by more than chance, and by more than a little of what the model is good for."""
    distance, gap = random.baseline - random.loss, latest.loss - random.loss
    chance = STANDARD_ERRORS * float(np.hypot(random.error, latest.error))
    return distance > 0 and gap > WORSE_BY * distance and gap > chance


def judged(metric: Metric, y: np.ndarray, prediction: np.ndarray, baseline: np.ndarray, seed: int) -> Judged:
    """Judges a prediction.

    Args:
        metric: The metric.
        y: Class codes or numbers, shape `(n,)`.
        prediction: Shape `(n, width)`.
        baseline: The baseline's prediction, shape `(n, width)`.
        seed: Seed of the resamples.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", chapter 6.
    """
    rng, figure = np.random.default_rng(seed), metric.of_weights(y, prediction)
    drawn = [figure(np.bincount(rng.integers(0, len(y), len(y)), minlength=len(y)).astype("float64")) for _ in range(RESAMPLES)]
    known = np.asarray(drawn)[np.isfinite(drawn)]
    error = float(known.std(ddof=1)) if len(known) > 1 else float("inf")
    return Judged(metric.loss(y, prediction), error, metric.loss(y, baseline))


def date_of(plan: Plan, data: Dataset) -> str | None:
    """Gives the date that could order the rows, the one with most moments; none where the folds follow time, groups or none."""
    if plan.splitter.kind not in ("random", "stratified"):
        return None
    moments = {
        column.name: int(data.values(column.name).nunique())
        for column in data.columns
        if column.kind is Kind.DATETIME
        and Role.TARGET not in column.roles
        and pd.api.types.is_datetime64_any_dtype(data.values(column.name))
        and data.values(column.name).isna().mean() <= MOST_MISSING
    }
    name = max(moments, key=lambda key: moments[key], default=None)
    return name if name is not None and moments[name] >= LEAST_MOMENTS else None


def check_seconds(plan: Plan) -> float:
    """Gives the seconds to set aside for the check."""
    if plan.budget.seconds is None or date_of(plan, plan.data.source) is None:
        return 0.0
    return SHARE_OF_BUDGET * plan.budget.seconds


def check_time(plan: Plan, search: Search, data: Dataset, y: np.ndarray, ledger: Ledger) -> list[str]:
    """Fits the best quick trial twice, writes what was found into the ledger, and gives what a reader must know.

    Args:
        plan: The plan.
        search: The search that has ended.
        data: Training rows.
        y: Their target, shape `(n,)`.
        ledger: Where it is written.
    """
    name = date_of(plan, data)
    if name is None:
        return []
    trial = next((trial for trial in search.board.complete if trial.candidate in QUICK), None)
    if trial is None:
        return _unchecked(ledger, name, f"no trial of {', '.join(QUICK)} has ended")
    rows, folds = _set_aside(plan, data, name)
    if not folds:
        return _unchecked(ledger, name, "too few rows have a date")
    train, target = data.rows(rows), y[rows]
    bench = replace(search.bench, folder=search.bench.folder / "time_check", diary=None)
    lay_table(bench, train, target, None, folds)
    outcomes = _fitted(plan, bench, search, trial, folds)
    failed = [f"{outcome.state}: {outcome.error}" for outcome in outcomes if outcome.state is not State.DONE]
    if failed or len(outcomes) < len(folds):
        return _unchecked(ledger, name, failed[0] if failed else "no time")
    found = [_judge(plan, bench, train, target, fold, outcome) for fold, outcome in zip(folds, outcomes, strict=True)]
    return _told(plan, name, trial, found[0], found[1], len(folds[0].valid), ledger)


def _set_aside(plan: Plan, data: Dataset, name: str) -> tuple[np.ndarray, list[Fold]]:
    """Gives positions of the rows that take part, and two folds of them: the latest rows set aside, and as many at random."""
    dated = np.flatnonzero(data.values(name).notna().to_numpy())
    if len(dated) > MOST_ROWS:
        dated = np.sort(np.random.default_rng(plan.seed).choice(dated, MOST_ROWS, replace=False))
    rows = data.rows(dated)
    if rows.values(name).nunique() < LEAST_MOMENTS or len(rows) * LATEST < LEAST_JUDGED:
        return dated, []
    latest = TimeSplitter(name).holdout(rows, LATEST, plan.seed)
    random = plan.splitter.holdout(rows, len(latest.test) / len(rows), plan.seed)
    return dated, [Fold(0, latest.train, latest.test), Fold(1, random.train, random.test)]


def _fitted(plan: Plan, bench: Bench, search: Search, trial: Trial, folds: Sequence[Fold]) -> list[Outcome]:
    """Fits the trial on both folds within the time set aside; gives the outcomes in the order of the folds."""
    executor, fitting = bench.executor, Fitting(search.settings, bench)
    if not executor.idle + executor.busy:  # the user ended the search, and with it the workers
        return []
    turns = -(-len(folds) // max(1, executor.idle + executor.busy))
    seconds = check_seconds(plan) or float("inf")
    end, waiting, ids, found = time.time() + seconds, list(folds), list[str](), dict[str, Outcome]()
    while (waiting or len(found) < len(ids)) and time.time() < end + seconds:
        while waiting and executor.idle:
            job = fitting.job(trial, waiting.pop(0).number, None, end, time.time() + seconds / turns)
            executor.submit(replace(job, id=f"time_check_{job.id}"))
            ids.append(f"time_check_{job.id}")
        found.update({outcome.id: outcome for outcome in executor.poll(0.05) if outcome.id in ids})
    return [found[name] for name in ids if name in found]


def _judge(plan: Plan, bench: Bench, data: Dataset, y: np.ndarray, fold: Fold, outcome: Outcome) -> Judged:
    prediction = np.load(bench.folder / "fits" / f"{outcome.id.removeprefix('time_check_')}.oof.npy").astype("float64")
    baseline = plan.task.baseline(data.rows(fold.train), data.rows(fold.valid))
    return judged(plan.task.metric, y[fold.valid], prediction, baseline, plan.seed)


def _unchecked(ledger: Ledger, name: str, why: str) -> list[str]:
    note = f"whether random folds hold in the order of time was not checked: {why}"
    ledger.add(Entry("split", "SPLIT002", "time_check", "not checked", name, note=note))
    return []


def _told(plan: Plan, name: str, trial: Trial, latest: Judged, random: Judged, rows: int, ledger: Ledger) -> list[str]:
    """Writes both figures down; gives a sentence where they disagree."""
    metric: Any = plan.task.metric
    sign = -1.0 if metric.is_score else 1.0
    believed, seen = sign * random.loss, sign * latest.loss
    is_wrong = disagrees(random, latest)
    note = f"{trial.candidate}, {metric.name} on random rows {believed:.4g}, on the latest {rows:,} by {name} {seen:.4g}"
    effect = "disagrees" if is_wrong else "passed"
    said = f"{note}. If new rows are later ones, believe the second: write split.time={name}." if is_wrong else note
    ledger.add(
        Entry("split", "SPLIT002", "time_check", effect, name, rows, measured=seen, limit=believed, unit=metric.name, note=said)
    )
    return [f"Random folds and the order of time disagree: {said}"] if is_wrong else []
