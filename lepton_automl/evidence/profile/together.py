"""How columns go together: which are missing in the same rows, and which tell of each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.evidence.profile.bins import LEAST_ROWS, level_codes, numbers_of, truth_levels

MOST_COLUMNS = 30
"""Columns of a matrix: more can not be read."""
JUDGED = 200
"""Columns that are held against the target to find those of the matrix."""
ROWS = 10_000
"""Rows on which associations are measured: the standard error of a correlation is 0.01 there."""
MOST_PATTERNS = 8
MOST_LEVELS = 30
"""Levels that are told apart in an association; the others count as one."""
NUMERIC = (Kind.NUMBER, Kind.DATETIME)
LEVELLED = (Kind.CATEGORY, Kind.BOOLEAN)
NAMES = (Role.ID, Role.GROUP, Role.SERIES, Role.USER, Role.ITEM)
"""Roles of columns that name rows or persons: nothing of their values is shown."""


def missing_together(frame: pd.DataFrame) -> dict[str, Any]:
    """Finds which columns are missing in the same rows.

    Args:
        frame: A sample of the rows.

    Returns:
        `columns`: those with missing values, the most first, at most 30; `correlation`: of their missingness, a square matrix;
        `patterns`: the most frequent sets of columns that are missing together, where ten rows have them.
    """
    missing = frame.isna()
    counts = missing.sum()
    names = list(counts[(counts > 0) & (counts < len(frame))].sort_values(ascending=False, kind="stable").index)
    shown = names[:MOST_COLUMNS]
    if not shown:
        return {"columns": [], "of": len(names), "correlation": [], "patterns": []}
    flags = missing[shown].to_numpy()
    correlation = pd.DataFrame(flags.astype("float64")).corr().to_numpy()
    packed = pd.Series([row.tobytes() for row in np.packbits(flags, axis=1)])
    patterns = []
    for key, count in packed.value_counts().items():
        bits = np.unpackbits(np.frombuffer(key, dtype="uint8"))[: len(shown)].astype(bool)
        if count >= LEAST_ROWS and bits.any():
            together = [name for name, bit in zip(shown, bits, strict=True) if bit]
            patterns.append({"columns": together, "rows": int(count), "share": count / len(frame)})
    return {
        "columns": [str(name) for name in shown],
        "of": len(names),
        "correlation": _matrix(correlation),
        "patterns": patterns[:MOST_PATTERNS],
    }


def associations(frame: pd.DataFrame, columns: list[Column], target: str, y: np.ndarray, is_label: bool) -> dict[str, Any]:
    """Measures how columns, and the target first, go together.

    Numbers with numbers: Spearman's rank correlation, and Pearson's beside it. Levels with levels: Cramér's V, corrected for
    its bias. Numbers with levels: the square root of the share of the variance of ranks that levels explain, corrected too.

    Args:
        frame: A sample of training rows.
        columns: Their columns; texts and what names rows are passed over.
        target: Name of the target.
        y: Class codes or numbers, shape `(n,)`.
        is_label: Whether they are class codes.

    Source: Bergsma (2013), "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean Statistical Society
    42(3); Kelley (1935), "An unbiased correlation ratio measure", PNAS 21(9).
    """
    chosen = [c for c in columns if c.kind in (*NUMERIC, *LEVELLED) and c.name != target and not c.roles & set(NAMES)]
    truth = _merged(y.astype("int64")) if is_label else pd.Series(y).rank().to_numpy()
    made: dict[str, np.ndarray] = {target: truth}
    for column in chosen[:JUDGED]:
        made[column.name] = ranks_or_codes(column, frame[column.name])
    power = {name: abs(associated(truth, values)[0]) for name, values in made.items() if name != target}
    kept = {target, *sorted(power, key=lambda name: -power[name])[: MOST_COLUMNS - 1]}
    names = [name for name in made if name in kept]
    raw: dict[str, np.ndarray] = {c.name: numbers_of(frame[c.name]) for c in chosen if c.kind in NUMERIC and c.name in kept}
    if not is_label:
        raw[target] = np.asarray(y, dtype="float64")
    return {
        "columns": names,
        "of": len(chosen) + 1,
        "rows": len(frame),
        "values": _square(names, lambda a, b: associated(made[a], made[b])[0]),
        "kinds": [[associated_kind(made[a], made[b]) for b in names] for a in names],
        "pearson": _square(names, lambda a, b: _correlation(raw[a], raw[b]) if a in raw and b in raw else None),
    }


def ranks_or_codes(column: Column, values: pd.Series) -> np.ndarray:
    """Gives numbers and dates as ranks, float64 with NaN; levels as codes, int64 with -1 for missing."""
    if column.kind in NUMERIC:
        return pd.Series(numbers_of(values)).rank().to_numpy()
    return _merged(level_codes(truth_levels(values) if column.kind is Kind.BOOLEAN else values)[0])


def _merged(codes: np.ndarray) -> np.ndarray:
    """Keeps the most frequent levels and makes the others one."""
    counts = np.bincount(codes[codes >= 0]) if (codes >= 0).any() else np.zeros(1, dtype="int64")
    moved = np.full(len(counts) + 1, MOST_LEVELS, dtype="int64")
    moved[np.argsort(-counts, kind="stable")[:MOST_LEVELS]] = np.arange(min(len(counts), MOST_LEVELS))
    moved[-1] = -1
    return moved[codes]


def associated_kind(one: np.ndarray, two: np.ndarray) -> str:
    """Names the measure that fits a pair."""
    numbers = sum(side.dtype == np.float64 for side in (one, two))
    return ("cramers_v", "correlation_ratio", "spearman")[numbers]


def associated(one: np.ndarray, two: np.ndarray) -> tuple[float, str]:
    """Measures how two columns go together, -1 to 1 for two of numbers, else 0 to 1; and names the measure."""
    kind = associated_kind(one, two)
    if kind == "spearman":
        return _correlation(one, two), kind
    if kind == "cramers_v":
        return cramers_v(one, two), kind
    numbers, codes = (one, two) if one.dtype == np.float64 else (two, one)
    return correlation_ratio(codes, numbers), kind


def _correlation(one: np.ndarray, two: np.ndarray) -> float:
    both = ~(np.isnan(one) | np.isnan(two))
    if both.sum() < 3:
        return 0.0
    a, b = _centred(one[both]), _centred(two[both])
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / spread if spread > 0 else 0.0


def _centred(values: np.ndarray) -> np.ndarray:
    """Gives values less their mean, on a scale on which their squares are finite."""
    scaled = values / (np.abs(values).max() or 1.0)
    return scaled - scaled.mean()


def cramers_v(one: np.ndarray, two: np.ndarray) -> float:
    """Cramér's V of two columns of levels (-1: missing), 0 to 1, corrected for its bias.

    >>> codes = np.arange(300) % 3
    >>> round(cramers_v(codes, codes), 2), cramers_v(codes, np.arange(300) // 3 % 2)
    (1.0, 0.0)
    """
    both = (one >= 0) & (two >= 0)
    _, a = np.unique(one[both], return_inverse=True)
    _, b = np.unique(two[both], return_inverse=True)
    n, r, k = len(a), int(a.max(initial=-1)) + 1, int(b.max(initial=-1)) + 1
    if n < 2 or r < 2 or k < 2:
        return 0.0
    seen = np.bincount(a * k + b, minlength=r * k).reshape(r, k).astype("float64")
    expected = seen.sum(axis=1, keepdims=True) * seen.sum(axis=0, keepdims=True) / n
    phi = max(0.0, float(((seen - expected) ** 2 / expected).sum()) / n - (r - 1) * (k - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
    return float(min(1.0, np.sqrt(phi / least))) if least > 0 else 0.0


def correlation_ratio(codes: np.ndarray, numbers: np.ndarray) -> float:
    """Square root of the share of the variance of numbers that levels explain, 0 to 1, corrected for its bias.

    >>> round(correlation_ratio(np.arange(400) % 2, np.arange(400) % 2 * 5.0), 2)
    1.0
    """
    both = (codes >= 0) & ~np.isnan(numbers)
    values, (levels, mine) = numbers[both], np.unique(codes[both], return_inverse=True)
    n, k = len(values), len(levels)
    total = float(((values - values.mean()) ** 2).sum()) if n else 0.0
    if k < 2 or n <= k or total <= 0:
        return 0.0
    means = np.bincount(mine, weights=values) / np.bincount(mine)
    within = float(((values - means[mine]) ** 2).sum())
    return float(np.sqrt(max(0.0, 1 - (within / (n - k)) / (total / (n - 1)))))


def _square(names: list[str], measure: Any) -> list[list[float | None]]:
    """Fills a symmetric matrix, each pair measured once."""
    known: dict[tuple[str, str], float | None] = {}
    for place, one in enumerate(names):
        for two in names[place:]:
            value = measure(one, two)
            known[one, two] = known[two, one] = None if value is None else round(value, 4)
    return [[known[one, two] for two in names] for one in names]


def _matrix(values: np.ndarray) -> list[list[float]]:
    return [[round(float(value), 4) for value in row] for row in np.nan_to_num(values)]


def strongest(found: Mapping[str, Any], most: int = 10, least: float = 0.3) -> list[dict[str, Any]]:
    """Gives the pairs of columns that go together most, the target left out, the strongest first."""
    names, pairs = found["columns"], []
    for i in range(1, len(names)):
        for j in range(i + 1, len(names)):
            value = found["values"][i][j]
            if abs(value) >= least:
                pair = {"columns": [names[i], names[j]], "value": value, "kind": found["kinds"][i][j]}
                pairs.append({**pair, "pearson": found["pearson"][i][j]})
    return sorted(pairs, key=lambda pair: -abs(pair["value"]))[:most]


def features_of(data: Dataset) -> list[Column]:
    """Gives the columns of a table that may be shown beside each other: its features, and what is kept for evidence."""
    shown = (Role.FEATURE, Role.PROTECTED, Role.EVALUATION_ONLY)
    return [column for column in data.columns if column.roles & set(shown)]
