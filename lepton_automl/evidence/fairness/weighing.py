"""Reweighing: training rows of a group and a label count as if group and label had nothing to do with each other."""

from __future__ import annotations

import numpy as np


def reweighed(groups: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Gives the weights of rows under which groups and labels are independent, shape `(n,)`.

    A row weighs what its group and label would hold of all rows if they were independent, over what they do hold. The sum over
    each group, and over each label, stays what it was.

    Args:
        groups: Group of each row, -1 for a missing one, which is a group of its own; shape `(n,)`.
        y: Label codes, shape `(n,)`.
        weight: What the rows weigh now, shape `(n,)`; 1 each if absent.

    Source: Kamiran and Calders (2012), "Data preprocessing techniques for classification without discrimination", Knowledge and
    Information Systems 33(1), pages 1-33, section 4.2.

    >>> reweighed(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0])).tolist()
    [0.75, 0.75, 1.5, 0.5]
    """
    given = np.ones(len(y)) if weight is None else weight.astype("float64")
    row, width = groups + 1, int(y.max()) + 1
    cells = np.bincount(row * width + y, given, (int(row.max()) + 1) * width).reshape(-1, width)
    total = cells.sum()
    wanted = cells.sum(axis=1, keepdims=True) * cells.sum(axis=0, keepdims=True) / total if total > 0 else cells
    factor = np.divide(wanted, cells, out=np.ones_like(cells), where=cells > 0)
    return given * factor[row, y]
