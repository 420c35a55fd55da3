"""Rows in groups: by the levels of a column, by cut numbers, or by two and more columns at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.data.personal import shown_safely
from lepton_automl.evidence.profile import bins
from lepton_automl.evidence.profile.bins import LEAST_ROWS, MISSING

FEW_VALUES = 5
"""A number with so many different values at most is taken as levels."""
QUARTERS = (0.25, 0.5, 0.75)
PERSONAL = frozenset({"mask", "hash"})
"""Treatments after which values are not shown: they stand for persons."""
NAMING = frozenset({Role.ID, Role.GROUP, Role.SERIES, Role.USER, Role.ITEM})
"""Roles of columns that name rows or persons."""
JOINT = " × "


@dataclass(frozen=True)
class Grouping:
    """Rows in groups.

    Args:
        name: Name of the column, or of several with `*` between them.
        codes: Group of each row, -1 where the value is missing, shape `(n,)`.
        names: What each group is called.
        how: How numbers were cut; empty for levels.
        edges: Where they were cut, rising; empty for levels.
    """

    name: str
    codes: np.ndarray
    names: tuple[str, ...]
    how: str = ""
    edges: tuple[float, ...] = ()

    @property
    def sizes(self) -> np.ndarray:
        """Rows of each group, shape `(groups,)`."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))


def why_not_grouped(column: Column) -> str:
    """Says why a column gives no groups; empty where it may.

    Args:
        column: The column.
    """
    if column.roles & NAMING:
        return "it names rows or persons"
    if {words.partition(":")[0] for words in column.reading.treatments} & PERSONAL:
        return "its values are personal"
    if column.kind in (Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN):
        return ""
    return {Kind.TEXT: "texts give no groups", Kind.DATETIME: "dates give no groups"}.get(
        column.kind, f"{column.kind} values give no groups"
    )


def group_rows(column: Column, rows: Dataset, train: Dataset | None, cuts: Sequence[float] = ()) -> Grouping | None:
    """Groups rows by a column; none where no group could be named.

    A level is named where ten rows hold it, at most twelve; rarer ones are one group. Numbers are cut at the cuts, else at the
    quarters of the training rows; few different values are levels.

    Args:
        column: The column; `why_not_grouped` has nothing against it.
        rows: The rows.
        train: Training rows by which numbers are cut and levels chosen; the rows themselves if absent.
        cuts: Where numbers are cut: each cut begins a group.
    """
    has_train = train is not None and column.name in train.names
    mine = rows.values(column.name)
    known = train.values(column.name) if has_train and train is not None else mine
    if column.kind is Kind.NUMBER and not _is_few(known, mine):
        return _cut(column.name, bins.numbers_of(mine), bins.numbers_of(known), cuts)
    if column.kind is Kind.BOOLEAN:
        mine, known = bins.truth_levels(mine), bins.truth_levels(known)
    elif column.kind is Kind.NUMBER:
        mine, known = _as_texts(mine), _as_texts(known)
    parts = bins.cut_levels(known, mine) if has_train else bins.cut_levels(mine, None)
    if not parts.names:
        return None
    return Grouping(column.name, parts.test if has_train else parts.train, tuple(shown_safely(n) for n in parts.names))


def _is_few(known: pd.Series, mine: pd.Series) -> bool:
    if known.iloc[:1000].nunique() > FEW_VALUES:
        return False
    return known.nunique() <= FEW_VALUES and mine.nunique() <= FEW_VALUES


def _as_texts(values: pd.Series) -> pd.Series:
    return pd.Series([None if np.isnan(v) else f"{v:g}" for v in bins.numbers_of(values)], dtype=object)


def _cut(name: str, mine: np.ndarray, known: np.ndarray, cuts: Sequence[float]) -> Grouping | None:
    finite = known[~np.isnan(known)]
    edges, how = np.unique(np.asarray(cuts, dtype="float64")), "cut as the recipe says"
    if not len(edges):
        if len(finite) < 4 * LEAST_ROWS:
            return None
        edges, how = np.unique(np.quantile(finite, QUARTERS)), "cut at the quarters of the training rows"
        edges = edges[edges > finite.min()]
        if not len(edges):
            return None
    is_whole = bool((finite == np.floor(finite)).all() and (edges == np.floor(edges)).all())
    codes = np.where(np.isnan(mine), MISSING, np.searchsorted(edges, mine, side="right"))
    return Grouping(name, codes.astype("int64"), range_names(edges, is_whole), how, tuple(edges.tolist()))


def range_names(edges: np.ndarray, is_whole: bool) -> tuple[str, ...]:
    """Names the ranges between edges; each edge begins one.

    Args:
        edges: Rising, shape `(e,)`.
        is_whole: Whether only whole numbers occur.

    >>> range_names(np.array([25.0, 40.0]), True), range_names(np.array([0.5]), False)
    (('up to 24', '25 to 39', '40 and more'), ('below 0.5', '0.5 and more'))
    """
    first, last = _written(edges[0]), _written(edges[-1])
    if is_whole:
        between = (_written(a) if b - 1 == a else f"{_written(a)} to {_written(b - 1)}" for a, b in pairwise(edges))
        return (f"up to {_written(edges[0] - 1)}", *between, f"{last} and more")
    return (f"below {first}", *(f"{_written(a)} to below {_written(b)}" for a, b in pairwise(edges)), f"{last} and more")


def _written(edge: float) -> str:
    """Writes a whole number in full, any other with four figures at least."""
    is_whole = float(edge).is_integer() and abs(edge) < 1e15
    return (
        f"{edge:.0f}" if is_whole else f"{edge:.4g}" if abs(edge) < 1e4 else f"{edge:.1f}" if abs(edge) < 1e9 else f"{edge:.6g}"
    )


def cross(groupings: Sequence[Grouping]) -> Grouping:
    """Gives the groups that several groupings make together; those that no row is in are left out.

    Args:
        groupings: Two or more, of the same rows.
    """
    codes, names = groupings[0].codes, list(groupings[0].names)
    for other in groupings[1:]:
        width = len(other.names)
        codes = np.where((codes < 0) | (other.codes < 0), MISSING, codes * width + other.codes)
        names = [f"{a}{JOINT}{b}" for a in names for b in other.names]
    there = np.unique(codes[codes >= 0])
    moved = np.full(len(names) + 1, MISSING, dtype="int64")
    moved[there] = np.arange(len(there))
    how = "; ".join(f"{g.name} {g.how}" for g in groupings if g.how)
    return Grouping("*".join(g.name for g in groupings), moved[codes], tuple(names[k] for k in there), how)


def joint_names(columns: Sequence[str], most: int) -> list[str]:
    """Gives the names of all groupings by up to so many columns at once.

    >>> joint_names(["sex", "age"], 2)
    ['sex', 'age', 'sex*age']
    """
    return ["*".join(chosen) for size in range(1, most + 1) for chosen in combinations(columns, size)]


def group_by_columns(
    columns: Sequence[str], rows: Dataset, train: Dataset | None, cuts: Mapping[str, Sequence[float]], most: int
) -> tuple[list[Grouping], list[tuple[str, str]]]:
    """Groups rows by each column, and by up to `most` columns at once.

    Args:
        columns: Names of columns.
        rows: The rows.
        train: Training rows, or none.
        cuts: Column to where its numbers are cut.
        most: Columns at once.

    Returns:
        The groupings, and the columns that give none, each with why.
    """
    single: dict[str, Grouping] = {}
    left_out: list[tuple[str, str]] = []
    for name in columns:
        if name not in rows.names:
            left_out.append((name, "a rule took it out of the table"))
            continue
        column = rows.column(name)
        reason = why_not_grouped(column)
        found = None if reason else group_rows(column, rows, train, cuts.get(name, ()))
        if found is None:
            left_out.append((name, reason or "no group of it has ten rows"))
        else:
            single[name] = found
    joint = [
        cross([single[name] for name in chosen])
        for size in range(2, most + 1)
        for chosen in combinations(columns, size)
        if all(name in single for name in chosen)
    ]
    return [*single.values(), *joint], left_out
