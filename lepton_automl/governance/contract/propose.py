"""Proposes a contract from a table: what holds there, with a little room."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Column, Dataset, Kind, Role

MAX_LEVELS, MIN_ROWS_OF_LEVEL = 20, 5
"""A category's levels are listed where there are so few, each with so many rows on average."""
MIN_UNIQUE_ROWS = 50
ROOM = 0.1
"""Share of the range by which bounds lie outside of it."""
MISSING_ROOM = 1.5


def propose(data: Dataset) -> dict[str, Any]:
    """Gives a contract that the table keeps, as plain words and numbers for a recipe.

    Args:
        data: The table; its target, if it has one, is left out, as no rule sees it.
    """
    columns = {column.name: _terms(column, data.values(column.name)) for column in data.columns if not column.has(Role.TARGET)}
    return {"min_rows": int(_rounded(len(data) / 2, max(1.0, len(data) / 20), math.floor)), "strict": False, "columns": columns}


def _terms(column: Column, values: pd.Series) -> dict[str, Any]:
    terms: dict[str, Any] = {"kind": str(column.kind)}
    known = values.dropna()
    if column.kind is Kind.NUMBER and len(known):
        terms.update(_number_terms(known.to_numpy()))
    elif column.kind is Kind.DATETIME and len(known):
        terms["min"] = known.min().date().isoformat()
    elif column.kind is Kind.CATEGORY and len(known):
        levels = known.unique()
        if len(levels) <= MAX_LEVELS and len(known) >= MIN_ROWS_OF_LEVEL * len(levels):
            terms["values"] = sorted(map(str, levels))
    if _is_key(column, known) and len(known) == len(values):
        terms["unique"] = True
    share = 1 - len(known) / len(values)
    terms["max_missing_share"] = min(1.0, math.ceil(MISSING_ROOM * share * 100) / 100) if share else 0.0
    return terms


def _number_terms(values: np.ndarray) -> dict[str, Any]:
    """Gives bounds a tenth of the range outside of it, in round numbers; none below 0 where no value is."""
    low, high = float(values.min()), float(values.max())
    is_whole = bool((values % 1 == 0).all())
    room = ROOM * (high - low) or ROOM * abs(high) or 1.0
    step = max(1.0, room) if is_whole else room
    floor, ceiling = _rounded(low - room, step, math.floor), _rounded(high + room, step, math.ceil)
    floor = 0.0 if low >= 0 > floor else floor
    ceiling = 0.0 if high <= 0 < ceiling else ceiling
    bounds = {"min": floor, "max": ceiling}
    terms: dict[str, Any] = {
        key: int(value) if value % 1 == 0 and abs(value) < 2**53 else value for key, value in bounds.items()
    }
    return {**terms, "whole": True} if is_whole else terms


def _rounded(value: float, step: float, way: Callable[[float], float]) -> float:
    """Rounds down or up to a multiple of the power of ten at or below a step."""
    unit = math.floor(math.log10(step))
    return float(f"{way(value / 10.0**unit)}e{unit}")


def _is_key(column: Column, known: pd.Series) -> bool:
    """Says whether each value occurs once, and that is no chance: names of rows, not measurements."""
    if len(known) < MIN_UNIQUE_ROWS or not (column.kind is Kind.CATEGORY or pd.api.types.is_integer_dtype(known)):
        return False
    return bool(known.is_unique)
