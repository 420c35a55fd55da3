"""Rows by column, for scoring: what several preparations ask of a column is worked out once, and a frame is never built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd


class Coded(NamedTuple):
    """A column of categories, taken apart once for all that ask.

    Args:
        categories: The levels.
        codes: Position of each value's level, -1 where it is missing, shape `(n,)`.
    """

    categories: pd.Index
    codes: np.ndarray


class Columns:
    """A typed table as steps read one, column by column.

    Args:
        parts: Name to its values, each of length `n`: an array of numbers, `Coded` levels, a `pandas.Categorical`, or a
            `pandas.Series`.
        n: Rows.
    """

    def __init__(self, parts: Mapping[str, Any], n: int) -> None:
        self._parts, self._n = parts, n
        self._series: dict[str, pd.Series] = {}
        self._numbers: dict[str, np.ndarray] = {}
        self._categories: dict[str, Any] = {}
        self._made: dict[Any, Any] = {}

    def __len__(self) -> int:
        return self._n

    @property
    def columns(self) -> list[str]:
        """Names, in order."""
        return list(self._parts)

    def __getitem__(self, name: str) -> pd.Series:
        if name not in self._series:
            values = self._parts[name]
            if isinstance(values, Coded):
                values = pd.Categorical.from_codes(values.codes, categories=values.categories)
            self._series[name] = values if isinstance(values, pd.Series) else pd.Series(values)
        return self._series[name]

    def numbers(self, name: str) -> np.ndarray:
        """Gives a column of numbers as float64, missing as NaN, shape `(n,)`."""
        if name not in self._numbers:
            values = self._parts[name]
            is_ready = isinstance(values, np.ndarray) and values.dtype == np.float64
            self._numbers[name] = values if is_ready else self[name].to_numpy(dtype="float64", na_value=np.nan)
        return self._numbers[name]

    def category(self, name: str) -> Any:
        """Gives a column of categories as its levels and codes, or as a series where it is none."""
        if name not in self._categories:
            values = self._parts[name]
            if isinstance(values, Coded):
                return values
            raw = values.array if isinstance(values, pd.Series) else values
            is_category = isinstance(raw, pd.Categorical)
            self._categories[name] = Coded(raw.categories, raw.codes) if is_category else values
        return self._categories[name]

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Gives what was made of these rows before under a key, or makes it."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def floats_in(frame: pd.DataFrame | Columns, name: str) -> np.ndarray:
    """Gives a column of numbers as float64, missing as NaN, shape `(n,)`."""
    return frame.numbers(name) if isinstance(frame, Columns) else frame[name].to_numpy(dtype="float64", na_value=np.nan)


def category_in(frame: pd.DataFrame | Columns, name: str) -> Any:
    """Gives a column of categories, as quickly as the table allows."""
    return frame.category(name) if isinstance(frame, Columns) else frame[name]


_KNOWN: dict[tuple[int, int], tuple[pd.Index, tuple[str, ...], np.ndarray]] = {}
MOST_KNOWN = 4_096
"""Pairs of categories and levels that are remembered: whoever scores row by row asks for the same ones each time."""


def remembered(categories: pd.Index, levels: tuple[str, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
    """Gives what was made of the same two objects before, or makes it: where each category stands among the levels."""
    key = (id(categories), id(levels))
    known = _KNOWN.get(key)
    if known is not None and known[0] is categories and known[1] is levels:
        return known[2]
    if len(_KNOWN) >= MOST_KNOWN:
        _KNOWN.clear()
    made = make()
    _KNOWN[key] = categories, levels, made
    return made
