"""What a recipe does so that groups fare alike: weights of training rows, and a limit that the choice of models keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lepton_automl.data import Dataset, Role
from lepton_automl.engine.protected import protected_groups
from lepton_automl.ensemble import Ensemble, usable
from lepton_automl.ensemble.combine import OutOfFold, stack
from lepton_automl.errors import Problem
from lepton_automl.evidence import Rival
from lepton_automl.evidence.fairness import Groups, GroupSettings, Members, figure_names, reweighed
from lepton_automl.evidence.groups import cross, group_by_columns
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.recipe import Recipe
from lepton_automl.registry import did_you_mean
from lepton_automl.search import Board, Trial
from lepton_automl.tasks import DecisionRule, Goal, GroupLines, Makes, Task

MOST_RIVALS = 20
"""Trials that are shown beside what is delivered, the best first."""
MOST_JUDGED = 100
"""Trials that are held against the limit, the best first."""
LINE_ROWS = 3_000
"""Rows by which a trial's own line is drawn."""
Line = Callable[[np.ndarray, np.ndarray], DecisionRule]
"""Draws a line: positions of training rows, shape `(m,)`, and what is said of them, shape `(m, width)`."""


@dataclass(frozen=True)
class Constraint:
    """A limit on a figure of fairness.

    Args:
        figure: Its name, `COLUMN.FIGURE`.
        max: Largest value that keeps it, or none.
        min: Smallest value that keeps it, or none.
    """

    figure: str
    max: float | None = None
    min: float | None = None

    @property
    def limit(self) -> float:
        """The value that is not to be passed."""
        return self.max if self.max is not None else float(self.min or 0.0)

    def beyond(self, value: float) -> float:
        """Gives by how much a value breaks the limit; 0 or less where it keeps it, infinite where it is not known."""
        if not np.isfinite(value):
            return float("inf")
        return value - self.max if self.max is not None else self.limit - value


@dataclass(frozen=True)
class FairnessPlan:
    """What is done for fairness.

    Args:
        groups: How groups are made.
        reweighed: Columns by whose groups training rows are reweighed; empty: they are not.
        constraint: The limit that the choice keeps, or none.
        shows_rivals: Whether the evidence shows what else could have been delivered.
    """

    groups: GroupSettings = field(default_factory=GroupSettings)
    reweighed: tuple[str, ...] = ()
    constraint: Constraint | None = None
    shows_rivals: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        limit = None if self.constraint is None else dict(vars(self.constraint))
        return {"groups": list(self.groups.columns), "reweighed": list(self.reweighed), "constraint": limit}


def read_fairness(recipe: Recipe) -> FairnessPlan:
    """Gives what the recipe asks for."""
    asked, groups = recipe.fairness, protected_groups(recipe)
    mitigation, limit = asked.mitigation, asked.constraint
    columns = tuple(mitigation.columns or recipe.data.roles.protected)
    return FairnessPlan(
        groups,
        columns if mitigation.kind == "reweighing" else (),
        None if limit is None else Constraint(limit.figure, limit.max, limit.min),
        recipe.evidence.fairness is not None and bool(groups.columns),
    )


def fairness_problems(recipe: Recipe, task: Task | None, goal: Goal) -> list[Problem]:
    """Says whether columns and figures that the recipe names for fairness will be there."""
    asked, roles, problems = recipe.fairness, recipe.data.roles, list[Problem]()
    known = [*roles.protected, *roles.evaluation_only]
    shown = recipe.evidence.fairness
    named = {"fairness.mitigation.columns": asked.mitigation.columns}
    if shown is not None:
        named |= {"evidence.fairness.columns": shown.columns, "evidence.fairness.cuts": list(shown.cuts)}
    for key, names in named.items():
        for name in names:
            if name not in known:
                fix = did_you_mean(name, known) if known else f"Write data.roles.protected: [{name}]."
                problems.append(Problem(key, f"{name!r} is no protected column.", fix))
    kind = asked.mitigation.kind
    if kind != "none":
        if not roles.protected and not asked.mitigation.columns:
            fix = "Name them in data.roles.protected."
            problems.append(Problem("fairness.mitigation.kind", f"is {kind}, and no column is protected.", fix))
        if goal.makes is not Makes.PROBABILITIES or (kind == "thresholds" and goal.width != 2):
            message = f"is {kind}, and a {recipe.task.kind} task has no {'two ' if kind == 'thresholds' else ''}labels."
            problems.append(Problem("fairness.mitigation.kind", message, "Write fairness.mitigation.kind=none."))
        elif kind == "thresholds":
            problems += _line_problems(recipe)
    if asked.constraint is not None and task is not None:
        groups = protected_groups(recipe)
        figures = figure_names(groups.columns, groups.intersections, task)
        if asked.constraint.figure not in figures:
            message = f"{asked.constraint.figure!r} is not a figure of the fairness of this task."
            fix = did_you_mean(asked.constraint.figure, figures) if figures else "Name columns in data.roles.protected."
            problems.append(Problem("fairness.constraint.figure", message, fix))
    return problems


def _line_problems(recipe: Recipe) -> list[Problem]:
    """Says what keeps groups from having lines of their own."""
    decision, problems = recipe.decision, list[Problem]()
    if not recipe.fairness.mitigation.lawful_basis.strip():
        message = "is empty, and a line for each group decides people by a protected column."
        fix = "Say why that is lawful here and who says so, or write fairness.mitigation.kind=none."
        problems.append(Problem("fairness.mitigation.lawful_basis", message, fix))
    if decision.payoff is None:
        message = "is thresholds, and without payoffs no line is worth more than another."
        fix = "Write decision.payoff: {false_positive: -1, false_negative: -5}."
        problems.append(Problem("fairness.mitigation.kind", message, fix))
    for key in ("threshold", "refer"):
        if getattr(decision, key) is not None:
            message = "and a line for each group (fairness.mitigation.kind=thresholds) contradict each other."
            problems.append(Problem(f"decision.{key}", message, "Remove one of them."))
    return problems


def slice_problems(recipe: Recipe, data: Dataset | None) -> list[Problem]:
    """Says whether the columns that the recipe wants sliced are there."""
    asked = recipe.evidence.slices
    if asked is None or data is None:
        return []
    known = [column.name for column in data.columns if not column.has(Role.TARGET)]
    named = {"evidence.slices.columns": asked.columns, "evidence.slices.cuts": list(asked.cuts)}
    return [
        Problem(key, f"{name!r} is not a column that can be sliced.", did_you_mean(name, known))
        for key, names in named.items()
        for name in names
        if name not in known
    ]


def weights_to_fit(
    plan: FairnessPlan, train: Dataset, y: np.ndarray, weight: np.ndarray | None, ledger: Ledger
) -> np.ndarray | None:
    """Gives the weights that models are fitted with, shape `(n,)`; those of the rows where nothing is reweighed.

    They are made of training rows alone. Rows are judged by their own weights all the same.
    """
    if not plan.reweighed:
        return weight
    found, left_out = group_by_columns(plan.reweighed, train, None, plan.groups.cuts, 1)
    for name, why in left_out:
        ledger.add(Entry("train", "FAIR001", "reweighing", "not applicable", name, note=why))
    if not found:
        return weight
    grouping = found[0] if len(found) == 1 else cross(found)
    made = reweighed(grouping.codes, y, weight)
    factor = made if weight is None else np.divide(made, weight, out=np.ones(len(y)), where=weight > 0)
    note = f"{len(grouping.names)} groups by the labels: training rows count {factor.min():.3g} to {factor.max():.3g} times"
    ledger.add(Entry("train", "FAIR001", "reweighing", "weights set", grouping.name, len(y), note=note))
    return made


@dataclass
class Keeper:
    """Chooses among trials that keep a limit, and drops members of an ensemble that does not.

    Args:
        plan: What is done for fairness.
        task: What is predicted.
        board: The trials.
        rows: The training rows.
        line: Draws the line of a trial.
        ledger: Where what is done is recorded.
    """

    plan: FairnessPlan
    task: Task
    board: Board
    rows: Dataset
    line: Line
    ledger: Ledger
    _alone: dict[int, float] = field(default_factory=dict)

    def among(self) -> set[int] | None:
        """Gives the trials to choose among: those that keep the limit alone, or else the one that is nearest to it."""
        limit = self.plan.constraint
        assert limit is not None
        trials, folds = usable(self.board)
        trials = trials[:MOST_JUDGED]
        groups: Groups | None = None
        for trial in trials:
            one = stack(self.board, trial, folds)
            groups = groups or self._groups(one.positions)
            self._alone[trial.number] = self._figure(groups, one, own_line(self.line, one))
        keep = {number for number, value in self._alone.items() if limit.beyond(value) <= 0}
        note = f"{len(keep)} of {len(trials)} trials keep {limit.figure} out of fold, each with a line of its own"
        if not keep and self._alone:
            nearest = min(self._alone, key=lambda number: limit.beyond(self._alone[number]))
            note += f"; trial {nearest} is nearest, and delivered alone"
            keep = {nearest}
        self._tell("noted", len(keep), None, note)
        return keep or None

    def fewer(self, ensemble: Ensemble, rule: DecisionRule) -> set[int] | None:
        """Gives the trials to choose among where the ensemble breaks the limit: all members but the worst.

        None where it is kept, or one member is left.
        """
        limit = self.plan.constraint
        assert limit is not None
        value = self._figure(self._groups(ensemble.out_of_fold.positions), ensemble.out_of_fold, rule)
        numbers = [member.trial.number for member in ensemble.members]
        if limit.beyond(value) <= 0 or len(numbers) == 1:
            effect = "kept" if limit.beyond(value) <= 0 else "not kept"
            self._tell(effect, len(numbers), value, f"{limit.figure} of what is delivered, out of fold")
            return None
        worst = max(numbers, key=lambda number: limit.beyond(self._alone.get(number, float("nan"))))
        self._tell("member dropped", 1, value, f"trial {worst} was left out: together the members break {limit.figure}")
        return set(numbers) - {worst}

    def _tell(self, effect: str, count: int, measured: float | None, note: str) -> None:
        limit = self.plan.constraint
        assert limit is not None
        known = None if measured is None or not np.isfinite(measured) else measured
        entry = Entry("ensemble", "FAIR002", "constraint", effect, count=count, measured=known, limit=limit.limit, note=note)
        self.ledger.add(entry)

    def _groups(self, positions: np.ndarray) -> Groups:
        return groups_of(self.plan.groups, self.rows, positions)

    def _figure(self, groups: Groups, one: OutOfFold, rule: DecisionRule) -> float:
        assert self.plan.constraint is not None
        y, weight = self.board.y[one.positions], self.board.weight
        mine = None if weight is None else weight[one.positions]
        known = rule.known(self.rows.rows(one.positions).frame)
        figures = groups.figures(self.task, y, one.values, rule, mine, known)
        return figures.get(self.plan.constraint.figure, float("nan"))


def groups_of(settings: GroupSettings, train: Dataset, positions: np.ndarray) -> Groups:
    """Groups some training rows, as all of them are cut."""
    names = [name for name in settings.columns if name in train.names]
    return Groups.of(settings, train.without(set(train.names) - set(names)).rows(positions), train)


def own_line(line: Line, one: OutOfFold) -> DecisionRule:
    """Draws a trial's own line, by a sample of its rows."""
    pick = np.random.default_rng(0).permutation(len(one.positions))[:LINE_ROWS]
    return line(one.positions[pick], one.values[pick])


def tell_lines(lines: GroupLines | None, members: Members | None, ledger: Ledger) -> None:
    """Records which lines groups have, by which columns and why that is lawful, or that no group has one."""
    if members is None:
        return
    for name, why in members.left_out:
        ledger.add(Entry("ensemble", "FAIR003", "thresholds", "not applicable", name, note=why))
    if lines is None:
        note = f"fewer than two groups of {members.settings.min_group} rows: all rows have one line"
        ledger.add(Entry("ensemble", "FAIR003", "thresholds", "not applicable", note=note))
        return
    without = int((~(members.keys[:, None] == [line.key for line in lines.lines]).all(axis=2).any(axis=1)).sum())
    ends = [line.line for line in lines.lines]
    note = (
        f"{len(ends)} groups have lines from {min(ends):.4g} to {max(ends):.4g}, alike in {lines.alike}; {without} training"
        f" rows are in none and have the line of all; lawful basis, as the recipe says: {lines.basis}"
    )
    name = "*".join(lines.names)
    ledger.add(Entry("ensemble", "FAIR003", "thresholds", "lines set", name, len(members.keys) - without, note=note))


def rivals_of(
    plan: FairnessPlan, board: Board, trials: Sequence[Trial], ensemble: Ensemble, rule: DecisionRule, line: Line
) -> tuple[Rival, ...]:
    """Gives what else could have been delivered, each by what it said out of fold, and what is delivered.

    Args:
        plan: What is done for fairness.
        board: The trials.
        trials: Those that could have been chosen, the best first.
        ensemble: What is delivered.
        rule: What is done with what it says.
        line: Draws the line of a trial.
    """
    if not plan.shows_rivals:
        return ()
    found, weight = [], board.weight
    for trial in [t for t in trials if all(fold in t.fits for fold in ensemble.folds)][:MOST_RIVALS]:
        one = stack(board, trial, ensemble.folds)
        mine = None if weight is None else weight[one.positions]
        loss = board.settings.metric.loss(board.y[one.positions], one.values, mine)
        found.append(Rival(f"{trial.candidate} (trial {trial.number})", one.values, own_line(line, one), loss))
    names = [f"{m.trial.candidate} (trial {m.trial.number})" for m in ensemble.members]
    name = names[0] if len(names) == 1 else f"the ensemble of {len(names)}"
    delivered = Rival(name, ensemble.out_of_fold.values, rule, ensemble.loss, is_delivered=True)
    if rule.by_group is not None:
        found.append(
            Rival("the same with one line for all", ensemble.out_of_fold.values, replace(rule, by_group=None), ensemble.loss)
        )
    return (delivered, *(rival for rival in found if rival.name != name))
