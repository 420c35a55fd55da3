"""What is looked at while a recipe is compiled: hardware, budget, metric, decision, gates, split, target, folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from lepton_automl.data import Role
from lepton_automl.data.personal import shown_safely
from lepton_automl.engine.plan import Loaded
from lepton_automl.engine.resume import is_unfinished, latest_run
from lepton_automl.errors import DataError, HardwareError, LeptonError, OutputError, Problem, RecipeError
from lepton_automl.limits import Budget
from lepton_automl.recipe import Composed, Recipe
from lepton_automl.recipe import blocks as block
from lepton_automl.registry import did_you_mean
from lepton_automl.tasks import METRICS, Goal, Makes, Task

DEFAULT_SECONDS = 60.0
T = TypeVar("T")


class Collected:
    """Gathers mistakes, so that all are told at once."""

    def __init__(self) -> None:
        self.errors: list[LeptonError] = []
        self.problems: list[Problem] = []

    def keep(self, work: Callable[[], T]) -> T | None:
        """Does the work; gives what it gives, or none if it raised one of our errors."""
        try:
            return work()
        except LeptonError as error:
            self.errors.append(error)
            return None

    def add(self, problems: Iterable[Problem]) -> None:
        """Keeps problems of the recipe."""
        self.problems.extend(problems)

    def raise_all(self, composed: Composed) -> None:
        """Raises one error with everything in it, its class that of the gravest: recipe, hardware, output, then data."""
        if self.problems:
            self.errors.append(RecipeError(self.problems))
        if not self.errors:
            return
        kinds = (RecipeError, HardwareError, OutputError, DataError)
        gravest = next((kind for kind in kinds if any(isinstance(e, kind) for e in self.errors)), type(self.errors[0]))
        every = [_placed(problem, composed) for error in self.errors for problem in error.problems]
        raise gravest(list(dict.fromkeys(every)), f"recipe {composed.name!r}")


def _placed(problem: Problem, composed: Composed) -> Problem:
    """Says where the key of a problem was written."""
    key = problem.key.split(" ")[0]
    where = problem.where or composed.origins.of(tuple(key.split(".")))
    return Problem(problem.key, problem.message, problem.fix, where)


def read_budget(asked: block.BudgetBlock) -> Budget:
    """Reads the budget: seconds or trials, a minute if neither is given."""
    if asked.seconds is not None and asked.trials is not None:
        message = f"gives both seconds ({asked.seconds:g}) and trials ({asked.trials}); a run counts one of them."
        raise RecipeError(Problem("budget", message, "Write budget.seconds=null or budget.trials=null."))
    if asked.trials is not None:
        return Budget(trials=asked.trials)
    return Budget(seconds=asked.seconds if asked.seconds is not None else DEFAULT_SECONDS)


def metric_problems(task: Any, makes: Makes, most_classes: int) -> list[Problem]:
    """Says whether the metric is one, and fits the task."""
    if task.metric is None:
        return []
    fitting = [name for name, metric in METRICS.items() if makes in metric.makes and metric.classes[1] >= most_classes]
    fitting += ["pinball"] if makes is Makes.QUANTILES else []
    if task.metric in fitting:
        return []
    known = task.metric in METRICS
    message = f"{task.metric!r} does not fit a {task.kind} task." if known else f"{task.metric!r} is not a metric."
    return [
        Problem(
            "task.metric", message, f"Choose one of: {', '.join(fitting)}." if known else did_you_mean(task.metric, fitting)
        )
    ]


def calibration_problems(recipe: Recipe, goal: Goal) -> list[Problem]:
    """Says whether there are probabilities to calibrate where the recipe asks for it."""
    asked = recipe.ensemble.calibration
    if asked in ("auto", "none") or goal.makes is Makes.PROBABILITIES:
        return []
    message = f"is {asked}, and a {recipe.task.kind} task makes no probabilities."
    return [Problem("ensemble.calibration", message, "Remove it, or write ensemble.calibration=none.")]


def split_problems(recipe: Recipe, goal: Goal) -> list[Problem]:
    """Says whether the split has the columns it needs and fits the task."""
    split, problems = recipe.split, []
    if split.time is not None and split.group is not None:
        problems.append(Problem("split", "has both time and group.", "Keep the one that new rows will differ in."))
    if split.kind == "group" and split.group is None:
        problems.append(Problem("split.group", "is required with split.kind: group.", "Name the column of the entity."))
    if split.kind == "time" and split.time is None:
        problems.append(Problem("split.time", "is required with split.kind: time.", "Name the column of the time order."))
    if split.kind == "rolling" and goal.makes is not Makes.QUANTILES:
        problems.append(Problem("split.kind", "rolling needs a forecast.", "Write split.time=COLUMN for a time order."))
    if split.kind == "stratified" and goal.makes is not Makes.PROBABILITIES:
        problems.append(Problem("split.kind", "stratified needs a target of labels.", "Write split.kind=random."))
    return problems


def check_target(task: Task, found: Loaded, folds: int, recipe: Recipe) -> None:
    """Looks at the target, its roles and its classes."""
    problems = task.check(found.source, max(2, folds))
    labels = task.labels
    positive = getattr(recipe.task, "positive", None)
    if labels is not None and positive is not None and positive not in labels.values:
        fix = f"The labels are: {', '.join(map(shown_safely, labels.names[:8]))}."
        problems.append(Problem("task.positive", f"{positive!r} is not a label of {task.target!r}.", fix))
    if not found.source.features and task.history is None:
        problems.append(Problem("data", "has no feature left.", "Give columns other than the target, ids and ignored ones."))
    weight = found.source.name_of(Role.WEIGHT)
    if weight is not None:
        values = found.source.values(weight)
        if not str(values.dtype).startswith(("float", "int")) or values.isna().any() or (values < 0).any():
            problems.append(Problem("data.roles.weight", f"{weight!r} must hold numbers of 0 or more, none missing.", ""))
    if problems:
        raise DataError(problems)


def choose_folder(recipe: Recipe, name: str, out: Path | None) -> Path:
    """Gives the run's folder, and makes sure it can be written."""
    asked = out if out is not None else (Path(recipe.run.dir) if recipe.run.dir is not None else None)
    if asked is None and recipe.resume and (latest := latest_run(name)) is not None:
        return latest
    folder = asked if asked is not None else Path("outputs") / name / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    if folder.is_dir() and is_unfinished(folder) and recipe.resume:
        return folder
    if folder.exists() and not folder.is_dir():
        raise OutputError(Problem("run.dir", f"{folder} is a file.", "Give a folder."))
    if folder.is_dir() and any(folder.iterdir()):
        if asked is None:
            return _numbered(folder)
        raise OutputError(Problem("run.dir", f"{folder} is not empty; runs never overwrite each other.", "Give a new folder."))
    parent = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    if not os.access(parent, os.W_OK):
        raise OutputError(Problem("run.dir", f"there is no right to write to {parent}.", "Give another folder."))
    return folder


def _numbered(folder: Path) -> Path:
    number = 2
    while (candidate := folder.with_name(f"{folder.name}_{number}")).exists():
        number += 1
    return candidate
