"""Reasons: the features that move a row toward the adverse outcome, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.evidence.explaining.grounds import Feature, Grounds, Outcome
from lepton_automl.evidence.explaining.shapley import Shapley


@dataclass(frozen=True)
class Reason:
    """One reason of one row.

    Args:
        column: The feature.
        value: The row's value; none where it is missing, or may not be shown.
        usual: What is usual, or none.
        stands: Where the value stands to what is usual: `above`, `below`, `other`, `missing`, or `usual`.
        words: What is said of it.
        effect: How far it moves what is explained toward the adverse outcome, above 0.
        share: Its part of all that moves the row so, 0 to 1.
    """

    column: str
    value: Any
    usual: Any
    stands: str
    words: str
    effect: float
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return dict(vars(self))


def toward_adverse(found: Shapley, outcome: Outcome) -> np.ndarray:
    """Gives the effect of each feature toward the adverse outcome, shape `(n, d)`."""
    columns = outcome.columns(found.prediction)
    return np.asarray(outcome.sense * found.values[np.arange(len(columns)), :, columns])


def chosen(effects: np.ndarray, features: Sequence[Feature], count: int) -> list[list[int]]:
    """Gives for each row the places of the features that are its reasons, the strongest first.

    Only features that may be named are among them, and only those that move the row toward the adverse outcome.

    Args:
        effects: Effect toward the adverse outcome, shape `(n, d)`.
        features: The features, `d` of them.
        count: Reasons at most.
    """
    named = np.array([feature.is_named for feature in features], dtype=bool)
    allowed = np.where(named, effects, -np.inf)
    order = np.argsort(-allowed, axis=1, kind="stable")[:, :count]
    return [[int(place) for place in row if allowed[number, place] > 0] for number, row in enumerate(order)]


def reasons_of(grounds: Grounds, rows: pd.DataFrame, effects: np.ndarray) -> list[list[Reason]]:
    """Gives the reasons of each row.

    Args:
        grounds: What explanations rest on.
        rows: The typed rows, `n` of them.
        effects: Effect of each feature toward the adverse outcome, shape `(n, d)`.
    """
    found = []
    for number, places in enumerate(chosen(effects, grounds.features, grounds.explaining.reasons)):
        whole = float(np.maximum(effects[number], 0.0).sum()) or 1.0
        found.append([_reason(grounds.features[p], rows, number, float(effects[number, p]), whole) for p in places])
    return found


def _reason(feature: Feature, rows: pd.DataFrame, number: int, effect: float, whole: float) -> Reason:
    value = shown_value(rows[feature.name].iloc[number], feature) if feature.is_shown else None
    stands = _stands(value, feature, bool(pd.isna(rows[feature.name].iloc[number])))
    return Reason(feature.name, value, feature.usual, stands, _words(feature, stands), effect, effect / whole)


def shown_value(value: Any, feature: Feature) -> Any:
    """Gives a value as plain JSON data: a number, whole where the feature is, a text, or none."""
    if value is None or pd.isna(value):
        return None
    if feature.kind is Kind.BOOLEAN:
        return bool(value)
    if feature.kind is Kind.NUMBER:
        return int(value) if feature.is_whole and float(value).is_integer() else float(value)
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)


def _stands(value: Any, feature: Feature, is_missing: bool) -> str:
    if is_missing:
        return "missing"
    if feature.is_number and value is not None and feature.usual is not None:
        return "above" if value > feature.usual else "below" if value < feature.usual else "usual"
    return "usual" if value is not None and value == feature.usual else "other"


def _words(feature: Feature, stands: str) -> str:
    phrase, name = feature.phrase, feature.name.replace("_", " ")
    if phrase is None:
        said = {"above": "is above what is usual", "below": "is below what is usual", "missing": "is not known"}
        return f"{name[:1].upper()}{name[1:]} {said[stands]}" if stands in said else f"{name[:1].upper()}{name[1:]}"
    if stands == "missing":
        return phrase.missing or f"{phrase.up} (not known)"
    return phrase.down if stands == "below" else phrase.up
