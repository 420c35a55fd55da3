"""Column names: stripped, never blank, never twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry

TYPED = re.compile(r"[^:]+:(token|token_seq|float|float_seq|int|string|str)")
"""A name with a type behind it, as files of interactions have it: `user_id:token`."""
INDEX_NAME = "__index_level_"
"""How pandas names an index without a name when it writes Parquet."""


def clean_names(frame: pd.DataFrame, key: str, place: str, policy: str) -> tuple[pd.DataFrame, list[Entry]]:
    """Strips the column names, names those without one, and makes them unique, or refuses.

    Two columns of one name and the same values are one column: the later one is dropped and counted.

    Args:
        frame: The table, with names of any type.
        key: Recipe key of the source.
        place: Its name in messages.
        policy: `error` or `rename`, for two columns of one name and different values.

    Raises:
        DataError: If two columns of one name have different values and the policy is `error`.
    """
    frame, entries = _without_index(frame)
    given = ["" if _is_blank(name) else str(name) for name in frame.columns]
    names = [name.strip() for name in given]
    stripped = sum(old != new for old, new in zip(given, names, strict=True))
    if stripped:
        entries.append(Entry("load", "LOAD005", "names", "names stripped", count=stripped, note="blanks around column names"))
    for position, name in enumerate(names):
        if not name:
            names[position] = _free(f"column_{position + 1}", names)
            note = f"column {position + 1} has no name; it became {names[position]}"
            entries.append(Entry("load", "LOAD008", "names", "column named", names[position], 1, note=note))
    if names and all(TYPED.fullmatch(name) for name in names):
        note = f"each column name has a type behind it ({names[0]}); names stay as they are, data.kinds says what columns are"
        entries.append(Entry("load", "LOAD014", "names", "noted", count=len(names), note=note))
    frame = frame.set_axis(pd.Index(names, dtype=object), axis=1)
    twice = _repeated(names)
    if not twice:
        return frame, entries
    frame, found = _resolved(frame, names, policy)
    if found.refused:
        renamed = ", ".join(new for _, new in found.renamed)
        columns = "; ".join(f"{name!r} (columns {', '.join(map(str, _places(names, name)))})" for name in found.refused)
        message = f"{place} has columns of one name with different values: {columns}."
        fix = f"Rename them in the source, or set data.duplicate_names: rename (they become {renamed})."
        raise DataError(Problem(key, message, fix))
    for name in found.dropped:
        entries.append(
            Entry("load", "LOAD006", "names", "column dropped", name, 1, note="same name and same values as an earlier one")
        )
    for old, new in found.renamed:
        entries.append(Entry("load", "LOAD007", "names", "column renamed", new, 1, note=f"an earlier column is named {old}"))
    return frame, entries


class _Found:
    """What became of columns of one name."""

    def __init__(self) -> None:
        self.dropped: list[str] = []
        self.renamed: list[tuple[str, str]] = []
        self.refused: list[str] = []


def _resolved(frame: pd.DataFrame, names: list[str], policy: str) -> tuple[pd.DataFrame, _Found]:
    found = _Found()
    keep: list[int] = []
    new_names: list[str] = []
    for position, name in enumerate(names):
        earlier = [other for other in keep if names[other] == name]
        if any(frame.iloc[:, other].equals(frame.iloc[:, position]) for other in earlier):
            found.dropped.append(name)
            continue
        new = _free(f"{name}.{len(earlier) + 1}", [*names, *new_names]) if earlier else name
        if earlier:
            found.renamed.append((name, new))
        keep.append(position)
        new_names.append(new)
    if policy == "error":
        found.refused = sorted({name for name, _ in found.renamed})
    return frame.iloc[:, keep].set_axis(pd.Index(new_names, dtype=object), axis=1), found


def _without_index(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Entry]]:
    is_index = [isinstance(name, str) and name.startswith(INDEX_NAME) for name in frame.columns]
    if not any(is_index):
        return frame, []
    note = "an index without a name that pandas wrote; it only counts rows"
    gone = [str(name) for name, hit in zip(frame.columns, is_index, strict=True) if hit]
    entries = [Entry("load", "LOAD004", "names", "column dropped", name, 1, note=note) for name in gone]
    return frame.loc[:, [not hit for hit in is_index]], entries


def _is_blank(name: Any) -> bool:
    return name is None or (isinstance(name, float) and name != name) or not str(name).strip()


def _free(name: str, taken: Sequence[str]) -> str:
    """Gives the name, with a number behind it if it is taken.

    >>> _free("a.2", ["a.2"]), _free("b", ["a"])
    ('a.2.2', 'b')
    """
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}.{number}"
    return free


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for name in names:
        (twice if name in seen else seen).add(name)
    return sorted(twice)


def _places(names: list[str], name: str) -> list[int]:
    return [position + 1 for position, other in enumerate(names) if other == name]
