"""The pieces of a preparation for numbers, categories and dates. Each keeps what it learned as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import as_texts
from lepton_automl.features.columns import Coded, Columns, category_in, floats_in, remembered
from lepton_automl.features.protocol import State

DATE_PARTS = ("year", "month", "day", "weekday", "hour", "days")
CYCLES = {"month": 12.0, "weekday": 7.0, "hour": 24.0, "day of year": 365.25}
"""Part of a date to what it counts up to before it begins anew."""
RARE_SHARE = 0.002
LARGEST = float(np.finfo("float32").max)
"""Prepared rows are float32: larger numbers count as this one."""
FEW_ROWS = 16
"""Up to so many rows one-hot columns are made without a sparse matrix."""


@dataclass(frozen=True)
class NumberStep:
    """Numbers, filled and scaled where the model needs that, with a column that says where one was missing.

    Args:
        columns: The columns.
        fill: Value for missing ones, shape `(p,)`; NaN keeps them.
        mean: Taken away, shape `(p,)`.
        scale: Divided by, shape `(p,)`.
        flags: Positions of the columns that get a flag for missing values.
    """

    columns: tuple[str, ...]
    fill: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    flags: tuple[int, ...] = ()

    @classmethod
    def learn(cls, frame: pd.DataFrame, columns: list[str], fill: bool, scale: bool) -> NumberStep:
        """Learns medians, means and deviations from training rows."""
        values = _numbers(frame, columns)
        width = len(columns)
        filled = np.full(width, np.nan)
        if fill:
            has = ~np.isnan(values).all(axis=0)
            filled = np.zeros(width)
            filled[has] = np.nanmedian(values[:, has], axis=0)
        flags = tuple(int(i) for i in np.flatnonzero(np.isnan(values).any(axis=0))) if fill else ()
        if not scale:
            return cls(tuple(columns), filled, np.zeros(width), np.ones(width), flags)
        mean, deviation = _mean_and_deviation(np.where(np.isnan(values), filled, values))
        return cls(tuple(columns), filled, mean, np.where(deviation > 0, deviation, 1.0), flags)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns themselves, then the flags."""
        return (*self.columns, *(f"{self.columns[i]} is missing" for i in self.flags))

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns themselves, then those of the flags."""
        return (*self.columns, *(self.columns[i] for i in self.flags))

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Fills, scales and flags."""
        values = _numbers(frame, list(self.columns))
        missing = np.isnan(values)
        values = np.where(missing & ~np.isnan(self.fill), self.fill, values)
        values = (values - self.mean) / self.scale
        return np.hstack([values, missing[:, list(self.flags)]]).astype("float32")

    def state(self) -> State:
        """Gives what was learned."""
        meta = {"step": "number", "columns": list(self.columns), "flags": list(self.flags)}
        return meta, {"fill": self.fill, "mean": self.mean, "scale": self.scale}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> NumberStep:
        """Reads what `state` gave."""
        return cls(tuple(meta["columns"]), arrays["fill"], arrays["mean"], arrays["scale"], tuple(meta["flags"]))


def _numbers(frame: pd.DataFrame | Columns, columns: list[str]) -> np.ndarray:
    return np.clip(np.column_stack([floats_in(frame, name) for name in columns]), -LARGEST, LARGEST)


def _mean_and_deviation(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives mean and deviation of each column over its known values; 0 and 0 where there is none."""
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    return mean, np.sqrt((np.where(known, values - mean, 0.0) ** 2).sum(axis=0) / count)


def level_codes(values: pd.Series | pd.Categorical | Coded, levels: tuple[str, ...]) -> np.ndarray:
    """Gives the position of each value among the levels, -1 for missing and unseen; shape `(n,)`.

    A whole number is the same level however it is written: `3`, `3.0` and `"3.0"`.
    """
    raw = values.array if isinstance(values, pd.Series) else values
    if isinstance(raw, pd.Categorical | Coded):
        return remembered(raw.categories, levels, lambda: _codes_of_texts(map(str, raw.categories), levels))[raw.codes]
    places, found = distinct_texts(values)
    return _codes_of_texts(found, levels)[places]


def _codes_of_texts(found: Iterable[str], levels: tuple[str, ...]) -> np.ndarray:
    """Gives the position of each text among the levels, and last -1."""
    table = {level: code for code, level in enumerate(levels)}
    whole = {_whole(level): code for level, code in reversed(table.items())}
    codes = [table.get(level, whole.get(_whole(level), -1)) for level in found]
    return np.array([*codes, -1], dtype="int64")


def distinct_texts(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Gives each value's position among the distinct texts (-1: missing), shape `(n,)`, and the texts."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(), [str(level) for level in values.cat.categories]
    places, found = pd.factorize(as_texts(values))
    return places, [str(text) for text in found]


def present_codes(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Gives the same as `distinct_texts`, but of a category only the levels that occur."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return distinct_texts(values)
    places, levels = values.cat.codes.to_numpy(), values.cat.categories
    kept = np.flatnonzero(np.bincount(places[places >= 0], minlength=len(levels)))
    moved = np.full(len(levels) + 1, -1, dtype="int64")
    moved[kept] = np.arange(len(kept))
    return moved[places], [str(level) for level in levels[kept]]


def present_in(frame: pd.DataFrame | Columns, name: str) -> tuple[np.ndarray, list[str]]:
    """Gives `present_codes` of a column, worked out once for all that ask."""
    if not isinstance(frame, Columns):
        return present_codes(frame[name])
    found: tuple[np.ndarray, list[str]] = frame.once(("present", name), lambda: present_codes(frame[name]))
    return found


def _whole(level: str) -> str:
    """Takes the decimals from the text of a whole number; other text stays as it is."""
    head, dot, tail = level.partition(".")
    return head if dot and tail and not tail.strip("0") and head.lstrip("-").isdigit() else level


def present_levels(values: pd.Series) -> tuple[list[str], np.ndarray]:
    """Gives the levels that occur, in order, and how often."""
    counts = values.value_counts(sort=False)
    counts = counts[counts > 0].sort_index()
    return [str(level) for level in counts.index], counts.to_numpy()


@dataclass(frozen=True)
class CodeStep:
    """A category as one column of level numbers.

    Args:
        column: The column.
        levels: Its levels on training rows.
        missing: Value for missing and unseen: NaN, or -1.
        as_number: Whether models shall take the level numbers for numbers.
    """

    column: str
    levels: tuple[str, ...]
    missing: float
    as_number: bool = False

    @classmethod
    def learn(cls, frame: pd.DataFrame, column: str, fill: bool, as_number: bool = False) -> CodeStep:
        """Learns the levels of training rows."""
        return cls(column, tuple(present_levels(frame[column])[0]), -1.0 if fill else float("nan"), as_number)

    @property
    def names(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Gives the level numbers."""
        codes = level_codes(category_in(frame, self.column), self.levels).astype("float32")
        return np.where(codes < 0, np.float32(self.missing), codes)[:, None]

    def state(self) -> State:
        """Gives what was learned."""
        fill = None if np.isnan(self.missing) else self.missing
        meta = {"step": "code", "column": self.column, "levels": list(self.levels), "missing": fill}
        return {**meta, "as_number": self.as_number}, {}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> CodeStep:
        """Reads what `state` gave."""
        missing = float("nan") if meta["missing"] is None else meta["missing"]
        return cls(meta["column"], tuple(meta["levels"]), missing, meta.get("as_number", False))


@dataclass(frozen=True)
class OneHotStep:
    """A category as one column a level; rare levels share one, missing and unseen rows are all 0.

    Args:
        column: The column.
        levels: Its levels that have a column of their own.
        rare: Levels that share the last column.
    """

    column: str
    levels: tuple[str, ...]
    rare: tuple[str, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame, column: str, max_levels: int) -> OneHotStep:
        """Learns which levels are frequent enough for a column of their own."""
        levels, counts = present_levels(frame[column])
        least = max(2, RARE_SHARE * len(frame)) if len(levels) > 20 else 1
        order = np.argsort(-counts, kind="stable")[:max_levels]
        keep = {levels[i] for i in order if counts[i] >= least}
        return cls(column, tuple(x for x in levels if x in keep), tuple(x for x in levels if x not in keep))

    @property
    def names(self) -> tuple[str, ...]:
        """One for each level, and one for the rare ones."""
        return (*(f"{self.column}={level}" for level in self.levels), *((f"{self.column} is rare",) if self.rare else ()))

    @property
    def sources(self) -> tuple[str, ...]:
        """The column, for each."""
        return (self.column,) * len(self.names)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> Any:
        """Gives a CSR matrix of ones; an array where there are few rows, as that is quicker."""
        from scipy import sparse

        width = len(self.levels) + bool(self.rare)
        codes = level_codes(category_in(frame, self.column), self._all)
        codes = np.minimum(codes, width - 1) if self.rare else codes
        rows = np.flatnonzero(codes >= 0)
        if len(frame) <= FEW_ROWS:
            block = np.zeros((len(frame), width), dtype="float32")
            block[rows, codes[rows]] = 1.0
            return block
        ones = np.ones(len(rows), dtype="float32")
        return sparse.csr_matrix((ones, (rows, codes[rows])), shape=(len(frame), width))

    @cached_property
    def _all(self) -> tuple[str, ...]:
        return (*self.levels, *self.rare)

    def state(self) -> State:
        """Gives what was learned."""
        return {"step": "onehot", "column": self.column, "levels": list(self.levels), "rare": list(self.rare)}, {}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> OneHotStep:
        """Reads what `state` gave."""
        return cls(meta["column"], tuple(meta["levels"]), tuple(meta["rare"]))


@dataclass(frozen=True)
class DateStep:
    """A date as year, month, day, weekday, hour and days since 1970; as points on circles besides, where a model is linear.

    Args:
        column: The column.
        parts: Parts that vary among training rows.
    """

    column: str
    parts: tuple[str, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame, column: str, on_circles: bool = False) -> DateStep:
        """Keeps the parts that vary."""
        circles = tuple(f"{part} {side}" for part in CYCLES for side in ("sin", "cos")) if on_circles else ()
        parts = (*DATE_PARTS, *circles)
        table = _date_parts(frame[column], parts)
        return cls(column, tuple(part for part in parts if len(np.unique(table[part][~np.isnan(table[part])])) > 1))

    @property
    def names(self) -> tuple[str, ...]:
        """One for each part."""
        return tuple(f"{self.column} {part}" for part in self.parts)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column, for each."""
        return (self.column,) * len(self.parts)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Gives the parts; NaN where the date is missing."""
        table = _date_parts(frame[self.column], self.parts)
        return np.column_stack([table[part] for part in self.parts]).astype("float32")

    def state(self) -> State:
        """Gives what was learned."""
        return {"step": "date", "column": self.column, "parts": list(self.parts)}, {}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> DateStep:
        """Reads what `state` gave."""
        return cls(meta["column"], tuple(meta["parts"]))


def _date_parts(dates: pd.Series, parts: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Gives the parts asked for, each of shape `(n,)`; those of a circle once around for each cycle."""
    accessor = dates.dt
    named = {"weekday": "day_of_week", "day of year": "day_of_year"}
    table: dict[str, np.ndarray] = {}
    for part in parts:
        name, _, side = part.rpartition(" ") if part.endswith((" sin", " cos")) else (part, "", "")
        if name == "days":
            table[part] = (dates - pd.Timestamp("1970-01-01")).dt.total_seconds().to_numpy(dtype="float64") / 86400
            continue
        values = getattr(accessor, named.get(name, name)).to_numpy(dtype="float64", na_value=np.nan)
        table[part] = {"sin": np.sin, "cos": np.cos}[side](values * 2 * np.pi / CYCLES[name]) if side else values
    return table
