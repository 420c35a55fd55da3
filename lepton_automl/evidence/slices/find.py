"""Looks at every slice of one and of two columns, and finds those that are worse than can be chance."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from lepton_automl.data import Dataset, Role
from lepton_automl.evidence.groups import Grouping, group_rows, why_not_grouped
from lepton_automl.evidence.profile.bins import MISSING

LOOKED_INTO = 400
"""Slices of two columns, the worst first, that are held against the slices they lie in."""


@dataclass(frozen=True)
class Table:
    """What each slice loses, and what the rest does; all of shape `(s,)`.

    Args:
        groups: Number of the grouping and of the group, of one column or of two: shape `(s, 4)`, -1 where there is one column.
        n: Rows.
        mean: Mean loss of a row.
        rest: Mean loss of a row of the rest.
        error: Standard error of the difference.
        effect: The difference over the mean standard deviation of both sides.
        chance: How likely so large a difference is where there is none, looked at alone.
        spread: Variance of the losses.
    """

    groups: np.ndarray
    n: np.ndarray
    mean: np.ndarray
    rest: np.ndarray
    error: np.ndarray
    effect: np.ndarray
    chance: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Sliced:
    """The slices that were looked at, and those found.

    Args:
        table: All that were looked at.
        worse: Places of those that are worse than can be chance, the one that is surely the worst first.
        inside: How many more lie inside of one of these and are no worse than it.
        left_out: Pairs of columns that there was no time for.
    """

    table: Table
    worse: tuple[int, ...]
    inside: int
    left_out: int = 0


def slice_columns(
    rows: Dataset, train: Dataset | None, wanted: Sequence[str], cuts: Mapping[str, Sequence[float]]
) -> tuple[list[Grouping], list[tuple[str, str]]]:
    """Groups rows by each column that may be sliced; rows without a value are a group of their own.

    Args:
        rows: The rows.
        train: Training rows, by which numbers are cut; or none.
        wanted: Names of columns; all features, protected and evaluation-only columns if empty.
        cuts: Column to where its numbers are cut.

    Returns:
        The groupings, and the columns that give none, each with why.
    """
    roles = {Role.FEATURE, Role.PROTECTED, Role.EVALUATION_ONLY}
    names = list(wanted) or [column.name for column in rows.columns if column.roles & roles and not column.has(Role.TARGET)]
    found, left_out = [], []
    for name in names:
        if name not in rows.names:
            left_out.append((name, "a rule took it out of the table"))
            continue
        column = rows.column(name)
        reason = why_not_grouped(column)
        grouping = None if reason else group_rows(column, rows, train, cuts.get(name, ()))
        if grouping is None:
            left_out.append((name, reason or "no group of it has ten rows"))
            continue
        if (grouping.codes == MISSING).any():
            codes = np.where(grouping.codes == MISSING, len(grouping.names), grouping.codes)
            grouping = replace(grouping, codes=codes, names=(*grouping.names, "missing"))
        found.append(grouping)
    return found, left_out


def find_worse(
    groupings: Sequence[Grouping],
    losses: np.ndarray,
    least: int,
    share: float,
    pairs: bool,
    block: np.ndarray | None,
    until: float = float("inf"),
) -> Sliced:
    """Finds the slices whose rows lose more than the rest.

    Each is held against all other rows by Welch's test, one-sided; of those found at most a share is expected to be chance,
    however many were looked at. Where rows of a block go together their number counts as less.

    Args:
        groupings: Groups of each column, no row without one.
        losses: Loss of each row, shape `(n,)`.
        least: Rows that a slice and its rest must have.
        share: Share of those found that may be chance.
        pairs: Whether slices of two columns are looked at.
        block: Block of each row, shape `(n,)`, or none.
        until: Moment, in seconds since the epoch, from which no more pairs of columns are looked at.

    Source: Chung, Kraska, Polyzotis, Tae and Whang (2019), "Slice Finder: automated data slicing for model validation", ICDE;
    Benjamini and Hochberg (1995), "Controlling the false discovery rate", JRSS B 57(1), 289-300.
    """
    both = list(combinations(range(len(groupings)), 2)) if pairs else []
    inflated = inflation(losses, block)
    table, left_out = _looked_at(groupings, losses, least, both, inflated, until)
    found = passed(table.chance, share)
    told = _told_once(table, found[np.argsort(-_surely(table)[found], kind="stable")], share, inflated)
    return replace(told, left_out=left_out)


def _surely(table: Table) -> np.ndarray:
    """Gives the effect less two of its standard errors, shape `(s,)`: what is bad for sure comes before what is small."""
    away = table.mean - table.rest
    return table.effect * (1 - 2 * np.divide(table.error, away, out=np.ones_like(away), where=away > 0))


def _looked_at(
    groupings: Sequence[Grouping],
    losses: np.ndarray,
    least: int,
    pairs: Sequence[tuple[int, int]],
    inflated: float,
    until: float,
) -> tuple[Table, int]:
    """Gives all slices of enough rows, and how many pairs of columns there was no time for."""
    groups, counts, left_out, amounts = [], [], 0, (None, losses, losses * losses)
    single = [_sums(g.codes, len(g.names), amounts) for g in groupings]
    for place, sums in enumerate(single):
        groups.append(np.column_stack([np.full(len(sums), place), np.arange(len(sums)), *np.full((2, len(sums)), -1)]))
        counts.append(sums)
    for number, (i, j) in enumerate(pairs):
        if time.time() > until:
            left_out = len(pairs) - number
            break
        width, size = len(groupings[j].names), len(groupings[i].names) * len(groupings[j].names)
        sums = _sums(groupings[i].codes * width + groupings[j].codes, size, amounts)
        a, b = np.divmod(np.arange(size), width)
        is_new = (sums[:, 0] < single[i][a, 0]) & (sums[:, 0] < single[j][b, 0])
        keep = is_new & (sums[:, 0] >= least)
        groups.append(np.column_stack([np.full(size, i), a, np.full(size, j), b])[keep])
        counts.append(sums[keep])
    if not counts:
        return Table(np.zeros((0, 4), dtype="int64"), *(np.zeros(0) for _ in range(7))), left_out
    every, sums, n = np.concatenate(groups), np.concatenate(counts), len(losses)
    keep = (sums[:, 0] >= least) & (n - sums[:, 0] >= least)
    whole = np.array([n, losses.sum(), amounts[2].sum()])
    return Table(every[keep], *_against(sums[keep], whole - sums[keep], inflated)), left_out


def _sums(codes: np.ndarray, size: int, amounts: Sequence[np.ndarray | None]) -> np.ndarray:
    """Gives rows, sum and sum of squares of the losses of each group, shape `(groups, 3)`."""
    return np.column_stack([np.bincount(codes, amount, size) for amount in amounts]).astype("float64")


def _against(mine: np.ndarray, rest: np.ndarray, inflated: float) -> Iterator[np.ndarray]:
    """Gives rows, mean, mean of the rest, standard error, effect, chance and variance, shape `(s,)` each.

    Source: Welch (1947), "The generalization of Student's problem", Biometrika 34, 28-35.
    """
    from scipy.special import stdtr

    n, m = mine[:, 0], rest[:, 0]
    mean, other = mine[:, 1] / n, rest[:, 1] / m
    spread, spread_of_rest = (
        np.maximum(sums[:, 2] / sums[:, 0] - (sums[:, 1] / sums[:, 0]) ** 2, 0) * sums[:, 0] / np.maximum(sums[:, 0] - 1, 1)
        for sums in (mine, rest)
    )
    first, second = inflated * spread / n, inflated * spread_of_rest / m
    error = np.sqrt(first + second)
    free = np.divide(
        (first + second) ** 2,
        first**2 / np.maximum(n - 1, 1) + second**2 / np.maximum(m - 1, 1),
        out=np.ones_like(n),
        where=error > 0,
    )
    away = np.divide(mean - other, error, out=np.zeros_like(n), where=error > 1e-12)
    typical = np.sqrt((spread + spread_of_rest) / 2)
    effect = np.divide(mean - other, typical, out=np.zeros_like(n), where=typical > 1e-12)
    yield from (n, mean, other, error, effect, stdtr(free, -away), spread)


def inflation(losses: np.ndarray, block: np.ndarray | None) -> float:
    """Gives by how much the variance of a mean grows because rows of a block are alike; 1 where rows are independent.

    Args:
        losses: Loss of each row, shape `(n,)`.
        block: Block of each row, numbered from 0, shape `(n,)`, or none.

    Source: Kish (1965), "Survey sampling", section 5.4: the design effect.
    """
    if block is None:
        return 1.0
    off = losses - losses.mean()
    alone = float(np.square(off).sum())
    together = float(np.square(np.bincount(block, off)).sum())
    return max(1.0, together / alone) if alone > 0 else 1.0


def passed(chance: np.ndarray, share: float) -> np.ndarray:
    """Gives the places of the tests that pass when at most a share of those that pass is to be chance.

    Args:
        chance: Probability of each test, shape `(s,)`.
        share: That share.

    >>> passed(np.array([0.04, 0.001, 0.9, 0.02]), 0.05).tolist()
    [1, 3]
    """
    order = np.argsort(chance, kind="stable")
    below = chance[order] <= share * np.arange(1, len(chance) + 1) / max(1, len(chance))
    return np.sort(order[: np.flatnonzero(below)[-1] + 1]) if below.any() else np.zeros(0, dtype="int64")


def _chance_inside(table: Table, place: int, parent: int, inflated: float) -> float:
    """Gives how likely it is that a slice is so much worse than the rest of the one it lies in, where it is not."""
    mine, around = (
        np.array([n, n * mean, (n - 1) * spread + n * mean**2])
        for n, mean, spread in ((table.n[k], table.mean[k], table.spread[k]) for k in (place, parent))
    )
    rest = around - mine
    return float(list(_against(mine[None, :], rest[None, :], inflated))[5][0]) if rest[0] >= 2 else 1.0


def _told_once(table: Table, found: np.ndarray, share: float, inflated: float) -> Sliced:
    """Leaves out slices of two columns that are no worse than one of a single column that they lie in and that is told too."""
    singles = {(int(g[0]), int(g[1])): place for place, g in zip(found, table.groups[found], strict=True) if g[2] < 0}
    kept, inside = [], 0
    for rank, place in enumerate(found):
        group = table.groups[place]
        around = [singles[key] for key in ((group[0], group[1]), (group[2], group[3])) if key in singles and group[2] >= 0]
        if around:
            parent = max(around, key=lambda other: table.mean[other])
            if rank >= LOOKED_INTO or _chance_inside(table, int(place), parent, inflated) >= share / len(found):
                inside += 1
                continue
        kept.append(int(place))
    return Sliced(table, tuple(kept), inside)
