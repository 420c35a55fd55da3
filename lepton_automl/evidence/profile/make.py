"""Makes the profile of the rows that a run learns from and is judged on, within the time it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.evidence.profile import bins, drift, together
from lepton_automl.evidence.profile.bins import LEAST_ROWS, MISSING, Parts

SAMPLE = 50_000
"""Rows of each side that are looked at: a share is right to 0.4 points there."""
MOST_GROUPS = 5
"""Classes of the target that columns are told apart by."""
DRAWN = (Kind.NUMBER, Kind.DATETIME, Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT)
FEW_ROWS = 100
"""A group of a protected column with fewer training rows is told."""


@dataclass(frozen=True)
class Profiled:
    """What is looked at.

    Args:
        train: Training rows, as the rules left them.
        test: Test rows without their target, or none.
        target: Name of the target.
        y: Target of the training rows: class codes or numbers, shape `(n,)`.
        labels: The labels as text where there are some, else none.
    """

    train: Dataset
    test: Dataset | None
    target: str
    y: np.ndarray
    labels: tuple[str, ...] | None


@dataclass
class Allowance:
    """The time a profile may take.

    Args:
        seconds: CPU seconds of its thread; infinite where the budget counts trials.
        must_end: Says whether it must end at once.
    """

    seconds: float = float("inf")
    must_end: Callable[[], bool] = lambda: False
    started: float = field(default_factory=time.thread_time)

    def is_over(self) -> bool:
        """Says whether nothing more may be begun."""
        return self.spent() > self.seconds or self.must_end()

    def spent(self) -> float:
        """Gives the CPU seconds since it was made, in the thread that made it."""
        return time.thread_time() - self.started


@dataclass(frozen=True)
class Profile:
    """What the data looks like.

    Args:
        content: `profile.json`.
        left_out: What there was no time for, a phrase each.
        seconds: CPU seconds it took.
    """

    content: dict[str, Any]
    left_out: tuple[str, ...]
    seconds: float


def make_profile(looked_at: Profiled, allowance: Allowance, seed: int = 0) -> Profile:
    """Profiles the rows: groups, what is missing together, every column, then how columns go together.

    Counts of rows and of missing values are exact, all else rests on a sample. Nothing of a column that names rows or persons
    is shown, nor of texts but their lengths; a level is named only where ten rows hold it.

    Args:
        looked_at: The rows.
        allowance: The time it may take; what does not fit in is left out, and said to be.
        seed: Seed of the sample.
    """
    rng, left_out = np.random.default_rng(seed), list[str]()
    train, test = looked_at.train, looked_at.test
    pick = _sample(len(train), rng)
    pick_test = np.zeros(0, dtype="int64") if test is None else _sample(len(test), rng)
    sides = _Sides(looked_at, train.frame.iloc[pick], None if test is None else test.frame.iloc[pick_test], pick)
    content: dict[str, Any] = {
        "rows": {"train": len(train), "test": 0 if test is None else len(test)},
        "sampled": {"train": len(pick), "test": len(pick_test)},
        "target": {"name": looked_at.target, "groups": sides.names, "rows": np.bincount(sides.groups + 1)[1:].tolist()},
        "groups": [],
        "missing_together": {},
        "columns": [],
        "associations": {},
    }
    for column in train.with_role(Role.PROTECTED):
        if allowance.is_over():
            left_out.append(f"groups of {column.name}")
        else:
            content["groups"].append(_groups(looked_at, column))
    if not allowance.is_over():
        content["missing_together"] = together.missing_together(sides.train[[column.name for column in sides.columns]])
    else:
        left_out.append("what is missing together")
    for column in sides.columns:
        if allowance.is_over():
            break
        content["columns"].append(_profiled(sides, column))
    rest = len(sides.columns) - len(content["columns"])
    left_out.extend([f"{rest} of {len(sides.columns)} columns"] if rest else [])
    if not allowance.is_over():
        content["associations"] = _associations(sides)
    else:
        left_out.append("how columns go together")
    content["left_out"] = left_out
    return Profile(content, tuple(left_out), allowance.spent())


def _sample(n: int, rng: np.random.Generator) -> np.ndarray:
    return np.arange(n) if n <= SAMPLE else np.sort(rng.choice(n, SAMPLE, replace=False))


class _Sides:
    """The sampled rows of both sides, and the groups of the target that columns are told apart by."""

    def __init__(self, looked_at: Profiled, train: pd.DataFrame, test: pd.DataFrame | None, pick: np.ndarray) -> None:
        self.looked_at, self.train, self.test, self.y = looked_at, train, test, looked_at.y[pick]
        self.columns = [column for column in looked_at.train.columns if column.name != looked_at.target]
        self.groups, self.names = target_groups(self.y, looked_at.labels, looked_at.target)


def target_groups(y: np.ndarray, labels: tuple[str, ...] | None, target: str) -> tuple[np.ndarray, list[str]]:
    """Groups rows by their target: the most frequent classes that ten rows have, at most five; or the thirds of numbers.

    Gives the group of each row, -1 where it is in none, shape `(n,)`, and their names.
    """
    if labels is not None:
        counts = np.bincount(y[y >= 0], minlength=len(labels))
        order = [int(k) for k in np.argsort(-counts, kind="stable")[:MOST_GROUPS] if counts[k] >= LEAST_ROWS]
        order = sorted(order) if len(labels) == 2 else order
        moved = np.full(len(labels) + 1, MISSING)
        moved[order] = np.arange(len(order))
        return moved[y], [labels[k][:60] for k in order]
    known = y[np.isfinite(y)]
    if len(known) < 3 * LEAST_ROWS:
        return np.full(len(y), MISSING), []
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    if low == high:
        names, groups = [f"{target} ≤ {low:.4g}", f"{target} > {low:.4g}"], (y > low).astype("int64")
    else:
        names = [f"{target} ≤ {low:.4g}", f"{low:.4g} to {high:.4g}", f"{target} > {high:.4g}"]
        groups = (y > low).astype("int64") + (y > high)
    return np.where(np.isfinite(y), groups, MISSING), names


def _profiled(sides: _Sides, column: Column) -> dict[str, Any]:
    """Gives what is known of a column."""
    name, looked_at = column.name, sides.looked_at
    test = None if looked_at.test is None or name not in looked_at.test.names else looked_at.test
    mine = sides.train[name]
    theirs = None if test is None or sides.test is None else sides.test[name]
    found: dict[str, Any] = {
        "name": name,
        "kind": str(column.kind),
        "roles": sorted(map(str, column.roles)),
        "missing": {
            "train": int(looked_at.train.values(name).isna().sum()),
            "test": 0 if test is None else int(test.values(name).isna().sum()),
        },
    }
    if column.roles & set(together.NAMES):
        return {**found, "not_shown": "names rows"}
    if column.kind not in DRAWN:
        return {**found, "not_shown": f"{column.kind} values"}
    found["distinct"] = int(mine.nunique())
    parts = bins.cut(column.kind, mine, theirs)
    found.update(_drawn(sides, column.kind, parts))
    if column.kind in (Kind.NUMBER, Kind.DATETIME) and parts.names:
        found["quantiles"] = _quantiles(column.kind, bins.numbers_of(mine))
    if theirs is not None and len(theirs):
        is_level = column.kind in (Kind.CATEGORY, Kind.BOOLEAN)
        if is_level:
            found["drift"] = drift.drift_of_levels(parts) if parts.names else {}
        else:
            found["drift"] = drift.drift_of_numbers(bins.numbers_of(mine), bins.numbers_of(theirs))
    return found


def _drawn(sides: _Sides, kind: Kind, parts: Parts) -> dict[str, Any]:
    """Gives the counts of a column's parts: by side, and by the groups of the target where ten rows are in a part."""
    if not parts.names:
        return {"not_shown": "most values are held by fewer than ten rows" if kind is Kind.CATEGORY else "too few rows"}
    counts = parts.counts(parts.train)
    by_target = [
        [n if counts[place] >= LEAST_ROWS else 0 for place, n in enumerate(group)]
        for group in parts.counts_by(sides.groups, len(sides.names))
    ]
    shown: dict[str, Any] = (
        {"edges": [_figure(kind, edge) for edge in parts.edges]} if parts.edges else {"levels": list(parts.names)}
    )
    if kind is Kind.TEXT:
        shown["of"] = "lengths of the texts"
    test = [int(n) for n in parts.counts(parts.test)]
    return {**shown, "train": [int(n) for n in counts], "test": test, "by_target": by_target}


def _figure(kind: Kind, value: float) -> float:
    """Gives six figures of a number; of a date whole seconds."""
    return float(round(value)) if kind is Kind.DATETIME else float(f"{value:.6g}")


def _quantiles(kind: Kind, numbers: np.ndarray) -> dict[str, float]:
    """Gives quantiles beyond which ten rows lie."""
    known = numbers[~np.isnan(numbers)]
    levels = [level for level in (0.05, 0.25, 0.5, 0.75, 0.95) if min(level, 1 - level) * len(known) >= LEAST_ROWS]
    return {f"{level:g}": _figure(kind, float(np.quantile(known, level))) for level in levels}


def _groups(looked_at: Profiled, column: Column) -> dict[str, Any]:
    """Counts the groups of a protected column among all rows, with their target; groups of fewer than ten rows are one."""
    test = None if looked_at.test is None or column.name not in looked_at.test.names else looked_at.test.values(column.name)
    train = looked_at.train.values(column.name)
    is_level = column.kind in (Kind.CATEGORY, Kind.BOOLEAN)
    parts = bins.cut(column.kind, train, test) if is_level else _quarters(train, test)
    target, names = target_groups(looked_at.y, looked_at.labels, looked_at.target)
    rows = []
    for place, name in _parts_and_missing(parts):
        mine, theirs = parts.train == place, parts.test == place
        count = int(mine.sum())
        if count + int(theirs.sum()) < LEAST_ROWS:
            continue
        shares = [float((target[mine] == k).mean()) if count >= LEAST_ROWS else None for k in range(len(names))]
        row = {"name": name, "train": count, "test": int(theirs.sum()), "share": count / len(train), "target": shares}
        rows.append({**row, "is_small": count < FEW_ROWS})
    return {"column": column.name, "kind": str(column.kind), "groups": rows}


def _parts_and_missing(parts: Parts) -> Iterator[tuple[int, str]]:
    yield from enumerate(parts.names)
    yield MISSING, "missing" if parts.names else "not shown"


def _quarters(train: pd.Series, test: pd.Series | None) -> Parts:
    """Cuts the numbers of a protected column into quarters of the training rows."""
    mine = bins.numbers_of(train)
    theirs = np.zeros(0) if test is None else bins.numbers_of(test)
    known = mine[~np.isnan(mine)]
    if len(known) < 4 * LEAST_ROWS:
        return Parts(np.full(len(mine), MISSING), np.full(len(theirs), MISSING), ())
    edges = np.unique(np.quantile(known, [0.25, 0.5, 0.75]))
    names = (f"≤ {edges[0]:g}", *(f"{a:g} to {b:g}" for a, b in pairwise(edges)), f"> {edges[-1]:g}")
    one, two = (np.where(np.isnan(x), MISSING, np.searchsorted(edges, x, side="left")) for x in (mine, theirs))
    return Parts(one, two, names)


def _associations(sides: _Sides) -> dict[str, Any]:
    rows = np.arange(len(sides.train))[:: max(1, -(-len(sides.train) // together.ROWS))]
    looked_at = sides.looked_at
    found = together.associations(
        sides.train.iloc[rows],
        together.features_of(looked_at.train),
        looked_at.target,
        sides.y[rows],
        looked_at.labels is not None,
    )
    return {**found, "strongest": together.strongest(found)}
