"""The rows of a run, ready for the search."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.tasks import Fold


@dataclass(frozen=True)
class Table:
    """Training rows ready for the search, and the rows they are judged on.

    Args:
        train: Training rows.
        test: Test rows, or none.
        folds: Folds among the training rows.
        y: Target of the training rows, shape `(n,)`.
        weight: Their weights, or none.
        fit_weight: What they weigh when models are fitted; `weight` if absent.
    """

    train: Dataset
    test: Dataset | None
    folds: list[Fold]
    y: np.ndarray
    weight: np.ndarray | None
    fit_weight: np.ndarray | None = None
