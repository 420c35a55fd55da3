"""A row explained: its answer, its reasons, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.evidence.explaining.changes import Option, find_options
from lepton_automl.evidence.explaining.grounds import Grounds
from lepton_automl.evidence.explaining.reasons import Reason, reasons_of, shown_value, toward_adverse
from lepton_automl.evidence.explaining.shapley import Mixed, Score, shapley


@dataclass(frozen=True)
class Told:
    """What is told of one row.

    Args:
        row: Its number in the table.
        answer: The label that is decided; empty where a number is predicted.
        is_adverse: Whether that is the adverse one.
        explained: What is explained: a label, whose probability it is, or empty where it is a number.
        value: The number that is explained.
        usual: The same of the background rows, on average.
        threshold: The line of the decision, or none.
        effects: Feature to its value and its effect on the number, all of them, the largest first.
        reasons: The reasons.
        options: What would change the answer.
        status: `ok`, or what was not as in training.
    """

    row: int
    answer: str
    is_adverse: bool
    explained: str
    value: float
    usual: float
    threshold: float | None
    effects: tuple[dict[str, Any], ...]
    reasons: tuple[Reason, ...]
    options: tuple[Option, ...]
    status: str = "ok"

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        told = {"reasons": [r.to_dict() for r in self.reasons], "options": [o.to_dict() for o in self.options]}
        return {**vars(self), "effects": [dict(effect) for effect in self.effects], **told}


def explain_rows(
    score: Score, rows: pd.DataFrame, grounds: Grounds, threshold: float | None, numbers: Sequence[int], status: Sequence[str]
) -> list[Told]:
    """Explains rows.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows, `n` of them.
        grounds: What explanations rest on.
        threshold: The line of the decision, or none.
        numbers: Number of each row in its table, `n` of them.
        status: What was not as in training, `n` of them.
    """
    outcome = grounds.outcome
    found = shapley(
        Mixed(score, rows, grounds.background.frame, grounds.names, grounds.kept), len(grounds.background), grounds.explaining.seed
    )
    effects = toward_adverse(found, outcome)
    answers, adverse = outcome.answers(found.prediction, threshold), outcome.is_adverse(found.prediction, threshold)
    columns, reasons = outcome.columns(found.prediction), reasons_of(grounds, rows, effects)
    said = []
    for at, number in enumerate(numbers):
        value, usual = float(found.prediction[at, columns[at]]), float(found.base[at, columns[at]])
        said.append(
            Told(
                number,
                outcome.labels[answers[at]] if outcome.labels else "",
                bool(adverse[at]) and outcome.adverse is not None,
                outcome.labels[columns[at]] if outcome.labels else "",
                value,
                usual,
                threshold,
                _effects(grounds, rows, at, outcome.sense * effects[at]),
                tuple(reasons[at]),
                tuple(find_options(score, rows, at, grounds, threshold)),
                status[at],
            )
        )
    return said


def _effects(grounds: Grounds, rows: pd.DataFrame, at: int, effects: np.ndarray) -> tuple[dict[str, Any], ...]:
    """Gives each feature's value, where it may be shown, and effect, the largest first."""
    found = []
    for place in np.argsort(-np.abs(effects), kind="stable"):
        feature = grounds.features[place]
        value = shown_value(rows[feature.name].iloc[at], feature) if feature.is_shown else None
        found.append({"column": feature.name, "value": value, "effect": float(effects[place])})
    return tuple(found)
