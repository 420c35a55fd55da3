"""A line for each group of people. It travels in the artefact, which reads their columns to decide, never to predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

UNKNOWN = -1


@dataclass(frozen=True)
class GroupColumn:
    """How the values of a column make groups.

    Args:
        name: The column.
        levels: Value, as a text, and the group that it belongs to; empty where numbers are cut.
        edges: Rising; each begins a group of numbers.
    """

    name: str
    levels: tuple[tuple[str, int], ...] = ()
    edges: tuple[float, ...] = ()

    @classmethod
    def of(cls, values: pd.Series, codes: np.ndarray, edges: Sequence[float]) -> GroupColumn:
        """Learns it from rows whose groups are known.

        Args:
            values: Values of the rows, `n` of them.
            codes: Group of each row, -1 for none, shape `(n,)`.
            edges: Where numbers were cut; empty for levels.
        """
        name = str(values.name)
        if len(edges):
            return cls(name, edges=tuple(float(edge) for edge in edges))
        place, texts = _levels(values)
        groups: dict[str, int] = {}
        for level, text in enumerate(texts):
            mine = codes[place == level]
            if len(mine) and mine[0] >= 0:
                groups[text] = int(mine[0])
        return cls(name, tuple(sorted(groups.items())))

    def codes(self, values: pd.Series) -> np.ndarray:
        """Gives the group of each row, -1 where the value is missing or was not seen, shape `(n,)`."""
        if self.edges:
            numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
            return np.where(np.isnan(numbers), UNKNOWN, np.searchsorted(self.edges, numbers, side="right")).astype("int64")
        (place, texts), groups = _levels(values), dict(self.levels)
        return np.array([*(groups.get(text, UNKNOWN) for text in texts), UNKNOWN], dtype="int64")[place]


def _levels(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Gives the number of each row's level, -1 where it is missing, and the levels as texts, whatever type they are kept in."""
    place, levels = pd.factorize(values)
    is_number = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
    return place, [f"{float(level):g}" if is_number else str(level) for level in levels]


@dataclass(frozen=True)
class GroupLine:
    """The line of one group.

    Args:
        key: Its group in each column.
        name: What it is called.
        line: Rows of it whose score is at least this get the positive label.
        n: Rows it was drawn by.
        share: Of these, the share that gets the positive label, out of fold.
        share_at_one_line: The same if all groups had one line.
    """

    key: tuple[int, ...]
    name: str
    line: float
    n: int
    share: float
    share_at_one_line: float


@dataclass(frozen=True)
class GroupLines:
    """The lines of all groups.

    Args:
        columns: The columns whose groups, taken together, have lines of their own.
        lines: The lines.
        alike: What is alike between the groups.
        basis: Why it is lawful to look at these columns.
    """

    columns: tuple[GroupColumn, ...]
    lines: tuple[GroupLine, ...]
    alike: str
    basis: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    def of(self, frame: pd.DataFrame) -> np.ndarray:
        """Gives the line of each row's group, shape `(n,)`; NaN where the group is unknown, or has no line of its own."""
        return self.of_keys(np.stack([column.codes(frame[column.name]) for column in self.columns], axis=1))

    def of_keys(self, keys: np.ndarray) -> np.ndarray:
        """Gives the same from the group of each row in each column, shape `(n, columns)`."""
        found = np.full(len(keys), np.nan)
        for one in self.lines:
            found[(keys == one.key).all(axis=1)] = one.line
        return found

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        columns = [{"name": c.name, "levels": [list(pair) for pair in c.levels], "edges": list(c.edges)} for c in self.columns]
        lines = [{**asdict(line), "key": list(line.key)} for line in self.lines]
        return {"columns": columns, "lines": lines, "alike": self.alike, "basis": self.basis}

    @classmethod
    def load(cls, item: Mapping[str, Any]) -> GroupLines:
        """Reads what `to_dict` gave."""
        columns = tuple(
            GroupColumn(c["name"], tuple((str(text), int(code)) for text, code in c["levels"]), tuple(c["edges"]))
            for c in item["columns"]
        )
        lines = tuple(GroupLine(**{**line, "key": tuple(line["key"])}) for line in item["lines"])
        return cls(columns, lines, item["alike"], item["basis"])
