"""Asks the models of an artefact: trees all at once for a few rows, by XGBoost's predictor for many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from lepton_automl.features import Prepared
from lepton_automl.models import Fitted, TreeBased, Trees, Walk, to_booster

FEW_ROWS = 16
"""Rows up to which the trees of all models are walked at once."""
MANY_ROWS = 1_000
"""Rows from which on trees may be put into XGBoost's form, and more than one thread is worth starting."""
MOST_NODES = 4_000_000
"""Nodes that are kept a second time, to be walked at once (about 120 MB), or in XGBoost's form (four times that)."""
CHUNK = 2_000
"""Rows whose leaves are looked up at once, where a leaf holds more than one number."""


class Answers:
    """Models, and the quicker forms of them, which are made when they are first needed.

    Args:
        models: The models.
        groups: For each of them the name of the prepared rows that it reads.
    """

    def __init__(self, models: tuple[Fitted, ...], groups: tuple[str, ...]) -> None:
        self.models, self.groups = models, groups
        self._based = {place: model for place, model in enumerate(models) if isinstance(model, TreeBased)}
        self._trees: dict[int, Trees] | None = None
        self._walk: Walk | None = None
        self._boosters: dict[int, Any] = {}
        self._kept_nodes = 0

    def of_few(self, prepare: Callable[[str], Prepared], threads: int = 1) -> list[np.ndarray]:
        """Gives each model's prediction of a few rows, shape `(n, width)`.

        Args:
            prepare: Gives the prepared rows of a name.
            threads: Threads.
        """
        rows = {name: prepare(name) for name in dict.fromkeys(self.groups)}
        told = self._walked(rows)
        return [
            told[place] if place in told else model.predict(rows[group], threads)
            for place, (model, group) in enumerate(zip(self.models, self.groups, strict=True))
        ]

    def of_many(self, prepare: Callable[[str], Prepared], threads: int = 1) -> list[np.ndarray]:
        """Gives each model's prediction of many rows, shape `(n, width)`; one table of prepared rows is held at a time."""
        told: dict[int, np.ndarray] = {}
        for name in dict.fromkeys(self.groups):
            rows = prepare(name)
            told.update({place: self._asked(place, rows, threads) for place, group in enumerate(self.groups) if group == name})
        return [told[place] for place in range(len(self.models))]

    def _walked(self, rows: Mapping[str, Prepared]) -> dict[int, np.ndarray]:
        """Gives the place of each model whose trees are walked to its prediction."""
        if self._trees is None:
            self._trees = self._found({name for name, mine in rows.items() if isinstance(mine.X, np.ndarray)})
        if not self._trees:
            return {}
        used = sorted({self.groups[place] for place in self._trees})
        if self._walk is None:
            starts = np.cumsum([0, *(rows[name].X.shape[1] for name in used)])
            columns = dict(zip(used, starts.tolist(), strict=False))
            self._walk = Walk([(trees, columns[self.groups[place]]) for place, trees in self._trees.items()])
        margins = self._walk.margins(np.hstack([rows[name].X for name in used]))
        return {place: self._based[place].of_margins(mine) for place, mine in zip(self._trees, margins, strict=True)}

    def _found(self, dense: set[str]) -> dict[int, Trees]:
        """Gives the trees of as many models as may be kept."""
        found, nodes = dict[int, Trees](), 0
        for place, model in self._based.items():
            trees = model.trees() if self.groups[place] in dense else None
            if trees is not None and nodes + len(trees.feature) <= MOST_NODES:
                found[place] = trees
                nodes += len(trees.feature)
        return found

    def _asked(self, place: int, rows: Prepared, threads: int) -> np.ndarray:
        """Gives a model's prediction, by XGBoost where that is quicker, the time to build its form included."""
        model, based = self.models[place], self._based.get(place)
        is_small = len(rows) < MANY_ROWS or not isinstance(rows.X, np.ndarray)
        if based is None or not based.is_slow or is_small or not has_xgboost():
            return model.predict(rows, threads)
        if place not in self._boosters:
            trees = based.trees()
            if trees is None or len(trees.feature) > len(trees) * len(rows):
                return model.predict(rows, threads)
            self._boosters[place] = trees, to_booster(trees, rows.X.shape[1])
        trees, booster = self._boosters[place]
        if sum(len(kept.feature) for kept, _ in self._boosters.values()) > MOST_NODES // 4:
            del self._boosters[place]
        booster.set_param({"nthread": threads})
        return based.of_margins(_margins(trees, booster, rows.X))


@cache
def has_xgboost() -> bool:
    """Says whether XGBoost is installed."""
    return find_spec("xgboost") is not None


def _margins(trees: Trees, booster: Any, X: np.ndarray) -> np.ndarray:
    """Gives what trees add up to, shape `(n, outputs * width)`, by their form as a booster."""
    if trees.values.shape[1] == 1:
        told = booster.inplace_predict(X, predict_type="margin", validate_features=False)
        return np.asarray(told, dtype="float64").reshape(len(X), -1) + trees.base
    import xgboost

    parts = []
    for since in range(0, len(X), CHUNK):
        rows = xgboost.DMatrix(X[since : since + CHUNK])
        leaves = booster.predict(rows, pred_leaf=True, validate_features=False, strict_shape=True)
        places = leaves.reshape(len(leaves), -1).T.astype("int64") + trees.roots[:, None]
        parts.append(trees.margins(places))
    return np.concatenate(parts)
