"""What an earlier run found, for a new one to begin with: its best configurations, and its trials for the sampler."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lepton_automl.engine.candidates import Choices
from lepton_automl.errors import Problem, RecipeError
from lepton_automl.ledger import Entry
from lepton_automl.models import MODELS, REPRESENTATION
from lepton_automl.recipe import Recipe
from lepton_automl.search import Candidate, Earlier
from lepton_automl.space import Fixed, inside
from lepton_automl.tasks import Task

KEY = "search.warm_start"
STARTS = 3
"""Configurations of each family that start again."""
FREE = ("metric", "missing_target")
"""Keys of the task that may differ: the metric is compared as it was resolved."""
OTHER_FAMILY, OUTSIDE, UNFINISHED = "of families not in this recipe", "outside this recipe's space", "failed or skipped there"
NO_VALUES = "without the objectives of this recipe"


@dataclass(frozen=True)
class Warmth:
    """What is taken from an earlier run.

    Args:
        folder: Its folder.
        starts: Family to the configurations that start first, the best in front.
        views: Family to the representation of its best trial, where this run has it.
        told: Trials told to the sampler.
        left_out: Why to the number of trials not taken for it.
        is_same_data: Whether both runs learn from the same rows.
    """

    folder: str
    starts: Mapping[str, tuple[Mapping[str, Any], ...]]
    views: Mapping[str, Mapping[str, Any]]
    told: tuple[Earlier, ...]
    left_out: Mapping[str, int]
    is_same_data: bool

    @property
    def notice(self) -> str:
        """What was taken, in a sentence."""
        starts = sum(map(len, self.starts.values()))
        rest = "" if self.is_same_data else "; its data is not the same, so its losses are a hint only"
        return f"Warm start from {self.folder}: {starts} configurations start first, {len(self.told)} trials are told{rest}."

    def entries(self) -> list[Entry]:
        """What the ledger says of it."""
        starts = sum(map(len, self.starts.values()))
        entries = [Entry("search", "SEARCH020", "warm start", "noted", count=starts, note=self.notice)]
        for why, count in self.left_out.items():
            note = f"trials of {self.folder} were not taken: {why}"
            entries.append(Entry("search", "SEARCH021", "warm start", "trials left out", count=count, note=note))
        return entries


def read_warmth(recipe: Recipe, task: Task, choices: Choices, fingerprint: str, plugins: tuple[str, ...]) -> Warmth | None:
    """Reads the run that the recipe names, if it names one.

    Args:
        recipe: The recipe.
        task: Its task, which has seen the data.
        choices: The families of this run.
        fingerprint: Fingerprint of its data.
        plugins: Packages whose models may be named.

    Raises:
        RecipeError: If the folder is not a finished run, or its task or metric is another.
    """
    if recipe.search.warm_start is None:
        return None
    folder = Path(recipe.search.warm_start)
    _check_finished(folder)
    was = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    _check_same_task(folder, was, recipe, task)
    families = {candidate.name: candidate for candidate in choices.candidates}
    legal = {name: MODELS.find(name, allow=plugins)().legal(task.goal) for name in families}
    left_out: Counter[str] = Counter()
    fitting: list[Earlier] = []
    for row in _rows(folder):
        why = _why_not(row, families, legal, recipe.search.objectives)
        if why:
            left_out[why] += 1
        else:
            fitting.append(_earlier(row, recipe.search.objectives))
    best = sorted((one for one in fitting if one.is_complete), key=lambda one: (one.values[0], one.number))
    return Warmth(
        str(folder),
        {name: _starts(best, families[name]) for name in families},
        {name: view for name in families if (view := _view(best, families[name])) is not None},
        tuple(one for one in fitting if all(math.isfinite(value) for value in one.values)),
        dict(left_out),
        was["fingerprint"] == fingerprint,
    )


def _check_finished(folder: Path) -> None:
    for name in ("metrics.json", "recipe.yaml", "trials.parquet"):
        if not (folder / name).is_file():
            message = f"{folder} is not a finished run: it has no {name}."
            raise RecipeError(Problem(KEY, message, f"Give the folder of a finished run, or write {KEY}=null."))


def _check_same_task(folder: Path, was: Mapping[str, Any], recipe: Recipe, task: Task) -> None:
    before = yaml.safe_load((folder / "recipe.yaml").read_text(encoding="utf-8"))["task"]
    now = recipe.task.model_dump(mode="json")
    pairs = [(f"task.{key}", before.get(key), now.get(key)) for key in {**before, **now} if key not in FREE]
    pairs.append(("metric", was["metric"], task.metric.name))
    problems = [
        Problem(KEY, f"{folder} has another {key}: {then!r}, here {here!r}.", "Its trials say nothing about this task.")
        for key, then, here in pairs
        if then != here
    ]
    if problems:
        raise RecipeError(problems)


def _rows(folder: Path) -> list[dict[str, Any]]:
    import pandas as pd

    rows: list[dict[str, Any]] = pd.read_parquet(folder / "trials.parquet").to_dict("records")
    return [{**row, **{key: json.loads(row[key]) for key in ("params", "fold_losses")}} for row in rows]


def _why_not(
    row: Mapping[str, Any], families: Mapping[str, Candidate], legal: Mapping[str, Mapping[str, Any]], wanted: Sequence[str]
) -> str:
    """Says why a trial is not taken; empty if it is."""
    name = row["model"]
    if name not in families:
        return OTHER_FAMILY
    if row["state"] not in ("done", "pruned"):
        return UNFINISHED
    if not all(key == "metric" or key in row for key in wanted):
        return NO_VALUES
    space = families[name].space
    for key, value in row["params"].items():
        if key in REPRESENTATION:
            continue
        dimension = space.get(key, legal[name].get(key))
        if dimension is None or not inside(Fixed(value), dimension):
            return OUTSIDE
    return ""


def _earlier(row: Mapping[str, Any], wanted: Sequence[str]) -> Earlier:
    values = tuple(float(row["loss"] if key == "metric" else row[key]) for key in wanted)
    losses = {int(fold): float(loss) for fold, loss in row["fold_losses"].items()}
    return Earlier(int(row["number"]), row["model"], row["params"], row["state"] == "done", values, losses)


def _starts(best: list[Earlier], candidate: Candidate) -> tuple[dict[str, Any], ...]:
    """Gives the best configurations of a family, without their representation: the board chooses that."""
    found: list[dict[str, Any]] = []
    for one in best:
        params = {key: value for key, value in one.params.items() if key not in REPRESENTATION}
        if one.candidate == candidate.name and params not in found:
            found.append(params)
    return tuple(found[:STARTS])


def _view(best: list[Earlier], candidate: Candidate) -> dict[str, Any] | None:
    """Gives the representation of a family's best trial, if this run would try it too."""
    for one in best:
        if one.candidate == candidate.name:
            view = {key: value for key, value in one.params.items() if key in REPRESENTATION}
            return view if view in [dict(known) for known in candidate.views] else None
    return None
