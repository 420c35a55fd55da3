"""From the recipe's `search` block to what the search goes by: sampler, pruner, studies, warm start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lepton_automl.engine.candidates import Choices, has_many_classes
from lepton_automl.engine.resume import is_unfinished
from lepton_automl.engine.warm import Warmth
from lepton_automl.errors import Problem
from lepton_automl.features import FeatureOptions
from lepton_automl.limits import Budget
from lepton_automl.models import Shape
from lepton_automl.recipe import Recipe
from lepton_automl.search import OWN_PRUNERS, SearchSettings, Studies, check_storage, pruner_problems, sampler_problems
from lepton_automl.tasks import Task

PATIENCE = (300, 10_000)
"""Rounds of patience up to so many rows; with more rows it falls in proportion, not below 30."""


def search_problems(recipe: Recipe, folds: int) -> list[Problem]:
    """Says what is wrong with sampler and pruner, their arguments, or with them here."""
    search = recipe.search
    objectives = len(search.objectives)
    return [
        *sampler_problems(search.sampler, search.sampler_options, objectives),
        *pruner_problems(search.pruner, search.pruner_options, folds, objectives),
    ]


def make_studies(recipe: Recipe, task: Task, choices: Choices, folder: Path, warmth: Warmth | None) -> Studies:
    """Says how the studies are asked, and where they are recorded; makes sure that a database can be used.

    Raises:
        RecipeError: If the storage can not be used, or has a study of that name.
    """
    search = recipe.search
    storage = None if search.storage is None else search.storage
    default = "" if storage is None else f"{recipe.name}/{folder.name}"
    studies = Studies(
        sampler_options=dict(search.sampler_options),
        pruner=search.pruner,
        pruner_options=dict(search.pruner_options),
        objectives=tuple(search.objectives),
        storage=storage,
        name=search.study_name or default,
        about={
            "recipe": recipe.name,
            "run": str(folder),
            "task": recipe.task.kind,
            "target": recipe.task.target,
            "metric": task.metric.name,
            "is_score": task.metric.is_score,
            "sampler": search.sampler,
            "pruner": search.pruner,
            "seed": recipe.seed,
        },
        earlier=() if warmth is None else warmth.told,
        replaces=recipe.resume and is_unfinished(folder),
    )
    check_storage(studies, tuple(candidate.name for candidate in choices.candidates))
    return studies


def make_settings(
    recipe: Recipe,
    task: Task,
    choices: Choices,
    shape: Shape,
    budget: Budget,
    folds: int,
    workers: int,
    threads: int,
    studies: Studies,
) -> SearchSettings:
    """Gives all that the search goes by."""
    cost_decides = recipe.split.folds == "auto" and budget.seconds is not None and task.history is None
    patience = recipe.search.patience_rounds
    return SearchSettings(
        candidates=choices.candidates,
        metric=task.metric,
        goal=task.goal,
        shape=shape,
        features=FeatureOptions(**recipe.features.model_dump()),
        history=task.history,
        trials=budget.trials,
        folds=None if cost_decides else folds,
        sampler=recipe.search.sampler,
        racing_margin=recipe.search.racing_margin,
        patience=_patience(shape.rows, budget) if patience == "auto" else int(patience),
        seed=recipe.seed,
        threads=threads,
        slow_workers=workers if has_many_classes(shape) else 1,
        studies=studies,
    )


def _patience(rows: int, budget: Budget) -> int:
    most, up_to = PATIENCE
    full = most if rows <= up_to else max(30, most * up_to // rows)
    if budget.seconds is None:
        return min(full, 100)
    return max(30, min(full, int(budget.seconds)))


def with_starts(choices: Choices, warmth: Warmth | None) -> Choices:
    """Puts the configurations of an earlier run in front of each family's own starts, and its best view first."""
    if warmth is None:
        return choices
    candidates = []
    for candidate in choices.candidates:
        mine = warmth.starts.get(candidate.name, ())
        view = warmth.views.get(candidate.name)
        views = (view, *(one for one in candidate.views if one != view)) if view is not None else candidate.views
        own = tuple(start for start in candidate.starts if dict(start) not in [dict(one) for one in mine])
        candidates.append(replace(candidate, starts=(*mine, *own), views=views))
    return replace(choices, candidates=tuple(candidates))


def search_notices(recipe: Recipe, budget: Budget, folds: int, warmth: Warmth | None) -> list[str]:
    """Says what a reader should know of the search before it begins."""
    search, notices = recipe.search, []
    if budget.trials is not None and search.pruner not in OWN_PRUNERS:
        notices.append(f"search.pruner: {search.pruner} prunes nothing, as the budget counts trials.")
    elif folds == 1 and search.pruner not in OWN_PRUNERS:
        notices.append(f"search.pruner: {search.pruner} prunes nothing, as there is a single holdout.")
    if "predict_seconds" in search.objectives and budget.trials is not None:
        notices.append("search.objectives has predict_seconds, a measured time: two runs do not find the same trials.")
    if warmth is not None:
        notices.append(warmth.notice)
    return notices
