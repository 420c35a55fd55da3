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
from lepton_automl.evidence.explaining.words import text_names, word_effects
from lepton_automl.tasks import DecisionRule


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
        words: For each text that may be named its column and its pieces, each with its effect on the number.
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
    words: tuple[dict[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        told = {"reasons": [r.to_dict() for r in self.reasons], "options": [o.to_dict() for o in self.options]}
        words = [{**one, "pieces": [dict(vars(piece)) for piece in one["pieces"]]} for one in self.words]
        return {**vars(self), "effects": [dict(effect) for effect in self.effects], **told, "words": words}


def explain_rows(
    score: Score, rows: pd.DataFrame, grounds: Grounds, rule: DecisionRule, numbers: Sequence[int], status: Sequence[str]
) -> list[Told]:
    """Explains rows, each on its own: what is told of a row does not depend on the rows beside it.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows, `n` of them.
        grounds: What explanations rest on.
        rule: What is done with a prediction.
        numbers: Number of each row in its table, `n` of them.
        status: What was not as in training, `n` of them.
    """
    return [
        _told(score, rows.iloc[[at]].reset_index(drop=True), grounds, rule, number, said)
        for at, (number, said) in enumerate(zip(numbers, status, strict=True))
    ]


def _told(score: Score, row: pd.DataFrame, grounds: Grounds, rule: DecisionRule, number: int, status: str) -> Told:
    outcome, threshold = grounds.outcome, line_of(rule, row)
    mixed = Mixed(score, row, grounds.background.frame, grounds.names, grounds.kept)
    found = shapley(mixed, len(grounds.background), grounds.explaining.seed)
    effects, column = toward_adverse(found, outcome), int(outcome.columns(found.prediction)[0])
    is_adverse = bool(outcome.is_adverse(found.prediction, threshold)[0]) and outcome.adverse is not None
    return Told(
        number,
        outcome.labels[outcome.answers(found.prediction, threshold)[0]] if outcome.labels else "",
        is_adverse,
        outcome.labels[column] if outcome.labels else "",
        float(found.prediction[0, column]),
        float(found.base[0, column]),
        threshold,
        _effects(grounds, row, 0, outcome.sense * effects[0]),
        tuple(reasons_of(grounds, row, effects)[0]),
        tuple(find_options(score, row, 0, grounds, threshold, held=rule.amount)),
        status,
        _words(score, row, grounds, column),
    )


def _words(score: Score, row: pd.DataFrame, grounds: Grounds, column: int) -> tuple[dict[str, Any], ...]:
    found = []
    for name in text_names(grounds):
        (pieces,) = word_effects(score, row, name, np.array([column]), grounds.explaining.seed)
        if pieces:
            found.append({"column": name, "pieces": pieces})
    return tuple(found)


def line_of(rule: DecisionRule, row: pd.DataFrame) -> float | None:
    """Gives the line of a single row, on its probability; none where there is none."""
    line = rule.line(rule.known(row))
    return None if line is None else float(np.asarray(line).ravel()[0])


def _effects(grounds: Grounds, rows: pd.DataFrame, at: int, effects: np.ndarray) -> tuple[dict[str, Any], ...]:
    """Gives each feature's value, where it may be shown, and effect, the largest first."""
    found = []
    for place in np.argsort(-np.abs(effects), kind="stable"):
        feature = grounds.features[place]
        value = shown_value(rows[feature.name].iloc[at], feature) if feature.is_shown else None
        found.append({"column": feature.name, "value": value, "effect": float(effects[place])})
    return tuple(found)
