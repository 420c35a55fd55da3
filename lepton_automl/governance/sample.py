"""Figures that are dear to count on all rows are counted on a sample; columns as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind

SAMPLE = 100_000
"""Rows on which the values of a column are looked at: shares are known to 0.3 points."""
DAY_US = 86_400_000_000


def pick_rows(n: int, most: int = SAMPLE, seed: int = 0) -> np.ndarray:
    """Gives positions of at most `most` of `n` rows in rising order, shape `(m,)`; the same for the same seed."""
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))


def sample_note(n: int, most: int = SAMPLE) -> str:
    """Gives the words that say that figures rest on a sample; empty if they do not."""
    return f", on a sample of {most:,} of {n:,} rows" if n > most else ""


def as_floats(values: pd.Series) -> np.ndarray:
    """Gives numbers and truth values as they are, dates in days since 1970, categories as their codes; shape `(n,)`.

    Missing is nan; values of other kinds are all nan.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy().astype("float64")
        return np.where(codes < 0, np.nan, codes)
    if pd.api.types.is_datetime64_any_dtype(values):
        stamps = values.to_numpy(dtype="datetime64[us]")
        return np.where(np.isnat(stamps), np.nan, stamps.astype("int64") / DAY_US)
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype="float64", na_value=np.nan)
    return np.full(len(values), np.nan)


def column_matrix(tables: Sequence[Dataset], names: Sequence[str], picks: Sequence[np.ndarray]) -> np.ndarray:
    """Gives rows of tables of one make, one below the other, as numbers, shape `(rows, columns)`.

    Args:
        tables: The tables.
        names: Columns that all of them have.
        picks: Positions of the rows of each.
    """
    columns = []
    for name in names:
        parts = [table.values(name).iloc[pick] for table, pick in zip(tables, picks, strict=True)]
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            levels = list(dict.fromkeys(level for part in parts for level in part.cat.categories))
            parts = [part.cat.set_categories(levels) for part in parts]
        columns.append(np.concatenate([as_floats(part) for part in parts]))
    rows = sum(len(pick) for pick in picks)
    return np.column_stack(columns) if columns else np.empty((rows, 0))


def plain_features(data: Dataset) -> list[str]:
    """Gives the features that are numbers, truth values, dates or categories."""
    kinds = (Kind.NUMBER, Kind.BOOLEAN, Kind.DATETIME, Kind.CATEGORY)
    return [column.name for column in data.features if column.kind in kinds]
