"""Columns made of others: arithmetic of numbers, numbers within their group, and what is left of them after a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Kind
from lepton_automl.features.protocol import State
from lepton_automl.features.steps import level_codes, present_codes

SAMPLE = 10_000
"""Rows that candidates are judged on."""
PARENTS = 10
"""Numbers that are combined: those that tell most of the target."""
GROUPS = 4
"""Categories whose groups numbers are compared with."""
GAIN = 0.005
"""A made column must tell so much more of the target than the columns it is made of, as a rank correlation."""
CHANCE = 4.0
"""And it must tell more than pure noise does, by so many of noise's own deviations: hundreds of columns are judged."""
ALIKE = 0.97
"""Of two made columns with a larger rank correlation the one that tells less is left out."""
LEAST_GROUP = 20
"""A smaller group has no ranks of its own: those among all rows count."""
STEPS = 20
"""Ranks within a group are counted in so many parts."""
ARITHMETIC = ("minus", "over", "times", "plus")
WITHIN = ("against", "ranked in")
LARGEST = float(np.finfo("float32").max)
Recipe = tuple[str, str, str]


@dataclass(frozen=True)
class MadeStep:
    """Columns made of two others.

    Args:
        pairs: Operation and two columns: of `minus`, `over`, `times`, `plus` both are numbers or dates; of `against` (a number
            less the mean of its group) and `ranked in` (the share of its group below it) the second is a category.
        levels: For each, the levels of its category; empty for arithmetic.
        tables: For each, one row a level and, last, that of all rows: the mean, shape `(levels + 1, 1)`, or quantiles, shape
            `(levels + 1, STEPS + 1)`; empty for arithmetic.
    """

    pairs: tuple[Recipe, ...]
    levels: tuple[tuple[str, ...], ...]
    tables: tuple[np.ndarray, ...]

    @classmethod
    def learn(cls, frame: pd.DataFrame, columns: Sequence[Column], y: np.ndarray, width: int, most: int, seed: int) -> MadeStep:
        """Learns which columns are worth making from training rows, and the tables of groups.

        Args:
            frame: Training rows.
            columns: The features.
            y: Numbers, or codes of classes, shape `(n,)`.
            width: Number of classes; 1 for numbers.
            most: Most columns made.
            seed: Seed of the sample that candidates are judged on.
        """
        rows = sample_of(len(frame), SAMPLE, seed)
        chosen = _chosen(frame.iloc[rows], columns, y[rows], width, most)
        levels: list[tuple[str, ...]] = []
        tables: list[np.ndarray] = []
        for operation, first, second in chosen:
            if operation in ARITHMETIC:
                levels.append(())
                tables.append(np.zeros((0, 0)))
                continue
            codes, texts = present_codes(frame[second])
            levels.append(tuple(texts))
            tables.append(_group_table(operation, numbers_of(frame[first]), codes, len(texts)))
        return cls(tuple(chosen), tuple(levels), tuple(tables))

    @property
    def names(self) -> tuple[str, ...]:
        """One for each pair."""
        return tuple(f"{first} {operation} {second}" for operation, first, second in self.pairs)

    @property
    def sources(self) -> tuple[str, ...]:
        """The first column of each pair."""
        return tuple(first for _, first, _ in self.pairs)

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Makes the columns; NaN where a number is missing. A missing or unseen level counts as all rows."""
        names = {name for operation, one, two in self.pairs for name in ((one, two) if operation in ARITHMETIC else (one,))}
        numbers = {name: numbers_of(frame[name]) for name in names}
        out = np.empty((len(frame), len(self.pairs)), dtype="float32")
        for place, (operation, first, second) in enumerate(self.pairs):
            if operation in ARITHMETIC:
                out[:, place] = _combined(operation, numbers[first], numbers[second])
            else:
                codes = level_codes(frame[second], self.levels[place])
                out[:, place] = _within(operation, numbers[first], codes, self.tables[place])
        return out

    def state(self) -> State:
        """Gives what was learned."""
        meta = {"step": "made", "pairs": [list(pair) for pair in self.pairs], "levels": [list(one) for one in self.levels]}
        return meta, {f"table{i}": table for i, table in enumerate(self.tables)}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> MadeStep:
        """Reads what `state` gave."""
        pairs = tuple((one, two, three) for one, two, three in meta["pairs"])
        return cls(pairs, tuple(map(tuple, meta["levels"])), tuple(arrays[f"table{i}"] for i in range(len(pairs))))


class Judge:
    """Says how much a column tells of the target: a rank correlation, 0 to 1.

    For numbers and two classes Spearman's; for more classes the root of the share of the ranks' variance that lies between
    the classes (the correlation ratio).

    Args:
        y: Numbers, or codes of classes, shape `(n,)`.
        width: Number of classes; 1 for numbers.

    Facts:
        margin: What counts as more, so many rows given.
        noise: What a column of noise hardly reaches.
    """

    def __init__(self, y: np.ndarray, width: int) -> None:
        self.classes = width if width > 2 else 0
        root = float(np.sqrt(max(1, len(y))))
        self.margin = max(GAIN, 1 / root)
        self.noise = (float(np.sqrt(max(1, self.classes - 1))) + CHANCE) / root
        self.y = y.astype("int64") if self.classes else _ranks(np.asarray(y, dtype="float64"))

    def __call__(self, values: np.ndarray) -> float:
        """Judges a column, shape `(n,)`; missing values count as the middle rank."""
        return self.of_ranks(_ranks(values))

    def of_ranks(self, ranks: np.ndarray) -> float:
        """Judges a column's ranks as `_ranks` gives them."""
        if not self.classes:
            return abs(product(ranks, self.y))
        counts = np.bincount(self.y, minlength=self.classes)
        sums = np.bincount(self.y, weights=ranks, minlength=self.classes)
        return float(np.sqrt(np.sum(sums**2 / np.maximum(counts, 1))))


def product(one: np.ndarray, two: np.ndarray) -> float:
    """Gives the inner product of two vectors, without the threads that a linear algebra library would start for it."""
    return float((one * two).sum())


def numbers_of(values: pd.Series) -> np.ndarray:
    """Gives numbers, or days since 1970 of dates, shape `(n,)`, float64; NaN where they are missing."""
    if pd.api.types.is_datetime64_any_dtype(values):
        days: np.ndarray = (values - pd.Timestamp("1970-01-01")).dt.total_seconds().to_numpy(dtype="float64") / 86_400
        return days
    return np.clip(values.to_numpy(dtype="float64", na_value=np.nan), -LARGEST, LARGEST)


def sample_of(rows: int, most: int, seed: int) -> np.ndarray:
    """Gives the positions of a sample of rows, in order; all if there are no more than `most`."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _chosen(sample: pd.DataFrame, columns: Sequence[Column], y: np.ndarray, width: int, most: int) -> list[Recipe]:
    """Gives what is worth making, the most telling first, none nearly like another."""
    judge = Judge(y, width)
    numbers = {c.name: numbers_of(sample[c.name]) for c in columns if c.kind in (Kind.NUMBER, Kind.DATETIME)}
    told = {name: judge(values) for name, values in numbers.items()}
    parents = sorted(told, key=lambda name: (-told[name], name))[:PARENTS]
    groups = {c.name: present_codes(sample[c.name]) for c in columns if c.kind is Kind.CATEGORY}
    shares = {name: share_told(codes, len(texts), y, width) for name, (codes, texts) in groups.items()}
    best = sorted(shares, key=lambda name: (-shares[name], name))[:GROUPS]
    dates = {c.name for c in columns if c.kind is Kind.DATETIME}
    found: list[tuple[float, Recipe, np.ndarray]] = []
    for pair in _candidates(parents, best, dates):
        values, need = _candidate(pair, numbers, groups, told)
        ranks = _ranks(values)
        score = judge.of_ranks(ranks)
        is_age = pair[0] == "minus" and {pair[1], pair[2]} <= dates
        if is_age or (score > judge.noise and score - need > judge.margin):
            found.append((score - need, pair, ranks))
    found.sort(key=lambda item: (-item[0], item[1]))
    kept: list[tuple[Recipe, np.ndarray]] = []
    for _, pair, ranks in found:
        if len(kept) < most and all(abs(product(ranks, other)) < ALIKE for _, other in kept):
            kept.append((pair, ranks))
    return [pair for pair, _ in kept]


def _candidates(parents: list[str], groups: list[str], dates: set[str]) -> list[Recipe]:
    """Gives all pairs to be judged: dates only less each other, numbers in every way."""
    pairs = []
    for i, first in enumerate(parents):
        for second in parents[i + 1 :]:
            if first in dates or second in dates:
                pairs += [("minus", first, second)] if {first, second} <= dates else []
                continue
            pairs += [(operation, first, second) for operation in ARITHMETIC] + [("over", second, first)]
    numbers = [number for number in parents[:GROUPS] if number not in dates]
    return pairs + [(operation, number, group) for operation in WITHIN for number in numbers for group in groups]


def _candidate(
    pair: Recipe,
    numbers: Mapping[str, np.ndarray],
    groups: Mapping[str, tuple[np.ndarray, list[str]]],
    told: Mapping[str, float],
) -> tuple[np.ndarray, float]:
    """Gives a candidate's values, and what it must tell more than."""
    operation, first, second = pair
    if operation in ARITHMETIC:
        return _combined(operation, numbers[first], numbers[second]), max(told[first], told[second])
    codes, texts = groups[second]
    table = _group_table(operation, numbers[first], codes, len(texts))
    return _within(operation, numbers[first], codes, table), told[first]


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
    length = float(np.sqrt(product(ranks, ranks)))
    return ranks / length if length > 0 else ranks


def _group_table(operation: str, values: np.ndarray, codes: np.ndarray, levels: int) -> np.ndarray:
    """Gives what is known of each group: its mean or its quantiles, and last those of all rows."""
    known = (codes >= 0) & np.isfinite(values)
    counts = np.bincount(codes[known], minlength=levels)
    everything = values[np.isfinite(values)]
    if operation == "against":
        sums = np.bincount(codes[known], weights=values[known], minlength=levels)
        overall = float(everything.mean()) if len(everything) else 0.0
        return np.append(np.where(counts > 0, sums / np.maximum(counts, 1), overall), overall)[:, None]
    shares = np.linspace(0, 1, STEPS + 1)
    table = np.tile(np.quantile(everything, shares) if len(everything) else np.zeros(STEPS + 1), (levels + 1, 1))
    rising = values[known][np.lexsort((values[known], codes[known]))]
    large = np.flatnonzero(counts >= LEAST_GROUP)
    since = (np.cumsum(counts) - counts)[large]
    places = since[:, None] + np.round(shares[None, :] * (counts[large] - 1)[:, None]).astype("int64")
    table[large] = rising[places] if len(large) else table[large]
    return table


def _within(operation: str, values: np.ndarray, codes: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Gives numbers less their group's mean, or the share of their group that lies below them."""
    if operation == "against":
        return np.clip(values - table[codes, 0], -LARGEST, LARGEST)
    below = np.zeros(len(values))
    for quantiles in table.T:
        below += values > quantiles[codes]
    return np.where(np.isnan(values), np.nan, below / (STEPS + 1))


def share_told(codes: np.ndarray, levels: int, y: np.ndarray, width: int) -> float:
    """Says how much a category tells of the target: the share of variance between its levels, less what chance gives.

    Args:
        codes: Position of each row's level; -1 where it is missing; shape `(n,)`.
        levels: How many there are.
        y: Numbers, or codes of classes, shape `(n,)`.
        width: Number of classes; 1 for numbers.
    """
    marks = np.asarray(y, dtype="float64")[:, None] if width <= 2 else np.eye(width)[y.astype("int64")]
    total = float(marks.var(axis=0).sum()) * len(y)
    if total <= 0 or not levels:
        return 0.0
    between = 0.0
    counts = np.bincount(codes[codes >= 0], minlength=levels)
    for column in marks.T:
        sums = np.bincount(codes[codes >= 0], weights=column[codes >= 0], minlength=levels)
        means = sums / np.maximum(counts, 1)
        between += float(np.sum(counts * (means - column.mean()) ** 2))
    return between / total - (int((counts > 0).sum()) - 1) / max(1, len(y) - 1)
