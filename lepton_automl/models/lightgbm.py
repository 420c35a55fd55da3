"""LightGBM: boosted trees with native categories, early stopping and a deadline. Kept as its own text format."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs, Prepared
from lepton_automl.models.lightgbm_trees import read_trees
from lepton_automl.models.protocol import REPRESENTATION, Files, Limits, Rows, Shape, Step
from lepton_automl.models.trees import Trees, of_margins
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int
from lepton_automl.tasks import Goal, Makes

LEGAL: dict[str, Dimension] = {
    "num_iterations": Int(1, 100_000),
    "learning_rate": Float(1e-5, 1.0),
    "num_leaves": Int(2, 131_072),
    "max_depth": Int(-1, 1000),
    "min_data_in_leaf": Int(0, 1_000_000),
    "min_sum_hessian_in_leaf": Float(0, 1e6),
    "bagging_fraction": Float(0.01, 1.0),
    "bagging_freq": Int(0, 1000),
    "feature_fraction": Float(0.01, 1.0),
    "feature_fraction_bynode": Float(0.01, 1.0),
    "extra_trees": Choice((False, True)),
    "lambda_l1": Float(0, 1e6),
    "lambda_l2": Float(0, 1e6),
    "min_gain_to_split": Float(0, 1e6),
    "max_bin": Int(2, 65_535),
    "cat_l2": Float(0, 1e6),
    "cat_smooth": Float(0, 1e6),
    "max_cat_to_onehot": Int(1, 100_000),
    "max_cat_threshold": Int(1, 100_000),
    "min_data_per_group": Int(1, 1_000_000),
    "path_smooth": Float(0, 1e6),
    "linear_tree": Choice((False, True)),
    **REPRESENTATION,
}
MAX_ROUNDS = 5000
LARGE = 50_000
"""From so many rows on, trees start with more leaves (measured on 245,000 rows: `docs/log.md`)."""


@dataclass(frozen=True)
class FittedLightGBM:
    """One booster, or one a quantile level.

    Args:
        boosters: `lightgbm.Booster`s.
        makes: What they make.
        rounds: Rounds of each that are used.
    """

    boosters: tuple[Any, ...]
    makes: Makes
    rounds: tuple[int, ...] = field(default=())
    is_slow: ClassVar[bool] = True

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives probabilities, numbers, or quantiles in rising order."""
        outputs = [
            booster.predict(rows.X, num_iteration=rounds, num_threads=threads, raw_score=True, predict_disable_shape_check=True)
            for booster, rounds in zip(self.boosters, self.rounds, strict=True)
        ]
        return self.of_margins(np.column_stack(outputs).astype("float64", copy=False))

    def trees(self) -> Trees | None:
        """Gives the trees of the rounds in use."""
        pairs = zip(self.boosters, self.rounds, strict=True)
        texts = tuple(booster.model_to_string(num_iteration=rounds) for booster, rounds in pairs)
        return read_trees(texts, self.boosters[0].num_model_per_iteration())

    def of_margins(self, margins: np.ndarray) -> np.ndarray:
        """Gives probabilities of log odds, numbers as they are, quantiles in rising order."""
        return of_margins(margins, self.makes)

    def cut(self, rounds: int) -> FittedLightGBM:
        """Gives it with the first rounds of each booster only."""
        return replace(self, rounds=tuple(min(rounds, used) for used in self.rounds))

    def save(self) -> Files:
        """Gives LightGBM's text format, the rounds in use only."""
        pairs = zip(self.boosters, self.rounds, strict=True)
        texts = {f"model_{i}.txt": b.model_to_string(num_iteration=rounds).encode() for i, (b, rounds) in enumerate(pairs)}
        return {**texts, "makes.txt": str(self.makes).encode()}


class LightGBM:
    """Gradient boosting (Ke et al. 2017, "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS 30)."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES, Makes.QUANTILES})
    needs = Needs(category="codes", missing="keep", text="topics")
    package = None
    devices = frozenset({"cpu"})
    in_rounds = True
    rate = "learning_rate"
    span = ""

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """As LightGBM names them; aliases are not accepted."""
        return LEGAL

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """The space that TabArena searches for LightGBM, with rounds found by early stopping."""
        most = 200 if shape.rows < LARGE else 500
        return {
            "num_iterations": Fixed(MAX_ROUNDS),
            "learning_rate": Float(0.01, 0.15, log=True),
            "num_leaves": Int(4, most, log=True),
            "min_data_in_leaf": Int(1, 64, log=True),
            "feature_fraction": Float(0.4, 1.0),
            "bagging_fraction": Float(0.7, 1.0),
            "bagging_freq": Fixed(1),
            "extra_trees": Choice((False, True)),
            "lambda_l1": Float(1e-4, 1.0),
            "lambda_l2": Float(1e-4, 2.0),
            "cat_l2": Float(0.005, 20.0, log=True),
            "cat_smooth": Float(0.001, 100.0, log=True),
            "max_cat_to_onehot": Int(4, 100, log=True),
            "min_data_per_group": Int(2, 100, log=True),
        }

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """Tuned defaults (Holzmüller et al. 2024, arXiv 2407.04491), a small-leaved and a randomised one."""
        numbers = shape.goal.makes is not Makes.PROBABILITIES
        tuned = {
            "learning_rate": 0.05 if numbers else 0.04,
            "num_leaves": 100 if numbers else 50,
            "min_data_in_leaf": 3 if numbers else 40,
            "bagging_fraction": 0.7 if numbers else 0.75,
        }
        fast = {**tuned, "learning_rate": 0.1, "num_leaves": 31, "min_data_in_leaf": 20}
        small = {**tuned, "learning_rate": 0.03, "num_leaves": 8, "min_data_in_leaf": 15, "feature_fraction": 0.6}
        loose = {"learning_rate": 0.03, "num_leaves": 39, "min_data_in_leaf": 3, "feature_fraction": 0.46, "extra_trees": True}
        loose = {**loose, "bagging_fraction": 0.88, "lambda_l2": 0.36}
        common = {"num_iterations": MAX_ROUNDS, "bagging_freq": 1}
        starts: list[dict[str, Any]] = [fast, tuned, small, loose]
        if shape.rows >= LARGE:
            starts = [{**fast, "num_leaves": 128}, {**tuned, "num_leaves": 255, "learning_rate": 0.05}, fast, loose]
        return [{**common, **params} for params in starts]

    def least_seconds(self, shape: Shape) -> float:
        """Gives little: it can be cut short."""
        return 0.5 + 5e-7 * shape.rows * shape.columns

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedLightGBM:
        """Boosts until the valid rows gain no more, the deadline passes, or the given rounds are done."""
        data = _dataset(train, params)
        watch = None if valid is None or limits.rounds is not None else _dataset(valid, params, data)
        objectives = _objectives(goal)
        exact = limits.rounds or (None,) * len(objectives)
        boosters, rounds = [], []
        for number, objective in enumerate(objectives):
            mine = replace(limits, deadline=_share_of(limits.deadline, len(objectives) - number))
            booster = _boost(data, watch, {**_common(params, limits), **objective}, _most(params, exact[number]), mine, step)
            best = (
                booster.best_iteration if exact[number] is None and booster.best_iteration > 0 else booster.current_iteration()
            )
            boosters.append(booster)
            rounds.append(int(best))
        return FittedLightGBM(tuple(boosters), goal.makes, tuple(rounds))

    def load(self, files: Files) -> FittedLightGBM:
        """Reads LightGBM's text format."""
        import lightgbm

        names = sorted((name for name in files if name.startswith("model_")), key=lambda name: int(name[6:-4]))
        boosters = tuple(lightgbm.Booster(model_str=files[name].decode()) for name in names)
        return FittedLightGBM(boosters, Makes(files["makes.txt"].decode()), tuple(b.current_iteration() for b in boosters))


def _dataset(rows: Rows, params: Mapping[str, Any], reference: Any = None) -> Any:
    """Gives the rows in bins, those of an earlier fit where bins and reference are the same."""
    import lightgbm

    binning = {"max_bin": params.get("max_bin", 255), "linear_tree": bool(params.get("linear_tree", False))}
    fixed = {"verbose": -1, "feature_pre_filter": False, "deterministic": True, "force_row_wise": True}

    def make() -> Any:
        return lightgbm.Dataset(
            rows.prepared.X,
            rows.y,
            weight=rows.weight,
            reference=reference,
            categorical_feature=list(rows.prepared.categorical),
            free_raw_data=False,
            params={**binning, **fixed},
        )

    return rows.kept(("lightgbm", *binning.values(), id(reference)), make)


def _objectives(goal: Goal) -> list[dict[str, Any]]:
    if goal.makes is Makes.QUANTILES:
        return [{"objective": "quantile", "alpha": level, "metric": "quantile"} for level in goal.levels]
    if goal.makes is Makes.VALUES:
        return [{"objective": "regression", "metric": "l2"}]
    if goal.width == 2:
        return [{"objective": "binary", "metric": "binary_logloss"}]
    return [{"objective": "multiclass", "num_class": goal.width, "metric": "multi_logloss"}]


def _common(params: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    fixed = {"num_threads": limits.threads, "seed": limits.seed, "deterministic": True, "force_row_wise": True, "verbose": -1}
    named = {key: value for key, value in params.items() if key != "num_iterations"}
    return {**named, **fixed, "feature_pre_filter": False}


def _most(params: Mapping[str, Any], exact: int | None) -> int:
    """Gives the most rounds to boost: those recorded, else the parameter."""
    return exact if exact is not None else int(params.get("num_iterations", MAX_ROUNDS))


def _share_of(deadline: float, boosters: int) -> float:
    """Gives the deadline of the next of some boosters, which share the time that is left evenly."""
    now = time.time()
    return deadline if deadline == float("inf") else now + (deadline - now) / boosters


def _boost(data: Any, watch: Any, params: dict[str, Any], most: int, limits: Limits, step: Step) -> Any:
    """Boosts; where rounds are recorded nothing is watched and no clock is asked."""
    import lightgbm

    history: list[float] = []
    is_exact = limits.rounds is not None

    def after_round(env: Any) -> None:
        loss = env.evaluation_result_list[0][2] if env.evaluation_result_list else float("nan")
        history.append(loss)
        step(env.iteration, loss)
        if not is_exact and env.iteration >= 1 and limits.is_over():
            raise lightgbm.callback.EarlyStopException(_best_so_far(history), env.evaluation_result_list)

    callbacks: list[Any] = [after_round]
    if watch is not None and not is_exact:
        callbacks.append(lightgbm.early_stopping(limits.patience, verbose=False))
    valid = [watch] if watch is not None and not is_exact else []
    return lightgbm.train(params, data, num_boost_round=most, valid_sets=valid, callbacks=callbacks)


def _best_so_far(history: list[float]) -> int:
    """Gives the best round (counted from 0) of losses so far, the last one where nothing was watched."""
    return -1 if np.isnan(history).all() else int(np.nanargmin(history))
