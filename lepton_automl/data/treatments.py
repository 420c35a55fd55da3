"""What is done to typed values on every table alike: training rows, test rows, and rows that are scored later.

A treatment is a word that travels with the column's `Reading`, into the artefact too: `missing:-999`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def _limits(argument: str) -> tuple[float, float]:
    low, _, high = argument.partition(",")
    return float(low), float(high)


def _clip(values: pd.Series, argument: str) -> pd.Series:
    """Puts numbers outside of `low,high` on the limit they exceed."""
    low, high = _limits(argument)
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    if not ((numbers < low) | (numbers > high)).any():
        return values
    clipped = np.clip(numbers, low, high)
    is_whole = pd.api.types.is_integer_dtype(values) and bool((clipped == np.floor(clipped)).all())
    return pd.Series(clipped.astype("int64") if is_whole else clipped, index=values.index)


def _outside(values: pd.Series, argument: str) -> pd.Series:
    """Makes numbers outside of `low,high` missing."""
    low, high = _limits(argument)
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    is_out = (numbers < low) | (numbers > high)
    return pd.Series(np.where(is_out, np.nan, numbers), index=values.index) if is_out.any() else values


TREATMENTS: Mapping[str, Treatment] = {"missing": _missing, "clip": _clip, "outside": _outside}
"""Name to what it does, given the values and the argument."""
