"""A target that is learned on another scale: the fit sees logarithms, whoever predicts gets the numbers themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lepton_automl.features import Prepared
from lepton_automl.models.protocol import REPRESENTATION, Cuttable, Files, Fitted, Limits, Model, Rows, Step
from lepton_automl.models.trees import TreeBased, Trees
from lepton_automl.tasks import Goal, Makes

FILE = "target.json"


@dataclass(frozen=True)
class LogScale:
    """Numbers on a scale that is linear around 0 and logarithmic far from it: `asinh(y / unit)`.

    Args:
        unit: Where the one turns into the other; above 0.
        low: Smallest value on the scale that is given back.
        high: Largest one.

    Source: Burbidge, Magee and Robb (1988), "Alternative transformations to handle extreme values of the dependent variable",
    JASA 83(401), pages 123-127.
    """

    unit: float
    low: float
    high: float

    @classmethod
    def learn(cls, y: np.ndarray) -> LogScale:
        """Takes a tenth of the median size as unit, and a tenth beyond the range of training rows as bounds."""
        sizes = np.abs(y[y != 0])
        unit = 0.1 * float(np.median(sizes)) if len(sizes) else 1.0
        scaled = np.arcsinh(y / unit)
        margin = 0.1 * float(np.ptp(scaled)) if len(scaled) else 0.0
        return cls(unit, float(scaled.min(initial=np.inf)) - margin, float(scaled.max(initial=-np.inf)) + margin)

    def there(self, y: np.ndarray) -> np.ndarray:
        """Gives numbers on the scale."""
        return np.asarray(np.arcsinh(y / self.unit))

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """Gives the numbers themselves."""
        return np.asarray(np.sinh(np.clip(scaled, self.low, self.high)) * self.unit)


@dataclass(frozen=True)
class Rescaled:
    """What a model learned of a target on another scale.

    Args:
        fitted: It.
        scale: The scale.
    """

    fitted: Fitted
    scale: LogScale

    @property
    def rounds(self) -> tuple[int, ...]:
        """Rounds of each booster in it."""
        return self.fitted.rounds

    def cut(self, rounds: int) -> Fitted:
        """Gives it with the first rounds only; itself where the model is not made of rounds that can be left out."""
        return replace(self, fitted=self.fitted.cut(rounds)) if isinstance(self.fitted, Cuttable) else self

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives numbers, shape `(n, width)`."""
        return self.scale.back(self.fitted.predict(rows, threads))

    @property
    def is_slow(self) -> bool:
        """Whether the model's own predictor is slow with many rows."""
        return isinstance(self.fitted, TreeBased) and self.fitted.is_slow

    def trees(self) -> Trees | None:
        """Gives the model's trees; none where it has none."""
        return self.fitted.trees() if isinstance(self.fitted, TreeBased) else None

    def of_margins(self, margins: np.ndarray) -> np.ndarray:
        """Gives numbers of what the model's trees add up to."""
        assert isinstance(self.fitted, TreeBased)
        return self.scale.back(self.fitted.of_margins(margins))

    def save(self) -> Files:
        """Gives the model's files, and the scale's."""
        return {**self.fitted.save(), FILE: json.dumps(vars(self.scale)).encode()}


def fit_with_target(
    model: Model, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
) -> Fitted:
    """Fits a model; where its parameters say `target_scale: log`, on a logarithmic scale.

    Numbers and quantiles only: of a logarithm's quantile the inverse is the quantile, of its mean it is not the mean.
    """
    named = {key: value for key, value in params.items() if key not in REPRESENTATION}
    if params.get("target_scale", "raw") == "raw" or goal.makes is Makes.PROBABILITIES:
        return model.fit(train, valid, named, goal, limits, step)
    scale = LogScale.learn(train.y)
    there = _rescaled(train, scale)
    watched = None if valid is None else _rescaled(valid, scale)
    return Rescaled(model.fit(there, watched, named, goal, limits, step), scale)


def _rescaled(rows: Rows, scale: LogScale) -> Rows:
    """Gives the rows with the target on the scale; what models keep of them is kept apart from what they keep of the others."""
    found: Rows = rows.kept(("target", scale), lambda: Rows(rows.prepared, scale.there(rows.y), rows.weight))
    return found


def load_fitted(model: Model, files: Files) -> Fitted:
    """Reads what `Fitted.save` gave, on whichever scale."""
    if FILE not in files:
        return model.load(files)
    rest = {name: content for name, content in files.items() if name != FILE}
    return Rescaled(model.load(rest), LogScale(**json.loads(files[FILE])))
