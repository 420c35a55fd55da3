"""Compares values of any kind by their hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset

EXACT = 2**53
"""Whole numbers up to this one are exact as float64."""
PART = 50_000
"""Values hashed at once: texts become objects meanwhile, and of a million of them 250 MB would stay behind."""
MISSING = np.uint64(2**64 - 1)
"""The hash of a missing value."""
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""Multiplier between columns: 2^64 over the golden ratio, odd, so that no hash is lost by it."""


def hash_rows(values: pd.Series) -> np.ndarray:
    """Gives a hash of each value, shape `(n,)`, uint64; the same for `1` and `1.0`, and for all missing ones."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = hash_rows(values.cat.categories.to_series(index=range(len(values.cat.categories))))
        return np.append(levels, MISSING)[values.cat.codes.to_numpy()]
    if pd.api.types.is_numeric_dtype(values) and not (values.abs() > EXACT).any():
        values = values.astype("float64")
    if pd.api.types.is_object_dtype(values) and pd.api.types.infer_dtype(values, skipna=True) != "string":
        values = values.map(repr, na_action="ignore")
    parts = [values.iloc[since : since + PART] for since in range(0, len(values), PART)] or [values]
    found = np.concatenate([pd.util.hash_pandas_object(part, index=False, categorize=False).to_numpy() for part in parts])
    return np.where(values.isna().to_numpy(), MISSING, found)


def hash_table(columns: Iterable[pd.Series], n: int) -> np.ndarray:
    """Gives a hash of each row of several columns, shape `(n,)`, uint64, one column in memory at a time.

    Two unlike rows share a hash in one of 2^64 pairs: among a million rows that happens once in 37 million tables.
    """
    found = np.zeros(n, dtype="uint64")
    for values in columns:
        found *= GOLDEN
        found ^= found >> np.uint64(29)
        found += hash_rows(values)
    return found


class Hashes:
    """Hashes of the tables of a run; a column whose values did not change since is not read again."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, data: Dataset) -> str:
        """Gives the SHA-256 of a table: names, values and order of rows."""
        whole = hashlib.sha256()
        for name in data.names:
            if name not in self._known:
                self._known[name] = _hash_values(data.values(name))
            whole.update(f"{name}\n{self._known[name]}\n".encode(errors="surrogatepass"))
        return whole.hexdigest()

    def forget(self, names: Iterable[str] | None = None) -> None:
        """Forgets columns whose values changed, or all, as where rows were dropped."""
        for name in list(self._known) if names is None else names:
            self._known.pop(name, None)


def fingerprint_of(data: Dataset) -> str:
    """Gives the SHA-256 of a table, as `hash_before` and `hash_after` of the ledger have it."""
    return Hashes().of(data)


def _hash_values(values: pd.Series) -> str:
    """Gives the SHA-256 of values, whatever they are stored as: `1`, `1.0` and true are the same, a level is its text."""
    found: np.ndarray
    if pd.api.types.is_datetime64_dtype(values):
        found = values.to_numpy().astype("datetime64[us]").view("int64")
    elif pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_complex_dtype(values):
        whole = pd.api.types.is_integer_dtype(values) and bool((values.abs() > EXACT).any())
        found = hash_rows(values) if whole else values.to_numpy(dtype="float64", na_value=np.nan)
    else:
        found = hash_rows(values)
    return hashlib.sha256(np.ascontiguousarray(found).data).hexdigest()
