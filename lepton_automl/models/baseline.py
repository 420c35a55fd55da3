"""A constant: the shares of the classes, the mean, or the quantiles of the training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs, Prepared
from lepton_automl.models.protocol import Files, Limits, Rows, Shape, Step, pack_arrays, unpack_arrays
from lepton_automl.space import Dimension
from lepton_automl.tasks import Goal, Makes


@dataclass(frozen=True)
class FittedBaseline:
    """One row of values for all rows, shape `(width,)`."""

    values: np.ndarray
    rounds: tuple[int, ...] = ()

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Repeats the constant."""
        return np.tile(self.values, (len(rows), 1))

    def save(self) -> Files:
        """Gives the constant as an array."""
        return {"values.npz": pack_arrays({"values": self.values})}


class Baseline:
    """Predicts a constant; nothing is searched."""

    reads = frozenset(Kind)
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES, Makes.QUANTILES})
    needs = Needs()
    package = None
    devices = frozenset({"cpu"})
    in_rounds = False
    rate = ""
    span = ""

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """It has no parameters."""
        return {}

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """It has no parameters."""
        return {}

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """One configuration, without parameters."""
        return [{}]

    def least_seconds(self, shape: Shape) -> float:
        """Gives little: a constant is learned at once."""
        return 0.1

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedBaseline:
        """Learns the constant."""
        weight = np.ones(len(train.y)) if train.weight is None else train.weight
        if goal.makes is Makes.PROBABILITIES:
            counts = np.bincount(train.y, weights=weight, minlength=goal.width)
            return FittedBaseline(counts / counts.sum())
        if goal.makes is Makes.QUANTILES:
            if train.weight is None:
                return FittedBaseline(np.quantile(train.y, goal.levels))
            return FittedBaseline(np.quantile(train.y, goal.levels, weights=weight, method="inverted_cdf"))
        return FittedBaseline(np.array([np.average(train.y, weights=weight)]))

    def load(self, files: Files) -> FittedBaseline:
        """Reads the constant."""
        return FittedBaseline(unpack_arrays(files["values.npz"])["values"])
