"""Categories as the mean target of their level: out of fold on the rows it is learned on, smoothed everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.features.protocol import State
from lepton_automl.features.steps import distinct_texts, level_codes

SMOOTHING = 10.0
"""Rows of the overall mean that every level is given on top of its own."""
INNER_FOLDS = 5
MAX_OUTPUTS = 8
"""At most so many classes have a column of their own: the most frequent ones."""
CROSSED = "\x1f"
"""Parts the levels of two columns that are crossed."""


@dataclass(frozen=True)
class TargetStep:
    """Categories, and pairs of them, as the smoothed mean target of their level and the logarithm of its count.

    On new rows a level counts with all training rows; on the training rows themselves with those of the other inner folds
    only, so that no row is described by its own target.

    Args:
        columns: Each one column, or two that are crossed.
        levels: For each, its levels on training rows.
        tables: For each, mean targets and log counts, shape `(levels + 1, outputs + 1)`; last the row of missing and unseen.
        outputs: What the means are of: labels' positions, or nothing for numbers.

    Source: Micci-Barreca (2001), "A preprocessing scheme for high-cardinality categorical attributes in classification and
    prediction problems", SIGKDD Explorations 3(1), pages 27-32.
    """

    columns: tuple[tuple[str, ...], ...]
    levels: tuple[tuple[str, ...], ...]
    tables: tuple[np.ndarray, ...]
    outputs: tuple[int, ...] = ()

    @classmethod
    def learn(
        cls, frame: pd.DataFrame, columns: Sequence[tuple[str, ...]], y: np.ndarray, width: int, seed: int
    ) -> tuple[TargetStep, np.ndarray]:
        """Learns from training rows.

        Args:
            frame: Training rows.
            columns: Each one column, or two that are crossed.
            y: Numbers, or codes of classes, shape `(n,)`.
            width: Number of classes; 1 for numbers.
            seed: Seed of the inner folds.

        Returns:
            The step, and the training rows' own block, out of fold, shape `(n, len(names))`.
        """
        targets, outputs = targets_of(y, width)
        inner = np.random.default_rng(seed).permutation(len(y)) % INNER_FOLDS
        levels, tables, blocks = [], [], []
        for names in columns:
            codes, found = codes_of(frame, names)
            levels.append(tuple(found))
            tables.append(_table(codes, targets, len(found)))
            blocks.append(_out_of_fold(codes, targets, len(found), inner))
        step = cls(tuple(tuple(names) for names in columns), tuple(levels), tuple(tables), outputs)
        return step, np.hstack(blocks).astype("float32")

    @property
    def names(self) -> tuple[str, ...]:
        """For each the mean targets, then the count."""
        labels = [f"target of class {code} by " for code in self.outputs] or ["target by "]
        return tuple(text + " x ".join(names) for names in self.columns for text in (*labels, "count of "))

    @property
    def sources(self) -> tuple[str, ...]:
        """The column, or the first of two."""
        return tuple(names[0] for names in self.columns for _ in range(max(1, len(self.outputs)) + 1))

    def apply(self, frame: pd.DataFrame, context: pd.DataFrame | None) -> np.ndarray:
        """Looks the levels up; missing and unseen ones get the overall mean and a count of none."""
        blocks = []
        for names, levels, table in zip(self.columns, self.levels, self.tables, strict=True):
            codes, found = codes_of(frame, names)
            known = level_codes(pd.Series(found, dtype=object), levels)
            blocks.append(table[np.array([*known, -1], dtype="int64")[codes]])
        return np.hstack(blocks).astype("float32")

    def state(self) -> State:
        """Gives what was learned."""
        meta = {"step": "target", "columns": [list(names) for names in self.columns], "outputs": list(self.outputs)}
        arrays = {f"table{i}": table for i, table in enumerate(self.tables)}
        return {**meta, "levels": [list(levels) for levels in self.levels]}, arrays

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> TargetStep:
        """Reads what `state` gave."""
        tables = tuple(arrays[f"table{i}"] for i in range(len(meta["columns"])))
        columns = tuple(tuple(names) for names in meta["columns"])
        return cls(columns, tuple(map(tuple, meta["levels"])), tables, tuple(meta["outputs"]))


def targets_of(y: np.ndarray, width: int) -> tuple[np.ndarray, tuple[int, ...]]:
    """Gives what means are taken of, shape `(n, outputs)`, and the classes they stand for.

    Numbers are themselves; of two classes the second is marked with 1; of more, each of the most frequent ones.
    """
    if width == 1:
        return np.asarray(y, dtype="float64")[:, None], ()
    if width == 2:
        return (y == 1).astype("float64")[:, None], (1,)
    counts = np.bincount(y.astype("int64"), minlength=width)
    kept = np.sort(np.argsort(-counts, kind="stable")[:MAX_OUTPUTS])
    return (y[:, None] == kept[None, :]).astype("float64"), tuple(int(code) for code in kept)


def codes_of(frame: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Gives the code of each row's level (-1: missing, or one of two is), shape `(n,)`, and the levels as texts.

    The levels of two columns are joined.
    """
    codes, texts = distinct_texts(frame[names[0]])
    if len(names) == 1:
        return codes, texts
    others, more = distinct_texts(frame[names[1]])
    joined = np.where((codes < 0) | (others < 0), -1, codes.astype("int64") * len(more) + others)
    found, places = np.unique(joined, return_inverse=True)
    has_missing = bool(len(found)) and found[0] < 0
    pairs = found[1:] if has_missing else found
    return places - int(has_missing), [f"{texts[pair // len(more)]}{CROSSED}{more[pair % len(more)]}" for pair in pairs]


def smoothed(codes: np.ndarray, targets: np.ndarray, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gives the smoothed mean of each level, shape `(levels, outputs)`, its count, and the overall mean, shape `(outputs,)`."""
    known = codes >= 0
    counts = np.bincount(codes[known], minlength=levels).astype("float64")
    columns = (np.bincount(codes[known], weights=column[known], minlength=levels) for column in targets.T)
    prior = targets.mean(axis=0) if len(targets) else np.zeros(targets.shape[1])
    sums = np.column_stack(list(columns))
    return (sums + SMOOTHING * prior) / (counts + SMOOTHING)[:, None], counts, prior


def _table(codes: np.ndarray, targets: np.ndarray, levels: int) -> np.ndarray:
    means, counts, prior = smoothed(codes, targets, levels)
    return np.vstack([np.column_stack([means, np.log1p(counts)]), [*prior, 0.0]])


def _out_of_fold(codes: np.ndarray, targets: np.ndarray, levels: int, inner: np.ndarray) -> np.ndarray:
    """Gives each row the means of its level over the other inner folds, and the count over all rows."""
    table = _table(codes, targets, levels)
    out = table[codes]
    for fold in range(INNER_FOLDS):
        here = inner == fold
        if here.any() and not here.all():
            out[here, :-1] = _table(codes[~here], targets[~here], levels)[codes[here], :-1]
    return out
