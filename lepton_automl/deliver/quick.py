"""Reads a few rows without the machinery for many: plain numbers and plain texts, which is what a service is sent."""

from __future__ import annotations

from math import isinf
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.features import Coded

FEW_ROWS = 16
"""Rows up to which reading them one by one is quicker."""
NUMBERS = frozenset({float, int, np.float64, np.float32, np.int64, np.int32})
TRUTHS = frozenset({bool, np.bool_})


class Levels:
    """The levels of a category, at hand for reading.

    Args:
        levels: Levels seen in training.
        tokens: Texts that stand for a missing value.
    """

    def __init__(self, levels: tuple[str, ...], tokens: tuple[str, ...]) -> None:
        self.categories = pd.Index(levels, dtype="str")
        self._code = {level: code for code, level in enumerate(levels)}
        self._code.update(dict.fromkeys(tokens, -1))

    def read(self, values: list[Any]) -> Coded | None:
        """Gives the values as levels; none where one is not the plain text of a level that was seen, or missing."""
        codes = []
        for value in values:
            if isinstance(value, str):
                code = self._code.get(value)
                if code is None:
                    return None
                codes.append(code)
            elif value is None or value is pd.NA or value != value:
                codes.append(-1)
            else:
                return None
        return Coded(self.categories, np.array(codes, dtype="int64"))


def read_numbers(values: list[Any], kind: Kind) -> np.ndarray | None:
    """Gives numbers as float64, shape `(n,)`; none where they are not plain finite numbers, or truth values."""
    plain = TRUTHS if kind is Kind.BOOLEAN else NUMBERS
    for value in values:
        if type(value) not in plain or isinf(value):
            return None
    return np.array(values, dtype="float64")


def read_few(values: list[Any], kind: Kind, levels: Levels | None) -> np.ndarray | Coded | None:
    """Reads a column of a few rows; none where it needs a closer look.

    Args:
        values: Values as they came, `n` of them.
        kind: What they are.
        levels: The levels, of a category.
    """
    if levels is not None:
        return levels.read(values)
    return read_numbers(values, kind) if kind in (Kind.NUMBER, Kind.BOOLEAN) else None
