"""Sets rows aside: test rows, and folds among the training rows. One splitter for both.

A splitter gives positions into the table it is asked about; it never sees predictions and never drops a row silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.errors import DataError, Problem

LEAST_MOMENTS = 8
"""Moments below which blocks of time would be too few to draw from."""


@dataclass(frozen=True)
class Fold:
    """One fold: where to learn, and where to judge; positions among the training rows, int64."""

    number: int
    train: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True)
class Split:
    """Positions of training and test rows in a table, and what kind of split gave them.

    Args:
        train: Positions of the training rows, shape `(n,)`.
        test: Positions of the test rows, shape `(m,)`; empty where the test rows are a table of their own, or none.
        kind: Name of the splitter, for the report.
    """

    train: np.ndarray
    test: np.ndarray
    kind: str


class Splitter(Protocol):
    """Sets rows aside in one way, for the test rows as for the folds."""

    @property
    def kind(self) -> str:
        """Name of the way, for plan and report."""
        ...

    @property
    def is_exchangeable(self) -> bool:
        """Whether any row could stand in any other's place."""
        ...

    def holdout(self, data: Dataset, share: float, seed: int) -> Split:
        """Sets aside a share of the rows as test rows."""
        ...

    def folds(self, data: Dataset, count: int, seed: int) -> list[Fold]:
        """Divides the training rows into folds."""
        ...

    def blocks(self, data: Dataset) -> np.ndarray | None:
        """Gives each row the block, numbered from 0, in which rows are alike, shape `(n,)`; none where rows are independent."""
        ...


def blocks_in_time(moments: pd.Series) -> np.ndarray | None:
    """Gives each row its block of consecutive moments, shape `(n,)`; none below eight moments.

    Blocks are as long as the cube root of the number of moments, the length that serves intervals best.

    Args:
        moments: Time of each row, shape `(n,)`.

    Source: Hall, Horowitz and Jing (1995), "On blocking rules for the bootstrap with dependent data", Biometrika 82, 561-574.

    >>> blocks_in_time(pd.Series([4, 1, 1, 3, 2, 5, 6, 8, 7])).tolist()
    [1, 0, 0, 1, 0, 2, 2, 3, 3]
    """
    step, names = pd.factorize(moments, sort=True)
    if len(names) < LEAST_MOMENTS:
        return None
    length = max(1, round(len(names) ** (1 / 3)))
    return np.maximum(step, 0) // length


def _shuffled_folds(keys: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Gives each row a fold so that each key's rows are spread evenly; shape `(n,)`."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(keys))
    order = order[np.argsort(keys[order], kind="stable")]
    fold = np.empty(len(keys), dtype="int64")
    fold[order] = np.arange(len(keys)) % count
    return rng.permutation(count)[fold]


@dataclass(frozen=True)
class RandomSplitter:
    """Any row anywhere; with a target of labels, each label in the same shares on every side.

    Args:
        strata: Column whose values are spread evenly, or none.
    """

    strata: str | None = None
    kind: str = "random"
    is_exchangeable: bool = True

    def _keys(self, data: Dataset) -> np.ndarray:
        if self.strata is None:
            return np.zeros(len(data), dtype="int64")
        return pd.factorize(data.values(self.strata), sort=True)[0]

    def holdout(self, data: Dataset, share: float, seed: int) -> Split:
        """Sets aside a share of every stratum, at least one row where it has two."""
        rng = np.random.default_rng(seed)
        keys = self._keys(data)
        order = rng.permutation(len(data))
        order = order[np.argsort(keys[order], kind="stable")]
        is_test = np.zeros(len(data), dtype=bool)
        starts = np.flatnonzero(np.diff(keys[order], prepend=-2))
        for start, end in zip(starts, np.append(starts[1:], len(order)), strict=True):
            size = end - start
            take = min(max(round(size * share), 1 if size > 1 else 0), size - 1)
            is_test[order[start : start + take]] = True
        return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test), self.kind)

    def folds(self, data: Dataset, count: int, seed: int) -> list[Fold]:
        """Divides the rows into `count` folds of equal size."""
        return _disjoint(_shuffled_folds(self._keys(data), count, seed), count)

    def blocks(self, data: Dataset) -> np.ndarray | None:
        """Gives none: rows are independent."""
        return None


@dataclass(frozen=True)
class GroupSplitter:
    """All rows of an entity on the same side.

    Args:
        group: Column of the entity.
    """

    group: str
    kind: str = "group"
    is_exchangeable: bool = True

    def holdout(self, data: Dataset, share: float, seed: int) -> Split:
        """Sets aside whole groups, in random order, each that brings the test rows nearer to their share."""
        codes, names = _codes(data, self.group)
        self._check(len(names), 2)
        sizes = np.bincount(codes, minlength=len(names))
        chosen: list[int] = []
        left = share * len(data)
        for group in np.random.default_rng(seed).permutation(len(names)):
            if sizes[group] < 2 * left and len(chosen) < len(names) - 1:
                chosen.append(int(group))
                left -= float(sizes[group])
        is_test = np.isin(codes, chosen or [int(sizes.argmin())])
        return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test), self.kind)

    def folds(self, data: Dataset, count: int, seed: int) -> list[Fold]:
        """Divides the groups into `count` folds of about equal rows, the largest groups first."""
        codes, names = _codes(data, self.group)
        self._check(len(names), count)
        sizes = np.bincount(codes, minlength=len(names))
        order = np.random.default_rng(seed).permutation(len(names))
        order = order[np.argsort(-sizes[order], kind="stable")]
        filled, of_group = np.zeros(count), np.empty(len(names), dtype="int64")
        for group in order:
            of_group[group] = filled.argmin()
            filled[of_group[group]] += sizes[group]
        return _disjoint(of_group[codes], count)

    def blocks(self, data: Dataset) -> np.ndarray | None:
        """Gives each row its group; none where there is one only."""
        codes, names = _codes(data, self.group)
        return codes if len(names) > 1 else None

    def _check(self, found: int, needed: int) -> None:
        if found < needed:
            message = f"the column {self.group!r} has {found} groups, {needed} are needed."
            raise DataError(Problem("split.group", message, "Lower split.folds, or split by another column."))


@dataclass(frozen=True)
class TimeSplitter:
    """The future is judged by the past: test rows are the latest, folds are forward-chained.

    Args:
        time: Column of the time order.
    """

    time: str
    kind: str = "time"
    is_exchangeable: bool = False

    def holdout(self, data: Dataset, share: float, seed: int) -> Split:
        """Sets aside the latest rows; rows of one moment stay together."""
        moment = _moments(data, self.time)
        ordered = np.sort(moment)
        later = ordered[min(len(ordered) - 1, int(np.ceil(len(ordered) * (1 - share))))]
        is_test = moment >= later if later > ordered[0] else moment > ordered[0]
        if not is_test.any():
            message = f"the column {self.time!r} has one moment only."
            raise DataError(Problem("split.time", message, "Split by another column, or set split.test_share: 0."))
        return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test), self.kind)

    def folds(self, data: Dataset, count: int, seed: int) -> list[Fold]:
        """Cuts the time into `count` + 1 blocks of about equal rows: each but the first is judged by those before it.

        A moment belongs to the block that the number of rows before it falls in; where many rows share a moment there may
        be fewer folds than asked for.
        """
        moment = _moments(data, self.time)
        before = np.searchsorted(np.sort(moment), moment, side="left")
        block = before * (count + 1) // len(moment)
        later = [number for number in np.unique(block) if number > 0]
        if not later:
            message = f"most rows of the column {self.time!r} share a moment; no fold can be cut."
            raise DataError(Problem("split.time", message, "Raise split.folds, or split another way."))
        return [Fold(k, np.flatnonzero(block < b), np.flatnonzero(block == b)) for k, b in enumerate(later)]

    def blocks(self, data: Dataset) -> np.ndarray | None:
        """Gives each row its block of consecutive moments; none where there are few."""
        return blocks_in_time(data.values(self.time))


@dataclass(frozen=True)
class RollingSplitter:
    """Forecast origins: the last `horizon` steps are set aside, each fold one horizon earlier.

    Args:
        time: Column of the time.
        horizon: Steps to forecast.
    """

    time: str
    horizon: int
    kind: str = "rolling"
    is_exchangeable: bool = False

    def _steps_from_end(self, data: Dataset) -> np.ndarray:
        moment = _moments(data, self.time)
        steps = np.unique(moment)
        return len(steps) - 1 - np.searchsorted(steps, moment)

    def holdout(self, data: Dataset, share: float, seed: int) -> Split:
        """Sets aside the last `horizon` steps of time, whatever the share."""
        back = self._steps_from_end(data)
        is_test = back < self.horizon
        self._check(int(back.max()) + 1, 2)
        return Split(np.flatnonzero(~is_test), np.flatnonzero(is_test), self.kind)

    def folds(self, data: Dataset, count: int, seed: int) -> list[Fold]:
        """Gives `count` windows of `horizon` steps, each judged by all before it; the earliest first."""
        back = self._steps_from_end(data)
        self._check(int(back.max()) + 1, count + 1)
        folds = []
        for number in range(count):
            window = count - number
            train, valid = back >= window * self.horizon, (back < window * self.horizon) & (back >= (window - 1) * self.horizon)
            folds.append(Fold(number, np.flatnonzero(train), np.flatnonzero(valid)))
        return folds

    def blocks(self, data: Dataset) -> np.ndarray | None:
        """Gives each row its block of consecutive moments; none where there are few."""
        return blocks_in_time(data.values(self.time))

    def _check(self, steps: int, windows: int) -> None:
        if steps < windows * self.horizon + 1:
            message = f"there are {steps} steps of time; {windows} windows of {self.horizon} steps need more."
            raise DataError(Problem("task.horizon", message, "Shorten the horizon, lower split.folds, or give more history."))


def _disjoint(fold: np.ndarray, count: int) -> list[Fold]:
    return [Fold(k, np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(count)]


def _codes(data: Dataset, name: str) -> tuple[np.ndarray, Sequence[object]]:
    codes, names = pd.factorize(data.values(name), sort=True, use_na_sentinel=False)
    return codes, list(names)


def _moments(data: Dataset, name: str) -> np.ndarray:
    values = data.values(name)
    if values.isna().any():
        message = f"the column {name!r} has {int(values.isna().sum())} missing values; a time order needs all."
        raise DataError(Problem(f"split.time {name}", message, "Leave those rows out of the source."))
    if isinstance(values.dtype, pd.CategoricalDtype):
        message = f"the column {name!r} holds text that can not be read as dates."
        raise DataError(Problem(f"split.time {name}", message, "Set data.kinds for it: datetime or number."))
    is_date = pd.api.types.is_datetime64_any_dtype(values)
    return values.to_numpy().astype("int64") if is_date else values.to_numpy(dtype="float64")
