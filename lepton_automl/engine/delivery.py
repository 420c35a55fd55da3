"""From finished trials to the packed artefact: weigh, prune, refit, calibrate, draw the line, pack, keep what was promised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from lepton_automl.deliver import Artifact, Latency, learn_contract, measure_latency, one_row, pack
from lepton_automl.engine.estimate import search_reserve
from lepton_automl.engine.fairness import Keeper, Line, rivals_of, tell_lines
from lepton_automl.engine.learned import draw_line, grounds_of, grouped, learned_averaging, learned_intervals
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.table import Table
from lepton_automl.ensemble import (
    Averaging,
    Costs,
    Ensemble,
    Pruned,
    RecordedEnsemble,
    Trialled,
    choose,
    cut_to,
    kind_for,
    milliseconds_of,
    prune,
    refitted,
    sizes_of,
    thinned,
    timed,
    try_calibration,
    usable,
    weighed,
)
from lepton_automl.ensemble.combine import OutOfFold
from lepton_automl.errors import RunError
from lepton_automl.evidence import Decision, Rival, Verdict, judge_promise
from lepton_automl.evidence.fairness import Members
from lepton_automl.features import Domain, learn_domain
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Clock
from lepton_automl.search import Board, Fit, Refit, Search, Trial

MOST_TIMED = 25
"""Trials whose time for one row is measured, the best first."""


@dataclass(frozen=True)
class Delivered:
    """What leaves, and what is known of it.

    Args:
        ensemble: What is in the artefact.
        decision: The line.
        artifact: The artefact.
        latency: Its time for one row.
        cut: Trial number to the rounds that the boosters of its folds were cut to.
        calibrated: What became of the calibration; none where there was nothing to try.
        rivals: What else could have been delivered, for the evidence on fairness.
        averaging: What the mean of all folds' models errs less than one fold's; none where that is not known.
    """

    ensemble: Ensemble
    decision: Decision
    artifact: Artifact
    latency: Latency
    cut: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    calibrated: Trialled | None = None
    rivals: tuple[Rival, ...] = ()
    averaging: Averaging | None = None


class Timer(Protocol):
    """Counts the seconds of stages."""

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Begins a stage."""
        ...


@dataclass
class Joiner:
    """Makes the ensemble of a run.

    Args:
        plan: The plan.
        table: The rows.
        search: The finished search.
        ledger: Where what is done is recorded.
        clock: Counts the run's seconds.
        recorded: The ensemble of the run that is replayed, or none.
    """

    plan: Plan
    table: Table
    search: Search
    ledger: Ledger
    clock: Clock
    recorded: RecordedEnsemble | None = None
    _refits: dict[int, Fit] = field(default_factory=dict)

    @cached_property
    def domain(self) -> Domain | None:
        """Where the training rows lie, learned once; none where no row is to be flagged."""
        share = self.plan.delivery.outside
        return None if share is None else learn_domain(self.table.train, share, self.plan.seed)

    @property
    def board(self) -> Board:
        """The trials."""
        return self.search.board

    def costs(self) -> Costs:
        """Gives what the trials would cost; one row is only timed where the recipe limits that."""
        (trials, _), final = usable(self.board), self.plan.delivery.final
        sizes = sizes_of(trials, final)
        if self.plan.delivery.joining.max_latency_ms is None or self.recorded is not None:
            return Costs(sizes)
        row, folder = self.table.train.frame.iloc[[0]].reset_index(drop=True), self.search.bench.folder / "table"
        times = milliseconds_of(trials[:MOST_TIMED], folder, row, self.table.train.frame, final, self.plan.plugins)
        contract, raw = learn_contract(self.table.train, "missing", "missing"), one_row(row)
        rest = {trial.number: float("inf") for trial in trials[MOST_TIMED:]}
        return Costs(sizes, {**times, **rest}, timed(lambda: contract.read(raw, "one row")))

    def join(self, costs: Costs, among: Collection[int] | None) -> tuple[Ensemble, Pruned | None, Trialled | None]:
        """Weighs, prunes, fits again and calibrates.

        Args:
            costs: What trials cost when they are delivered.
            among: Numbers of the trials to choose among; all if absent.
        """
        ensemble = self._weighed(costs, among)
        pruned = self._pruned(ensemble)
        ensemble = self._thinned(self._refitted(ensemble if pruned is None else pruned.ensemble))
        calibrated = self._calibrated(ensemble)
        kept = self.recorded.calibration if self.recorded is not None else None if calibrated is None else calibrated.kept
        if kept is not None:
            oof = replace(ensemble.out_of_fold, values=kept.apply(ensemble.out_of_fold.values))
            y, weight = self._truth(oof.positions)
            loss = self.board.settings.metric.loss(y, oof.values, weight)
            ensemble = replace(ensemble, out_of_fold=oof, loss=loss, calibration=kept)
        return ensemble, pruned, calibrated

    def _weighed(self, costs: Costs, among: Collection[int] | None) -> Ensemble:
        if self.recorded is not None:
            fitted = [trial for trial in self.board.trials if trial.fits]
            return weighed(self.board, self.recorded.weights, fitted, self.recorded.folds or usable(self.board)[1])
        return choose(self.board, self.plan.delivery.joining, costs, among)

    def _pruned(self, ensemble: Ensemble) -> Pruned | None:
        tolerance, plan = self.plan.delivery.joining.prune_trees, self.plan
        where = (self.search.bench.folder / "table", plan.hardware.threads, plan.plugins)
        if self.recorded is not None:
            return cut_to(ensemble, self.board, self.recorded.rounds, *where) if self.recorded.rounds else None
        if not tolerance:
            return None
        pruned = prune(ensemble, self.board, tolerance, *where)
        change = pruned.ensemble.loss - ensemble.loss
        note = f"{pruned.before:,} rounds became {pruned.after:,}; the out-of-fold loss changed by {change:+.4g}"
        self.ledger.add(
            Entry("ensemble", "JOIN002", "prune_trees", "noted", count=len(pruned.rounds), measured=change, note=note)
        )
        return pruned

    def _refitted(self, ensemble: Ensemble) -> Ensemble:
        wanted = [trial for trial in to_refit(self.plan, ensemble) if trial.number not in self._refits]
        refit = Refit(self.search.fitting, self.board, self.ledger)
        self._refits.update(refit.run(wanted, refit_deadline(self.plan, self.clock)))
        mine = {member.trial.number for member in ensemble.members}
        return refitted(ensemble, {number: fit for number, fit in self._refits.items() if number in mine})

    def _thinned(self, ensemble: Ensemble) -> Ensemble:
        most = self.plan.delivery.joining.max_fits
        kept = thinned(ensemble, most)
        before, after = (sum(len(member.fits) for member in one.members) for one in (ensemble, kept))
        if after < before:
            note = f"{after} of {before} fitted models are delivered; those left out judge out-of-fold rows only"
            left_out = before - after
            self.ledger.add(
                Entry("ensemble", "JOIN005", "max_fits", "noted", count=left_out, measured=after, limit=most, note=note)
            )
        return kept

    def _calibrated(self, ensemble: Ensemble) -> Trialled | None:
        oof, task = ensemble.out_of_fold, self.plan.task
        kind = kind_for(self.plan.delivery.joining.calibration, task.metric, task.goal, len(oof.positions))
        if kind == "none" or self.recorded is not None:
            return None
        y, weight = self._truth(oof.positions)
        found = try_calibration(kind, oof.values, y, weight, task.metric)
        effect = "kept" if found.kept is not None else "left out"
        note = f"{kind}: out of fold the {found.metric} goes from {found.before:.5f} to {found.after:.5f}; {effect}"
        self.ledger.add(
            Entry("ensemble", "JOIN001", "calibration", "noted", measured=found.after, limit=found.before, note=note)
        )
        return found

    def _truth(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        return self.table.y[positions], None if self.table.weight is None else self.table.weight[positions]


def deliver(joiner: Joiner, stages: Timer) -> Delivered:
    """Makes the artefact; where it does not keep what the recipe promises, members are dropped until it does.

    Raises:
        RunError: If no model at all could be fitted.
    """
    _check_usable(joiner.board)
    plan = joiner.plan
    among: set[int] | None = None
    keeper: Keeper | None = None
    with stages("ensemble"):
        costs, members = joiner.costs(), grouped(plan, joiner.table)
        line = line_of(joiner, members)
        if plan.fairness.constraint is not None and joiner.recorded is None:
            keeper = Keeper(plan.fairness, plan.task, joiner.board, joiner.table.train, line, joiner.ledger)
            among = keeper.among()
    while True:
        with stages("ensemble"):
            ensemble, pruned, calibrated = joiner.join(costs, among)
        decision = draw_line(plan, joiner.table, ensemble.out_of_fold, members)
        with stages("pack"):
            averaging = learned_averaging(plan, joiner.table, ensemble, joiner.search.bench.folder / "table")
            artifact = pack_ensemble(joiner, ensemble, decision, averaging)
            latency = measure_latency(artifact.scorer, one_row(joiner.table.train.frame))
        cut = {} if pruned is None else pruned.rounds
        found = Delivered(ensemble, decision, artifact, latency, cut, calibrated, averaging=averaging)
        among = None if joiner.recorded is not None else _fewer(found, costs, plan, joiner.ledger)
        if among is None and keeper is not None:
            among = keeper.fewer(ensemble, decision.rule)
        if among is None:
            trials = usable(joiner.board)[0]
            rivals = rivals_of(plan.fairness, joiner.board, trials, ensemble, decision.rule, line)
            tell_lines(decision.by_group, members, joiner.ledger)
            return replace(found, rivals=rivals)


def line_of(joiner: Joiner, members: Members | None) -> Line:
    """Gives what draws a line by any prediction of training rows, as the decision's is drawn."""
    plan, table = joiner.plan, joiner.table
    return lambda positions, values: draw_line(plan, table, OutOfFold(positions, values), members, 0).rule


def _check_usable(board: Board) -> None:
    if not usable(board)[0]:
        reasons = sorted({f"{t.candidate}: {t.error or 'no time'}" for t in board.trials})
        raise RunError(
            f"no model could be fitted ({'; '.join(reasons) or 'no trial was started'}). Raise the budget, or see run.log."
        )


def _fewer(found: Delivered, costs: Costs, plan: Plan, ledger: Ledger) -> set[int] | None:
    """Gives the trials to choose among when a promise is not kept: all members but the dearest, at last the cheapest alone.

    None where all is kept, or nothing is left to try.
    """
    for key, unit, value, most, prices, known in _promises(found, costs, plan):
        if value <= most:
            continue
        numbers = [member.trial.number for member in found.ensemble.members]
        if len(numbers) > 1:
            dearest = numbers[int(np.argmax(prices))]
            note = f"trial {dearest} was left out: the artefact takes {value:.3g} {unit}, {most:g} are allowed"
            ledger.add(
                Entry("ensemble", "JOIN003", key, "member dropped", count=1, measured=value, limit=most, unit=unit, note=note)
            )
            return set(numbers) - {dearest}
        cheapest = min(known, key=lambda number: known[number], default=numbers[0])
        if cheapest != numbers[0] and known[cheapest] < known.get(numbers[0], float("inf")):
            note = f"trial {cheapest}, the cheapest, is delivered alone: no other keeps the limit"
            ledger.add(Entry("ensemble", "JOIN004", key, "noted", measured=value, limit=most, unit=unit, note=note))
            return {cheapest}
    return None


def _promises(
    found: Delivered, costs: Costs, plan: Plan
) -> list[tuple[str, str, float, float, list[float], Mapping[int, float]]]:
    """Gives each limit of the recipe: its name and unit, value, most, price of each member, and what each trial costs."""
    joining, promises = plan.delivery.joining, list[tuple[str, str, float, float, list[float], Mapping[int, float]]]()
    if joining.max_latency_ms is not None:
        prices = list(found.latency.members)
        limit = (found.latency.total, joining.max_latency_ms)
        promises.append(("max_latency_ms", "ms", *limit, prices, costs.milliseconds))
    if joining.max_size_mb is not None:
        sizes = [sum(fit.model_mb for fit in member.fits) for member in found.ensemble.members]
        promises.append(("max_size_mb", "MB", found.artifact.size_mb, joining.max_size_mb, sizes, costs.size_mb))
    return promises


def judge_promises(found: Delivered, plan: Plan, ledger: Ledger) -> list[Verdict]:
    """Judges the limits that the recipe sets for the artefact, as gates are judged."""
    joining = plan.delivery.joining
    pairs = (
        ("max_latency_ms", found.latency.total, joining.max_latency_ms),
        ("max_size_mb", found.artifact.size_mb, joining.max_size_mb),
    )
    return [judge_promise(figure, value, most, ledger) for figure, value, most in pairs if most is not None]


def may_refit(plan: Plan) -> bool:
    """Says whether fits may follow the search."""
    return plan.delivery.final == "refit" or bool(plan.search.recorded)


def to_refit(plan: Plan, ensemble: Ensemble) -> list[Trial]:
    """Gives the trials to fit again on all training rows: all of the ensemble, none, or those of the run that is replayed."""
    if plan.search.recorded:
        wanted = {record.number for record in plan.search.recorded if record.refit}
        return [member.trial for member in ensemble.members if member.trial.number in wanted]
    return [member.trial for member in ensemble.members] if plan.delivery.final == "refit" else []


def rows_judged(plan: Plan) -> int:
    """Gives the number of rows the evidence will rest on."""
    if plan.data.test is not None:
        return len(plan.data.test)
    return round(len(plan.data.source) * (plan.test_share or 1.0))


def refit_deadline(plan: Plan, clock: Clock) -> float:
    """Gives the moment at which the refit must have ended."""
    if plan.budget.seconds is None:
        return float("inf")
    chapters = plan.evidence.chapters_share
    after = search_reserve(plan.budget, rows_judged(plan), plan.evidence.resamples, "folds", chapters)
    return clock.started + plan.budget.seconds - after


def pack_ensemble(joiner: Joiner, ensemble: Ensemble, decision: Decision, averaging: Averaging | None) -> Artifact:
    """Packs what is delivered, in the working folder: it moves to its place when the run is sealed."""
    plan, table, work = joiner.plan, joiner.table, joiner.search.bench.folder
    contract = learn_contract(table.train, plan.delivery.unseen_level, plan.delivery.unreadable_value, decision.rule.needs)
    grounds = grounds_of(plan, table, ensemble)
    kept = None if grounds is None else (grounds.background, grounds.to_dict())
    parts = (work / "artifact", work, plan.task, ensemble, contract, decision.rule, table.train, plan.plugins)
    return pack(*parts, learned_intervals(plan, table, ensemble, averaging), joiner.domain, kept)
