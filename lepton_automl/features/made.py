"""Columns made of others: arithmetic of numbers and numbers within their group, those that tell what the others do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Kind
from lepton_automl.features.columns import category_in
from lepton_automl.features.judge import BINS, left_over, parts_of, share_told, tamed, worth
from lepton_automl.features.protocol import State
from lepton_automl.features.steps import level_codes, present_codes, present_in
from lepton_automl.features.target import targets_of

SAMPLE = 10_000
"""Rows that candidates are judged on."""
PARENTS = 10
"""Numbers that are combined: those that tell most of the target."""
GROUPS = 4
"""Categories whose groups numbers are compared with."""
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
            codes, texts = present_in(frame, second)
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
                codes = level_codes(category_in(frame, second), self.levels[place])
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
    """Gives what is worth making: again and again the column that tells most of what all chosen before leave."""
    numbers = {c.name: numbers_of(sample[c.name]) for c in columns if c.kind in (Kind.NUMBER, Kind.DATETIME)}
    groups = {c.name: present_codes(sample[c.name]) for c in columns if c.kind is Kind.CATEGORY}
    targets = tamed(targets_of(y, width)[0])
    parts = {name: parts_of(values) for name, values in numbers.items()}
    parents, best = _parents(parts, groups, targets)
    rest = left_over(targets, [*(parts[name] for name in parents), *(groups[name][0] + 1 for name in best)])
    dates = {c.name for c in columns if c.kind is Kind.DATETIME}
    pairs = _candidates(parents, best, dates)
    kept = [pair for pair in pairs if {pair[1], pair[2]} <= dates][:most]
    codes = {pair: parts_of(_candidate(pair, numbers, groups)) for pair in pairs if pair not in kept}
    while len(kept) < most:
        worths = {pair: worth(mine, BINS + 1, rest) for pair, mine in codes.items()}
        codes = {pair: mine for pair, mine in codes.items() if worths[pair] > 0}
        if not codes:
            break
        pair = min(codes, key=lambda one: (-worths[one], one))
        kept.append(pair)
        rest = left_over(rest, [codes.pop(pair)])
    return kept


def _parents(
    parts: Mapping[str, np.ndarray], groups: Mapping[str, tuple[np.ndarray, list[str]]], targets: np.ndarray
) -> tuple[list[str], list[str]]:
    """Gives the numbers and the categories that tell most of the target, each by itself."""
    told = {name: share_told(codes, BINS + 1, targets) for name, codes in parts.items()}
    shares = {name: share_told(codes, len(texts), targets) for name, (codes, texts) in groups.items()}
    parents = sorted(told, key=lambda name: (-told[name], name))[:PARENTS]
    return parents, sorted(shares, key=lambda name: (-shares[name], name))[:GROUPS]


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
    pair: Recipe, numbers: Mapping[str, np.ndarray], groups: Mapping[str, tuple[np.ndarray, list[str]]]
) -> np.ndarray:
    operation, first, second = pair
    if operation in ARITHMETIC:
        return _combined(operation, numbers[first], numbers[second])
    codes, texts = groups[second]
    return _within(operation, numbers[first], codes, _group_table(operation, numbers[first], codes, len(texts)))


def _combined(operation: str, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        if operation == "over":
            values = first / np.where(second == 0, np.nan, second)
        elif operation == "times":
            values = first * second
        else:
            values = first - second if operation == "minus" else first + second
    return np.clip(values, -LARGEST, LARGEST)


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
