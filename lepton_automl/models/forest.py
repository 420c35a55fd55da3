"""Extra trees and random forests of scikit-learn, kept as plain arrays and walked by NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs, Prepared
from lepton_automl.models.protocol import REPRESENTATION, Files, Limits, Rows, Shape, Step, pack_arrays, unpack_arrays
from lepton_automl.models.trees import Links, Trees
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int
from lepton_automl.tasks import Goal, Makes

FEW_ROWS = 64
"""Rows up to which all trees are walked at once: with few rows the cost is in the number of NumPy calls."""
MAX_NODES = 1_000_000
"""Nodes of a whole forest, about: what bounds its file, its memory and the time of a prediction."""
LEGAL: dict[str, Dimension] = {
    "n_estimators": Int(1, 5000),
    "max_features": Float(0.0001, 1.0),
    "min_samples_leaf": Int(1, 100_000),
    "max_leaf_nodes": Int(2, 1_000_000),
    **REPRESENTATION,
}
CRITERIA = {
    Makes.PROBABILITIES: Choice(("gini", "entropy", "log_loss")),
    Makes.VALUES: Choice(("squared_error", "absolute_error")),
}


@dataclass(frozen=True)
class FittedForest:
    """All trees in one table of nodes.

    Args:
        feature: Column a node asks for, shape `(nodes,)`; -1 at a leaf.
        threshold: Rows at most this go left, shape `(nodes,)`, float32.
        left: Node to the left, shape `(nodes,)`; the right one follows it by `right`.
        right: Node to the right, shape `(nodes,)`.
        values: Prediction of a leaf, shape `(nodes, width)`, float32.
        roots: First node of each tree, shape `(trees,)`.
        depth: Longest way from a root to a leaf.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    values: np.ndarray
    roots: np.ndarray
    depth: int
    rounds: tuple[int, ...] = ()
    is_slow: ClassVar[bool] = True

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives the mean over the trees: all trees at once for a few rows, one tree after the other for many.

        One tree at a time keeps its nodes in the processor's cache: four times faster on 13,000 rows and 150 trees.
        """
        X = np.ascontiguousarray(rows.X)
        if len(X) <= FEW_ROWS:
            return self._walk(X, np.repeat(self.roots, len(X)), len(self.roots)).mean(axis=0, dtype="float64")
        total = np.zeros((len(X), self.values.shape[1]))
        for root in self.roots:
            total += self._walk(X, np.full(len(X), root), 1)[0]
        return total / len(self.roots)

    def _walk(self, X: np.ndarray, node: np.ndarray, trees: int) -> np.ndarray:
        """Walks rows from the given nodes to their leaves; gives the leaves' values, shape `(trees, n, width)`."""
        n, width = X.shape
        flat, start = X.ravel(), np.tile(np.arange(n) * width, trees)
        going = np.arange(len(node))
        here = node
        for _ in range(self.depth + 1):
            feature = self.feature[here]
            inner = feature >= 0
            if not inner.all():
                going, here, feature = going[inner], here[inner], feature[inner]
            if not len(going):
                break
            goes_left = flat[start[going] + feature] <= self.threshold[here]
            here = np.where(goes_left, self.left[here], self.right[here])
            node[going] = here
        return self.values[node].reshape(trees, n, -1)

    def trees(self) -> Trees:
        """Gives the trees; of two classes the second one's probability only."""
        values = self.values[:, 1:] if self.values.shape[1] == 2 else self.values
        above = np.nextafter(self.threshold, np.float32(np.inf))
        missing_left = np.zeros(len(self.feature), dtype=bool)
        links = Links(self.feature, above, self.left, self.right, missing_left, values, self.roots)
        return links.table(np.zeros(len(self.roots)), np.zeros(1))

    def of_margins(self, margins: np.ndarray) -> np.ndarray:
        """Gives the mean over the trees."""
        mean = margins / len(self.roots)
        return np.hstack([1 - mean, mean]) if self.values.shape[1] == 2 else mean

    def save(self) -> Files:
        """Gives the table of nodes as arrays."""
        arrays = {name: getattr(self, name) for name in ("feature", "threshold", "left", "right", "values", "roots")}
        return {"forest.npz": pack_arrays({**arrays, "depth": np.array([self.depth])})}


@dataclass(frozen=True)
class Forest:
    """A bag of trees.

    Args:
        grower: The start of scikit-learn's name of the class that grows them.
    """

    grower: str
    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES})
    needs = Needs(category="codes", missing="fill", text="topics")
    package = None
    devices = frozenset({"cpu"})
    in_rounds = False
    rate = ""
    span = ""

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """As scikit-learn names them; `max_features` is a share of the columns."""
        return {**LEGAL, "criterion": CRITERIA[goal.makes]} if goal.makes in CRITERIA else LEGAL

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """How many columns a split looks at, and how small a leaf may be."""
        return {
            **{name: Fixed(value) for name, value in _size(shape).items()},
            "max_features": Float(0.1, 1.0),
            "min_samples_leaf": Int(1, 32, log=True),
        }

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """The square root of the columns for labels, all of them for numbers."""
        root = max(0.0001, min(1.0, 1 / np.sqrt(max(1, shape.columns))))
        share = round(root, 4) if shape.goal.makes is Makes.PROBABILITIES else 1.0
        common = _size(shape)
        leaf = 1 if shape.goal.makes is Makes.VALUES or shape.goal.width > 2 else 3
        return [
            {**common, "max_features": share, "min_samples_leaf": leaf},
            {**common, "max_features": 0.5, "min_samples_leaf": 2},
        ]

    def least_seconds(self, shape: Shape) -> float:
        """Gives little: a forest is whole or not there."""
        return 0.5 + 2e-6 * shape.rows * shape.columns

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedForest:
        """Grows the trees."""
        from sklearn import ensemble

        kind = "Classifier" if goal.makes is Makes.PROBABILITIES else "Regressor"
        model = getattr(ensemble, f"{self.grower}{kind}")(**params, n_jobs=limits.threads, random_state=limits.seed)
        model.fit(train.prepared.X, train.y, sample_weight=train.weight)
        classes = model.classes_ if kind == "Classifier" else np.arange(1)
        return _packed([estimator.tree_ for estimator in model.estimators_], classes, goal)

    def load(self, files: Files) -> FittedForest:
        """Reads the table of nodes."""
        found = unpack_arrays(files["forest.npz"])
        nodes = (found["feature"], found["threshold"], found["left"], found["right"])
        return FittedForest(*nodes, found["values"], found["roots"], int(found["depth"][0]))


def extra_trees() -> Forest:
    """Trees with random thresholds (Geurts, Ernst and Wehenkel 2006, "Extremely randomized trees", Machine Learning 63)."""
    return Forest("ExtraTrees")


def random_forest() -> Forest:
    """Trees on bootstrap samples (Breiman 2001, "Random forests", Machine Learning 45)."""
    return Forest("RandomForest")


def _size(shape: Shape) -> dict[str, Any]:
    """Gives the number of trees, and of leaves where unlimited ones would make large files."""
    cells = shape.rows * shape.goal.width
    trees = 200 if cells <= 20_000 else 100
    leaves = MAX_NODES // 2 // trees // max(1, shape.goal.width // 12)
    return {"n_estimators": trees, "max_leaf_nodes": leaves} if shape.rows > leaves else {"n_estimators": trees}


def _packed(trees: list[Any], classes: np.ndarray, goal: Goal) -> FittedForest:
    starts = np.cumsum([0] + [tree.node_count for tree in trees])
    total = int(starts[-1])
    feature, threshold = np.empty(total, dtype="int32"), np.empty(total, dtype="float32")
    left, right = np.empty(total, dtype="int32"), np.empty(total, dtype="int32")
    values = np.zeros((total, goal.width), dtype="float32")
    for tree, start in zip(trees, starts[:-1], strict=True):
        here = slice(start, start + tree.node_count)
        is_leaf = tree.children_left < 0
        feature[here] = np.where(is_leaf, -1, tree.feature)
        threshold[here] = _floored(tree.threshold)
        left[here], right[here] = tree.children_left + start, tree.children_right + start
        leaves = tree.value[:, 0, :]
        if goal.makes is Makes.PROBABILITIES:
            leaves = leaves / np.clip(leaves.sum(axis=1, keepdims=True), 1e-12, None)
        columns = classes if goal.makes is Makes.PROBABILITIES else np.arange(1)
        values[here.start : here.stop, columns] = np.where(is_leaf[:, None], leaves, 0)
    return FittedForest(
        feature, threshold, left, right, values, starts[:-1].astype("int32"), max(tree.max_depth for tree in trees)
    )


def _floored(threshold: np.ndarray) -> np.ndarray:
    """Rounds float64 thresholds down to float32, so that float32 rows go the same way as in scikit-learn."""
    near = threshold.astype("float32")
    return np.where(near.astype("float64") > threshold, np.nextafter(near, np.float32(-np.inf)), near)
