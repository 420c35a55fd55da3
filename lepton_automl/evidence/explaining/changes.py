"""What would change the answer: the smallest changes of few columns, within what training rows had."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.evidence.explaining.grounds import Feature, Grounds
from lepton_automl.evidence.explaining.reasons import shown_value
from lepton_automl.evidence.explaining.shapley import Cells, Score

MOST_COLUMNS = 3
"""Columns that a change has at most: more are no advice."""
OPTIONS = 3
BEAM = 12
"""Changes that are gone on with."""
LEVEL_COST = 0.35
"""What another level costs, as a share of the way of a number from its lowest to its highest value."""
COLUMN_COST = 0.5
"""What each further column costs."""
HALVINGS = 12
"""Times that the way between a number's own value and one that changes the answer is halved."""


@dataclass(frozen=True)
class Change:
    """One column of a change.

    Args:
        column: The feature.
        before: The row's value; none where it is missing.
        after: The value with which the answer is another one.
        bound: `at most` or `at least` where every value tried beyond it changes the answer too; else `exactly`.
    """

    column: str
    before: Any
    after: Any
    bound: str = "exactly"

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Option:
    """A change that leads to another answer.

    Args:
        changes: Its columns.
        value: What is explained, after the change.
        answer: Code of the label that is decided then.
        cost: How large it is.
    """

    changes: tuple[Change, ...]
    value: float
    answer: int
    cost: float

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {**vars(self), "changes": [change.to_dict() for change in self.changes]}


class Tried:
    """Rows with some values changed, and their predictions.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows.
        grounds: What explanations rest on.
    """

    def __init__(self, score: Score, rows: pd.DataFrame, grounds: Grounds) -> None:
        self._score = score
        self._cells = {f.name: Cells.of(rows[f.name], f.grid) for f in grounds.features}
        self._kept = {name: Cells.of(rows[name]) for name in grounds.kept}

    def score(self, changes: Sequence[tuple[int, Mapping[int, Any]]]) -> np.ndarray:
        """Gives predictions, shape `(m, width)`: of a row number each, with values by place of a feature."""
        numbers = np.array([number for number, _ in changes], dtype="int64")
        new: dict[int, list[tuple[int, Any]]] = {}
        for at, (_, change) in enumerate(changes):
            for place, value in change.items():
                new.setdefault(place, []).append((at, value))
        parts = {}
        for place, (name, cells) in enumerate(self._cells.items()):
            values = cells.values[numbers]
            for at, value in new.get(place, ()):
                values[at] = cells.code(value)
            parts[name] = cells.held(values)
        parts.update({name: cells.at(numbers) for name, cells in self._kept.items()})
        return self._score(pd.DataFrame(parts, copy=False))


def find_options(
    score: Score,
    rows: pd.DataFrame,
    number: int,
    grounds: Grounds,
    threshold: float | None,
    most: int = MOST_COLUMNS,
    held: str | None = None,
) -> list[Option]:
    """Finds small changes of a row that lead to another answer, the smallest first; nothing where there is none.

    Only changeable columns are changed, each to a value or level that training rows had, and in the direction that the recipe
    allows. It looks at one column, then at pairs and triples that the most promising ones begin; every option is scored.
    Nothing is found by it where a number is predicted: there is no answer to change.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows.
        number: The row that is looked at.
        grounds: What explanations rest on.
        threshold: The line of the decision, or none.
        most: Columns of a change at most.
        held: A column that is left as it is, as the line goes by it; or none.

    Source: Wachter, Mittelstadt and Russell (2018), "Counterfactual explanations without opening the black box", Harvard
    Journal of Law and Technology 31(2).
    """
    outcome = grounds.outcome
    if not outcome.labels:
        return []
    tried, row = Tried(score, rows, grounds), rows.iloc[[number]]
    now = tried.score([(number, {})])
    answer, column = int(outcome.answers(now, threshold)[0]), int(outcome.columns(now)[0])
    sense = outcome.sense if outcome.adverse is None or answer == outcome.adverse else -outcome.sense
    singles = _singles(grounds.features, row, held)
    prices = {item: _cost(one, grounds.features, row) for one in singles for item in one.items()}
    found: list[tuple[float, dict[int, Any], float, int]] = []
    beam: list[dict[int, Any]] = [{}]
    for _ in range(most):
        taken = [frozenset(change) for _, change, _, _ in found]
        grown = [{**start, **one} for start in beam for one in singles if _adds(start, one, taken)]
        grown = list({tuple(sorted(change.items(), key=lambda item: item[0])): change for change in grown}.values())
        if not grown:
            break
        told = tried.score([(number, change) for change in grown])
        answers = outcome.answers(told, threshold)
        costs = np.array([sum(prices[item] for item in change.items()) + COLUMN_COST * (len(change) - 1) for change in grown])
        for place in np.flatnonzero(answers != answer):
            found.append((costs[place], grown[place], float(told[place, column]), int(answers[place])))
        left = np.flatnonzero(answers == answer)
        gain = sense * (now[0, column] - told[left, column])
        beam = _promising([grown[place] for place in left], gain, costs[left])
        if len({frozenset(change) for _, change, _, _ in found}) >= OPTIONS:
            break
    kept = _smallest(found)
    return sorted(
        (_refined(tried, number, row, change, answer, column, grounds, threshold) for _, change, _, _ in kept),
        key=lambda option: (option.cost, len(option.changes)),
    )


def _singles(features: Sequence[Feature], row: pd.DataFrame, held: str | None) -> list[dict[int, Any]]:
    """Gives every change of one column that is allowed."""
    found = []
    for place, feature in enumerate(features):
        if not feature.is_changeable or not feature.is_named or feature.name == held:
            continue
        value = row[feature.name].iloc[0]
        for new in feature.grid:
            if pd.isna(value):
                continue
            is_same = str(value) == str(new) if feature.kind is Kind.CATEGORY else float(value) == float(new)
            is_wrong_way = feature.is_number and (
                (feature.change == "up" and new < value) or (feature.change == "down" and new > value)
            )
            if not is_same and not is_wrong_way:
                found.append({place: new})
    return found


def _adds(start: Mapping[int, Any], one: Mapping[int, Any], taken: Sequence[frozenset[int]]) -> bool:
    """Says whether a change adds a column, and no part of it changes the answer already."""
    (place,) = one
    if place in start:
        return False
    columns = {*start, place}
    return not any(done <= columns for done in taken)


def _cost(change: Mapping[int, Any], features: Sequence[Feature], row: pd.DataFrame) -> float:
    """Gives the size of a change: the ways of its numbers among the values of training rows, and of its levels."""
    total = COLUMN_COST * (len(change) - 1)
    for place, new in change.items():
        feature = features[place]
        if not feature.is_number:
            total += LEVEL_COST
            continue
        grid = np.asarray(feature.grid, dtype="float64")
        ranks = np.interp([float(row[feature.name].iloc[0]), float(new)], grid, np.linspace(0, 1, len(grid)))
        span = abs(float(new) - float(row[feature.name].iloc[0])) / max(grid[-1] - grid[0], 1e-12)
        total += float(0.5 * abs(ranks[1] - ranks[0]) + 0.5 * min(1.0, span))
    return total


def _promising(changes: list[dict[int, Any]], gain: np.ndarray, costs: np.ndarray) -> list[dict[int, Any]]:
    """Gives the changes to go on with: half of them gain most, half gain most for their size; two of a set of columns."""
    found: list[dict[int, Any]] = []
    for order in (np.argsort(-gain, kind="stable"), np.argsort(-gain / (costs + 0.1), kind="stable")):
        seen: dict[frozenset[int], int] = {}
        count = 0
        for place in order:
            columns = frozenset(changes[place])
            if gain[place] <= 0 or count >= BEAM // 2:
                break
            if seen.get(columns, 0) >= 2 or changes[place] in found:
                continue
            seen[columns] = seen.get(columns, 0) + 1
            found.append(changes[place])
            count += 1
    return found


def _smallest(found: list[tuple[float, dict[int, Any], float, int]]) -> list[tuple[float, dict[int, Any], float, int]]:
    """Gives the smallest change of each set of columns, few of them."""
    best: dict[frozenset[int], tuple[float, dict[int, Any], float, int]] = {}
    for item in sorted(found, key=lambda one: one[0]):
        best.setdefault(frozenset(item[1]), item)
    return list(best.values())[:OPTIONS]


def _refined(
    tried: Tried,
    number: int,
    row: pd.DataFrame,
    change: dict[int, Any],
    answer: int,
    column: int,
    grounds: Grounds,
    threshold: float | None,
) -> Option:
    """Brings each number of a change as near to the row's own as the answer allows, to a round value; scored again."""
    change = dict(change)
    for place in [p for p in change if grounds.features[p].is_number]:
        change[place] = _nearest(tried, number, row, change, place, answer, grounds, threshold)
    changes = [
        Change(
            grounds.features[place].name,
            shown_value(row[grounds.features[place].name].iloc[0], grounds.features[place]),
            shown_value(new, grounds.features[place]),
            _bound(tried, number, row, change, place, answer, grounds, threshold),
        )
        for place, new in change.items()
    ]
    told = tried.score([(number, change)])
    decided = int(grounds.outcome.answers(told, threshold)[0])
    return Option(tuple(changes), float(told[0, column]), decided, _cost(change, grounds.features, row))


def _nearest(
    tried: Tried,
    number: int,
    row: pd.DataFrame,
    change: Mapping[int, Any],
    place: int,
    answer: int,
    grounds: Grounds,
    threshold: float | None,
) -> float:
    """Gives the value nearest to the row's own that keeps the other answer, among points between, and rounds it."""
    feature = grounds.features[place]
    own, far = float(row[feature.name].iloc[0]), float(change[place])
    between = np.linspace(far, own, HALVINGS * 4 + 1)[:-1]
    between = np.unique(np.round(between)) if feature.is_whole else between
    between = between[np.argsort(np.abs(between - far))]
    changed = _changes(tried, number, change, place, between, answer, grounds, threshold)
    reach = int(np.argmin(changed)) if not changed.all() else len(changed)
    near = float(between[max(0, reach - 1)])
    candidates = np.array(_round_values(near, far, feature.is_whole))
    if not len(candidates):
        return near
    fits = np.flatnonzero(_changes(tried, number, change, place, candidates, answer, grounds, threshold))
    return float(candidates[fits[0]]) if len(fits) else near


def _round_values(near: float, far: float, is_whole: bool) -> list[float]:
    """Gives round values between two, those with fewer digits first.

    >>> _round_values(3187.3, 2500.0, False)[:2]
    [3000.0, 3100.0]
    """
    if near == far or near == 0:
        return []
    found = []
    size = math.floor(math.log10(max(abs(near), abs(far))))
    for digits in range(4):
        unit = 10.0 ** (size - digits)
        if is_whole and unit < 1:
            break
        value = round((math.floor if far < near else math.ceil)(near / unit + (1e-9 if far < near else -1e-9)) * unit, 9)
        lies_between = min(near, far) <= value <= max(near, far)
        if lies_between and abs(value - near) <= 0.25 * abs(far - near) + 0.02 * abs(near) and value not in found:
            found.append(value)
    return found


def _bound(
    tried: Tried,
    number: int,
    row: pd.DataFrame,
    change: Mapping[int, Any],
    place: int,
    answer: int,
    grounds: Grounds,
    threshold: float | None,
) -> str:
    """Says whether every value tried beyond the new one changes the answer too."""
    feature = grounds.features[place]
    if not feature.is_number:
        return "exactly"
    own, new = float(row[feature.name].iloc[0]), float(change[place])
    grid = np.asarray(feature.grid, dtype="float64")
    beyond = grid[grid < new] if new < own else grid[grid > new]
    if len(beyond) and not _changes(tried, number, change, place, beyond, answer, grounds, threshold).all():
        return "exactly"
    return "at most" if new < own else "at least"


def _changes(
    tried: Tried,
    number: int,
    change: Mapping[int, Any],
    place: int,
    values: np.ndarray,
    answer: int,
    grounds: Grounds,
    threshold: float | None,
) -> np.ndarray:
    """Says for which values of one column, the others as changed, the answer is another one."""
    told = tried.score([(number, {**change, place: float(value)}) for value in values])
    return np.asarray(grounds.outcome.answers(told, threshold) != answer)
