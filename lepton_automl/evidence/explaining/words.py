"""Words of a text: how far each moves the prediction of its row."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Kind
from lepton_automl.evidence.explaining.grounds import Grounds
from lepton_automl.evidence.explaining.shapley import Score
from lepton_automl.evidence.profile.bins import LEAST_ROWS

MOST_PIECES = 40
"""Pieces of a text; a longer one is cut into so many stretches of words."""
ORDERS = 3
"""Orders in which pieces are put in; each is run backwards too."""
TOGETHER = 2_000
"""Rows that are scored at once."""
LOOKED_AT = 5
"""Rows whose words are looked at before the clock is."""
MOST_WORDS = 200
"""Words of a text that are kept."""
MOST_TEXTS = 50_000
"""Training texts in which words are counted."""
SCRIPT_WITHOUT_SPACES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
PIECE = re.compile(rf"[{SCRIPT_WITHOUT_SPACES}]\s*|[^\s{SCRIPT_WITHOUT_SPACES}]+\s*")
WORD = re.compile(r"[^\W_][\w'’-]*", re.UNICODE)


@dataclass(frozen=True)
class Piece:
    """A piece of a text.

    Args:
        text: The piece, as it stands there.
        effect: How far it moves the number that is explained.
    """

    text: str
    effect: float


def pieces_of(text: str, most: int = MOST_PIECES) -> list[str]:
    """Cuts a text into words, or characters where a script has no spaces; a long one into stretches. Joined they are the text.

    >>> pieces_of("rain in  Paris"), pieces_of("下雨 ok"), len(pieces_of("a " * 100))
    (['rain ', 'in  ', 'Paris'], ['下', '雨 ', 'ok'], 40)
    """
    found = PIECE.findall(text.strip())
    if len(found) <= most:
        return found
    ends = np.linspace(0, len(found), most + 1).round().astype(int)
    return ["".join(found[low:high]) for low, high in pairwise(ends)]


def text_names(grounds: Grounds) -> list[str]:
    """Gives the texts whose words may be named."""
    return [feature.name for feature in grounds.features if feature.kind is Kind.TEXT and feature.is_named]


def word_effects(
    score: Score, rows: pd.DataFrame, name: str, columns: np.ndarray, seed: int, most: int = MOST_PIECES
) -> list[tuple[Piece, ...]]:
    """Gives the pieces of each row's text and how far each moves the row's prediction; all else stays as it is.

    The effects of a row add up to its prediction less that without the text: they are Shapley values, by sampled orders, each
    of which is run backwards too.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows, `n` of them.
        name: The column of the text.
        columns: Column of the prediction that is explained, for each row, shape `(n,)`.
        seed: Seed of the orders.
        most: Pieces at most.

    Source: Castro, Gómez and Tejada (2009), "Polynomial calculation of the Shapley value based on sampling", Computers &
    Operations Research 36(5); pairs of orders: Mitchell et al. (2022), "Sampling permutations for Shapley value estimation",
    JMLR 23(43).
    """
    texts = [[] if pd.isna(text) else pieces_of(str(text), most) for text in rows[name]]
    wanted: dict[tuple[int, bytes], int] = {}
    orders: list[list[np.ndarray]] = []
    for number, pieces in enumerate(texts):
        rng, mine = np.random.default_rng(seed), list[np.ndarray]()
        for _ in range(ORDERS if len(pieces) > 1 else min(1, len(pieces))):
            order = rng.permutation(len(pieces))
            mine += [order, order[::-1]]
        orders.append(mine)
        for order in mine:
            for held in _held(order):
                wanted.setdefault((number, held.tobytes()), len(wanted))
    values = _scored(score, rows, name, texts, list(wanted), columns)
    found = []
    for number, pieces in enumerate(texts):
        effects = np.zeros(len(pieces))
        for order in orders[number]:
            steps = np.array([values[wanted[number, held.tobytes()]] for held in _held(order)])
            effects[order] += np.diff(steps) / len(orders[number])
        found.append(tuple(Piece(text, float(effect)) for text, effect in zip(pieces, effects, strict=True)))
    return found


def _held(order: np.ndarray) -> Iterable[np.ndarray]:
    """Gives which pieces are there before the first is put in, and after each."""
    held = np.zeros(len(order), dtype=bool)
    yield held
    for place in order:
        held = held.copy()
        held[place] = True
        yield held


def _scored(
    score: Score,
    rows: pd.DataFrame,
    name: str,
    texts: Sequence[Sequence[str]],
    wanted: Sequence[tuple[int, bytes]],
    columns: np.ndarray,
) -> np.ndarray:
    """Gives the number that is explained for each row with some pieces of its text only, shape `(wanted,)`."""
    found = []
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        numbers = np.array([number for number, _ in some])
        held = [np.frombuffer(key, dtype=bool) for _, key in some]
        parts = ["".join(np.array(texts[number], dtype=object)[there]) for number, there in zip(numbers, held, strict=True)]
        table = rows.iloc[numbers].reset_index(drop=True)
        table[name] = pd.array([part.strip() or None for part in parts], dtype="str")
        prediction = score(table)
        found.append(prediction[np.arange(len(some)), columns[numbers]])
    return np.concatenate(found) if found else np.zeros(0)


def moving_words(
    score: Score, rows: pd.DataFrame, grounds: Grounds, columns: np.ndarray, train: Dataset, seed: int, until: float
) -> tuple[list[dict[str, Any]], int]:
    """Gives for each text that may be named the words that move predictions, as `common_words` does, and the rows looked at.

    Args:
        score: Gives the prediction of typed rows.
        rows: The typed rows, `n` of them.
        grounds: What explanations rest on.
        columns: Column of the prediction that is explained, for each row, shape `(n,)`.
        train: Training rows; ten must hold a word for it to be named.
        seed: Seed of the orders.
        until: Moment at which no further rows are looked at, in seconds since 1970.
    """
    labels, found, looked = grounds.outcome.labels, list[dict[str, Any]](), len(rows)
    for name in text_names(grounds):
        pieces: list[tuple[str, tuple[Piece, ...]]] = []
        for start in range(0, len(rows), LOOKED_AT):
            if time.time() > until:
                looked = min(looked, start)
                break
            some, mine = rows.iloc[start : start + LOOKED_AT].reset_index(drop=True), columns[start : start + LOOKED_AT]
            of = [labels[column] if labels else "" for column in mine]
            pieces += zip(of, word_effects(score, some, name, mine, seed), strict=True)
        texts = train.values(name).head(MOST_TEXTS)
        found.append({"column": name, "words": common_words(pieces, texts, LEAST_ROWS)[:MOST_WORDS]})
    return found, looked


def common_words(pieces: Iterable[tuple[str, tuple[Piece, ...]]], train: pd.Series, least: int) -> list[dict[str, Any]]:
    """Gives the words that move predictions, by what is explained, the strongest first: only words that many rows hold.

    Args:
        pieces: For each row what is explained, and the pieces of its text.
        train: Texts of training rows.
        least: Training rows that must hold a word for it to be named.

    Returns:
        For each: `of`, what it moves; `word`; `effect`, its mean; `n`, rows that it is the mean of.
    """
    effects: dict[tuple[str, str], list[float]] = {}
    for of, mine in pieces:
        for piece in mine:
            words = [word.lower() for word in WORD.findall(piece.text)]
            if len(words) == 1:
                effects.setdefault((of, words[0]), []).append(piece.effect)
    wanted, counts = {word for _, word in effects}, dict[str, int]()
    for text in train.dropna():
        for word in {word.lower() for word in WORD.findall(str(text))} & wanted:
            counts[word] = counts.get(word, 0) + 1
    found = [
        {"of": of, "word": word, "effect": float(np.mean(values)), "n": len(values)}
        for (of, word), values in effects.items()
        if counts.get(word, 0) >= least
    ]
    return sorted(found, key=lambda one: -abs(one["effect"]))
