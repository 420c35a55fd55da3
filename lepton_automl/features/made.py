"""Columns made of others: arithmetic of numbers, numbers against their group, and what is left of them after a filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Kind
from lepton_automl.features.protocol import State
from lepton_automl.features.steps import distinct_texts, level_codes

SAMPLE = 5_000
"""Rows that candidates are judged on."""
PARENTS = 10
"""Numbers that are combined: those that tell most of the target."""
GROUPS = 4
"""Categories whose groups numbers are compared with."""
GAIN = 0.005
"""A made column must tell so much more of the target than the columns it is made of, as a rank correlation."""
ALIKE = 0.97
"""Of two made columns with a larger rank correlation the one that tells less is left out."""
OPERATIONS = ("minus", "over", "times", "plus")


@dataclass(frozen=True)
class MadeStep:
    """Columns made of two others.

    Args:
        pairs: Operation and two columns: of `minus`, `over`, `times`, `plus` both are numbers or dates; of `against` the first
            is a number and the second a category.
        levels: For each, the levels of its category; empty for arithmetic.
        means: For each, the mean of the number in each level and, last, over all rows; empty for arithmetic.
    """

    pairs: tuple[tuple[str, str, str], ...]
    levels: tuple[tuple[str, ...], ...]
    means: tuple[np.ndarray, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame, columns: Sequence[Column], y: np.ndarray, width: int, most: int, seed: int) -> MadeStep:
        """Learns which columns are worth making from training rows, and the means of groups.

        Args:
            frame: Training rows.
            columns: The features.
            y: Numbers, or codes of classes, shape `(n,)`.
            width: Number of classes; 1 for numbers.
            most: Most columns made.
            seed: Seed of the sample that candidates are judged on.
        """
        rows = np.arange(len(frame))
        if len(frame) > SAMPLE:
            rows = np.sort(np.random.default_rng(seed).choice(len(frame), SAMPLE, replace=False))
        sample = frame.iloc[rows]
        judge = Judge(y[rows], width)
        numbers = {c.name: numbers_of(sample[c.name]) for c in columns if c.kind in (Kind.NUMBER, Kind.DATETIME)}
        told = {name: judge(values) for name, values in numbers.items()}
        parents = sorted(told, key=lambda name: (-told[name], name))[:PARENTS]
        names = [c.name for c in columns if c.kind is Kind.CATEGORY]
        groups = sorted(names, key=lambda name: (-share_told(*distinct_texts(sample[name]), y[rows], width), name))[:GROUPS]
        found: list[tuple[float, tuple[str, str, str], np.ndarray]] = []
        dates = {c.name for c in columns if c.kind is Kind.DATETIME}
        for pair in _candidates(parents, groups, dates):
            operation, first, second = pair
            if operation == "against":
                values = numbers[first] - _means_of(numbers[first], sample[second])
                need = told[first]
            else:
                values, need = _combined(operation, numbers[first], numbers[second]), max(told[first], told[second])
            gain = judge(values) - need
            if gain > GAIN or (operation == "minus" and {first, second} <= dates):
                found.append((gain, pair, _ranks(values)))
        found.sort(key=lambda item: (-item[0], item[1]))
        kept: list[tuple[tuple[str, str, str], np.ndarray]] = []
        for _, pair, ranks in found:
            if len(kept) < most and all(abs(float(ranks @ other)) < ALIKE for _, other in kept):
                kept.append((pair, ranks))
        levels: list[tuple[str, ...]] = []
        means: list[np.ndarray] = []
        for operation, first, second in (pair for pair, _ in kept):
            if operation != "against":
                levels.append(())
                means.append(np.zeros(0))
                continue
            codes, texts = distinct_texts(frame[second])
            levels.append(tuple(texts))
            means.append(_group_means(numbers_of(frame[first]), codes, len(texts)))
        return cls(tuple(pair for pair, _ in kept), tuple(levels), tuple(means))

    @property
    def names(self) -> tuple[str, ...]:
        """One for each pair."""
        return tuple(f"{first} {operation} {second}" for operation, first, second in self.pairs)

    @property
    def sources(self) -> tuple[str, ...]:
        """The first column of each pair."""
        return tuple(first for _, first, _ in self.pairs)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Makes the columns; NaN where one of two is missing."""
        numbers: dict[str, np.ndarray] = {}
        out = np.empty((len(frame), len(self.pairs)), dtype="float32")
        for place, (operation, first, second) in enumerate(self.pairs):
            for name in (first, second) if operation != "against" else (first,):
                if name not in numbers:
                    numbers[name] = numbers_of(frame[name])
            if operation == "against":
                codes = level_codes(frame[second], self.levels[place])
                out[:, place] = np.clip(numbers[first] - self.means[place][codes], -LARGEST, LARGEST)
            else:
                out[:, place] = _combined(operation, numbers[first], numbers[second])
        return out

    def state(self) -> State:
        """Gives what was learned."""
        meta = {"step": "made", "pairs": [list(pair) for pair in self.pairs], "levels": [list(one) for one in self.levels]}
        return meta, {f"means{i}": means for i, means in enumerate(self.means)}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> MadeStep:
        """Reads what `state` gave."""
        pairs = tuple((one, two, three) for one, two, three in meta["pairs"])
        return cls(pairs, tuple(map(tuple, meta["levels"])), tuple(arrays[f"means{i}"] for i in range(len(pairs))))


LARGEST = float(np.finfo("float32").max)


class Judge:
    """Says how much a column tells of the target: a rank correlation, 0 to 1.

    For numbers and two classes Spearman's; for more classes the root of the share of the ranks' variance that lies between
    the classes (the correlation ratio).

    Args:
        y: Numbers, or codes of classes, shape `(n,)`.
        width: Number of classes; 1 for numbers.
    """

    def __init__(self, y: np.ndarray, width: int) -> None:
        self.classes = width if width > 2 else 0
        self.y = y.astype("int64") if self.classes else _ranks(np.asarray(y, dtype="float64"))

    def __call__(self, values: np.ndarray) -> float:
        """Judges a column, shape `(n,)`; missing values count as the middle rank."""
        ranks = _ranks(values)
        if not self.classes:
            return abs(float(ranks @ self.y))
        counts = np.bincount(self.y, minlength=self.classes)
        sums = np.bincount(self.y, weights=ranks, minlength=self.classes)
        return float(np.sqrt(np.sum(sums**2 / np.maximum(counts, 1))))


def numbers_of(values: pd.Series) -> np.ndarray:
    """Gives numbers, or days since 1970 of dates, shape `(n,)`, float64; NaN where they are missing."""
    if pd.api.types.is_datetime64_any_dtype(values):
        days: np.ndarray = (values - pd.Timestamp("1970-01-01")).dt.total_seconds().to_numpy(dtype="float64") / 86_400
        return days
    return np.clip(values.to_numpy(dtype="float64", na_value=np.nan), -LARGEST, LARGEST)


def _candidates(parents: list[str], groups: list[str], dates: set[str]) -> list[tuple[str, str, str]]:
    """Gives all pairs to be judged: dates only less each other, numbers in every way."""
    pairs = []
    for i, first in enumerate(parents):
        for second in parents[i + 1 :]:
            if first in dates or second in dates:
                pairs += [("minus", first, second)] if {first, second} <= dates else []
                continue
            pairs += [(operation, first, second) for operation in OPERATIONS] + [("over", second, first)]
    return pairs + [("against", number, group) for number in parents[:GROUPS] if number not in dates for group in groups]


def _combined(operation: str, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        if operation == "over":
            values = first / np.where(second == 0, np.nan, second)
        elif operation == "times":
            values = first * second
        else:
            values = first - second if operation == "minus" else first + second
    return np.clip(values, -LARGEST, LARGEST)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Gives ranks, centred and of unit length, missing ones 0: the product of two is Spearman's correlation."""
    ranks = pd.Series(values).rank().to_numpy()
    ranks = np.nan_to_num(ranks - np.nanmean(ranks) if np.isfinite(ranks).any() else ranks)
    length = float(np.sqrt(ranks @ ranks))
    return ranks / length if length > 0 else ranks


def _group_means(values: np.ndarray, codes: np.ndarray, levels: int) -> np.ndarray:
    """Gives the mean of each level, that of all rows for those without a number, and last that of all rows."""
    known = (codes >= 0) & np.isfinite(values)
    counts = np.bincount(codes[known], minlength=levels)
    sums = np.bincount(codes[known], weights=values[known], minlength=levels)
    overall = float(np.nanmean(values)) if np.isfinite(values).any() else 0.0
    return np.append(np.where(counts > 0, sums / np.maximum(counts, 1), overall), overall)


def _means_of(values: np.ndarray, group: pd.Series) -> np.ndarray:
    codes, texts = distinct_texts(group)
    return _group_means(values, codes, len(texts))[codes]


def share_told(codes: np.ndarray, texts: Sequence[str], y: np.ndarray, width: int) -> float:
    """Says how much a category tells of the target: the share of variance between its levels, less what chance gives.

    Args:
        codes: Position of each row's level; -1 where it is missing; shape `(n,)`.
        texts: The levels.
        y: Numbers, or codes of classes, shape `(n,)`.
        width: Number of classes; 1 for numbers.
    """
    marks = np.asarray(y, dtype="float64")[:, None] if width <= 2 else np.eye(width)[y.astype("int64")]
    total = float(marks.var(axis=0).sum()) * len(y)
    if total <= 0 or not texts:
        return 0.0
    between = 0.0
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    for column in marks.T:
        sums = np.bincount(codes[codes >= 0], weights=column[codes >= 0], minlength=len(texts))
        means = sums / np.maximum(counts, 1)
        between += float(np.sum(counts * (means - column.mean()) ** 2))
    return between / total - (int((counts > 0).sum()) - 1) / max(1, len(y) - 1)
