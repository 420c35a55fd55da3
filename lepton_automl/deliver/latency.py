"""How long an artefact takes for one row."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.deliver.scorer import Piece, Scorer
from lepton_automl.ensemble import timed

REPEATS = 21
MOST_SECONDS = 1.0
"""No more repeats are made after so long."""


@dataclass(frozen=True)
class Latency:
    """Wall clock of scoring one row from Python, in ms.

    Args:
        total: Median of the whole, reading and answer included.
        members: For each member of the ensemble, what its models take of it: preparing the row and asking them.
    """

    total: float
    members: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Gives it as plain JSON data."""
        return {"total": self.total, "members": list(self.members)}


def one_row(frame: pd.DataFrame, place: int = 0) -> pd.DataFrame:
    """Gives one typed row as it would come from outside: levels as text."""
    row = frame.iloc[[place]].reset_index(drop=True)
    texts = [str(name) for name, dtype in row.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    return row.astype(dict.fromkeys(texts, object))


def measure_latency(scorer: Scorer, row: pd.DataFrame) -> Latency:
    """Times an artefact on one row.

    Args:
        scorer: The artefact.
        row: One row with the expected columns, as it would come from outside.
    """
    started, took = time.perf_counter(), list[float]()
    scorer.predict(row)
    while len(took) < REPEATS and (len(took) < 3 or time.perf_counter() - started < MOST_SECONDS):
        before = time.perf_counter()
        scorer.predict(row)
        took.append(time.perf_counter() - before)
    frame, _ = scorer.contract.read(row, "one row")
    members = [0.0] * (1 + max((piece.member for piece in scorer.pieces), default=-1))
    for piece in scorer.pieces:
        members[piece.member] += _milliseconds(scorer, piece, frame)
    return Latency(1000 * float(np.median(took)), tuple(members))


def _milliseconds(scorer: Scorer, piece: Piece, frame: pd.DataFrame) -> float:
    preparation = scorer.preparations[piece.preparation]
    rows = preparation.apply(frame, scorer.context)
    return timed(lambda: preparation.apply(frame, scorer.context)) + timed(lambda: piece.fitted.predict(rows, 1))
