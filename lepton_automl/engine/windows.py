"""Compares recipes from several origins in time: windows of test rows one before the other, as one series of moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from lepton_automl.engine.comparing import Asked, ComparedRun, changes_of, check_asked, compared, figures_of
from lepton_automl.engine.compile import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.judged_rows import JudgedRows
from lepton_automl.engine.reruns import Rerun, Say, check_pairs, run_again, side_of
from lepton_automl.errors import DataError, Problem, RecipeError
from lepton_automl.evidence.comparing import Comparison, judged

FEWEST_ORIGINS = 3
"""Origins in time from which recipes are compared: every moment of a window counts, not one figure a window."""
LEAST_SHARE = 0.25
"""Training rows of the earliest origin, as a share of those of the latest: models of less say little of the recipe."""


def compare_origins(
    baseline: Rerun, candidates: Sequence[Rerun], count: int, asked: Asked, place: Path, say: Say
) -> list[Comparison]:
    """Runs every recipe from the same origins in time, and compares what was said of all their windows, moment by moment.

    Raises:
        DataError: If there is too little before the earliest origin, or recipes set other rows aside.
        CommandError: If a figure that is asked for is not there.
    """
    reruns = (baseline, *candidates)
    folders = {rerun.name: rerun.folder(place) for rerun in reruns}
    problems = [problem for rerun in reruns for problem in _too_little(rerun, count, folders[rerun.name])]
    if problems:
        raise DataError(problems, "the recipes that are to be run from several origins in time")
    made: dict[str, list[ComparedRun]] = {}
    for origin in range(count):
        for rerun in reruns:
            folder, composed = folders[rerun.name] / f"origin_{origin}", rerun.composed(origin + 1, origin)
            made.setdefault(rerun.name, []).append(run_again(rerun.name, composed, folder, f"origin {origin}", say))
    check_asked(asked, figures_of(made[baseline.name][0]))
    return judged([_compared_in_time(baseline, candidate, made, asked) for candidate in candidates])


def _too_little(rerun: Rerun, count: int, folder: Path) -> Iterator[Problem]:
    """Says whether the earliest origin leaves too few rows to learn of; nothing is run."""
    rows: list[int] = []
    for origin in range(count):
        try:
            plan = compile(rerun.composed(origin + 1, origin), folder / "none")
            known = plan.data.source.values(plan.task.target).notna().to_numpy()
            data = plan.data.source.rows(np.flatnonzero(known))
            train = data.rows(plan.splitter.holdout(data, plan.test_share, plan.seed).train)
            plan.splitter.folds(train, max(1, plan.folds), plan.seed)
        except (DataError, RecipeError) as error:
            why = error.problems[0].message
        else:
            rows.append(len(train))
            if rows[-1] >= LEAST_SHARE * rows[0]:
                continue
            why = f"{rows[-1]:,} training rows are left, and {rows[0]:,} there are today."
        fix = (
            f"Write --resplits {origin} or less."
            if origin >= FEWEST_ORIGINS
            else "Compare the finished runs, without --resplits."
        )
        yield Problem(f"{rerun.name} --resplits", f"is {count}; {origin} windows back there is too little: {why}", fix)
        return


def _compared_in_time(baseline: Rerun, candidate: Rerun, made: Mapping[str, list[ComparedRun]], asked: Asked) -> Comparison:
    one, other = made[baseline.name], made[candidate.name]
    check_pairs(candidate.name, one, other, "origins")
    found = compared(pooled(baseline.name, one), pooled(candidate.name, other), asked)
    count, metric = len(one), one[0].task.metric
    sides = [[float(run_.metrics["test"][metric.name]["value"]) for run_ in side] for side in (one, other)]
    ahead = sum((b > a) if metric.is_score else (b < a) for a, b in zip(*sides, strict=True))
    notices = (
        f"Origin 0 is the present, each other one test window before; the models of an origin know only what was before its "
        f"window. By {metric.name} {candidate.name} is ahead in {ahead} of {count} windows: "
        + ", ".join(f"{b - a:+.4g}" for a, b in zip(*sides, strict=True))
        + " (the present first).",
        "All windows are one series of moments, and the test allows for what neighbours in it have in common. Later models "
        "have learned of the rows of earlier ones: what that adds is not told, as the correction for overlapping splits is for "
        "splits drawn at random.",
    )
    return replace(
        found,
        question="origins",
        basis=f"{count} origins in time",
        baseline=side_of(baseline, one[0]),
        candidate=side_of(candidate, other[0]),
        changes=tuple(c for c in changes_of(baseline.tree, candidate.tree) if c.key not in ("seed", "split.origin")),
        notices=(*notices, *found.notices),
    )


def pooled(name: str, runs: Sequence[ComparedRun]) -> ComparedRun:
    """Gives runs of several origins as if they were one: what was said of all windows, in the order of time.

    Args:
        name: Name in the comparison.
        runs: The runs, the present first.

    Raises:
        DataError: If two windows share rows, or a window has no moments.
    """
    parts = [run_.rows for run_ in reversed(runs)]
    ids = np.concatenate([part.row_ids for part in parts])
    if len(np.unique(ids)) < len(ids) or any(part.moment is None for part in parts):
        message = "has windows that share rows: rules drop the rows of the latest moments."
        raise DataError(Problem(name, message, "Leave those rows out of the source."))
    moments, past = [], 0
    for part in parts:
        assert part.moment is not None
        moments.append(part.moment.astype("int64") + past)
        past += int(part.moment.max()) + 1
    shared = [column for column in parts[0].slices if all(column in part.slices for part in parts)]
    slices = {column: [part.slices[column] for part in parts] for column in shared}
    alike = {column: values for column, values in slices.items() if set.intersection(*(set(levels) for levels in values))}
    rows = JudgedRows(
        ids,
        np.concatenate([part.y for part in parts]),
        np.concatenate([part.prediction for part in parts]),
        _joined([part.weight for part in parts]),
        None,
        np.concatenate(moments),
        _joined([part.worth for part in parts]),
        {column: np.concatenate(values) for column, values in alike.items()},
        {**runs[0].rows.about, "share": min(float(part.about["share"]) for part in parts)},
    )
    return replace(runs[0], name=name, rows=rows)


def _joined(parts: Sequence[np.ndarray | None]) -> np.ndarray | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else None
