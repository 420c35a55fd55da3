"""What is learned of out-of-fold predictions once the ensemble stands: the decision, intervals, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lepton_automl.engine.plan import Plan
from lepton_automl.engine.table import Table
from lepton_automl.ensemble import Averaging, Conformal, Ensemble, learn_averaging, learn_conformal, load_fit
from lepton_automl.ensemble.combine import OutOfFold
from lepton_automl.evidence import RESAMPLES, Decision, decide, has_line, order
from lepton_automl.evidence.explaining import Grounds, learn_grounds
from lepton_automl.evidence.fairness import Members
from lepton_automl.features import Prepared
from lepton_automl.search import load_preparation
from lepton_automl.tasks import DecisionRule, Makes

SPREAD_ROWS = 2_000
"""Training rows of which the spread of the folds' models is learned."""


def grouped(plan: Plan, table: Table) -> Members | None:
    """Gives the groups of all training rows that are to have lines of their own; none where all rows have one line."""
    alike = plan.decision.alike
    return None if alike is None else Members.of(alike, table.train)


def draw_line(plan: Plan, table: Table, oof: OutOfFold, members: Members | None, resamples: int = RESAMPLES) -> Decision:
    """Decides on out-of-fold predictions: the line between two labels, or the quantity to order.

    Args:
        plan: The plan.
        table: The training rows.
        oof: What is said of them out of fold.
        members: What `grouped` gives.
        resamples: Resamples behind the decision's intervals; 0: it has none.
    """
    settings = plan.decision
    y = table.y[oof.positions]
    weight = None if table.weight is None else table.weight[oof.positions]
    if settings.cost is not None:
        return order(y, oof.values, plan.task.goal.levels, settings, weight)
    if not has_line(plan.task):
        return Decision(None, "the task has no line")
    amounts = DecisionRule(payoff=settings.payoff).known(table.train.rows(oof.positions).frame).amounts
    members = None if members is None else members.rows(oof.positions)
    return decide(y, oof.values, settings, amounts, weight, plan.evidence.confidence, plan.seed, resamples, members)


def learned_averaging(plan: Plan, table: Table, ensemble: Ensemble, folder: Path) -> Averaging | None:
    """Learns what the mean of the folds' models errs less than those of one fold; none where nobody asks, or none is served.

    Args:
        plan: The plan.
        table: The training rows.
        ensemble: What is delivered: the models of its members' folds.
        folder: The search's folder of preparations.
    """
    asks = plan.delivery.promise is not None or any(examiner.name == "conformal" for examiner in plan.evidence.examiners)
    if not asks or ensemble.final != "folds" or plan.task.goal.makes not in (Makes.VALUES, Makes.PROBABILITIES):
        return None
    oof = ensemble.out_of_fold
    pick = np.sort(np.random.default_rng(plan.seed).permutation(len(oof.positions))[:SPREAD_ROWS])
    rows = oof.positions[pick]
    fold_of = np.full(len(table.train), -1)
    for fold in table.folds:
        fold_of[fold.valid] = fold.number
    sums, weights = _told_by_folds(plan, table, ensemble, rows, folder)
    folds = sorted(sums)
    if not folds:
        return None
    told = np.stack([sums[fold] / weights[fold] for fold in folds])
    if ensemble.calibration is not None:
        told = np.stack([ensemble.calibration.apply(one) for one in told])
    saw = np.array(folds)[:, None] != fold_of[rows][None, :]
    return learn_averaging(
        table.y[rows], oof.values[pick], told, saw, np.array([weights[fold] for fold in folds]), plan.task.goal
    )


def _told_by_folds(
    plan: Plan, table: Table, ensemble: Ensemble, rows: np.ndarray, folder: Path
) -> tuple[Mapping[int, np.ndarray], Mapping[int, float]]:
    """Gives for each fold the weighted sum of what its delivered models say of rows, shape `(n, width)`, and their weight."""
    frame = table.train.rows(rows).frame
    sums: dict[int, np.ndarray] = {}
    weights: dict[int, float] = {}
    prepared: dict[str, Prepared] = {}
    for member in ensemble.members:
        for fit in member.fits:
            if fit.preparation not in prepared:
                prepared[fit.preparation] = load_preparation(folder / fit.preparation).apply(frame, None)
            share = member.weight / len(member.fits)
            fitted = load_fit(member.trial, fit, plan.plugins)
            sums[fit.fold] = sums.get(fit.fold, 0.0) + share * fitted.predict(prepared[fit.preparation], plan.hardware.threads)
            weights[fit.fold] = weights.get(fit.fold, 0.0) + share
    return sums, weights


def learned_intervals(plan: Plan, table: Table, ensemble: Ensemble, averaging: Averaging | None = None) -> Conformal | None:
    """Learns the intervals or sets that the artefact promises, of out-of-fold rows; none where it promises none."""
    oof, promise = ensemble.out_of_fold, plan.delivery.promise
    if promise is None:
        return None
    weight = None if table.weight is None else table.weight[oof.positions]
    return learn_conformal(table.y[oof.positions], oof.values, plan.task.goal, promise, weight, averaging)


def grounds_of(plan: Plan, table: Table, ensemble: Ensemble) -> Grounds | None:
    """Gives what the artefact keeps to explain predictions with; none if the recipe wants none, or without features."""
    if not plan.explaining.background:
        return None
    oof = ensemble.out_of_fold
    grounds = learn_grounds(table.train, plan.task, plan.explaining, oof.positions, oof.values)
    return grounds if grounds.names else None
