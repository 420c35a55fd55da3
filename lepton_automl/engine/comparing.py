"""Reads finished runs, makes sure that they can be compared, and joins them row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from lepton_automl.engine.judged_rows import JudgedRows, read_test_rows
from lepton_automl.errors import ArtifactError, CommandError, DataError, Problem
from lepton_automl.evidence.comparing import ABSENT, VALUE, Change, Comparison, Rows, Side, Ways, compare_rows, judged
from lepton_automl.recipe.tree import flat
from lepton_automl.registry import did_you_mean
from lepton_automl.report.wording import masked
from lepton_automl.tasks import TASKS, Makes, Metric, Task

LEFT_OUT = ("run", "resume", "tracking", "name", "report")
"""Blocks of a recipe that say nothing of what it finds."""
LONGEST = 120
"""Characters of a recipe's value that are shown."""
MOST_SHARE_OF_OTHERS = 0.5
"""Share of shared columns that may hold other values where two runs are judged on the same rows, if their tables differ."""


@dataclass(frozen=True)
class Asked:
    """What a comparison is asked for.

    Args:
        metrics: Figures by which the verdict goes; empty: the recipe's metric, and money where there are payoffs.
        margins: Figure to the difference that does not matter.
        confidence: Confidence of intervals and verdicts, 0 to 1.
        resamples: Bootstrap resamples.
    """

    metrics: tuple[str, ...] = ()
    margins: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.95
    resamples: int = 1_000


@dataclass(frozen=True)
class ComparedRun:
    """A finished run, as it was read.

    Args:
        name: Its name in the comparison.
        folder: Its folder.
        metrics: `metrics.json`.
        recipe: The resolved recipe.
        rows: What it was judged on.
        task: What it predicts.
    """

    name: str
    folder: Path
    metrics: Mapping[str, Any]
    recipe: Mapping[str, Any]
    rows: JudgedRows
    task: Task

    @property
    def side(self) -> Side:
        """What the pages say of it."""
        metrics = self.metrics
        hash_, version = str(metrics["recipe_hash"]), str(metrics["version"])
        return Side(self.name, str(metrics["recipe"]), hash_, version, language_of(self.recipe))


def language_of(recipe: Mapping[str, Any]) -> str:
    """Gives the code of the language that a resolved recipe asks for in pages."""
    return str((recipe.get("report") or {}).get("language", "en"))


def read_run(folder: Path) -> ComparedRun:
    """Reads a finished run.

    Raises:
        ArtifactError: If it is none, or one of its files can not be read.
    """
    metrics, recipe = read_summary(folder)
    rows = read_test_rows(folder)
    state = rows.about["task"]
    task = TASKS.find(state["kind"], "task.kind", tuple(recipe.get("plugins") or ())).load(state)
    return ComparedRun(str(folder), folder, metrics, recipe, rows, task)


def read_every_run(folders: Sequence[Path]) -> list[ComparedRun]:
    """Reads finished runs.

    Raises:
        ArtifactError: If one is none; with the problems of all of them.
    """
    runs: list[ComparedRun] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            runs.append(read_run(folder))
        except ArtifactError as error:
            problems.extend(error.problems)
    if problems:
        raise ArtifactError(problems)
    return runs


def read_summary(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Reads `metrics.json` and `recipe.yaml` of a finished run.

    Raises:
        ArtifactError: If it is none, or one of them can not be read.
    """
    if not folder.is_dir():
        fix = "Give the folder of a finished run, such as outputs/credit/DATE_TIME."
        raise ArtifactError(Problem(str(folder), "is a file." if folder.exists() else "does not exist.", fix))
    if not (folder / "metrics.json").is_file():
        raise ArtifactError(Problem(str(folder), f"is not a finished run: {_why(folder)}.", _way(folder)))
    try:
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        recipe = yaml.safe_load((folder / "recipe.yaml").read_text(encoding="utf-8"))
        metrics["test"], recipe["task"], metrics["recipe_hash"]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        said = str(error).splitlines()[0]
        raise ArtifactError(Problem(str(folder), f"can not be read: {said}.", "Run the recipe again.")) from error
    return metrics, recipe


def _why(folder: Path) -> str:
    failed = folder / "failed.txt"
    return (
        failed.read_text(encoding="utf-8").strip().splitlines()[0].rstrip(".") if failed.is_file() else "it has no metrics.json"
    )


def _way(folder: Path) -> str:
    if (folder / "manifest.json").is_file():
        return f"It is an artefact: give the run's folder, {folder.parent}."
    inside = sorted(path.parent for path in folder.glob("*/metrics.json"))
    if inside:
        return f"Give one of the runs in it, such as {inside[-1]}; a sweep is compared with --sweep {folder}."
    return "Run the recipe again, or `lepton resume` it."


def compare_runs(baseline: ComparedRun, candidates: Sequence[ComparedRun], asked: Asked) -> list[Comparison]:
    """Compares fitted models on the rows that all of them predicted.

    Raises:
        DataError: If a candidate was judged on other rows, or predicts something else; all reasons of all candidates.
        CommandError: If a figure that is asked for is not there.
    """
    problems = [problem for candidate in candidates for problem in differences_of(baseline, candidate)]
    if problems:
        raise DataError(problems, "the runs that are to be compared")
    check_asked(asked, figures_of(baseline))
    return judged([compared(baseline, candidate, asked) for candidate in candidates])


def metrics_of(run: ComparedRun) -> list[Metric]:
    """Gives the metrics of a run's task; money is a figure of its own, by the run's own decision."""
    return [metric for metric in run.task.metrics if metric.name != VALUE]


def figures_of(run: ComparedRun) -> list[str]:
    """Gives the names of the figures that a run can be compared by."""
    return [*(metric.name for metric in metrics_of(run)), VALUE]


def check_asked(asked: Asked, names: Sequence[str]) -> None:
    """Makes sure that the figures that are asked for are there.

    Raises:
        CommandError: If not.
    """
    problems = [
        Problem(f"{flag} {name}", "is not a figure of these runs.", did_you_mean(name, names))
        for flag, given in (("--metric", asked.metrics), ("--margin", asked.margins))
        for name in given
        if name not in names and (flag, name) != ("--metric", "all")
    ]
    if problems:
        raise CommandError(problems)


def deciding_of(asked: Asked, names: Sequence[str], metric: str, has_money: bool) -> frozenset[str]:
    """Gives the figures by which the verdict goes."""
    if "all" in asked.metrics:
        return frozenset([*names, *([VALUE] if has_money else [])])
    if asked.metrics:
        return frozenset(asked.metrics)
    first = metric if metric in names or has_money else names[0]
    return frozenset([first, *([VALUE] if has_money else [])])


def compared(baseline: ComparedRun, candidate: ComparedRun, asked: Asked) -> Comparison:
    """Compares two runs on the rows that both predicted; figures are not judged yet.

    Raises:
        CommandError: If money is asked for, and can not be compared.
    """
    worth, why_not = worth_of_both(baseline, candidate)
    if worth is None and VALUE in asked.metrics:
        raise CommandError(Problem(f"--metric {VALUE}", why_not, "Leave it out, or run both with the same decision.payoff."))
    rows, task = baseline.rows, baseline.task
    slices = {**candidate.rows.slices, **rows.slices}
    both = Rows(rows.y, rows.prediction, candidate.rows.prediction, rows.weight, rows.group, rows.moment, slices, worth)
    metrics = metrics_of(baseline)
    names = [metric.name for metric in metrics]
    ways = Ways(
        metrics,
        deciding_of(asked, names, task.metric.name, worth is not None),
        asked.margins,
        asked.confidence,
        asked.resamples,
        steps=0 if task.history is None else task.history.horizon,
        has_labels=task.labels is not None,
        currency=str(rows.about["decision"]["currency"]),
    )
    figures, few = compare_rows(both, ways)
    notices = [*_notices(baseline, candidate), *([why_not] if why_not and _has_prices(baseline, candidate) else [])]
    if few:
        notices.append(f"Too few rows to be compared: {', '.join(few[:12])}{' …' if len(few) > 12 else ''}.")
    return Comparison(
        "model",
        str(rows.about["kind"]),
        len(rows),
        baseline.side,
        candidate.side,
        tuple(figures),
        asked.confidence,
        tuple(changes_of(baseline.recipe, candidate.recipe)),
        tuple(notices),
        task.target,
    )


def _has_prices(*runs: ComparedRun) -> bool:
    return any(run.rows.worth is not None for run in runs)


def worth_of_both(baseline: ComparedRun, candidate: ComparedRun) -> tuple[np.ndarray | None, str]:
    """Gives the worth of each row by each run's own decision, shape `(2, n)`; none, with the reason, where there is none."""
    one, other = (run.rows.about["decision"] for run in (baseline, candidate))
    if not _has_prices(baseline, candidate):
        return None, "Money is not compared: the recipes give no payoffs."
    if one["currency"] != other["currency"]:
        return None, f"Money is not compared: the currencies differ ({one['currency']}, {other['currency']})."
    changes = changes_of(one["prices"], other["prices"])
    if changes:
        told = ", ".join(f"{change.key} {change.baseline} and {change.candidate}" for change in changes[:6])
        return None, f"Money is not compared: the payoffs differ ({told})."
    return np.array([baseline.rows.worth, candidate.rows.worth], dtype="float64"), ""


def _notices(baseline: ComparedRun, candidate: ComparedRun) -> Iterator[str]:
    if baseline.rows.about["kind"] != "test":
        yield "No test rows were set aside: these rows also took part in choosing the models of both runs."
    if baseline.task.metric.name != candidate.task.metric.name:
        one, other = baseline.task.metric.name, candidate.task.metric.name
        yield f"The baseline was optimised for {one}, the candidate for {other}; the verdict goes by the baseline's metric."
    if baseline.metrics["version"] != candidate.metrics["version"]:
        yield f"Made by different versions: {baseline.metrics['version']} and {candidate.metrics['version']}."
    if baseline.rows.about["share"] < 1:
        yield f"Of the judged rows {baseline.rows.about['share']:.1%} were kept; the figures rest on these."
    if baseline.rows.about["fingerprint"] != candidate.rows.about["fingerprint"]:
        same, of = _agreeing(baseline.rows, candidate.rows)
        yield f"The tables were read differently; on these rows {same} of {of} columns that both have hold the same values."


def _agreeing(one: JudgedRows, other: JudgedRows) -> tuple[int, int]:
    """Gives how many of the columns that both have hold the same values on the judged rows, and how many both have."""
    first, second = one.about["columns"], other.about["columns"]
    shared = [name for name in first if name in second]
    return sum(first[name] == second[name] for name in shared), len(shared)


def differences_of(baseline: ComparedRun, candidate: ComparedRun) -> Iterator[Problem]:
    """Says what keeps two runs from being compared row by row."""
    told = list(tasks_differ(candidate.name, baseline.task, candidate.task)) or list(_judged_differ(baseline, candidate))
    if told:
        yield from told
        return
    yield from _rows_differ(baseline, candidate)


def tasks_differ(name: str, one: Task, other: Task) -> Iterator[Problem]:
    """Says what keeps the predictions of two tasks from being compared.

    Args:
        name: What the other task is called in messages.
        one: The baseline's task.
        other: The candidate's.
    """
    if one.state()["kind"] != other.state()["kind"]:
        kinds = (one.state()["kind"], other.state()["kind"])
        yield Problem(name, f"is a {kinds[1]} task, the baseline a {kinds[0]} one.", "Compare runs of one task.")
        return
    if one.target != other.target:
        yield Problem(name, f"predicts {other.target!r}, the baseline {one.target!r}.", "Compare runs of one task.target.")
        return
    if one.labels is not None and other.labels is not None and one.labels.names != other.labels.names:
        if sorted(one.labels.names) == sorted(other.labels.names) and len(one.labels.names) == 2:
            message = f"has {other.labels.names[1]!r} as its positive label, the baseline {one.labels.names[1]!r}."
            yield Problem(name, message, f"Run it with task.positive={one.labels.names[1]}.")
        else:
            only = sorted(set(one.labels.names) ^ set(other.labels.names))[:6]
            yield Problem(name, f"knows other labels than the baseline: {', '.join(only)}.", "Give both the same rows.")
    if one.goal.makes is Makes.QUANTILES and one.goal.levels != other.goal.levels:
        levels = [", ".join(f"{level:g}" for level in task.goal.levels) for task in (one, other)]
        yield Problem(
            name, f"forecasts the levels {levels[1]}, the baseline {levels[0]}.", "Give both the same task.quantiles."
        )


def _judged_differ(baseline: ComparedRun, candidate: ComparedRun) -> Iterator[Problem]:
    kinds = [run.rows.about["kind"] for run in (baseline, candidate)]
    if kinds[0] != kinds[1]:
        fix = "Run both with the same split.test_share and data.test."
        yield Problem(candidate.name, f"was judged on {kinds[1]} rows, the baseline on {kinds[0]} rows.", fix)


def _rows_differ(baseline: ComparedRun, candidate: ComparedRun) -> Iterator[Problem]:
    name, one, other = candidate.name, baseline.rows, candidate.rows
    shared = np.intersect1d(one.row_ids, other.row_ids)
    if len(one) != len(other) or len(shared) != len(one):
        message = (
            f"was judged on other rows: the baseline has {len(one):,}, it has {len(other):,}, and {len(shared):,} are in both."
        )
        yield Problem(name, message, _keys_to_set(baseline, candidate))
        return
    wrong = int((one.y != other.y).sum())
    same, of = _agreeing(one, other)
    is_other_table = one.about["fingerprint"] != other.about["fingerprint"] and of and same < of * (1 - MOST_SHARE_OF_OTHERS)
    if wrong:
        message = f"has another target in {wrong:,} of {len(one):,} rows: it was judged on another table."
        yield Problem(name, message, "Give both the same data.source.")
    elif is_other_table:
        message = f"was judged on other rows at the same places: {same} of {of} shared columns hold the same values there."
        yield Problem(name, message, "Give both the same data.source, or data.test.")
    weights = [np.ones(len(rows)) if rows.weight is None else rows.weight for rows in (one, other)]
    if not np.array_equal(weights[0], weights[1]):
        yield Problem(name, "weighs its rows differently.", "Give both the same data.roles.weight.")


def _keys_to_set(baseline: ComparedRun, candidate: ComparedRun) -> str:
    """Names the keys by which the rows that were set aside may differ."""
    keys = [
        change
        for change in changes_of(baseline.recipe, candidate.recipe)
        if change.key.split(".")[0] in ("seed", "split", "data", "governance") or change.key == "task.missing_target"
    ]
    if not keys:
        return "The recipes set rows aside alike: is the data still the same?"
    told = ", ".join(f"{change.key} ({change.baseline} and {change.candidate})" for change in keys[:6])
    return f"Run both alike in: {told}."


def changes_of(baseline: Mapping[str, Any], candidate: Mapping[str, Any]) -> list[Change]:
    """Gives the keys of two resolved recipes that differ, in order."""
    sides = [
        {key: value for key, value in flat(tree).items() if key.split(".")[0] not in LEFT_OUT} for tree in (baseline, candidate)
    ]
    keys = [key for key in {**sides[0], **sides[1]} if sides[0].get(key, ABSENT) != sides[1].get(key, ABSENT)]
    keys = [key for key in keys if not _is_filled(key, *sides)]
    return [Change(key, *(_shown(side, key) for side in sides)) for key in sorted(keys)]


def _is_filled(key: str, *sides: Mapping[str, Any]) -> bool:
    """Says whether a key is an empty block on one side that the other side fills: what fills it is told key by key."""
    one, other = sides
    return any(a.get(key) == {} and any(name.startswith(f"{key}.") for name in b) for a, b in ((one, other), (other, one)))


def _shown(side: Mapping[str, Any], key: str) -> str:
    if key not in side:
        return ABSENT
    value = side[key]
    text = masked(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
