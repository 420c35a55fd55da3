"""How a net sees a prepared table: scaled numbers, columns of 0 and 1, and codes that are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.features import Prepared

MAX_ONEHOT = 9
"""Categories with more levels are looked up in a table of vectors (RealMLP's tuned default: 9)."""
CLIP = 3.0
"""Bound of a scaled number (Holzmüller et al. 2024, arXiv 2407.04491: `x / sqrt(1 + (x / 3)²)`)."""

LEARNED = ("numbers", "center", "scale")


@dataclass(frozen=True)
class Inputs:
    """Rows as a net takes them.

    Args:
        dense: Scaled numbers, then columns of 0 and 1, shape `(n, p + f)`, float32.
        codes: Positions in the tables of vectors, 0 for missing and unseen, shape `(n, c)`, int64.
    """

    dense: np.ndarray
    codes: np.ndarray

    def __len__(self) -> int:
        return len(self.dense)


@dataclass(frozen=True)
class Scaling:
    """What was learned of the columns on training rows.

    Args:
        numbers: Positions of the numbers that vary, shape `(p,)`.
        center: Their medians, shape `(p,)`; a missing number counts as the median.
        scale: Their distances between quartiles, shape `(p,)`; see `_scale` where that is 0.
        flags: Positions whose missing values get a column of 0 and 1.
        onehots: Position, levels and width of categories that become one column a level, and one for missing where it occurs.
        tables: Position and levels of categories that are looked up.
    """

    numbers: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    flags: tuple[int, ...]
    onehots: tuple[tuple[int, int, int], ...]
    tables: tuple[tuple[int, int], ...]

    @classmethod
    def learn(cls, rows: Prepared) -> Scaling:
        """Learns from training rows."""
        levels = dict(zip(rows.categorical, rows.levels, strict=True))
        X = np.asarray(rows.X, dtype="float64")
        plain = [i for i in range(X.shape[1]) if i not in levels]
        missing = np.isnan(X)
        some = [i for i in plain if not missing[:, i].all()]
        low, center, high = np.nanquantile(X[:, some], (0.25, 0.5, 0.75), axis=0) if some else np.zeros((3, 0))
        scale = np.array([_scale(X[:, i], *around) for i, *around in zip(some, low, center, high, strict=True)])
        varies = scale > 0
        flags = tuple(i for i in plain if 0 < missing[:, i].sum() < len(X))
        small = {i: count for i, count in levels.items() if count <= MAX_ONEHOT}
        onehots = tuple((i, count, count + bool(missing[:, i].any())) for i, count in small.items())
        tables = tuple((i, count) for i, count in levels.items() if i not in small)
        return cls(np.array(some, dtype="int64")[varies], center[varies], scale[varies], flags, onehots, tables)

    @property
    def width(self) -> int:
        """Columns of the dense part."""
        return max(1, len(self.numbers) + len(self.flags) + sum(width for _, _, width in self.onehots))

    def apply(self, rows: Prepared) -> Inputs:
        """Scales, flags and spreads the columns."""
        X, n, p = rows.X, len(rows), len(self.numbers)
        dense = np.zeros((n, self.width), dtype="float32")
        if p:
            z = (X[:, self.numbers].astype("float64") - self.center) / self.scale
            dense[:, :p] = np.nan_to_num(z / np.sqrt(1 + (z / CLIP) ** 2))
        at = p
        for position in self.flags:
            dense[:, at] = np.isnan(X[:, position])
            at += 1
        for position, levels, width in self.onehots:
            spots = np.nan_to_num(X[:, position], nan=levels).astype("int64")
            here = np.flatnonzero(spots < width)
            dense[here, at + spots[here]] = 1
            at += width
        codes = np.zeros((n, len(self.tables)), dtype="int64")
        for column, (position, levels) in enumerate(self.tables):
            found = np.nan_to_num(X[:, position], nan=-1).astype("int64")
            codes[:, column] = np.where((found >= 0) & (found < levels), found + 1, 0)
        return Inputs(dense, codes)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Gives what was learned as JSON data and arrays."""
        meta = {"flags": list(self.flags), "onehots": [*map(list, self.onehots)], "tables": [*map(list, self.tables)]}
        arrays = {name: getattr(self, name) for name in LEARNED}
        return meta, {f"scaling {name}": array for name, array in arrays.items()}

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> Scaling:
        """Reads what `state` gave."""
        onehots = tuple((int(i), int(levels), int(width)) for i, levels, width in meta["onehots"])
        tables = tuple((int(i), int(levels)) for i, levels in meta["tables"])
        numbers, center, scale = (arrays[f"scaling {name}"] for name in LEARNED)
        return cls(numbers, center, scale, tuple(meta["flags"]), onehots, tables)


def _scale(values: np.ndarray, low: float, center: float, high: float) -> float:
    """Gives the distance between quartiles; where that is 0, how far the values off the median are from it, at their median."""
    if high > low:
        return float(high - low)
    off = np.abs(values - center)
    off = off[off > 0]
    return float(np.median(off)) if len(off) else 0.0
