"""Shapley values of whatever gives a score: by permutations in pairs, against background rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Score = Callable[[pd.DataFrame], np.ndarray]
CHUNK = 16_000
"""Rows that are scored at once at most."""
FIRST = 2_000
"""Rows that are scored first, to learn how long it takes: fewer take hardly less time."""


@dataclass(frozen=True)
class Shapley:
    """Effects of features on predictions: `prediction == base + values.sum(axis=1)`.

    Args:
        base: What is said on average of the background rows, shape `(n, width)`.
        values: Effect of each feature, shape `(n, d, width)`.
        prediction: What is said of the rows, shape `(n, width)`.
        error: Standard error of the effects from the sampling, shape `(n, d, width)`.
        rounds: Background rows that each row was compared with.
    """

    base: np.ndarray
    values: np.ndarray
    prediction: np.ndarray
    error: np.ndarray
    rounds: int


@dataclass(frozen=True)
class Cells:
    """A column taken apart, so that values of any rows are at hand at once.

    Args:
        values: Numbers, dates or texts; of a category the position of each level, -1 where it is missing; shape `(n,)`.
        levels: The levels of a category; none of others.
    """

    values: np.ndarray
    levels: pd.CategoricalDtype | None = None

    @classmethod
    def of(cls, column: pd.Series, more: Sequence[object] = ()) -> Cells:
        """Takes a column apart; `more` are levels that it may have besides its own."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            levels = list(dict.fromkeys([*map(str, column.cat.categories), *map(str, more)]))
            return cls(column.cat.codes.to_numpy().astype("int64"), pd.CategoricalDtype(levels))
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            return cls(column.to_numpy(dtype="float64", na_value=np.nan))
        if pd.api.types.is_datetime64_any_dtype(column):
            return cls(column.to_numpy())
        return cls(column.astype(object).where(column.notna(), None).to_numpy())

    def code(self, value: object) -> object:
        """Gives a value as it is held here."""
        return value if self.levels is None else self.levels.categories.get_loc(value)

    def at(self, places: np.ndarray) -> Any:
        """Gives the values at places, shape `(m,)`."""
        return self.held(self.values[places])

    def held(self, values: np.ndarray) -> Any:
        """Gives values as a column of a table."""
        if self.levels is not None:
            return pd.Categorical.from_codes(values, dtype=self.levels)
        return pd.array(values, dtype="str") if values.dtype == object else values

    def codes(self) -> np.ndarray:
        """Gives equal values equal numbers, missing ones -1, shape `(n,)`."""
        return self.values if self.levels is not None else pd.factorize(self.values)[0].astype("int64")


class Mixed:
    """Rows put together from rows to be explained and background rows, and their scores.

    Args:
        score: Gives the prediction of typed rows, shape `(m, width)`.
        rows: Rows to be explained, `n` of them.
        background: Rows they are compared with, `b` of them.
        names: The features that are exchanged, `d` of them.
        kept: Columns that a row keeps.
    """

    def __init__(
        self, score: Score, rows: pd.DataFrame, background: pd.DataFrame, names: Sequence[str], kept: Sequence[str] = ()
    ) -> None:
        self._score, self.n, self.b, self.names, self.kept = score, len(rows), len(background), list(names), list(kept)
        self._both = {name: Cells.of(joined(rows[name], background[name])) for name in names}
        self._own = {name: Cells.of(rows[name]) for name in kept}
        self._codes = [cells.codes() for cells in self._both.values()]
        self.scored = 0
        self.seconds_each = 0.0

    def differs(self, owner: np.ndarray, partner: np.ndarray) -> np.ndarray:
        """Says which features differ between rows and background rows, shape `(m, d)`."""
        return np.column_stack([codes[owner] != codes[self.n + partner] for codes in self._codes])

    def score(self, owner: np.ndarray, partner: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Scores mixed rows, shape `(m, width)`.

        Args:
            owner: Row that each comes from, shape `(m,)`.
            partner: Background row that it is compared with, shape `(m,)`.
            known: Whether a feature has the value of the row, else that of the background row, shape `(m, d)`.
        """
        started, found = time.perf_counter(), []
        for since in range(0, len(owner), CHUNK):
            here = slice(since, since + CHUNK)
            mine, other, told = owner[here], self.n + partner[here], known[here]
            parts = {name: self._both[name].at(np.where(told[:, j], mine, other)) for j, name in enumerate(self.names)}
            parts.update({name: cells.at(mine) for name, cells in self._own.items()})
            found.append(self._score(pd.DataFrame(parts, copy=False)))
        self.scored += len(owner)
        self.seconds_each = (time.perf_counter() - started) / max(1, len(owner))
        return np.concatenate(found)


def shapley(mixed: Mixed, rounds: int, seed: int, until: float = float("inf")) -> Shapley:
    """Gives the Shapley values of rows against background rows.

    In a round every row is compared with one background row: features are exchanged one by one in a random order, and in the
    reverse of it; a pair of orders is exact where no more than two features act together. The effects of all features add up
    to the difference of the two predictions in each round, whatever the model. Features in which two rows agree have none.

    Args:
        mixed: The rows, the background rows and the model.
        rounds: Background rows that each row is compared with, from the first one on.
        seed: Seed of the orders.
        until: Moment (seconds since the epoch) by which it ends, but for the first rounds.

    Source: Štrumbelj and Kononenko (2014), "Explaining prediction models and individual predictions with feature
    contributions", Knowledge and Information Systems 41, pages 647-665; in pairs: Mitchell, Cooper, Frank and Holmes (2022),
    "Sampling permutations for Shapley value estimation", Journal of Machine Learning Research 23(43).
    """
    rng, n, d = np.random.default_rng(seed), mixed.n, len(mixed.names)
    rows, every = np.arange(n), np.ones((n, d), dtype=bool)
    prediction = mixed.score(rows, np.zeros(n, dtype="int64"), every)
    base, total = np.zeros_like(prediction), np.zeros((n, d, prediction.shape[1]))
    squares = np.zeros_like(total)
    rounds, made = min(rounds, mixed.b), 0
    while made < rounds:
        several = _several(mixed, made, rounds, n, d, until)
        if several == 0:
            break
        owner, partner = np.tile(rows, several), np.repeat(np.arange(made, made + several), n)
        start, effects = _compared(mixed, owner, partner, prediction[owner], rng)
        shaped = effects.reshape(several, n, d, -1)
        base += start.reshape(several, n, -1).sum(axis=0)
        total += shaped.sum(axis=0)
        squares += (shaped**2).sum(axis=0)
        made += several
    values = total / made
    spread = np.maximum(squares / made - values**2, 0.0) * (made / max(1, made - 1))
    return Shapley(base / made, values, prediction, np.sqrt(spread / made), made)


def _several(mixed: Mixed, made: int, rounds: int, n: int, d: int, until: float) -> int:
    """Gives the rounds that are made at once: as many as a chunk holds, and as there is time for; 0 to end."""
    each = max(1, 2 * n * d)
    if made == 0:
        return min(rounds, max(1, (CHUNK if until == float("inf") else FIRST) // each))
    room = min(max(1, CHUNK // each), rounds - made)
    fits = room if until == float("inf") else int((until - time.time()) / max(mixed.seconds_each * each, 1e-9))
    return max(0, min(room, fits))


def _compared(
    mixed: Mixed, owner: np.ndarray, partner: np.ndarray, prediction: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Compares each row with one background row; gives its prediction and the effects, shapes `(m, width)`, `(m, d, width)`."""
    m, d, width = len(owner), len(mixed.names), prediction.shape[1]
    differs = mixed.differs(owner, partner)
    order = rng.random((m, d)).argsort(axis=1)
    turn = np.cumsum(np.take_along_axis(differs, order, axis=1), axis=1)
    place = np.empty_like(turn)
    np.put_along_axis(place, order, turn, axis=1)
    count = turn[:, -1] if d else np.zeros(m, dtype="int64")
    pair, step = _steps(count)
    first = place[pair] <= step[:, None]
    alone, which = _alone(mixed, partner)
    told = mixed.score(
        np.concatenate([owner[alone], owner[pair], owner[pair]]),
        np.concatenate([partner[alone], partner[pair], partner[pair]]),
        np.concatenate([np.zeros((len(alone), d), dtype=bool), first, ~first]),
    )
    rest = told[len(alone) :]
    start, ahead, behind = told[: len(alone)][which], rest[: len(pair)], rest[len(pair) :]
    most = int(count.max(initial=0)) + 1
    known, lacking = np.zeros((m, most, width)), np.zeros((m, most, width))
    known[pair, step], lacking[pair, step] = ahead, behind
    known[:, 0], lacking[:, 0] = start, prediction
    known[np.arange(m), count], lacking[np.arange(m), count] = prediction, start
    start = np.where((count == 0)[:, None], prediction, start)
    known[count == 0, 0] = lacking[count == 0, 0] = prediction[count == 0]
    at, feature = np.nonzero(differs)
    k = place[at, feature]
    effects = np.zeros((m, d, width))
    effects[at, feature] = (known[at, k] - known[at, k - 1] + lacking[at, k - 1] - lacking[at, k]) / 2
    return start, effects


def _alone(mixed: Mixed, partner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives the pairs whose background row is scored as it is, and for each pair which of those it is.

    One for each background row; or all, where rows keep columns of their own.
    """
    if mixed.kept:
        return np.arange(len(partner)), np.arange(len(partner))
    _, first, which = np.unique(partner, return_index=True, return_inverse=True)
    return first, which


def _steps(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gives pair and number of every step between the first and the last of each pair.

    >>> [part.tolist() for part in _steps(np.array([3, 0, 2]))]
    [[0, 0, 2], [1, 2, 1]]
    """
    inner = np.maximum(count - 1, 0)
    pair = np.repeat(np.arange(len(count)), inner)
    starts = np.cumsum(inner) - inner
    return pair, np.arange(len(pair)) - starts[pair] + 1


def joined(rows: pd.Series, more: pd.Series) -> pd.Series:
    """Puts two columns of one kind below each other, the levels of both kept."""
    rows, more = rows.reset_index(drop=True), more.reset_index(drop=True)
    if isinstance(rows.dtype, pd.CategoricalDtype) or isinstance(more.dtype, pd.CategoricalDtype):
        parts = [part.astype(object).where(part.notna(), None) for part in (rows, more)]
        levels = [
            list(part.cat.categories) if isinstance(part.dtype, pd.CategoricalDtype) else list(part.dropna().unique())
            for part in (rows, more)
        ]
        every = list(dict.fromkeys(str(level) for found in levels for level in found))
        values = [None if value is None else str(value) for part in parts for value in part]
        return pd.Series(pd.Categorical(values, categories=every))
    if pd.api.types.is_bool_dtype(rows.dtype) or pd.api.types.is_numeric_dtype(rows.dtype):
        both = [part.to_numpy(dtype="float64", na_value=np.nan) for part in (rows, more)]
        return pd.Series(np.concatenate(both))
    if rows.dtype != more.dtype:
        more = more.astype(rows.dtype)
    return pd.concat([rows, more], ignore_index=True)
