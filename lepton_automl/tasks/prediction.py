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
        """Learns the labels of a column, sorted; the positive one last."""
        present = raw.dropna()
        values = [value.item() if isinstance(value, np.generic) else value for value in present.unique().tolist()]
        values = sorted(values, key=lambda value: (str(type(value).__name__) if len({type(v) for v in values}) > 1 else "", value))
        if positive is not None and positive in values:
            values = [value for value in values if value != positive] + [positive]
        return cls(tuple(values), str(raw.dtype))

    def codes(self, raw: pd.Series) -> np.ndarray:
        """Gives the position of each label, -1 for one that is unknown or missing; shape `(n,)`, int64."""
        table = {value: code for code, value in enumerate(self.values)}
        table.update({str(value): code for value, code in table.items() if str(value) not in table})
        found = raw.astype(object).map(lambda value: table.get(value, table.get(str(value), -1)), na_action="ignore")
        return found.fillna(-1).to_numpy(dtype="int64")

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
