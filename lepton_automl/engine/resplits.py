"""Runs recipes for a comparison: a candidate on the baseline's rows, or both sides again on fresh splits."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl import __version__
from lepton_automl.engine.comparing import (
    Asked,
    ComparedRun,
    changes_of,
    check_asked,
    deciding_of,
    figures_of,
    language_of,
    metrics_of,
    read_run,
    tasks_differ,
)
from lepton_automl.engine.compile import compile, recipe_hash  # noqa: A004 - the name of what it does
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.resume import is_finished
from lepton_automl.engine.run import run
from lepton_automl.errors import CommandError, DataError, Problem, RecipeError
from lepton_automl.evidence.comparing import VALUE, Comparison, Figure, Side, figure_of, judged, margin_of, resplit_difference
from lepton_automl.limits import Clock
from lepton_automl.recipe import Composed
from lepton_automl.recipe.origin import Origins

FEWEST = 5
"""Splits from which recipes are compared."""
MOST = 100
PLACE = Path("outputs") / "resplits"
"""Folder of the runs on fresh splits: one folder a recipe, one run a seed; any later comparison uses them again."""
Say = Callable[[str], None]


def candidate_plan(composed: Composed, baseline: ComparedRun, out: Path | None = None) -> Plan:
    """Compiles a candidate, and makes sure before it runs that it will be judged on the baseline's rows.

    Raises:
        RecipeError: If it would set other rows aside; each key is named with the value it must have.
        DataError: If the data is not what it was.
    """
    plan = compile(composed, out)
    if apart := list(tasks_differ(f"recipe {composed.name}", baseline.task, plan.task)):
        raise RecipeError(apart, f"recipe {composed.name!r} beside {baseline.name}")
    changes = changes_of(baseline.recipe, plan.recipe)
    fixed = [change for change in changes if change.key == "seed" or change.key.split(".")[0] == "split"]
    problems = [
        Problem(
            c.key,
            f"is {c.candidate}, and was {c.baseline} in the baseline: other rows would be judged.",
            _set_to(c.key, c.baseline),
        )
        for c in fixed
        if c.key != "split.folds"
    ]
    if problems:
        raise RecipeError(problems, f"recipe {composed.name!r} beside {baseline.name}")
    is_read_alike = not any(change.key.split(".")[0] == "data" for change in changes)
    if is_read_alike and plan.data.source.fingerprint != baseline.metrics["fingerprint"]:
        message = f"{plan.data.place} is not what it was in the baseline."
        raise DataError(Problem("data.source", message, "Run the baseline again on today's data."))
    return plan


def _set_to(key: str, value: str) -> str:
    return f"Add {key}={value}." if value not in ("…", "null") else f"Leave {key} out."


@dataclass(frozen=True)
class Rerun:
    """A recipe that is run again on fresh splits.

    Args:
        name: Its name in the comparison.
        tree: The resolved recipe, its seed left out of what identifies it.
    """

    name: str
    tree: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """SHA-256 of the recipe without its seed."""
        return recipe_hash({key: value for key, value in self.tree.items() if key != "seed"})

    def folder(self, place: Path) -> Path:
        """Gives the folder of its runs: another for another recipe, other data or another version of this program."""
        data = compile(self.composed(1), place / "none").data.source.fingerprint
        return place / hashlib.sha256(f"{self.identity} {data} {__version__}".encode()).hexdigest()[:12]

    def composed(self, seed: int) -> Composed:
        """Gives the recipe with another seed, which writes nothing but its own folder."""
        tree = deepcopy(dict(self.tree))
        tree["seed"], tree["resume"], tree["tracking"] = seed, True, {"progress": "none"}
        tree["run"] = {"dir": None}
        tree["data"] = {**tree["data"], "save_cleaned": None}
        tree["search"] = {**tree["search"], "storage": None}
        return Composed(tree, Origins(), str(tree.get("name", self.name)), (), ())


def rerun_of(run_: ComparedRun) -> Rerun:
    """Gives the recipe of a finished run, to be run again."""
    return Rerun(run_.name, run_.recipe)


def check_resplits(count: int) -> None:
    """Makes sure that there are enough splits.

    Raises:
        CommandError: If not.
    """
    if not FEWEST <= count <= MOST:
        message = f"is {count}; a recipe is judged on {FEWEST} to {MOST} fresh splits."
        raise CommandError(Problem("--resplits", message, f"Write --resplits {FEWEST} or more."))


def splittable_problems(reruns: Sequence[Rerun]) -> Iterator[Problem]:
    """Says which recipes have no fresh splits: their test rows are the same whatever the seed."""
    for rerun in reruns:
        tree = rerun.tree
        split, fix = tree["split"], "Compare the finished runs, without --resplits."
        if tree["data"].get("test") is not None:
            yield Problem(f"{rerun.name} data.test", "is a table of its own: a fresh split would judge the same rows.", fix)
        elif split.get("time") is not None or tree["task"]["kind"] == "forecast":
            yield Problem(f"{rerun.name} split", "goes by time: the latest rows are the test rows whatever the seed.", fix)
        elif split.get("test_share") == 0:
            yield Problem(f"{rerun.name} split.test_share", "is 0: there are no test rows.", "Write split.test_share=0.2.")


def compare_recipes(
    baseline: Rerun, candidates: Sequence[Rerun], count: int, asked: Asked, place: Path = PLACE, say: Say = print
) -> list[Comparison]:
    """Runs every recipe on the same fresh splits, seeds 1 to `count`, and compares their figures split by split.

    Runs that are there already are used again; one that was stopped midway goes on.

    Raises:
        CommandError: If there are too few splits, or a figure that is asked for is not there.
        DataError: If a recipe has no fresh splits, or two recipes set other rows aside.
    """
    check_resplits(count)
    problems = list(splittable_problems([baseline, *candidates]))
    if problems:
        raise DataError(problems, "the recipes that are to be run on fresh splits")
    made: dict[str, list[ComparedRun]] = {}
    folders = {rerun.name: rerun.folder(place) for rerun in (baseline, *candidates)}
    for seed in range(1, count + 1):
        for rerun in (baseline, *candidates):
            made.setdefault(rerun.name, []).append(_made(rerun, seed, folders[rerun.name] / f"seed_{seed}", say))
    check_asked(asked, figures_of(made[baseline.name][0]))
    return judged([_compared(baseline, candidate, made, asked) for candidate in candidates])


def _made(rerun: Rerun, seed: int, folder: Path, say: Say) -> ComparedRun:
    started = time.time()
    if not is_finished(folder):
        say(f"seed {seed}: running {rerun.name}")
        plan = compile(rerun.composed(seed), folder)
        run(plan, Clock(started, plan.budget))
    found = read_run(folder)
    metric = found.metrics["metric"]
    value = found.metrics["test"][metric]["value"]
    say(f"seed {seed}: {rerun.name}   {metric} {value:.4f}   {folder}")
    return found


def _compared(baseline: Rerun, candidate: Rerun, made: Mapping[str, list[ComparedRun]], asked: Asked) -> Comparison:
    one, other = made[baseline.name], made[candidate.name]
    _check_pairs(candidate.name, one, other)
    first = one[0]
    has_money = all(run_.metrics["value_per_row"] is not None for run_ in (*one, *other)) and _same_payoffs(one[0], other[0])
    names = [metric.name for metric in metrics_of(first)]
    if VALUE in asked.metrics and not has_money:
        message = "is not compared: a recipe gives no payoffs, or theirs differ."
        raise CommandError(Problem(f"--metric {VALUE}", message, "Leave it out, or give both the same decision.payoff."))
    deciding = deciding_of(asked, names, first.task.metric.name, has_money)
    ratio = float(np.mean([len(run_.rows) / run_.rows.about["trained"] for run_ in one]))
    figures = [_figure(metric.name, metric.is_score, one, other, ratio, deciding, asked) for metric in metrics_of(first)]
    if has_money:
        figures.append(_figure(VALUE, True, one, other, ratio, deciding, asked))
    figures.sort(key=lambda figure: not figure.is_deciding)
    changes = [c for c in changes_of(baseline.tree, candidate.tree) if c.key != "seed"]
    count = len(one)
    return Comparison(
        "recipe",
        f"{count} fresh splits",
        count,
        _side(baseline, one[0]),
        _side(candidate, other[0]),
        tuple(figures),
        asked.confidence,
        tuple(changes),
        (f"Seeds 1 to {count} set the rows aside and drive the search; test rows for each training row: {ratio:.3f}.",),
        first.task.target,
    )


def _side(rerun: Rerun, run_: ComparedRun) -> Side:
    metrics = run_.metrics
    return Side(rerun.name, str(metrics["recipe"]), rerun.identity, str(metrics["version"]), language_of(rerun.tree))


def _same_payoffs(one: ComparedRun, other: ComparedRun) -> bool:
    first, second = (run_.rows.about["decision"] for run_ in (one, other))
    return bool(first["prices"] == second["prices"] and first["currency"] == second["currency"])


def _check_pairs(name: str, one: Sequence[ComparedRun], other: Sequence[ComparedRun]) -> None:
    wrong = [seed for seed, pair in enumerate(zip(one, other, strict=True), 1) if not _is_pair(*pair)]
    if wrong:
        message = f"sets other rows aside than the baseline on {len(wrong)} of {len(one)} seeds, seed {wrong[0]} the first."
        raise DataError(Problem(name, message, "Give both recipes the same data, split and task."))


def _is_pair(one: ComparedRun, other: ComparedRun) -> bool:
    return bool(one.rows.about["rows_hash"] == other.rows.about["rows_hash"] and one.task.target == other.task.target)


def _figure(
    name: str,
    is_score: bool,
    one: Sequence[ComparedRun],
    other: Sequence[ComparedRun],
    ratio: float,
    deciding: frozenset[str],
    asked: Asked,
) -> Figure:
    sides = [np.array([_value(run_.metrics, name) for run_ in side]) for side in (one, other)]
    means = float(np.nanmean(sides[0])), float(np.nanmean(sides[1]))
    difference = resplit_difference(sides[0], sides[1], ratio)
    unit = str(one[0].rows.about["decision"]["currency"]) if name == VALUE else ""
    margin = margin_of(name, is_score, means[0], asked.margins)
    return figure_of(name, "", len(one), means, difference, is_score, asked.confidence, margin, name in deciding, unit)


def _value(metrics: Mapping[str, Any], name: str) -> float:
    found = metrics["value_per_row"] if name == VALUE else metrics["test"].get(name)
    value = None if found is None else found["value"]
    return float("nan") if value is None else float(value)
