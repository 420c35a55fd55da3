"""What the artefact expects of a table: columns, how they are read, levels, ranges. It travels with the model."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role, read_column
from lepton_automl.data.dataset import column_from_dict, column_to_dict
from lepton_automl.deliver.quick import FEW_ROWS, Levels, read_few
from lepton_automl.errors import DataError, Problem
from lepton_automl.features import Columns, level_codes
from lepton_automl.registry import nearest


@dataclass(frozen=True)
class Expected:
    """One column that a table to be scored must have.

    Args:
        column: Name, kind and reading.
        levels: Levels seen in training, of a category.
        low: Smallest value seen, of a number.
        high: Largest value seen.
        missing_share: Share of missing values in training.
    """

    column: Column
    levels: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing_share: float = 0.0


@dataclass(frozen=True)
class Contract:
    """All expected columns.

    Args:
        columns: In the order of training.
        unseen_level: `missing` or `error`.
        unreadable_value: `missing` or `error`.
    """

    columns: tuple[Expected, ...]
    unseen_level: str = "missing"
    unreadable_value: str = "missing"

    def read(self, raw: pd.DataFrame, place: str) -> tuple[Columns, list[str]]:
        """Reads a table as training rows were read.

        Args:
            raw: The table; more columns than expected are passed over.
            place: Its name in messages.

        Returns:
            The typed columns, and for each row what was not as expected: `ok`, or `unseen: purpose; unreadable: age`.

        Raises:
            DataError: If a column is absent, or a value is not as expected and the recipe refuses that.
        """
        self._check_columns(raw, place)
        typed, notes = dict[str, Any](), []
        cells = self._cells(raw) if len(raw) <= FEW_ROWS else {}
        for expected, levels in zip(self.columns, self._levels, strict=True):
            name = expected.column.name
            is_quick = name in cells and not expected.column.reading.treatments
            quick = read_few(cells[name], expected.column.reading.kind, levels) if is_quick else None
            if quick is not None:
                typed[name] = quick
            elif expected.column.kind is Kind.CATEGORY:
                values = read_column(raw[name], expected.column.reading, list(expected.levels)).values
                unseen = values.notna().to_numpy() & (level_codes(values, expected.levels) < 0)
                typed[name] = values
                notes.append(("unseen", name, unseen, self.unseen_level))
            else:
                read = read_column(raw[name], expected.column.reading)
                typed[name] = read.values
                notes.append(("unreadable", name, read.is_unreadable | read.is_infinite, self.unreadable_value))
        self._refuse(notes, raw, place)
        return Columns(typed, len(raw)), _status(notes, len(raw))

    def _cells(self, raw: pd.DataFrame) -> dict[str, list[Any]]:
        """Gives the values of each expected column as they came: of the whole table at once, a column each takes longer.

        Columns whose values are treated once they are read are not among them.
        """
        if not raw.columns.is_unique:
            return {}
        table = raw.to_numpy(dtype=object)
        places = {str(name): place for place, name in enumerate(raw.columns)}
        plain = [e.column.name for e in self.columns if not e.column.reading.treatments]
        return {name: table[:, places[name]].tolist() for name in plain}

    @cached_property
    def _levels(self) -> tuple[Levels | None, ...]:
        """The levels of each column at hand; none of columns that are no categories."""
        return tuple(
            Levels(e.levels, e.column.reading.missing_tokens) if e.column.kind is Kind.CATEGORY else None for e in self.columns
        )

    def _check_columns(self, raw: pd.DataFrame, place: str) -> None:
        have = [str(name) for name in raw.columns]
        problems: list[Problem] = []
        if {expected.column.name for expected in self.columns} <= set(have):
            return
        for expected in self.columns:
            if expected.column.name not in have:
                near = nearest(expected.column.name, have)
                fix = f"Did you mean {near}?" if near else f"{place} has: {', '.join(have[:8])}."
                problems.append(Problem(expected.column.name, f"is not a column of {place}; the model needs it.", fix))
        if problems:
            raise DataError(problems, place)

    def _refuse(self, notes: list[tuple[str, str, np.ndarray, str]], raw: pd.DataFrame, place: str) -> None:
        problems = []
        for what, name, hit, policy in notes:
            if policy == "error" and hit.any():
                rows = ", ".join(map(str, np.flatnonzero(hit)[:5]))
                message = f"has {int(hit.sum())} {what} values, in rows {rows}, …; the recipe refuses them."
                problems.append(Problem(name, message, "Mend them, or retrain with delivery set to `missing`."))
        if problems:
            raise DataError(problems, place)

    def to_dict(self) -> dict[str, Any]:
        """Gives the contract as plain JSON data."""
        columns = [{**vars(e), "column": column_to_dict(e.column), "levels": list(e.levels)} for e in self.columns]
        return {"columns": columns, "unseen_level": self.unseen_level, "unreadable_value": self.unreadable_value}

    @classmethod
    def load(cls, item: dict[str, Any]) -> Contract:
        """Reads what `to_dict` gave."""
        columns = tuple(
            Expected(**{**column, "column": column_from_dict(column["column"]), "levels": tuple(column["levels"])})
            for column in item["columns"]
        )
        return cls(columns, item["unseen_level"], item["unreadable_value"])


def _status(notes: Iterable[tuple[str, str, np.ndarray, str]], n: int) -> list[str]:
    words: dict[int, list[str]] = {}
    for what, name, hit, _ in notes:
        for row in np.flatnonzero(hit):
            words.setdefault(int(row), []).append(f"{what}: {name}")
    return ["; ".join(words[row]) if row in words else "ok" for row in range(n)]


def learn_contract(train: Dataset, unseen_level: str, unreadable_value: str, needed: Collection[str] = ()) -> Contract:
    """Learns the contract of features, of columns that name series and time, and of those that are needed to decide.

    Args:
        train: The training rows.
        unseen_level: What is done with a level that was not seen in training.
        unreadable_value: What is done with a value that can not be read.
        needed: Columns that a row is decided by, besides its prediction.
    """
    past = {Role.SERIES, Role.TIME, Role.AMOUNT}
    wanted = [
        c for c in train.columns if c.has(Role.FEATURE) or ((c.roles & past or c.name in needed) and not c.has(Role.TARGET))
    ]
    return Contract(tuple(_expected(train, column) for column in wanted), unseen_level, unreadable_value)


def _expected(train: Dataset, column: Column) -> Expected:
    values = train.values(column.name)
    share = float(values.isna().mean()) if len(values) else 0.0
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = values.cat.remove_unused_categories().cat.categories
        return Expected(column, tuple(map(str, present)), missing_share=share)
    if pd.api.types.is_numeric_dtype(values) and values.notna().any():
        return Expected(column, (), float(values.min()), float(values.max()), share)
    return Expected(column, missing_share=share)
