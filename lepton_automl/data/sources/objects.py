"""Columns of Python objects, as JSON and databases give them, with the type that all their values have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd


def from_objects(columns: Sequence[Sequence[Any]], names: Sequence[Any]) -> pd.DataFrame:
    """Makes a table of columns of objects; two may have one name.

    Whole numbers and truth values with missing ones become pandas' nullable types, decimals float64, dates datetime64; a
    column whose values are of several types stays one of objects.

    Args:
        columns: Values of each column, each of length `n`.
        names: Their names.
    """
    if not columns:
        return pd.DataFrame()
    typed = [_typed(pd.Series(list(values), dtype=object)) for values in columns]
    return pd.concat(typed, axis=1).set_axis(pd.Index(list(names), dtype=object), axis=1)


def _typed(column: pd.Series) -> pd.Series:
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred == "integer" and column.dropna().map(lambda number: -(2**63) <= number < 2**63).all():
        return column.astype("Int64" if column.isna().any() else "int64")
    if inferred == "boolean":
        return column.astype("boolean" if column.isna().any() else "bool")
    if inferred in ("floating", "mixed-integer-float", "decimal"):
        return column.astype("float64")
    if inferred == "timedelta":
        return pd.to_timedelta(column)
    if inferred in ("date", "datetime"):
        return _dates(column)
    return column


def _dates(column: pd.Series) -> pd.Series:
    has_zone = column.dropna().map(lambda moment: getattr(moment, "tzinfo", None) is not None)
    if has_zone.any() and not has_zone.all():
        return column
    return pd.to_datetime(column, utc=bool(has_zone.any()))
