"""Whether reasons hold: are they the same with other background rows, and does the prediction move when they are gone?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.evidence.explaining.changes import Tried
from lepton_automl.evidence.explaining.grounds import Grounds, Outcome
from lepton_automl.evidence.explaining.shapley import Mixed, Score

SAME = 3
"""First reasons that must be the same for a row to count as stable."""


def agreement(first: list[list[int]], second: list[list[int]], count: int = SAME) -> np.ndarray:
    """Says of which rows the first reasons are the same ones, in any order, shape `(n,)`.

    >>> agreement([[1, 2, 3, 4]], [[3, 1, 2]]).tolist()
    [True]
    """
    pairs = zip(first, second, strict=True)
    return np.array([set(mine[:count]) == set(other[:count]) for mine, other in pairs], dtype=bool)


def relief(mixed: Mixed, places: list[list[int]], outcome: Outcome, rounds: int) -> np.ndarray:
    """Gives what is said of rows on average when the named features have values of the background rows, shape `(n,)`.

    Args:
        mixed: The rows, the background rows and the model.
        places: Features that are exchanged, for each row.
        outcome: What is explained.
        rounds: Background rows whose values are taken.
    """
    n, d, rounds = mixed.n, len(mixed.names), min(rounds, mixed.b)
    known = np.ones((n, d), dtype=bool)
    for number, mine in enumerate(places):
        known[number, mine] = False
    owner, partner = np.tile(np.arange(n), rounds), np.repeat(np.arange(rounds), n)
    columns = outcome.columns(mixed.score(np.arange(n), np.zeros(n, dtype="int64"), np.ones((n, d), dtype=bool)))
    told = mixed.score(owner, partner, known[owner])
    return np.asarray(told[np.arange(len(owner)), columns[owner]].reshape(rounds, n).mean(axis=0))


def best_relief(score: Score, rows: pd.DataFrame, grounds: Grounds, places: list[list[int]]) -> np.ndarray:
    """Gives the prediction of rows when each named feature has the value of its grid that is best on its own.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows, `n` of them.
        grounds: What explanations rest on.
        places: Features that are exchanged, for each row.

    Returns:
        Predictions, shape `(n, width)`.
    """
    tried = Tried(score, rows, grounds)
    columns = grounds.outcome.columns(score(rows))
    changes: list[tuple[int, dict[int, Any]]] = []
    for number, mine in enumerate(places):
        changes.extend((number, {place: value}) for place in mine for value in grounds.features[place].grid)
    if not changes:
        return np.asarray(score(rows))
    told = tried.score(changes)
    best: list[dict[int, tuple[float, Any]]] = [{} for _ in places]
    for (number, change), prediction in zip(changes, told, strict=True):
        ((place, value),) = change.items()
        adverse = grounds.outcome.sense * prediction[columns[number]]
        if place not in best[number] or adverse < best[number][place][0]:
            best[number][place] = (adverse, value)
    return tried.score([(number, {p: value for p, (_, value) in mine.items()}) for number, mine in enumerate(best)])
