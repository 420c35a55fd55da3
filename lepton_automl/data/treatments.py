"""What is done to typed values on every table alike: training rows, test rows, and rows that are scored later.

A treatment is a word that travels with the column's `Reading`, into the artefact too: `missing:-999`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.errors import DataError, Problem
from lepton_automl.registry import did_you_mean

Treatment = Callable[[pd.Series, str], pd.Series]


def treat(values: pd.Series, treatments: tuple[str, ...], column: str = "") -> pd.Series:
    """Gives typed values as treatments leave them, in order.

    Args:
        values: Values stored as their kind asks, shape `(n,)`.
        treatments: Each `name` or `name:argument`.
        column: Name of the column, for messages.

    Raises:
        DataError: If one is not known, or can not be carried out here.
    """
    for words in treatments:
        name, _, argument = words.partition(":")
        if name not in TREATMENTS:
            raise DataError(Problem(column or name, f"{name!r} is no treatment of values.", did_you_mean(name, TREATMENTS)))
        values = TREATMENTS[name](values, argument)
    return values


def _missing(values: pd.Series, argument: str) -> pd.Series:
    """Makes one value missing: a number, a date in ISO format, or a text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_categories([argument]) if argument in values.cat.categories else values
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.mask(values == pd.Timestamp(argument))
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        hit = numbers == float(argument)
        return pd.Series(np.where(hit, np.nan, numbers), index=values.index) if hit.any() else values
    return values.mask(values == argument)


def _outside(values: pd.Series, argument: str, is_below: bool) -> pd.Series:
    """Makes numbers or dates missing that are below, or above, a number or a date in ISO format."""
    limit: Any = pd.Timestamp(argument) if pd.api.types.is_datetime64_any_dtype(values) else float(argument)
    return _masked(values, values < limit if is_below else values > limit)


def _fractions(values: pd.Series, argument: str) -> pd.Series:
    """Makes numbers missing that are not whole."""
    return _masked(values, values % 1 > 0)


def _unlisted(values: pd.Series, argument: str) -> pd.Series:
    """Makes values missing that are not in a JSON list of texts, numbers, or dates in ISO format."""
    listed = json.loads(argument)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_categories([level for level in values.cat.categories if level not in set(listed)])
    if pd.api.types.is_datetime64_any_dtype(values):
        listed = [pd.Timestamp(day) for day in listed]
    return _masked(values, ~(values.isin(listed) | values.isna()))


def _unlike(values: pd.Series, argument: str) -> pd.Series:
    """Makes texts missing that a regular expression does not fit."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = values.cat.categories
        return values.cat.remove_categories(levels[~is_like(pd.Series(levels), argument).to_numpy()])
    return _masked(values, ~is_like(values, argument))


def _masked(values: pd.Series, is_gone: pd.Series) -> pd.Series:
    if not is_gone.any():
        return values
    return values.astype("float64").mask(is_gone) if pd.api.types.is_numeric_dtype(values) else values.mask(is_gone)


def is_like(values: pd.Series, pattern: str) -> pd.Series:
    """Says which texts a regular expression (RE2) fits from end to end; missing ones count as fitting, shape `(n,)`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = values.astype("category")
    levels = pa.array(texts.cat.categories.astype(object), pa.large_string())
    fits = pc.match_substring_regex(levels, rf"\A(?:{pattern})\z").to_numpy(zero_copy_only=False)
    return pd.Series(np.append(fits, True)[texts.cat.codes.to_numpy()], index=values.index, dtype=bool)


TREATMENTS: Mapping[str, Treatment] = {
    "missing": _missing,
    "missing_below": partial(_outside, is_below=True),
    "missing_above": partial(_outside, is_below=False),
    "missing_fractions": _fractions,
    "missing_unlisted": _unlisted,
    "missing_unlike": _unlike,
}
"""Name to what it does, given the values and the argument."""
