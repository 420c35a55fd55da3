"""Reads a few rows without the machinery for many: plain numbers and plain texts, which is what a service is sent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind, Reading

FEW_ROWS = 16
"""Rows up to which reading them one by one is quicker."""


class Levels:
    """The levels of a category, at hand for reading.

    Args:
        levels: Levels seen in training.
        tokens: Texts that stand for a missing value.
    """

    def __init__(self, levels: tuple[str, ...], tokens: tuple[str, ...]) -> None:
        self.dtype = pd.CategoricalDtype(pd.Index(levels, dtype="str"))
        self._code = {level: code for code, level in enumerate(levels)}
        self._code.update(dict.fromkeys(tokens, -1))

    def read(self, values: list[Any]) -> pd.Categorical | None:
        """Gives the values as categories; none where one is not the plain text of a level that was seen, or missing."""
        codes = []
        for value in values:
            if isinstance(value, str):
                code = self._code.get(value)
                if code is None:
                    return None
                codes.append(code)
            elif value is None or value != value:
                codes.append(-1)
            else:
                return None
        return pd.Categorical.from_codes(codes, dtype=self.dtype)


def read_numbers(raw: pd.Series, kind: Kind) -> np.ndarray | None:
    """Gives numbers as float64, shape `(n,)`; none where they are not plain finite numbers, or truth values."""
    dtype = raw.dtype
    if not isinstance(dtype, np.dtype) or dtype.kind not in ("b" if kind is Kind.BOOLEAN else "fiu"):
        return None
    values = raw.to_numpy().astype("float64")
    return None if np.isinf(values).any() else values


def read_few(raw: pd.Series, reading: Reading, levels: Levels | None) -> Any:
    """Reads a column of a few rows: an array of numbers or a `pandas.Categorical`; none where it needs a closer look.

    Args:
        raw: Values as they came, shape `(n,)`.
        reading: How they are to be read.
        levels: The levels, of a category.
    """
    if levels is not None:
        is_text = raw.dtype == object or isinstance(raw.dtype, pd.StringDtype)
        return levels.read(raw.tolist()) if is_text else None
    return read_numbers(raw, reading.kind) if reading.kind in (Kind.NUMBER, Kind.BOOLEAN) else None
