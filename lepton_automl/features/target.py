"""Categories as the mean target of their level: out of fold on the rows it is learned on, smoothed everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Role
from lepton_automl.features.columns import category_in
from lepton_automl.features.protocol import State
from lepton_automl.features.steps import level_codes, present_codes

SMOOTHING = 10.0
"""Rows of the overall mean that every level is given on top of its own."""
INNER_FOLDS = 5
MAX_OUTPUTS = 8
"""At most so many classes have a column of their own: the most frequent ones."""


@dataclass(frozen=True)
class Aim:
    """What means are taken of, and how training rows are parted so that none is described by its own target.

    Args:
        targets: Shape `(n, outputs)`.
        outputs: Classes the columns stand for; empty for numbers.
        weight: Weights of the rows, of mean 1, shape `(n,)`.
        inner: Inner fold of each row, shape `(n,)`.
    """

    targets: np.ndarray
    outputs: tuple[int, ...]
    weight: np.ndarray
    inner: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, width: int, weight: np.ndarray | None, inner: np.ndarray) -> Aim:
        """Makes it of numbers, or of codes of `width` classes."""
        targets, outputs = targets_of(y, width)
        weight = np.ones(len(y)) if weight is None else np.asarray(weight, dtype="float64")
        mean = float(weight.mean()) if len(weight) else 1.0
        return cls(targets, outputs, weight / mean if mean > 0 else np.ones(len(y)), inner)

    def only(self, rows: np.ndarray) -> Aim:
        """Gives those of some rows."""
        return Aim(self.targets[rows], self.outputs, self.weight[rows], self.inner[rows])

    def folds(self) -> list[np.ndarray]:
        """Gives the rows of each inner fold that leaves others to learn from, as masks of shape `(n,)`."""
        masks = (self.inner == fold for fold in range(INNER_FOLDS))
        return [mask for mask in masks if mask.any() and not mask.all()]

    @property
    def prior(self) -> np.ndarray:
        """The weighted overall mean, shape `(outputs,)`."""
        total = float(self.weight.sum())
        return (self.weight[:, None] * self.targets).sum(axis=0) / total if total > 0 else np.zeros(self.targets.shape[1])


@dataclass(frozen=True)
class TargetStep:
    """Categories, and pairs of them, as the smoothed mean target of their level and the logarithm of its count.

    On new rows a level counts with all training rows; on the training rows themselves with those of the other inner folds
    only, so that no row is described by its own target.

    Args:
        columns: Each one column, or two that are crossed.
        levels: Column to its levels on training rows.
        pairs: For each cross its pairs of levels, rising, as `first * levels of the second + second`; else empty.
        tables: For each, mean targets and log counts, shape `(levels + 1, outputs + 1)`; last the row of missing and unseen.
        outputs: What the means are of: labels' positions, or nothing for numbers.

    Source: Micci-Barreca (2001), "A preprocessing scheme for high-cardinality categorical attributes in classification and
    prediction problems", SIGKDD Explorations 3(1), pages 27-32.
    """

    columns: tuple[tuple[str, ...], ...]
    levels: Mapping[str, tuple[str, ...]]
    pairs: tuple[np.ndarray, ...]
    tables: tuple[np.ndarray, ...]
    outputs: tuple[int, ...] = ()

    @classmethod
    def learn(cls, frame: pd.DataFrame, columns: Sequence[tuple[str, ...]], aim: Aim) -> tuple[TargetStep, np.ndarray]:
        """Learns from training rows.

        Args:
            frame: Training rows.
            columns: Each one column, or two that are crossed.
            aim: Their targets.

        Returns:
            The step, and the training rows' own block, out of fold, shape `(n, len(names))`.
        """
        known = {name: present_codes(frame[name]) for names in columns for name in names}
        pairs, tables, blocks = [], [], []
        for names in columns:
            codes, keys = crossed(*(known[name] for name in names))
            count = len(keys) if len(names) > 1 else len(known[names[0]][1])
            pairs.append(keys)
            tables.append(_table(codes, aim, count))
            blocks.append(_out_of_fold(codes, aim, count, tables[-1]))
        levels = {name: tuple(texts) for name, (_, texts) in known.items()}
        step = cls(tuple(tuple(names) for names in columns), levels, tuple(pairs), tuple(tables), aim.outputs)
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
        known = {name: level_codes(category_in(frame, name), levels) for name, levels in self.levels.items()}
        blocks = []
        for names, keys, table in zip(self.columns, self.pairs, self.tables, strict=True):
            codes = known[names[0]]
            if len(names) > 1:
                codes = _places(_keys(codes, known[names[1]], len(self.levels[names[1]])), keys)
            blocks.append(table[codes])
        return np.hstack(blocks).astype("float32")

    def state(self) -> State:
        """Gives what was learned."""
        meta = {"step": "target", "columns": [list(names) for names in self.columns], "outputs": list(self.outputs)}
        arrays = {f"table{i}": table for i, table in enumerate(self.tables)}
        arrays.update({f"pairs{i}": keys for i, keys in enumerate(self.pairs)})
        return {**meta, "levels": {name: list(levels) for name, levels in self.levels.items()}}, arrays

    @classmethod
    def load(cls, meta: dict[str, Any], arrays: dict[str, np.ndarray]) -> TargetStep:
        """Reads what `state` gave."""
        columns = tuple(tuple(names) for names in meta["columns"])
        tables, pairs = (tuple(arrays[f"{what}{i}"] for i in range(len(columns))) for what in ("table", "pairs"))
        levels = {name: tuple(levels) for name, levels in meta["levels"].items()}
        return cls(columns, levels, pairs, tables, tuple(meta["outputs"]))


def inner_folds(train: Dataset, seed: int) -> np.ndarray:
    """Gives the inner fold of each training row, shape `(n,)`, cut as the rows themselves are set aside.

    Rows of one group are in one fold, so that an entity is not described by its own targets; rows with a time are in five
    stretches of it, so that a row is not described by its neighbours; other rows are dealt out at random.
    """
    n, rng = len(train), np.random.default_rng(seed)
    group, time = train.name_of(Role.GROUP), train.name_of(Role.TIME)
    if group is not None:
        codes, texts = present_codes(train.values(group).astype("category"))
        return np.append(rng.permutation(len(texts)) % INNER_FOLDS, 0)[codes]
    if time is not None:
        inner = np.empty(n, dtype="int64")
        inner[np.argsort(train.values(time).to_numpy(), kind="stable")] = np.arange(n) * INNER_FOLDS // max(1, n)
        return inner
    return rng.permutation(n) % INNER_FOLDS


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


def crossed(*columns: tuple[np.ndarray, Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
    """Gives the code of each row's pair of levels (-1: one of the two is missing), shape `(n,)`, and the pairs' keys, rising.

    Args:
        columns: Codes and levels of one column, which are given back with no keys, or of two.
    """
    (first, _), *rest = columns
    if not rest:
        return first, np.zeros(0, dtype="int64")
    keys = _keys(first, rest[0][0], len(rest[0][1]))
    found = np.unique(keys[keys >= 0])
    return _places(keys, found), found


def _keys(first: np.ndarray, second: np.ndarray, width: int) -> np.ndarray:
    return np.where((first < 0) | (second < 0), -1, first.astype("int64") * width + second)


def _places(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Gives the place of each key among the known ones, -1 where it is not there."""
    if not len(known):
        return np.full(len(keys), -1)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[places] == keys, places, -1)


def _table(codes: np.ndarray, aim: Aim, levels: int) -> np.ndarray:
    """Gives the smoothed mean of each level and its log count, shape `(levels + 1, outputs + 1)`, the overall mean last."""
    known, prior = codes >= 0, aim.prior
    weight, codes = aim.weight[known], codes[known]
    weights = np.bincount(codes, weights=weight, minlength=levels)
    columns = (np.bincount(codes, weights=weight * column, minlength=levels) for column in aim.targets[known].T)
    means = (np.column_stack(list(columns)) + SMOOTHING * prior) / (weights + SMOOTHING)[:, None]
    counts = np.bincount(codes, minlength=levels)
    return np.vstack([np.column_stack([means, np.log1p(counts)]), [*prior, 0.0]])


def _out_of_fold(codes: np.ndarray, aim: Aim, levels: int, table: np.ndarray) -> np.ndarray:
    """Gives each row the means of its level over the other inner folds, and the count over all rows."""
    out = table[codes]
    out[:, :-1] = aim.prior  # what stays where all rows are in one fold
    for here in aim.folds():
        out[here, :-1] = _table(codes[~here], aim.only(~here), levels)[codes[here], :-1]
    return out
