"""Runs recipes for a comparison: a candidate on the baseline's rows, or both sides again on fresh splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl.engine.comparing import (
    Asked,
    ComparedRun,
    changes_of,
    check_asked,
    deciding_of,
    figures_of,
    metrics_of,
    tasks_differ,
)
from lepton_automl.engine.compile import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.reruns import Rerun, Say, check_pairs, run_again, side_of
from lepton_automl.engine.windows import FEWEST_ORIGINS, compare_origins
from lepton_automl.errors import CommandError, DataError, Problem, RecipeError
from lepton_automl.evidence.comparing import (
    ABSENT,
    VALUE,
    Change,
    Comparison,
    Figure,
    figure_of,
    judged,
    margin_of,
    resplit_difference,
)
from lepton_automl.recipe import Composed

FEWEST = 5
"""Splits from which recipes are compared."""
MOST = 100
PLACE = Path("outputs") / "resplits"
"""Folder of the runs on fresh splits: one folder a recipe, one run a seed; any later comparison uses them again."""


def candidate_plan(composed: Composed, baseline: ComparedRun, out: Path | None = None) -> Plan:
    """Compiles a candidate, and makes sure before it runs that it will be judged on the baseline's rows.

    Raises:
        RecipeError: If it would set other rows aside; each key is named with the value it must have.
        DataError: If the data is not what it was.
    """
    plan = compile(composed, out)
    if apart := list(tasks_differ(f"recipe {composed.name}", baseline.task, plan.task)):
        raise RecipeError(apart, f"recipe {composed.name!r} beside {baseline.name}")
    changes = [change for change in changes_of(baseline.recipe, plan.recipe) if not _is_older(change)]
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


def _is_older(change: Change) -> bool:
    """Says whether a run of an earlier version only lacks the key: it was made at the present."""
    return change.key == "split.origin" and {change.baseline, change.candidate} <= {"0", ABSENT}


def _set_to(key: str, value: str) -> str:
    return f"Add {key}={value}." if value not in ("…", "null") else f"Leave {key} out."


def check_resplits(count: int, is_in_time: bool | None = None) -> None:
    """Makes sure that there are enough splits.

    Args:
        count: Splits, or origins in time.
        is_in_time: Whether they are origins in time; none if that is not known yet.

    Raises:
        CommandError: If not.
    """
    fewest = FEWEST if is_in_time is False else FEWEST_ORIGINS
    if not fewest <= count <= MOST:
        words = {
            None: f"{FEWEST} to {MOST} fresh splits, or {FEWEST_ORIGINS} or more origins in time",
            True: f"{FEWEST_ORIGINS} to {MOST} origins in time",
            False: f"{FEWEST} to {MOST} fresh splits",
        }
        message = f"is {count}; a recipe is judged on {words[is_in_time]}."
        raise CommandError(
            Problem("--resplits", message, f"Write --resplits {FEWEST if is_in_time is None else fewest} or more.")
        )


def splittable_problems(reruns: Sequence[Rerun]) -> Iterator[Problem]:
    """Says which recipes have no fresh splits: their test rows are the same whatever is changed."""
    fix = "Compare the finished runs, without --resplits."
    for rerun in reruns:
        tree = rerun.tree
        if tree["data"].get("test") is not None:
            yield Problem(f"{rerun.name} data.test", "is a table of its own: a fresh split would judge the same rows.", fix)
        elif tree["split"].get("test_share") == 0:
            yield Problem(f"{rerun.name} split.test_share", "is 0: there are no test rows.", "Write split.test_share=0.2.")
        elif rerun.is_in_time != reruns[0].is_in_time:
            ways = [
                "sets the latest rows aside" if one else "sets any rows aside"
                for one in (rerun.is_in_time, not rerun.is_in_time)
            ]
            yield Problem(f"{rerun.name} split", f"{ways[0]}, and {reruns[0].name} {ways[1]}.", "Give both the same split.")


def compare_recipes(
    baseline: Rerun, candidates: Sequence[Rerun], count: int, asked: Asked, place: Path = PLACE, say: Say = print
) -> list[Comparison]:
    """Runs every recipe on the same fresh splits, seeds 1 to `count`, and compares their figures split by split.

    Where the test rows are the latest ones, the splits are origins in time: the present, and then one test window back after
    the other. Runs that are there already are used again; one that was stopped midway goes on.

    Raises:
        CommandError: If there are too few splits, or a figure that is asked for is not there.
        DataError: If a recipe has no fresh splits, there is too little before the earliest origin, or two recipes set other
            rows aside.
    """
    check_resplits(count)
    problems = list(splittable_problems([baseline, *candidates]))
    if problems:
        raise DataError(problems, "the recipes that are to be run on fresh splits")
    check_resplits(count, baseline.is_in_time)
    if baseline.is_in_time:
        return compare_origins(baseline, candidates, count, asked, place, say)
    made: dict[str, list[ComparedRun]] = {}
    folders = {rerun.name: rerun.folder(place) for rerun in (baseline, *candidates)}
    for seed in range(1, count + 1):
        for rerun in (baseline, *candidates):
            folder = folders[rerun.name] / f"seed_{seed}"
            made.setdefault(rerun.name, []).append(run_again(rerun.name, rerun.composed(seed), folder, f"seed {seed}", say))
    check_asked(asked, figures_of(made[baseline.name][0]))
    return judged([_compared(baseline, candidate, made, asked) for candidate in candidates])


def _compared(baseline: Rerun, candidate: Rerun, made: Mapping[str, list[ComparedRun]], asked: Asked) -> Comparison:
    one, other = made[baseline.name], made[candidate.name]
    check_pairs(candidate.name, one, other)
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
        side_of(baseline, one[0]),
        side_of(candidate, other[0]),
        tuple(figures),
        asked.confidence,
        tuple(changes),
        (f"Seeds 1 to {count} set the rows aside and drive the search; test rows for each training row: {ratio:.3f}.",),
        first.task.target,
    )


def _same_payoffs(one: ComparedRun, other: ComparedRun) -> bool:
    first, second = (run_.rows.about["decision"] for run_ in (one, other))
    return bool(first["prices"] == second["prices"] and first["currency"] == second["currency"])


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
