"""From a recipe to a plan: every name found, every column looked at, every mistake told at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.engine.candidates import Choices, choose_candidates, unread_columns, with_precision
from lepton_automl.engine.checks import (
    DEFAULT_SECONDS,
    Collected,
    calibration_problems,
    check_target,
    choose_folder,
    metric_problems,
    read_budget,
    split_problems,
)
from lepton_automl.engine.contract import CONTRACT_FILE, with_contract
from lepton_automl.engine.deciding import decision_problems, decision_settings
from lepton_automl.engine.estimate import estimate_run
from lepton_automl.engine.examining import evidence_settings, figures_of, gate_problems, gates_of, promise_of
from lepton_automl.engine.explaining import explanation_notices, explanation_problems, read_explaining
from lepton_automl.engine.fairness import fairness_problems, read_fairness, slice_problems
from lepton_automl.engine.hardware import hardware_notices, read_hardware
from lepton_automl.engine.origins import at_origin
from lepton_automl.engine.plan import Delivery, Loaded, Plan
from lepton_automl.engine.policy import policy_notices, policy_problems, read_policy
from lepton_automl.engine.resume import LEFT_OUT, check_same, day_of, is_unfinished
from lepton_automl.engine.saving import make_saving
from lepton_automl.engine.searching import make_settings, make_studies, search_notices, search_problems, with_starts
from lepton_automl.engine.sources import load_data
from lepton_automl.engine.warm import Warmth, read_warmth
from lepton_automl.engine.watching import check_tracking, tracking_settings
from lepton_automl.ensemble import Joining
from lepton_automl.errors import Problem
from lepton_automl.evidence import Gate
from lepton_automl.features import count_phrases
from lepton_automl.governance import RULES, Rule, Waiver
from lepton_automl.limits import Budget, Hardware
from lepton_automl.models import MODELS, Shape
from lepton_automl.recipe import Composed, Recipe, check, explain
from lepton_automl.recipe import blocks as block
from lepton_automl.registry import did_you_mean
from lepton_automl.search import Studies
from lepton_automl.tasks import TASKS, Goal, GroupSplitter, Makes, RandomSplitter, RollingSplitter, Splitter, Task, TimeSplitter

FOLDS_BY_ROWS = ((50_000, 5), (150_000, 3))
"""Where trials are counted: rows up to which a number of folds is used; above, a single holdout."""
FIT_SECONDS_PER_CELL = 3e-6
"""Seconds of 300 rounds of boosting per row and column, on one thread: 10 ns a round (measured for LightGBM, 31 leaves)."""
FOLDS_CUT = ((5_000, 8), (100_000, 10))
"""Where seconds are counted: rows up to which so many folds are cut; above, there is a single holdout. On how many of them
trials are fitted is decided by what the first fits cost."""
MOST_FIT_SHARE = 0.3
"""Share of the budget that one fit may take, by a rough guess, for folds to be cut at all."""
MANY_ROWS = 100_000
"""Up to so many rows several fits run beside each other, each on one thread: more of them than one after the other on all."""
FORECAST_FOLDS = 3
FIRST_RULES = ("contract", "forgotten")
"""Rules that look before all others, in this order, at the table as it came, wherever the recipe names them."""
LONG_TAIL = 0.5
"""Skewness of a target from which on a logarithmic scale is tried."""


def compile(composed: Composed, out: Path | None = None, today: date | None = None) -> Plan:  # noqa: A001 - the name of what it does
    """Compiles a composed recipe.

    Args:
        composed: The recipe as composed.
        out: Folder of the run, instead of the recipe's own.
        today: The day by which waivers hold or are over and ages of rows count, in UTC; this day's if absent, and that of the
            run where one goes on. A replay goes by the day of its run.

    Raises:
        RecipeError: If the recipe is wrong, alone or together with the data; with all mistakes.
        DataError: If only the data is.
        HardwareError: If the hardware asked for is not here.
    """
    recipe = check(composed)
    plugins = tuple(recipe.plugins)
    problems, found = Collected(), None
    recipe, composed = problems.keep(lambda: with_contract(recipe, composed)) or (recipe, composed)
    maker = problems.keep(lambda: TASKS.find(recipe.task.kind, "task.kind", plugins))
    hardware = problems.keep(lambda: read_hardware(recipe.hardware))
    problems.keep(lambda: check_tracking(tracking_settings(recipe)))
    budget = problems.keep(lambda: read_budget(recipe.budget))
    rules = _rules(recipe, plugins, composed, problems)
    folder = problems.keep(lambda: choose_folder(recipe, composed.name, out))
    goes_on = recipe.resume and folder is not None and is_unfinished(folder)
    today = today or (day_of(folder) if goes_on and folder is not None else None) or datetime.now(UTC).date()
    waivers = _waivers(recipe, problems, today)
    if maker is not None:
        problems.add(metric_problems(recipe.task, maker.makes, maker.most_classes))
    if maker is not None:
        found = problems.keep(lambda: _read(recipe, maker))
    task = problems.keep(lambda: _learn_task(maker, found, recipe))
    goal = task.goal if task is not None else Goal(maker.makes if maker else Makes.VALUES, 2)
    data = None if found is None else found.source
    shape = _shape(data, goal, recipe.features)
    device = recipe.hardware.device if hardware is None else hardware.device
    fit_threads = 1 if hardware is None else hardware.threads // _workers(hardware, shape)
    choices = choose_candidates(recipe.search.models, shape, data, device, plugins, fit_threads)
    choices = with_precision(choices, recipe.hardware.precision)
    problems.add(choices.problems)
    problems.add(decision_problems(recipe, goal, data))
    problems.add(calibration_problems(recipe, goal))
    problems.add(explanation_problems(recipe, data, goal, None if task is None else task.labels))
    folds = _fold_count(recipe, shape, hardware, budget)
    if task is not None and found is not None:
        problems.keep(lambda: check_target(task, found, folds if recipe.split.folds != "auto" else 2, recipe))
    figures = None if task is None else figures_of(recipe, task)
    problems.add(gate_problems(recipe, figures))
    problems.add(policy_problems(recipe, figures, rules, plugins))
    problems.add([*fairness_problems(recipe, task, goal), *slice_problems(recipe, data)])
    splitter = _splitter(recipe, goal)
    problems.add(split_problems(recipe, goal))
    problems.add(search_problems(recipe, folds))
    saving = make_saving(recipe.data.save_cleaned)
    if saving is not None and not goes_on:
        names = [] if data is None else data.names
        problems.keep(lambda: saving.check(names))
    warmth, studies = _learn_studies(recipe, task, data, choices, folder, problems)
    problems.raise_all(composed)
    assert found is not None and task is not None and hardware is not None and budget is not None and folder is not None
    assert studies is not None
    choices = with_starts(choices, warmth)
    plan = _assembled(
        composed, recipe, found, task, splitter, folds, rules, choices, shape, budget, hardware, folder, studies, warmth
    )
    policy = read_policy(recipe, figures or ())
    notices = (*plan.notices, *policy_notices(policy), *explanation_notices(recipe, found.source))
    plan = replace(plan, waivers=waivers, saving=saving, policy=policy, notices=notices, today=today)
    plan = replace(plan, fairness=read_fairness(recipe), explaining=read_explaining(recipe))
    if goes_on:
        check_same(plan, folder)
    return plan


def _learn_studies(
    recipe: Recipe, task: Task | None, data: Dataset | None, choices: Choices, folder: Path | None, problems: Collected
) -> tuple[Warmth | None, Studies | None]:
    """Reads the run to begin with, and makes sure that the studies can be recorded."""
    if task is None or data is None or folder is None:
        return None, None
    fingerprint, plugins = data.fingerprint, tuple(recipe.plugins)
    warmth = problems.keep(lambda: read_warmth(recipe, task, choices, fingerprint, plugins))
    return warmth, problems.keep(lambda: make_studies(recipe, task, choices, folder, warmth))


def _read(recipe: Recipe, maker: Any) -> Loaded:
    """Reads the tables, as far as the recipe's origin in time."""
    return at_origin(load_data(recipe, maker.has_labels), recipe, _splitter(recipe, Goal(maker.makes, 2)))


def _learn_task(maker: Any, found: Loaded | None, recipe: Recipe) -> Task | None:
    if maker is None or found is None:
        return None
    asked = {**recipe.task.model_dump(), "payoff": decision_settings(recipe).payoff}
    task: Task = maker.learn(asked, found.source.values(recipe.task.target))
    return task


def _rules(recipe: Recipe, plugins: tuple[str, ...], composed: Composed, problems: Collected) -> list[tuple[str, Rule]]:
    """Makes the rules; the one about targets is always there."""
    found: list[tuple[str, Rule]] = [("target", RULES.find("target")(missing=recipe.task.missing_target))]
    named = recipe.governance.rules
    first = [name for name in FIRST_RULES if name in named]
    for name in (*first, *(name for name in named if name not in FIRST_RULES)):
        settings = named[name]
        key = f"governance.rules.{name}"
        if name == "target":
            problems.add([Problem(key, "is always there.", "Set task.missing_target instead.")])
            continue
        kind = problems.keep(partial(RULES.find, name, key, plugins))
        if kind is None:
            continue
        allowed = set(kind.__dataclass_fields__)
        unknown = [word for word in settings or {} if word not in allowed and (name, word) != CONTRACT_FILE]
        problems.add(
            [Problem(f"{key}.{word}", f"is not a setting of the rule {name}.", did_you_mean(word, allowed)) for word in unknown]
        )
        try:
            found.append((name, kind(**{k: v for k, v in (settings or {}).items() if k in allowed})))
        except ValidationError as error:
            schema = TypeAdapter(kind).json_schema()
            problems.add(explain(error, dict(settings or {}), schema, composed.origins, tuple(key.split("."))))
    return found


def _waivers(recipe: Recipe, problems: Collected, today: date) -> dict[str, Waiver]:
    """Makes the waivers; one that is over, or of a rule that the recipe does not have, is a mistake of the recipe."""
    found = {}
    for name, asked in recipe.governance.waivers.items():
        key = f"governance.waivers.{name}"
        waiver = Waiver(asked.by, asked.why, asked.until, tuple(asked.columns))
        if name not in recipe.governance.rules:
            fix = did_you_mean(name, recipe.governance.rules) or "Remove the waiver."
            problems.add([Problem(key, "waives a rule that governance.rules does not have.", fix)])
        elif waiver.is_over(today):
            fix = "Obey the rule, or let its owner decide anew and write another date."
            problems.add([Problem(f"{key}.until", f"is {waiver.until}: the waiver is over since then.", fix)])
        else:
            found[name] = waiver
    return found


def _shape(data: Dataset | None, goal: Goal, features: block.Features) -> Shape:
    """Says what the table is like; numbers that nothing is to be made of, and texts not to be read, are not counted."""
    if data is None:
        return Shape(1000, 10, goal)
    has_text = any(column.kind is Kind.TEXT for column in data.features)
    levels = (data.values(column.name).nunique() for column in data.features if column.kind is Kind.CATEGORY)
    numbers = sum(column.kind in (Kind.NUMBER, Kind.DATETIME) for column in data.features) if features.made_columns else 0
    terms = features.text_max_features if has_text else 0
    phrases = count_phrases(data) if features.text_target else 0
    most, is_skewed = max(levels, default=0), goal.makes is not Makes.PROBABILITIES and _is_skewed(data)
    return Shape(len(data), len(data.features), goal, terms, most, numbers, is_skewed, phrases)


def _is_skewed(data: Dataset) -> bool:
    """Says whether the target has a long tail: then a logarithmic scale is worth a try."""
    name = data.name_of(Role.TARGET)
    values = data.values(str(name)).to_numpy(dtype="float64", na_value=np.nan)
    known = values[np.isfinite(values)]
    deviation = float(known.std()) if len(known) else 0.0
    return deviation > 0 and float(np.mean(((known - known.mean()) / deviation) ** 3)) > LONG_TAIL


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


def _fold_count(recipe: Recipe, shape: Shape, hardware: Hardware | None, budget: Budget | None) -> int:
    """Gives the recipe's number of folds, or one that follows rows, columns and budget."""
    if recipe.split.folds != "auto":
        return int(recipe.split.folds)
    if isinstance(recipe.task, block.ForecastTask):
        return FORECAST_FOLDS
    if budget is None or hardware is None or budget.seconds is None:
        return next((folds for limit, folds in FOLDS_BY_ROWS if shape.rows <= limit), 1)
    classes = shape.goal.width if shape.goal.width > 2 else 1
    fit = FIT_SECONDS_PER_CELL * shape.rows * shape.columns * classes / hardware.threads
    if fit > MOST_FIT_SHARE * budget.seconds:
        return 1
    return next((folds for limit, folds in FOLDS_CUT if shape.rows <= limit), 1)


def recipe_hash(tree: dict[str, Any]) -> str:
    """Gives the SHA-256 of a resolved recipe; where the run is written or shown, and whether it goes on, do not count."""
    content = {key: value for key, value in tree.items() if key not in LEFT_OUT}
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
    studies: Studies,
    warmth: Warmth | None,
) -> Plan:
    data = found.source
    workers = _workers(hardware, shape)
    final = _final(recipe, task, splitter, folds)
    test_share = 0.0 if found.test is not None else recipe.split.test_share
    settings = make_settings(recipe, task, choices, shape, budget, folds, workers, hardware.threads // workers, studies)
    test_rows = len(found.test) if found.test is not None else round(len(data) * test_share)
    resamples, evidence = recipe.evidence.resamples, evidence_settings(recipe)
    estimate = estimate_run(
        budget,
        hardware,
        workers,
        folds,
        choices.candidates,
        data,
        test_rows or len(data),
        task,
        resamples,
        final,
        evidence.chapters_share,
    )
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
        refused=choices.refused,
        delivery=_delivery(recipe, final),
        decision=decision_settings(recipe),
        evidence=evidence,
        gates=tuple(Gate(figure, gate.min, gate.max, gate.confidence is not None) for figure, gate in gates_of(recipe).items()),
        budget=budget,
        hardware=hardware,
        workers=workers,
        estimate=estimate,
        notices=(
            *composed.notices,
            *hardware_notices(hardware),
            *_notices(data, choices, budget, recipe),
            *search_notices(recipe, budget, folds, warmth),
        ),
        plugins=tuple(recipe.plugins),
        seed=recipe.seed,
        title=recipe.report.title or recipe.engagement.title or composed.name,
        started_from=() if warmth is None else tuple(warmth.entries()),
        tracking=tracking_settings(recipe),
    )


def _final(recipe: Recipe, task: Task, splitter: Splitter, folds: int) -> str:
    """Says what is delivered: models fitted again on all rows where a holdout or the order of time kept rows from them."""
    if recipe.ensemble.final != "auto":
        return recipe.ensemble.final
    return "refit" if folds == 1 or not splitter.is_exchangeable else task.final


def _joining(recipe: Recipe) -> Joining:
    asked = recipe.ensemble
    return Joining(
        steps=asked.steps,
        max_members=None if asked.max_members == "auto" else int(asked.max_members),
        max_fits=asked.max_fits,
        prune_trees=asked.prune_trees,
        calibration=asked.calibration,
        max_size_mb=recipe.delivery.max_size_mb,
        max_latency_ms=recipe.delivery.max_latency_ms,
    )


def _delivery(recipe: Recipe, final: str) -> Delivery:
    asked = recipe.delivery
    return Delivery(_joining(recipe), final, asked.unseen_level, asked.unreadable_value, promise_of(recipe), asked.flag_outside)


def _workers(hardware: Hardware, shape: Shape) -> int:
    """Gives each worker one thread for small tables, and one worker all threads for large ones."""
    return hardware.threads if shape.rows <= MANY_ROWS else 1


def _notices(data: Dataset, choices: Choices, budget: Budget, recipe: Recipe) -> list[str]:
    notices = []
    if recipe.budget.seconds is None and recipe.budget.trials is None:
        notices.append(f"No budget is given: the run takes {DEFAULT_SECONDS:g} seconds. Write budget.seconds or budget.trials.")
    for candidate in choices.candidates:
        unread = unread_columns(MODELS.find(candidate.name, allow=recipe.plugins)(), data)
        if unread:
            notices.append(f"{candidate.name} does not read {', '.join(unread[:4])}: it has no way to take text.")
    if recipe.delivery.max_latency_ms is not None and budget.trials is not None:
        notices.append("delivery.max_latency_ms goes by the clock: which trials are joined may differ from run to run.")
    if recipe.split.test_share == 0 and recipe.data.test is None:
        notices.append("No test rows are set aside: the evidence is out-of-fold, and marked so.")
    return notices
