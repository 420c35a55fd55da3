"""What is learned of out-of-fold predictions once the ensemble stands: the decision, intervals, and what explains it."""

from __future__ import annotations

from lepton_automl.engine.plan import Plan
from lepton_automl.engine.table import Table
from lepton_automl.ensemble import Conformal, Ensemble, learn_conformal
from lepton_automl.ensemble.combine import OutOfFold
from lepton_automl.evidence import RESAMPLES, Decision, decide, has_line, order
from lepton_automl.evidence.explaining import Grounds, learn_grounds
from lepton_automl.evidence.fairness import Members
from lepton_automl.tasks import DecisionRule


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


def learned_intervals(plan: Plan, table: Table, ensemble: Ensemble) -> Conformal | None:
    """Learns the intervals or sets that the artefact promises, of out-of-fold rows; none where it promises none."""
    oof, promise = ensemble.out_of_fold, plan.delivery.promise
    if promise is None:
        return None
    weight = None if table.weight is None else table.weight[oof.positions]
    return learn_conformal(table.y[oof.positions], oof.values, plan.task.goal, promise, weight)


def grounds_of(plan: Plan, table: Table, ensemble: Ensemble) -> Grounds | None:
    """Gives what the artefact keeps to explain predictions with; none if the recipe wants none, or without features."""
    if not plan.explaining.background:
        return None
    oof = ensemble.out_of_fold
    grounds = learn_grounds(table.train, plan.task, plan.explaining, oof.positions, oof.values)
    return grounds if grounds.names else None
