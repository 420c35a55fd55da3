"""From a recipe to a plan: every name found, every column looked at, every mistake told at once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lepton_automl.data import Dataset, Role
from lepton_automl.engine.candidates import Choices, choose_candidates, unread_columns
from lepton_automl.engine.estimate import estimate_run
from lepton_automl.engine.plan import Delivery, Loaded, Plan
from lepton_automl.engine.sources import load_data
from lepton_automl.errors import DataError, HardwareError, LeptonError, OutputError, Problem, RecipeError
from lepton_automl.evidence import EvidenceSettings, Gate, Payoff
from lepton_automl.features import FeatureOptions
from lepton_automl.governance import RULES, Rule
from lepton_automl.limits import Budget, Hardware, gpu_count, machine_memory_gb, machine_threads
from lepton_automl.models import MODELS, Shape
from lepton_automl.recipe import Composed, Recipe, check, explain
from lepton_automl.recipe import blocks as block
from lepton_automl.registry import did_you_mean
from lepton_automl.search import SearchSettings
from lepton_automl.tasks import (
    METRICS,
    TASKS,
    Goal,
    GroupSplitter,
    Makes,
    RandomSplitter,
    RollingSplitter,
    Splitter,
    Task,
    TimeSplitter,
)

DEFAULT_SECONDS = 60.0
PATIENCE = (300, 10_000)
"""Rounds of patience up to so many rows; with more rows it falls in proportion, not below 30."""
FOLDS_BY_ROWS = ((50_000, 5), (150_000, 3))
"""Rows up to which a number of folds is used; above, a single holdout."""
FORECAST_FOLDS = 3


def compile(composed: Composed, out: Path | None = None) -> Plan:  # noqa: A001 - the name of what it does
    """Compiles a composed recipe.

    Args:
        composed: The recipe as composed.
        out: Folder of the run, instead of the recipe's own.

    Raises:
        RecipeError: If the recipe is wrong, alone or together with the data; with all mistakes.
        DataError: If only the data is.
        HardwareError: If the hardware asked for is not here.
    """
    recipe = check(composed)
    plugins = tuple(recipe.plugins)
    problems, found = Collected(), None
    maker = problems.keep(lambda: TASKS.find(recipe.task.kind, "task.kind", plugins))
    hardware = problems.keep(lambda: _hardware(recipe.hardware))
    budget = problems.keep(lambda: _budget(recipe.budget))
    rules = _rules(recipe, plugins, composed, problems)
    problems.add(_metric_problems(recipe.task, maker.makes if maker else Makes.VALUES))
    if maker is not None:
        found = problems.keep(lambda: load_data(recipe, maker.has_labels))
    task = None if found is None else problems.keep(lambda: maker.learn(recipe.task.model_dump(), _target(found, recipe)))
    goal = task.goal if task is not None else Goal(maker.makes if maker else Makes.VALUES, 2)
    data = None if found is None else found.source
    shape = _shape(data, goal, recipe.features.text_max_features)
    choices = choose_candidates(recipe.search.models, shape, data, recipe.hardware.device, plugins)
    problems.add(choices.problems)
    problems.add(_decision_problems(recipe, goal))
    folds = _fold_count(recipe, len(data) if data is not None else 0)
    if task is not None and found is not None:
        problems.keep(lambda: _check_target(task, found, folds, recipe))
    problems.add(_gate_problems(recipe, task))
    splitter = _splitter(recipe, goal)
    problems.add(_split_problems(recipe, goal))
    folder = problems.keep(lambda: _out(recipe, composed.name, out))
    problems.raise_all(composed)
    assert found is not None and task is not None and hardware is not None and budget is not None and folder is not None
    return _assembled(composed, recipe, found, task, splitter, folds, rules, choices, shape, budget, hardware, folder)


class Collected:
    """Gathers mistakes, so that all are told at once."""

    def __init__(self) -> None:
        self.errors: list[LeptonError] = []
        self.problems: list[Problem] = []

    def keep(self, work: Any) -> Any:
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


def _target(found: Loaded, recipe: Recipe) -> Any:
    return found.source.values(recipe.task.target)


def _hardware(asked: block.HardwareBlock) -> Hardware:
    have, memory = machine_threads(), machine_memory_gb()
    problems = []
    threads = have if asked.threads == "auto" else int(asked.threads)
    limit = round(0.8 * memory, 2) if asked.memory_gb == "auto" else float(asked.memory_gb)
    if threads > have:
        problems.append(Problem("hardware.threads", f"is {threads}; this process may use {have}.", f"Lower it to {have}, or write auto."))
    if limit > memory:
        problems.append(Problem("hardware.memory_gb", f"is {limit:g}; this machine has {memory:.1f}.", "Lower it, or write auto."))
    if asked.device == "gpu" and gpu_count() == 0:
        problems.append(Problem("hardware.device", "is gpu; this machine has none that can be seen.", "Write hardware.device=cpu."))
    if problems:
        raise HardwareError(problems)
    return Hardware(threads, limit, asked.device, asked.price_per_hour, asked.currency)


def _budget(asked: block.BudgetBlock) -> Budget:
    if asked.seconds is not None and asked.trials is not None:
        message = f"gives both seconds ({asked.seconds:g}) and trials ({asked.trials}); a run counts one of them."
        raise RecipeError(Problem("budget", message, "Write budget.seconds=null or budget.trials=null."))
    if asked.trials is not None:
        return Budget(trials=asked.trials)
    return Budget(seconds=asked.seconds if asked.seconds is not None else DEFAULT_SECONDS)


def _rules(recipe: Recipe, plugins: tuple[str, ...], composed: Composed, problems: Collected) -> list[tuple[str, Rule]]:
    """Makes the rules; the one about targets is always there."""
    found: list[tuple[str, Rule]] = [("target", RULES.find("target")(missing=recipe.task.missing_target))]
    for name, settings in recipe.governance.rules.items():
        key = f"governance.rules.{name}"
        if name == "target":
            problems.add([Problem(key, "is always there.", "Set task.missing_target instead.")])
            continue
        kind = problems.keep(lambda name=name, key=key: RULES.find(name, key, plugins))
        if kind is None:
            continue
        allowed = {field for field in kind.__dataclass_fields__}
        unknown = [word for word in settings or {} if word not in allowed]
        problems.add([Problem(f"{key}.{word}", f"is not a setting of the rule {name}.", did_you_mean(word, allowed)) for word in unknown])
        try:
            found.append((name, kind(**{k: v for k, v in (settings or {}).items() if k in allowed})))
        except ValidationError as error:
            schema = TypeAdapter(kind).json_schema()
            problems.add(explain(error, dict(settings or {}), schema, composed.origins, tuple(key.split("."))))
    return found


def _metric_problems(task: Any, makes: Makes) -> list[Problem]:
    if task.metric is None:
        return []
    fitting = [name for name, metric in METRICS.items() if makes in metric.makes]
    fitting += ["pinball"] if makes is Makes.QUANTILES else []
    if task.kind == "multiclass":
        fitting = [name for name in fitting if METRICS[name].classes[1] > 2]
    if task.metric in fitting:
        return []
    known = task.metric in METRICS
    message = f"{task.metric!r} does not fit a {task.kind} task." if known else f"{task.metric!r} is not a metric."
    return [Problem("task.metric", message, f"Choose one of: {', '.join(fitting)}." if known else did_you_mean(task.metric, fitting))]


def _shape(data: Dataset | None, goal: Goal, terms: int) -> Shape:
    if data is None:
        return Shape(1000, 10, goal)
    has_text = any(str(column.kind) == "text" for column in data.features)
    return Shape(len(data), len(data.features), goal, terms if has_text else 0)


def _decision_problems(recipe: Recipe, goal: Goal) -> list[Problem]:
    is_binary = goal.makes is Makes.PROBABILITIES and goal.width == 2
    problems = []
    for key, value in (("payoff", recipe.decision.payoff), ("threshold", recipe.decision.threshold)):
        if value is not None and not is_binary:
            problems.append(Problem(f"decision.{key}", "needs a task of two labels.", f"Remove it, or write decision.{key}=null."))
    return problems


def _gate_problems(recipe: Recipe, task: Task | None) -> list[Problem]:
    problems: list[Problem] = []
    figures = [metric.name for metric in task.metrics] if task is not None else None
    for figure, gate in recipe.gates.get("test", {}).items():
        key = f"gates.test.{figure}"
        known = None if figures is None else [*figures, *(["value_per_row"] if recipe.decision.payoff else [])]
        if known is not None and figure not in known:
            problems.append(Problem(key, "is not a figure of this task's evidence.", did_you_mean(figure, known)))
        if gate.min is None and gate.max is None:
            problems.append(Problem(key, "has neither min nor max.", "Write one of them."))
        if gate.confidence is not None and gate.confidence != recipe.evidence.confidence:
            message = f"is {gate.confidence:g}; intervals are made at {recipe.evidence.confidence:g}."
            problems.append(Problem(f"{key}.confidence", message, "Write the same in evidence.confidence."))
    return problems


def _split_problems(recipe: Recipe, goal: Goal) -> list[Problem]:
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


def _splitter(recipe: Recipe, goal: Goal) -> Splitter:
    split, task = recipe.split, recipe.task
    if isinstance(task, block.ForecastTask):
        return RollingSplitter(task.time, task.horizon)
    if split.time is not None:
        return TimeSplitter(split.time)
    if split.group is not None:
        return GroupSplitter(split.group)
    is_label = goal.makes is Makes.PROBABILITIES and split.kind != "random"
    return RandomSplitter(task.target, "stratified") if is_label else RandomSplitter()


def _fold_count(recipe: Recipe, rows: int) -> int:
    if recipe.split.folds != "auto":
        return int(recipe.split.folds)
    if isinstance(recipe.task, block.ForecastTask):
        return FORECAST_FOLDS
    return next((folds for limit, folds in FOLDS_BY_ROWS if rows <= limit), 1)


def _check_target(task: Task, found: Loaded, folds: int, recipe: Recipe) -> None:
    """Looks at the target, its roles and its classes."""
    problems = task.check(found.source, max(2, folds))
    labels = task.labels
    positive = getattr(recipe.task, "positive", None)
    if labels is not None and positive is not None and positive not in labels.values:
        fix = f"The labels are: {', '.join(labels.names[:8])}."
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


def _out(recipe: Recipe, name: str, out: Path | None) -> Path:
    """Gives the run's folder, and makes sure it can be written."""
    asked = out if out is not None else (Path(recipe.run.dir) if recipe.run.dir is not None else None)
    folder = asked if asked is not None else Path("outputs") / name / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
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


def recipe_hash(tree: dict[str, Any]) -> str:
    """Gives the SHA-256 of a resolved recipe; where the run is written does not count."""
    content = {key: value for key, value in tree.items() if key != "run"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _assembled(
    composed: Composed,
    recipe: Recipe,
    found: Loaded,
    task: Task,
    splitter: Splitter,
    folds: int,
    rules: list[tuple[str, Rule]],
    choices: Choices,
    shape: Shape,
    budget: Budget,
    hardware: Hardware,
    out: Path,
) -> Plan:
    data = found.source
    workers = _workers(hardware, shape)
    final = recipe.ensemble.final if recipe.ensemble.final != "auto" else ("refit" if folds == 1 else task.final)
    test_share = 0.0 if found.test is not None else recipe.split.test_share
    patience = recipe.search.patience_rounds
    settings = SearchSettings(
        candidates=choices.candidates,
        metric=task.metric,
        goal=task.goal,
        shape=shape,
        features=FeatureOptions(**recipe.features.model_dump()),
        history=task.history,
        trials=budget.trials,
        sampler=recipe.search.sampler,
        racing=recipe.search.racing,
        racing_margin=recipe.search.racing_margin,
        patience=_patience(len(data), budget) if patience == "auto" else int(patience),
        seed=recipe.seed,
        threads=hardware.threads // workers,
    )
    test_rows = len(found.test) if found.test is not None else round(len(data) * test_share)
    resamples = recipe.evidence.resamples
    estimate = estimate_run(
        budget, hardware, workers, folds, choices.candidates, data, test_rows or len(data), task, resamples, final
    )
    payoff = None if recipe.decision.payoff is None else Payoff(**recipe.decision.payoff.model_dump())
    delivery = recipe.delivery
    tree = recipe.model_dump(mode="json")
    return Plan(
        name=composed.name,
        recipe=tree,
        recipe_hash=recipe_hash(tree),
        out=out,
        data=found,
        task=task,
        splitter=splitter,
        test_share=test_share,
        folds=folds,
        rules=tuple(rules),
        search=settings,
        needs=choices.needs,
        refused=choices.refused,
        delivery=Delivery(
            recipe.ensemble.steps, final, delivery.unseen_level, delivery.unreadable_value, delivery.max_size_mb
        ),
        payoff=payoff,
        threshold=recipe.decision.threshold,
        currency=recipe.decision.currency,
        evidence=EvidenceSettings(recipe.evidence.confidence, resamples, recipe.evidence.importance, recipe.seed),
        gates=tuple(
            Gate(figure, gate.min, gate.max, gate.confidence is not None) for figure, gate in recipe.gates.get("test", {}).items()
        ),
        budget=budget,
        hardware=hardware,
        workers=workers,
        estimate=estimate,
        notices=(*composed.notices, *_notices(data, choices, budget, recipe)),
        plugins=tuple(recipe.plugins),
        seed=recipe.seed,
        title=recipe.report.title or recipe.engagement.title or composed.name,
    )


def _workers(hardware: Hardware, shape: Shape) -> int:
    """Gives one worker a thread for small tables, and one worker with all threads for large ones."""
    return hardware.threads if shape.rows * shape.goal.width <= 100_000 else 1


def _patience(rows: int, budget: Budget) -> int:
    most, up_to = PATIENCE
    full = most if rows <= up_to else max(30, most * up_to // rows)
    if budget.seconds is None:
        return min(full, 100)
    return max(30, min(full, int(budget.seconds)))


def _notices(data: Dataset, choices: Choices, budget: Budget, recipe: Recipe) -> list[str]:
    notices = []
    if recipe.budget.seconds is None and recipe.budget.trials is None:
        notices.append(f"No budget is given: the run takes {DEFAULT_SECONDS:g} seconds. Write budget.seconds or budget.trials.")
    for candidate in choices.candidates:
        unread = unread_columns(MODELS.find(candidate.name, allow=recipe.plugins)(), data)
        if unread:
            notices.append(f"{candidate.name} does not read {', '.join(unread[:4])}: it has no way to take text.")
    if recipe.split.test_share == 0 and recipe.data.test is None:
        notices.append("No test rows are set aside: the evidence is out-of-fold, and marked so.")
    return notices
