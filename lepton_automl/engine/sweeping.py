"""Reads the runs of a sweep (`lepton -m`) and says which is best, and what each swept key did."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl.engine.comparing import (
    LEFT_OUT,
    Asked,
    ComparedRun,
    compare_runs,
    differences_of,
    language_of,
    read_run,
    read_summary,
    worth_of_both,
)
from lepton_automl.engine.resume import WORK
from lepton_automl.errors import ArtifactError, CommandError, DataError, Problem
from lepton_automl.evidence.comparing import VALUE, Sweep, SweepRun, banded, main_effects
from lepton_automl.recipe.tree import flat
from lepton_automl.registry import did_you_mean
from lepton_automl.report.language import shared
from lepton_automl.report.wording import masked

MOST_COMPARED = 50
"""Runs that are compared with the best row by row, the best first."""
FEWEST = 2


def compare_sweep(folder: Path, asked: Asked) -> Sweep:
    """Compares the runs of a sweep.

    Raises:
        ArtifactError: If there are fewer than two finished runs.
        DataError: If they predict different things.
        CommandError: If the figure that is asked for is not there.
    """
    finished, unfinished = _found(folder)
    if len(finished) < FEWEST:
        told = "; ".join(f"{name}: {why}" for name, why in unfinished.items())
        count = "no finished run" if not finished else "only one finished run"
        message = f"holds {count}" + (f" ({told})." if told else ".")
        raise ArtifactError(Problem(str(folder), message, "Give the folder of a sweep, such as outputs/sweeps/DATE_TIME."))
    summaries = {path: read_summary(path) for path in finished}
    metric, is_score = _metric(folder, summaries, asked)
    keys = swept_keys([recipe for _, recipe in summaries.values()])
    runs = [_run(folder, path, *summaries[path], keys, metric) for path in finished]
    order = sorted(range(len(runs)), key=lambda place: _rank(runs[place].value, is_score))
    ranked, paths = [runs[place] for place in order], [finished[place] for place in order]
    compared, notices = _against_best(ranked, paths, metric, asked)
    values = np.array([run.value for run in ranked])
    known = np.flatnonzero(np.isfinite(values))
    trees = [flat(summaries[paths[place]][1]) for place in known]
    levels = {key: banded([_plain(tree.get(key)) for tree in trees]) for key in keys}
    effects = main_effects(levels, values[known], asked.confidence) if len(known) >= FEWEST and keys else []
    if not keys:
        notices.append("The recipes do not differ: no key was swept.")
    elif any(math.isnan(effect.effect) for effect in effects):
        notices.append("Keys that only changed together can not be told apart; their effects are left open.")
    target = str(next(iter(summaries.values()))[1]["task"]["target"])
    return Sweep(
        str(folder),
        metric,
        is_score,
        target,
        tuple(compared),
        tuple(effects),
        unfinished,
        asked.confidence,
        tuple(notices),
        shared(language_of(recipe) for _, recipe in summaries.values()),
    )


def _found(folder: Path) -> tuple[list[Path], dict[str, str]]:
    if not folder.is_dir():
        fix = "Give the folder of a sweep, such as outputs/sweeps/DATE_TIME."
        raise ArtifactError(Problem(str(folder), "is a file." if folder.exists() else "does not exist.", fix))
    plans = sorted(path.parent for path in folder.rglob("plan.json"))
    finished = [path for path in plans if (path / "metrics.json").is_file()]
    if not plans:  # kept results, without the rest of a run
        finished = sorted(path.parent for path in folder.rglob("metrics.json"))
    rest = [path for path in plans if path not in finished]
    return finished, {str(path.relative_to(folder)): _why(path) for path in rest}


def _why(path: Path) -> str:
    failed = path / "failed.txt"
    if failed.is_file():
        return failed.read_text(encoding="utf-8").strip().splitlines()[0]
    return "stopped midway" if (path / WORK).is_dir() else "not finished"


def _metric(folder: Path, summaries: Mapping[Path, tuple[dict[str, Any], dict[str, Any]]], asked: Asked) -> tuple[str, bool]:
    """Gives the figure that all runs are judged by, and whether higher is better."""
    kinds = {(metrics["task"], recipe["task"]["target"]) for metrics, recipe in summaries.values()}
    if len(kinds) > 1:
        told = ", ".join(f"{task} of {target}" for task, target in sorted(kinds))
        raise DataError(Problem(str(folder), f"holds runs of different tasks: {told}.", "Compare the runs of one task."))
    shared = set.intersection(*(set(metrics["test"]) for metrics, _ in summaries.values()))
    if len(asked.metrics) > 1:
        raise CommandError(Problem("--metric", "names several figures; a sweep is ranked by one.", "Name one."))
    if asked.metrics and asked.metrics[0] not in shared:
        raise CommandError(
            Problem(f"--metric {asked.metrics[0]}", "is not a figure of all runs.", did_you_mean(asked.metrics[0], shared))
        )
    first = next(iter(summaries))
    names = {metrics["metric"] for metrics, _ in summaries.values()}
    if not asked.metrics and len(names) > 1:
        fix = f"Write --metric, one of {', '.join(sorted(shared))}."
        raise CommandError(Problem(str(folder), f"was optimised for different metrics: {', '.join(sorted(names))}.", fix))
    name = asked.metrics[0] if asked.metrics else names.pop()
    return name, next(m.is_score for m in read_run(first).task.metrics if m.name == name)


def swept_keys(recipes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Gives the keys in which the recipes differ, in order."""
    trees = [{k: v for k, v in flat(recipe).items() if k.split(".")[0] not in LEFT_OUT} for recipe in recipes]
    keys = sorted(set().union(*trees))
    return [key for key in keys if len({json.dumps(tree.get(key), sort_keys=True, default=str) for tree in trees}) > 1]


def _plain(value: Any) -> Any:
    """Gives a value as it is shown as a level."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    return masked(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))[:60]


def _rank(value: float, is_score: bool) -> float:
    return math.inf if math.isnan(value) else -value if is_score else value


def _run(
    folder: Path, path: Path, metrics: Mapping[str, Any], recipe: Mapping[str, Any], keys: Sequence[str], metric: str
) -> SweepRun:
    tree, figure = flat(recipe), metrics["test"][metric]
    value, low, high = (math.nan if figure[name] is None else float(figure[name]) for name in ("value", "low", "high"))
    shown = {key: banded([_plain(tree.get(key))])[0] for key in keys}
    return SweepRun(
        str(path.relative_to(folder)).removeprefix("++").replace(",++", ","),
        shown,
        value,
        low,
        high,
        float(metrics["seconds"]["total"]),
        float(metrics["artifact_mb"]),
    )


def _against_best(runs: list[SweepRun], paths: Sequence[Path], metric: str, asked: Asked) -> tuple[list[SweepRun], list[str]]:
    """Compares every run with the best on the rows that both predicted."""
    notices = [f"The best of {len(runs)} was chosen by these figures, so its own is likely a little too good."]
    read = [read_run(path) for path in paths[:MOST_COMPARED]]
    fitting = [place for place in range(1, len(read)) if _fits(read[0], read[place], metric)]
    if len(fitting) < len(read) - 1:
        notices.append(
            f"{len(read) - 1 - len(fitting)} runs were judged on other rows than the best one; they are not compared with it."
        )
    if len(runs) > MOST_COMPARED:
        notices.append(f"The {MOST_COMPARED} best are compared with the best one.")
    found = _compared(read[0], [read[place] for place in fitting], metric, asked)
    by_place = dict(zip(fitting, found, strict=True))
    return [_with(run, by_place.get(place)) for place, run in enumerate(runs)], notices


def _fits(best: ComparedRun, other: ComparedRun, metric: str) -> bool:
    return not list(differences_of(best, other)) and (metric != VALUE or worth_of_both(best, other)[0] is not None)


def _compared(best: ComparedRun, others: Sequence[ComparedRun], metric: str, asked: Asked) -> list[Any]:
    if not others:
        return []
    alone = [replace(run, rows=replace(run.rows, slices={})) for run in (best, *others)]
    compared = compare_runs(alone[0], alone[1:], replace(asked, metrics=(metric,), margins=asked.margins))
    return [next(figure for figure in one.figures if figure.name == metric) for one in compared]


def _with(run: SweepRun, figure: Any) -> SweepRun:
    if figure is None:
        return run
    return replace(
        run, against_best=figure.word, difference=figure.difference, difference_low=figure.low, difference_high=figure.high
    )
