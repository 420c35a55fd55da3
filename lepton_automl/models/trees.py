"""Decision trees of any family in one table of nodes: walked by NumPy for a few rows, by XGBoost for many.

LightGBM's predictor is slow with many rows, XGBoost's with one, and a call of either
costs more than the walk of one row. What that brings is measured in `docs/log.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from lepton_automl.tasks import Makes

NO_SET = -1
MOST_LEVELS = 2**24
"""Numbers from here on are no levels: not every one of them has a float32 of its own."""


@dataclass(frozen=True)
class Trees:
    """Trees whose nodes lie in one table, those of a tree together and its root first.

    A row goes left where its value is below the threshold or, at a node with a set, where its level is not in the set.

    Args:
        feature: Column a node asks for, shape `(nodes,)`; -1 at a leaf.
        threshold: Shape `(nodes,)`, float32; any at a leaf and where there is a set.
        left: Node to the left, shape `(nodes,)`, the right one follows it; 0 at a leaf.
        missing_left: Whether a missing value goes left, shape `(nodes,)`.
        values: What a leaf adds, shape `(nodes, width)`.
        roots: First node of each tree, shape `(trees,)`, rising.
        output: Output that each tree adds to, shape `(trees,)`; each adds `width` numbers to it.
        base: What each output starts from, shape `(outputs,)`.
        sets: Place in `words` of a node's set, shape `(nodes,)`; `NO_SET` without one.
        words: Sets of levels, uint32: how many words follow, then level `k` as bit `k % 32` of word `k // 32`.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    missing_left: np.ndarray
    values: np.ndarray
    roots: np.ndarray
    output: np.ndarray
    base: np.ndarray
    sets: np.ndarray
    words: np.ndarray

    def __len__(self) -> int:
        return len(self.roots)

    def margins(self, leaves: np.ndarray) -> np.ndarray:
        """Adds up what the leaves of rows say.

        Args:
            leaves: Leaf of each row in each tree, shape `(trees, n)`.

        Returns:
            Shape `(n, outputs * width)`.
        """
        told = self.values[leaves]
        if len(self.base) == 1:
            sums = told.sum(axis=0, dtype="float64")[None]
        else:
            sums = np.zeros((len(self.base), *told.shape[1:]))
            np.add.at(sums, self.output, told)
        shifted = sums + self.base[:, None, None]
        return np.asarray(shifted.transpose(1, 0, 2).reshape(leaves.shape[1], -1))


@dataclass(frozen=True)
class Links:
    """Nodes as a family keeps them, in any order within a tree but for its root, which is first.

    Args:
        feature: Column a node asks for, shape `(nodes,)`; -1 at a leaf.
        threshold: As in `Trees`.
        left: Node to the left, shape `(nodes,)`; any at a leaf.
        right: Node to the right, as `left`.
        missing_left: As in `Trees`.
        values: As in `Trees`.
        roots: As in `Trees`.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    values: np.ndarray
    roots: np.ndarray

    def table(
        self, output: np.ndarray, base: np.ndarray, sets: np.ndarray | None = None, words: np.ndarray | None = None
    ) -> Trees:
        """Gives the trees, the nodes of each pair side by side.

        Args:
            output: As in `Trees`.
            base: As in `Trees`.
            sets: As in `Trees`, in the order of these nodes; none without sets.
            words: As in `Trees`; none without sets.
        """
        inner = np.flatnonzero(self.feature >= 0)
        tree = np.searchsorted(self.roots, inner, side="right") - 1
        rank = np.arange(len(inner)) - np.searchsorted(inner, self.roots)[tree]
        first = self.roots[tree] + 2 * rank + 1
        place = np.empty(len(self.feature), dtype="int64")
        place[self.roots] = self.roots
        place[self.left[inner]], place[self.right[inner]] = first, first + 1
        origin = np.empty_like(place)
        origin[place] = np.arange(len(place))
        left = np.zeros(len(place), dtype="int32")
        left[place[inner]] = first
        return Trees(
            feature=self.feature[origin].astype("int32"),
            threshold=self.threshold[origin].astype("float32"),
            left=left,
            missing_left=self.missing_left[origin].astype(bool),
            values=self.values[origin],
            roots=self.roots.astype("int64"),
            output=output.astype("int64"),
            base=base,
            sets=np.full(len(place), NO_SET, dtype="int32") if sets is None else sets[origin].astype("int32"),
            words=np.zeros(0, dtype="uint32") if words is None else words.astype("uint32"),
        )


@runtime_checkable
class TreeBased(Protocol):
    """What a family of trees learned.

    Facts:
        is_slow: Whether its own predictor is slower with many rows than XGBoost's.
    """

    is_slow: bool

    def trees(self) -> Trees | None:
        """Gives its trees; none where they are of a kind that the table does not hold."""
        ...

    def of_margins(self, margins: np.ndarray) -> np.ndarray:
        """Gives the prediction, shape `(n, width)`, from what the trees add up to, shape `(n, outputs * width)`."""
        ...


class Walk:
    """The trees of several models, walked at once: the cost with a few rows is in the number of NumPy's calls.

    Args:
        parts: Trees, and the first of their columns in the matrices that are walked.
    """

    def __init__(self, parts: Sequence[tuple[Trees, int]]) -> None:
        tables = [trees for trees, _ in parts]
        self._tables = tables
        self._starts = np.cumsum([0, *(len(trees.feature) for trees in tables)])
        self._bounds = np.cumsum([0, *(len(trees) for trees in tables)])
        words = np.cumsum([0, *(len(trees.words) for trees in tables)])
        self._inner = np.concatenate([trees.feature >= 0 for trees in tables])
        self._feature = np.concatenate([np.maximum(trees.feature, 0) + column for trees, column in parts])
        self._threshold = np.concatenate([trees.threshold for trees in tables])
        self._left = np.concatenate([trees.left + start for trees, start in zip(tables, self._starts, strict=False)])
        self._missing_left = np.concatenate([trees.missing_left for trees in tables])
        moved = [np.where(trees.sets == NO_SET, NO_SET, trees.sets + by) for trees, by in zip(tables, words, strict=False)]
        self._sets = np.concatenate(moved)
        self._words = np.concatenate([trees.words for trees in tables])
        self._roots = np.concatenate([trees.roots + start for trees, start in zip(tables, self._starts, strict=False)])

    def margins(self, X: np.ndarray) -> list[np.ndarray]:
        """Gives what each model's trees add up to.

        Args:
            X: Rows, shape `(n, columns)`, float32.
        """
        leaves = self._leaves(X).reshape(len(self._roots), len(X))
        places = zip(self._tables, self._bounds, self._bounds[1:], self._starts, strict=False)
        return [trees.margins(leaves[since:until] - start) for trees, since, until, start in places]

    def _leaves(self, X: np.ndarray) -> np.ndarray:
        """Gives the leaf of each row in each tree, shape `(trees * n,)`."""
        flat = np.ascontiguousarray(X).ravel()
        has_missing = bool(np.isnan(flat).any())
        node = np.repeat(self._roots, len(X))
        start = np.tile(np.arange(len(X)) * X.shape[1], len(self._roots))
        going = np.flatnonzero(self._inner.take(node))
        while len(going):
            here = node.take(going)
            value = flat.take(start.take(going) + self._feature.take(here))
            right = ~(value < self._threshold.take(here))
            if len(self._words):
                place = self._sets.take(here)
                asked = np.flatnonzero(place != NO_SET)
                right[asked] = self._in_set(place.take(asked), value.take(asked))
            if has_missing:
                missing = np.flatnonzero(np.isnan(value))
                right[missing] = ~self._missing_left.take(here.take(missing))
            here = self._left.take(here) + right
            node[going] = here
            going = going[self._inner.take(here)]
        return node

    def _in_set(self, place: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Says whether levels are in the sets at the given places."""
        is_level = (value >= 0) & (value < MOST_LEVELS)
        level = np.where(is_level, value, 0).astype("int64")
        word = level >> 5
        is_held = is_level & (word < self._words.take(place))
        bits = self._words.take(np.where(is_held, place + 1 + word, place))
        return np.asarray(is_held & (bits >> (level & 31).astype("uint32") & 1 == 1))


def below(threshold: np.ndarray) -> np.ndarray:
    """Gives float32 thresholds `t` with `x < t` for the float32 `x` that are at most the given float64 ones."""
    near = threshold.astype("float32")
    return np.where(near.astype("float64") > threshold, near, np.nextafter(near, np.float32(np.inf)))


def of_margins(margins: np.ndarray, makes: Makes) -> np.ndarray:
    """Gives what boosted trees predict.

    Args:
        margins: Sums of the leaves, shape `(n, outputs)`: log odds, or the numbers themselves.
        makes: What is predicted.

    Returns:
        Probabilities, numbers, or quantiles in rising order, shape `(n, width)`.
    """
    if makes is Makes.QUANTILES:
        return np.sort(margins, axis=1)
    if makes is not Makes.PROBABILITIES:
        return margins
    from scipy import special

    if margins.shape[1] > 1:
        return np.asarray(special.softmax(margins, axis=1))
    share = special.expit(margins)
    return np.hstack([1 - share, share])
