"""What models say, and how labels come back in the type they came in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd


class Makes(StrEnum):
    """What the values of a prediction are."""

    VALUES = "values"
    PROBABILITIES = "probabilities"
    QUANTILES = "quantiles"
    SURVIVAL = "survival"
    RANKING = "ranking"
    MEMBERSHIP = "membership"
    SCORE = "score"


@dataclass(frozen=True)
class Goal:
    """What a model is asked to make: all a model needs to know of a task.

    Args:
        makes: Kind of prediction.
        width: Columns of it: classes, quantile levels, or 1.
        levels: Quantile levels, where quantiles are made.
    """

    makes: Makes
    width: int = 1
    levels: tuple[float, ...] = ()

    @property
    def classes(self) -> int:
        """Number of classes; 1 where the target is numbers."""
        return self.width if self.makes is Makes.PROBABILITIES else 1


@dataclass(frozen=True)
class Part:
    """Out-of-fold predictions of one fold.

    Args:
        fold: Number of the fold.
        positions: Positions of the predicted rows among the training rows, shape `(m,)`.
        values: Predictions, shape `(m, width)`.
    """

    fold: int
    positions: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Labels:
    """The labels of a classification task, in a fixed order, with the type they came in.

    Args:
        values: The labels.
        dtype: `int64`, `float64`, `bool`, `str`, `category`, …: pandas' name of the type.
    """

    values: tuple[Any, ...]
    dtype: str

    @classmethod
    def of(cls, raw: pd.Series, positive: Any = None) -> Labels:
        """Learns the labels of a column, sorted, those of different types by type; the positive one last."""
        values = [value.item() if isinstance(value, np.generic) else value for value in raw.dropna().unique().tolist()]
        is_mixed = len({type(value) for value in values}) > 1
        values = sorted(values, key=lambda value: (type(value).__name__ if is_mixed else "", value))
        if positive is not None:
            values = sorted(values, key=lambda value: bool(value == positive))
        return cls(tuple(values), str(raw.dtype))

    def codes(self, raw: pd.Series) -> np.ndarray:
        """Gives the position of each label, -1 for one that is unknown or missing; shape `(n,)`, int64.

        A label is also known by its text: `1`, `1.0` and `"1"` are one label unless training rows told them apart.
        """
        table = {value: code for code, value in enumerate(self.values)}
        texts = {_text(value): code for value, code in reversed(table.items())}
        places, found = pd.factorize(raw.astype(object))
        codes = [table.get(value, texts.get(_text(value), -1)) for value in found]
        return np.array([*codes, -1], dtype="int64")[places]

    def decode(self, codes: np.ndarray) -> pd.Series:
        """Gives the labels at the codes, in their own type."""
        values = pd.Series([self.values[code] for code in codes], dtype=object)
        if self.dtype == "category":
            return pd.Series(pd.Categorical(values, categories=list(self.values)))
        return values.astype(self.dtype) if self.dtype != "object" else values

    @property
    def names(self) -> list[str]:
        """The labels as text."""
        return [str(value) for value in self.values]

    def to_dict(self) -> dict[str, Any]:
        """Gives the labels as plain JSON data."""
        return {"values": list(self.values), "dtype": self.dtype}


def _text(value: Any) -> str:
    """Gives a label as text, a whole number without its decimals."""
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)
