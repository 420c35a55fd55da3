"""How much a column tells of the target beyond what the columns it is made of tell one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

BINS = 24
"""Parts of equal size that a number is cut into where its own effect is taken away."""
ROUNDS = 3
"""Times that each column's own effect is taken away."""
SHRINK = 5.0
"""Rows of no effect that every part is given on top of its own."""
GAIN = 0.005
"""What is made must tell such a share of the variance that the columns it is made of leave."""
CHANCE = 4.0
"""And more than pure noise does, by so many of noise's own deviations: hundreds of columns are judged."""


def worth(codes: np.ndarray, levels: int, rest: np.ndarray) -> float:
    """Says how much of what is left a column tells beyond what is asked of it; above 0 it is worth making.

    It is the share of variance that lies between the column's parts: what a tree would gain by it, whatever the shape of the
    effect. A column that only tells again what known columns tell finds nothing left.

    Args:
        codes: Part or level of each row, -1 where it is missing, shape `(n,)`.
        levels: How many there are.
        rest: What known columns leave of the targets, shape `(n, outputs)`.
    """
    n = max(1, len(codes))
    return share_told(codes, levels, rest) - max(GAIN, CHANCE * float(np.sqrt(2 * levels)) / n)


def left_over(targets: np.ndarray, known: Sequence[np.ndarray]) -> np.ndarray:
    """Gives what columns leave of targets, shape `(n, outputs)`: the mean of each of their parts is taken away, in turns.

    Source: Buja, Hastie and Tibshirani (1989), "Linear smoothers and additive models", Annals of Statistics 17(2), pages
    453-510 (backfitting).
    """
    rest = targets - targets.mean(axis=0)
    effects = [np.zeros_like(rest) for _ in known]
    for _ in range(ROUNDS):
        for place, codes in enumerate(known):
            rest = rest + effects[place]
            sums = np.column_stack([np.bincount(codes, weights=column) for column in rest.T])
            effects[place] = (sums / (np.bincount(codes) + SHRINK)[:, None])[codes]
            rest = rest - effects[place]
    return rest


def parts_of(values: np.ndarray) -> np.ndarray:
    """Gives which of `BINS` parts of equal size each number is in, shape `(n,)`; missing ones are a part of their own."""
    shares = pd.Series(values).rank(pct=True).to_numpy()
    return np.where(np.isnan(shares), BINS, np.minimum((np.nan_to_num(shares) * BINS).astype("int64"), BINS - 1))


def tamed(targets: np.ndarray) -> np.ndarray:
    """Gives numbers without their outermost hundredths, shape `(n, 1)`; marks of classes as they are."""
    if targets.shape[1] > 1 or not len(targets):
        return targets
    return np.clip(targets, *np.quantile(targets, (0.01, 0.99), axis=0)) if len(np.unique(targets)) > 2 else targets


def share_told(codes: np.ndarray, levels: int, targets: np.ndarray) -> float:
    """Says how much a category tells: the share of targets' variance between its levels, less what chance gives.

    Args:
        codes: Position of each row's level; -1 where it is missing; shape `(n,)`.
        levels: How many there are.
        targets: Shape `(n, outputs)`.
    """
    n, total = len(targets), float(targets.var(axis=0).sum()) * len(targets)
    if total <= 0 or not levels:
        return 0.0
    known = codes[codes >= 0]
    counts = np.bincount(known, minlength=levels)
    between = 0.0
    for column in targets.T:
        means = np.bincount(known, weights=column[codes >= 0], minlength=levels) / np.maximum(counts, 1)
        between += float(np.sum(counts * (means - column.mean()) ** 2))
    return between / total - (int((counts > 0).sum()) - 1) / max(1, n - 1)
