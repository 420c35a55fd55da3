"""Cuts values of any kind into few parts that can be counted and drawn; no part shows a value that few rows hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lepton_automl.data import Kind

LEAST_ROWS = 10
"""A value or an end of a range is shown only where so many rows hold it or lie beyond it: nobody is to be recognised."""
BARS = 20
"""Bars of a histogram."""
SHOWN_LEVELS = 12
OTHER = "other"
LARGEST = 1e300
MISSING = -1
"""Part of a missing value."""


@dataclass(frozen=True)
class Parts:
    """A column cut into parts.

    Args:
        train: Part of each training row, -1 where it is missing, shape `(n,)`.
        test: Part of each test row, shape `(m,)`; empty without test rows.
        names: What each part is called; the last is `other` where rare levels share one.
        edges: Ends of the parts of numbers, one more than there are parts; empty for levels. Values beyond the first and the
            last one are counted in the first and the last part.
    """

    train: np.ndarray
    test: np.ndarray
    names: tuple[str, ...]
    edges: tuple[float, ...] = ()

    def counts(self, codes: np.ndarray) -> np.ndarray:
        """Counts the rows of each part, the missing ones left out, shape `(parts,)`."""
        return np.bincount(codes[codes >= 0], minlength=len(self.names))

    def counts_by(self, groups: np.ndarray, width: int) -> list[list[int]]:
        """Counts the training rows of each part in each of several groups (-1: in none), `width` lists."""
        return [[int(n) for n in self.counts(self.train[groups == group])] for group in range(width)]


def numbers_of(values: pd.Series) -> np.ndarray:
    """Gives numbers, dates (seconds since 1970) or lengths of texts as float64, shape `(n,)`.

    Missing and infinite are NaN; numbers beyond 1e300 are taken for that, so that differences stay finite.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        values = (values - pd.Timestamp("1970-01-01")).dt.total_seconds()
    elif not pd.api.types.is_numeric_dtype(values):
        values = values.str.len()
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isfinite(numbers), np.clip(numbers, -LARGEST, LARGEST), np.nan)


def cut_numbers(train: np.ndarray, test: np.ndarray) -> Parts:
    """Cuts numbers into bars of one width, between ends that ten rows and one in a hundred lie beyond.

    Bars of whole numbers all hold as many of them. Where nearly all are the same there are three parts: below, the same, above.
    """
    known = train[~np.isnan(train)]
    if len(known) < 2 * LEAST_ROWS:
        return Parts(np.full(len(train), MISSING), np.full(len(test), MISSING), ())
    beyond = min(0.25, max(0.01, LEAST_ROWS / len(known)))
    low, high = (float(end) for end in np.quantile(known, [beyond, 1 - beyond], method="nearest"))
    if low == high:
        return Parts(_beside(train, low), _beside(test, low), ("less", f"{low:g}", "more"))
    if bool((known == np.floor(known)).all()):
        step = -(-(high - low + 1) // BARS)
        edges = low - 0.5 + step * np.arange((high - low) // step + 2)
    else:
        edges = np.linspace(low, high, BARS + 1)
    names = tuple(f"{edge:.4g}" for edge in edges[:-1])
    return Parts(_placed(train, edges), _placed(test, edges), names, tuple(float(edge) for edge in edges))


def _beside(values: np.ndarray, middle: float) -> np.ndarray:
    return np.where(np.isnan(values), MISSING, 1 + np.sign(values - middle)).astype("int64")


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isnan(values), MISSING, places)


def cut_levels(train: pd.Series, test: pd.Series | None) -> Parts:
    """Gives the most frequent levels that ten rows hold, at most twelve, and one part for all others.

    There are no names where such levels do not hold half of the rows: then the column is much like a text.
    """
    mine, texts = level_codes(train)
    theirs, others = (np.zeros(0, dtype="int64"), []) if test is None else level_codes(test)
    place = {text: number for number, text in enumerate(texts)}
    texts = [*texts, *(text for text in others if text not in place)]
    place = {text: number for number, text in enumerate(texts)}
    theirs = np.append([place[text] for text in others], MISSING).astype("int64")[theirs]
    counts = np.bincount(mine[mine >= 0], minlength=len(texts)) + np.bincount(theirs[theirs >= 0], minlength=len(texts))
    order = [k for k in np.argsort(-counts, kind="stable")[:SHOWN_LEVELS] if counts[k] >= LEAST_ROWS]
    frequent = counts[counts >= LEAST_ROWS].sum()
    if not len(order) or 2 * frequent < counts.sum():
        return Parts(np.full(len(mine), MISSING), np.full(len(theirs), MISSING), ())
    has_others = int((counts > 0).sum()) > len(order)
    moved = np.full(len(texts) + 1, len(order), dtype="int64")
    moved[order], moved[-1] = np.arange(len(order)), MISSING
    names = (*(texts[k][:60] for k in order), *((OTHER,) if has_others else ()))
    return Parts(moved[mine], moved[theirs], names)


def level_codes(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Gives the number of each value's level, -1 where it is missing, and the levels as text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype("int64"), [str(level) for level in values.cat.categories]
    codes, levels = pd.factorize(values)
    return codes.astype("int64"), [str(level) for level in levels]


def truth_levels(values: pd.Series) -> pd.Series:
    """Gives booleans, kept as 0 and 1, as the levels `false` and `true`."""
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    codes = np.where(np.isnan(numbers), MISSING, numbers != 0).astype("int64")
    return pd.Series(pd.Categorical.from_codes(codes, categories=["false", "true"]))


def cut(kind: Kind, train: pd.Series, test: pd.Series | None) -> Parts:
    """Cuts a column as its kind asks: levels, or numbers (of texts their lengths)."""
    if kind is Kind.CATEGORY:
        return cut_levels(train, test)
    if kind is Kind.BOOLEAN:
        return cut_levels(truth_levels(train), None if test is None else truth_levels(test))
    return cut_numbers(numbers_of(train), np.zeros(0) if test is None else numbers_of(test))


def shares(counts: Sequence[int] | np.ndarray) -> np.ndarray:
    """Gives counts as shares of their sum; zeros where there is nothing."""
    found = np.asarray(counts, dtype="float64")
    return found / found.sum() if found.sum() else found
