"""What is said of a raw file: its recipe, its dirts, the entry of the ledger that tells of each, and how pandas counts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lepton_automl.data import Dataset

Count = Callable[["Raw"], int]


@dataclass(frozen=True)
class Raw:
    """A file as pandas reads it: all of its cells as text.

    Args:
        whole: All rows; an empty cell is missing.
        train: Those that the engine trains on, in their order.
    """

    whole: pd.DataFrame
    train: pd.DataFrame


@dataclass(frozen=True)
class Dirt:
    """A dirt, and what the ledger must say of it.

    Args:
        what: The dirt in words.
        code: Code of the entry.
        column: Its column.
        effect: Its effect.
        count: How many, counted with pandas; none where the entry counts nothing.
    """

    what: str
    code: str
    column: str = ""
    effect: str = "noted"
    count: Count | None = None


@dataclass(frozen=True)
class Fact:
    """A dirt that is read as it should be, so that no entry tells of it.

    Args:
        what: The dirt in words.
        holds: Whether the governed rows show it.
    """

    what: str
    holds: Callable[[Raw, Dataset], bool]


@dataclass(frozen=True)
class Case:
    """A file and what is known of it.

    Args:
        name: Name of the case.
        files: Name to file, below the folder of the sets; more than one only with a query.
        recipe: What the user writes, besides the source.
        dirts: What is wrong with it.
        encoding: Encoding of the file, for pandas.
        dates: Column to `strptime` format, or unit of time since 1970.
        read: Makes what the query must give; none where there is no query.
    """

    name: str
    files: Mapping[str, str]
    recipe: Mapping[str, Any]
    dirts: tuple[Dirt | Fact, ...]
    encoding: str = "utf-8-sig"
    dates: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[pd.DataFrame], pd.DataFrame] | None = None


def missing(column: str) -> Count:
    """Counts empty cells."""
    return lambda raw: int(raw.whole[column].isna().sum())


def present(column: str) -> Count:
    """Counts cells that are not empty."""
    return lambda raw: int(raw.whole[column].notna().sum())


def all_rows(raw: Raw) -> int:
    """Counts rows."""
    return len(raw.whole)


def equal(column: str, text: str) -> Count:
    """Counts cells of a text, blanks around it left out."""
    return lambda raw: int((raw.whole[column].str.strip() == text).sum())


def rare(column: str) -> Count:
    """Counts rows of levels of fewer than ten rows."""
    return lambda raw: int((raw.whole[column].map(raw.whole[column].value_counts()) < 10).sum())


def repeated(*columns: str) -> Count:
    """Counts rows that repeat an earlier one in columns."""
    return lambda raw: int(raw.whole.duplicated(subset=list(columns)).sum())


def keeps_levels(*columns: str) -> Callable[[Raw, Dataset], bool]:
    """Says whether columns have the levels of the file, each in as many rows."""

    def holds(raw: Raw, data: Dataset) -> bool:
        return all(
            raw.whole[name].value_counts().to_dict() == data.values(name).astype(str).value_counts().to_dict()
            for name in columns
        )

    return holds


def has_names(*names: str) -> Callable[[Raw, Dataset], bool]:
    """Says whether the columns have these very names."""
    return lambda raw, data: set(names) <= set(data.names)
