"""XGBoost: boosted trees by histograms. Kept as its own UBJSON format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs, Prepared
from lepton_automl.models.protocol import REPRESENTATION, Files, Limits, Rows, Shape, Step
from lepton_automl.models.trees import Trees, of_margins
from lepton_automl.models.xgboost_trees import read_trees
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int
from lepton_automl.tasks import Goal, Makes

LEGAL: dict[str, Dimension] = {
    "num_boost_round": Int(1, 100_000),
    "learning_rate": Float(1e-5, 1.0),
    "max_depth": Int(0, 100),
    "max_leaves": Int(0, 131_072),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "min_child_weight": Float(0, 1e6),
    "subsample": Float(0.01, 1.0),
    "colsample_bytree": Float(0.01, 1.0),
    "colsample_bylevel": Float(0.01, 1.0),
    "colsample_bynode": Float(0.01, 1.0),
    "reg_alpha": Float(0, 1e6),
    "reg_lambda": Float(0, 1e6),
    "gamma": Float(0, 1e6),
    "max_bin": Int(2, 65_535),
    "max_cat_to_onehot": Int(1, 100_000),
    **REPRESENTATION,
}
MAX_ROUNDS = 5000
_THREADS: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
"""Booster to the threads it was last told to predict with."""


@dataclass(frozen=True)
class FittedXGBoost:
    """A booster.

    Args:
        booster: `xgboost.Booster`, cut to the rounds in use.
        makes: What it makes.
        width: Columns of the prediction.
        types: `c` or `q` for each feature.
        rounds: Rounds in use.
    """

    booster: Any
    makes: Makes
    width: int
    types: tuple[str, ...]
    rounds: tuple[int, ...]
    is_slow: ClassVar[bool] = False

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives probabilities, numbers, or quantiles in rising order."""
        if _THREADS.get(self.booster) != threads:  # setting it makes XGBoost set itself up anew: half the time of one row
            self.booster.set_param({"nthread": threads})
            _THREADS[self.booster] = threads
        out = self.booster.inplace_predict(rows.X, predict_type="margin", validate_features=False)
        return self.of_margins(np.asarray(out, dtype="float64").reshape(len(rows), -1))

    def trees(self) -> Trees | None:
        """Gives its trees."""
        return read_trees(self.booster, len(self.types))

    def of_margins(self, margins: np.ndarray) -> np.ndarray:
        """Gives probabilities of log odds, numbers as they are, quantiles in rising order."""
        return of_margins(margins, self.makes)

    def cut(self, rounds: int) -> FittedXGBoost:
        """Gives it with the first rounds only."""
        kept = min(rounds, self.rounds[0])
        return replace(self, booster=self.booster[:kept], rounds=(kept,))

    def save(self) -> Files:
        """Gives XGBoost's UBJSON format."""
        head = f"{self.makes}\n{self.width}\n{''.join(self.types)}"
        return {"model.ubj": bytes(self.booster.save_raw("ubj")), "head.txt": head.encode()}


class XGBoost:
    """Gradient boosting (Chen and Guestrin 2016, "XGBoost: a scalable tree boosting system", KDD)."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES, Makes.QUANTILES})
    needs = Needs(category="codes", missing="keep", text="topics")
    package = ("xgboost", "xgboost")
    devices = frozenset({"cpu", "gpu"})
    in_rounds = True
    rate = "learning_rate"
    span = ""

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """As XGBoost names them; aliases are not accepted."""
        return LEGAL

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """The space that TabArena searches for XGBoost, with rounds found by early stopping."""
        return {
            "num_boost_round": Fixed(MAX_ROUNDS),
            "learning_rate": Float(0.01, 0.15, log=True),
            "max_depth": Int(4, 10, log=True),
            "min_child_weight": Float(0.001, 5.0, log=True),
            "subsample": Float(0.6, 1.0),
            "colsample_bylevel": Float(0.6, 1.0),
            "colsample_bynode": Float(0.6, 1.0),
            "reg_alpha": Float(1e-4, 5.0),
            "reg_lambda": Float(1e-4, 5.0),
            "grow_policy": Choice(("depthwise", "lossguide")),
            "max_cat_to_onehot": Int(8, 100, log=True),
            "max_leaves": Int(8, 1024, log=True),
        }

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """Tuned defaults (Holzmüller et al. 2024, arXiv 2407.04491)."""
        if shape.goal.makes is Makes.PROBABILITIES:
            params = {
                "learning_rate": 0.08,
                "max_depth": 6,
                "min_child_weight": 5e-6,
                "subsample": 0.65,
                "colsample_bylevel": 0.9,
            }
        else:
            params = {"learning_rate": 0.05, "max_depth": 9, "min_child_weight": 2.0, "subsample": 0.7}
        return [{"num_boost_round": MAX_ROUNDS, "reg_lambda": 0.0, **params}]

    def least_seconds(self, shape: Shape) -> float:
        """Gives little: it can be cut short."""
        return 1.0 + 5e-7 * shape.rows * shape.columns

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedXGBoost:
        """Boosts until the valid rows gain no more, the deadline passes, or the given rounds are done."""
        import xgboost

        types = tuple("c" if i in train.prepared.categorical else "q" for i in range(train.prepared.X.shape[1]))
        max_bin = int(params.get("max_bin", 256))
        data = _matrix(train, types, max_bin, limits)
        watch = _matrix(valid, types, max_bin, limits, data) if valid is not None and limits.rounds is None else None
        rounds = int(params.get("num_boost_round", MAX_ROUNDS)) if limits.rounds is None else limits.rounds[0]
        booster = xgboost.train(
            {**{k: v for k, v in params.items() if k != "num_boost_round"}, **_objective(goal), **_fixed(limits)},
            data,
            num_boost_round=rounds,
            evals=[(watch, "valid")] if watch is not None else [],
            callbacks=_callbacks(limits, step, watch is not None),
            verbose_eval=False,
        )
        best = booster.best_iteration + 1 if watch is not None else booster.num_boosted_rounds()
        return FittedXGBoost(booster[:best], goal.makes, goal.width, types, (int(best),))

    def load(self, files: Files) -> FittedXGBoost:
        """Reads XGBoost's UBJSON format."""
        import xgboost

        booster = xgboost.Booster()
        booster.load_model(bytearray(files["model.ubj"]))
        makes, width, types = files["head.txt"].decode().split("\n")
        return FittedXGBoost(booster, Makes(makes), int(width), tuple(types), (booster.num_boosted_rounds(),))


def _matrix(rows: Rows, types: tuple[str, ...], max_bin: int, limits: Limits, reference: Any = None) -> Any:
    """Gives the rows in bins, those of an earlier fit where bins and reference are the same."""
    import xgboost

    def make() -> tuple[Any, Any]:
        options = {"feature_types": list(types), "enable_categorical": True, "nthread": limits.threads, "max_bin": max_bin}
        made = xgboost.QuantileDMatrix(rows.prepared.X, rows.y, weight=rows.weight, ref=reference, **options)
        return made, reference  # kept together: a reference that is gone could leave its identity to another one

    return rows.kept(("xgboost", max_bin, id(reference)), make)[0]


def _objective(goal: Goal) -> dict[str, Any]:
    if goal.makes is Makes.QUANTILES:
        return {"objective": "reg:quantileerror", "quantile_alpha": list(goal.levels)}
    if goal.makes is Makes.VALUES:
        return {"objective": "reg:squarederror"}
    if goal.width == 2:
        return {"objective": "binary:logistic"}
    return {"objective": "multi:softprob", "num_class": goal.width}


def _fixed(limits: Limits) -> dict[str, Any]:
    return {
        "tree_method": "hist",
        "nthread": limits.threads,
        "seed": limits.seed,
        "verbosity": 0,
        "device": "cuda" if limits.device == "gpu" else "cpu",
    }


def _callbacks(limits: Limits, step: Step, has_watch: bool) -> list[Any]:
    import xgboost

    class Deadline(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        """Stops when the deadline passes, and tells each round's loss."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            """Gives true to stop."""
            losses = next(iter(evals_log["valid"].values())) if has_watch and evals_log else [float("nan")]
            step(epoch, float(losses[-1]))
            return limits.rounds is None and epoch >= 1 and limits.is_over()

    stop = [xgboost.callback.EarlyStopping(rounds=limits.patience, save_best=False)] if has_watch else []
    return [*stop, Deadline()]
