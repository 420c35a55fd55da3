"""CatBoost: boosted symmetric trees with ordered statistics of categories. Kept as its own binary format."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind
from lepton_automl.errors import Problem, RunError
from lepton_automl.features import Needs, Prepared
from lepton_automl.models.protocol import REPRESENTATION, Files, Limits, Rows, Shape, Step
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int
from lepton_automl.tasks import Goal, Makes

LEGAL: dict[str, Dimension] = {
    "iterations": Int(1, 100_000),
    "learning_rate": Float(1e-5, 1.0),
    "depth": Int(1, 16),
    "grow_policy": Choice(("SymmetricTree", "Depthwise", "Lossguide")),
    "max_leaves": Int(2, 65_536),
    "min_data_in_leaf": Int(1, 1_000_000),
    "l2_leaf_reg": Float(0, 1e6),
    "random_strength": Float(0, 1e6),
    "bootstrap_type": Choice(("Bernoulli", "MVS", "Bayesian", "No")),
    "subsample": Float(0.01, 1.0),
    "bagging_temperature": Float(0, 1e6),
    "rsm": Float(0.01, 1.0),
    "leaf_estimation_iterations": Int(1, 100),
    "border_count": Int(1, 65_535),
    "one_hot_max_size": Int(0, 100_000),
    "max_ctr_complexity": Int(1, 16),
    "model_size_reg": Float(0, 1e6),
    "boosting_type": Choice(("Plain", "Ordered")),
    **REPRESENTATION,
}
MAX_ROUNDS = 5000
CPU_ONLY = ("rsm",)
"""Parameters that CatBoost knows on the CPU alone, but for ranking."""
FEW_ROWS = 200
"""Up to so many rows a table of objects is read faster than columns with their own types: 0.1 ms against 0.7 ms for one row."""
PROBE_ROUNDS = 20
"""Rounds that are timed on the GPU, where no callback can look at the clock."""
VOLATILE = {"model_guid": "0-0-0-0", "train_finish_time": "1970-01-01T00:00:00Z"}
"""What CatBoost writes into a model that differs from fit to fit; set, so that the same fit gives the same bytes."""


@dataclass(frozen=True)
class FittedCatBoost:
    """One booster, one a quantile level where the device can not fit them together, or none where one class was seen.

    Args:
        boosters: `catboost.CatBoost`s, cut to the rounds in use.
        makes: What they make.
        width: Columns of the prediction.
        classes: Codes of the classes that were seen, rising; empty where no probabilities are made.
        rounds: Rounds of each.
    """

    boosters: tuple[Any, ...]
    makes: Makes
    width: int
    classes: tuple[int, ...]
    rounds: tuple[int, ...]

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives probabilities (0 for a class that was not seen), numbers, or quantiles in rising order."""
        if self.makes is Makes.PROBABILITIES:
            out = np.zeros((len(rows), self.width))
            out[:, list(self.classes)] = self._raw(rows, threads, "Probability") if self.boosters else 1.0
            return out
        out = self._raw(rows, threads, "RawFormulaVal")
        return np.sort(out, axis=1) if self.makes is Makes.QUANTILES else out

    def _raw(self, rows: Prepared, threads: int, kind: str) -> np.ndarray:
        import catboost

        data = _columns(rows)
        if rows.categorical:  # a model that uses no category does not know which columns are some
            data = catboost.Pool(data, cat_features=list(rows.categorical), thread_count=threads)
        outputs = [booster.predict(data, prediction_type=kind, thread_count=threads) for booster in self.boosters]
        return np.column_stack([np.asarray(output, dtype="float64") for output in outputs])

    def cut(self, rounds: int) -> FittedCatBoost:
        """Gives it with the first rounds of each booster only."""
        kept = tuple(min(rounds, used) for used in self.rounds)
        boosters = tuple(booster.copy() for booster in self.boosters)
        for booster, end in zip(boosters, kept, strict=True):
            booster.shrink(ntree_end=end)
        return replace(self, boosters=boosters, rounds=kept)

    def save(self) -> Files:
        """Gives CatBoost's own binary format."""
        head = {"makes": str(self.makes), "width": self.width, "classes": self.classes, "rounds": self.rounds}
        models = {f"model_{i}.cbm": _bytes_of(booster) for i, booster in enumerate(self.boosters)}
        return {**models, "head.json": json.dumps(head).encode()}


class CatBoost:
    """Gradient boosting (Prokhorenkova et al. 2018, "CatBoost: unbiased boosting with categorical features", NeurIPS 31)."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES, Makes.QUANTILES})
    needs = Needs(category="codes", missing="keep", text="topics")
    package = ("catboost", "catboost")
    devices = frozenset({"cpu", "gpu"})
    in_rounds = True
    rate = "learning_rate"
    span = ""

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """As CatBoost names them; aliases are not accepted."""
        return LEGAL

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """The space that TabArena searches for CatBoost, with rounds found by early stopping.

        Left out is what only one device knows (`rsm`); rates are higher, so that fewer rounds do.
        """
        return {
            "iterations": Fixed(MAX_ROUNDS),
            "learning_rate": Float(0.02, 0.15, log=True),
            "grow_policy": Choice(("SymmetricTree", "Depthwise")),
            "depth": Int(4, 8),
            "l2_leaf_reg": Float(1e-4, 5.0, log=True),
            "bootstrap_type": Fixed("Bernoulli"),
            "subsample": Float(0.7, 1.0),
            "leaf_estimation_iterations": Int(1, 20, log=True),
            "one_hot_max_size": Int(8, 100, log=True),
            "model_size_reg": Float(0.1, 1.5, log=True),
            "max_ctr_complexity": Int(1, 4),
            "border_count": Fixed(254),
        }

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """A quick one, tuned defaults (Holzmüller et al. 2024, arXiv 2407.04491), CatBoost's own, and a depthwise one."""
        common = {"iterations": MAX_ROUNDS, "bootstrap_type": "Bernoulli"}
        quick = {"learning_rate": 0.1, "depth": 6, "l2_leaf_reg": 3.0, "subsample": 0.9, "leaf_estimation_iterations": 1}
        quick = {**quick, "one_hot_max_size": 15, "max_ctr_complexity": 1, "border_count": 254}
        if shape.goal.makes is Makes.PROBABILITIES:
            tuned = {"learning_rate": 0.08, "depth": 7, "random_strength": 0.8, "one_hot_max_size": 15}
            tuned = {**tuned, "leaf_estimation_iterations": 1}
        else:
            tuned = {"learning_rate": 0.09, "depth": 9, "random_strength": 0.0, "one_hot_max_size": 20}
            tuned = {**tuned, "leaf_estimation_iterations": 20}
        tuned = {**tuned, "l2_leaf_reg": 1e-5, "subsample": 0.9, "border_count": 254}
        own = {"learning_rate": 0.05, "depth": 6, "l2_leaf_reg": 3.0, "subsample": 0.8}
        deep = {"learning_rate": 0.05, "depth": 8, "grow_policy": "Depthwise", "l2_leaf_reg": 0.36, "subsample": 0.81}
        deep = {**deep, "leaf_estimation_iterations": 5, "one_hot_max_size": 20, "model_size_reg": 0.125, "border_count": 254}
        return [{**common, **start} for start in (quick, tuned, own, deep)]

    def least_seconds(self, shape: Shape) -> float:
        """Gives little: it can be cut short."""
        return 1.0 + 2e-6 * shape.rows * shape.columns

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedCatBoost:
        """Boosts until the valid rows gain no more, the deadline passes, or the given rounds are done.

        Classes without a row are left out of the fit, and so are valid rows of them.

        Raises:
            RunError: If a parameter is not known on the device.
        """
        _check(params, limits)
        classes: tuple[int, ...] = ()
        if goal.makes is Makes.PROBABILITIES:
            classes = tuple(np.unique(train.y).tolist())
            if len(classes) == 1:
                step(0, 0.0)
                return FittedCatBoost((), goal.makes, goal.width, classes, (1,))
        data = _pool(train, classes, limits)
        watch = None if valid is None or limits.rounds is not None else _pool(valid, classes, limits)
        objectives = _objectives(goal, len(classes), limits.device)
        exact = limits.rounds or (None,) * len(objectives)
        boosters = []
        for number, objective in enumerate(objectives):
            most = exact[number] or int(params.get("iterations", MAX_ROUNDS))
            named = {key: value for key, value in params.items() if key != "iterations"}
            settings = {"learning_rate": 0.05, "boosting_type": "Plain", **named, **objective, **_fixed(limits)}
            share = (limits.deadline - time.time()) / (len(objectives) - number)
            boosters.append(_boost(data, watch, settings, most, limits, time.time() + share, step))
        rounds = tuple(int(booster.tree_count_) for booster in boosters)
        return FittedCatBoost(tuple(boosters), goal.makes, goal.width, classes, rounds)

    def load(self, files: Files) -> FittedCatBoost:
        """Reads CatBoost's own binary format."""
        import catboost

        head = json.loads(files["head.json"])
        names = sorted((name for name in files if name.endswith(".cbm")), key=lambda name: int(name[6:-4]))
        boosters = tuple(catboost.CatBoost().load_model(blob=files[name]) for name in names)
        return FittedCatBoost(boosters, Makes(head["makes"]), head["width"], tuple(head["classes"]), tuple(head["rounds"]))


def _check(params: Mapping[str, Any], limits: Limits) -> None:
    """Refuses what the device does not know, in words that name the key."""
    found = [name for name in CPU_ONLY if name in params and limits.device == "gpu"]
    if found:
        problems = (
            Problem(
                f"search.models.catboost.{name}",
                f"is {params[name]}, and CatBoost has it on the CPU alone.",
                "Leave it out, or fit on the CPU.",
            )
            for name in found
        )
        raise RunError(problems)


def _columns(prepared: Prepared) -> Any:
    """Gives rows as CatBoost reads them fastest: numbers as they are, levels as whole numbers, a missing one as -1."""
    X, places = prepared.X, list(prepared.categorical)
    if not places:
        return X
    codes = np.nan_to_num(X[:, places], nan=-1.0).astype("int32")
    if len(X) <= FEW_ROWS:
        table = X.astype(object)
        table[:, places] = codes
        return table
    series: dict[int, Any] = {place: X[:, place] for place in range(X.shape[1])}
    for place, code in zip(places, codes.T, strict=True):
        series[place] = pd.Categorical.from_codes(code + 1, categories=np.arange(-1, max(0, int(code.max())) + 1))
    return pd.DataFrame(series)


def _pool(rows: Rows, classes: tuple[int, ...], limits: Limits) -> Any:
    """Gives rows and their target; of classes, those seen in training alone, numbered from 0. None if no row is left."""
    import catboost

    prepared, y, weight = rows.prepared, rows.y, rows.weight
    if classes:
        known = np.isin(y, classes)
        if not known.any():
            return None
        if not known.all():
            prepared = Prepared(prepared.X[known], prepared.names, prepared.sources, prepared.categorical, prepared.levels)
            y, weight = y[known], None if weight is None else weight[known]
        y = np.searchsorted(classes, y)
    data = _columns(prepared)
    places = list(prepared.categorical) or None
    return catboost.Pool(data, y, weight=weight, cat_features=places, thread_count=limits.threads)


def _objectives(goal: Goal, classes: int, device: str) -> list[dict[str, Any]]:
    if goal.makes is Makes.QUANTILES:
        if device == "cpu" and len(goal.levels) > 1:
            return [{"loss_function": f"MultiQuantile:alpha={','.join(map(str, goal.levels))}"}]
        return [{"loss_function": f"Quantile:alpha={level}"} for level in goal.levels]
    if goal.makes is Makes.VALUES:
        return [{"loss_function": "RMSE"}]
    return [{"loss_function": "Logloss" if classes == 2 else "MultiClass"}]


def _fixed(limits: Limits) -> dict[str, Any]:
    return {
        "thread_count": limits.threads,
        "random_seed": limits.seed,
        "task_type": "GPU" if limits.device == "gpu" else "CPU",
        "allow_writing_files": False,
        "allow_const_label": True,
        "logging_level": "Silent",
    }


def _boost(data: Any, watch: Any, settings: dict[str, Any], most: int, limits: Limits, deadline: float, step: Step) -> Any:
    """Boosts; where rounds are recorded nothing is watched and no clock is asked."""
    import catboost

    is_timed = limits.rounds is None and deadline != float("inf")
    if watch is not None:
        settings = {**settings, "od_type": "Iter", "od_wait": limits.patience, "use_best_model": True}
    if limits.device == "gpu":
        if is_timed:
            most = min(most, _affordable(data, watch, settings, deadline))
        booster = catboost.CatBoost({**settings, "iterations": most}).fit(data, eval_set=watch)
        for number, loss in enumerate(_losses(booster.get_evals_result(), watch is not None)):
            step(number, loss)
        return booster
    callback = _Deadline(deadline if is_timed else float("inf"), watch is not None, step)
    return catboost.CatBoost({**settings, "iterations": most}).fit(data, eval_set=watch, callbacks=[callback])


def _affordable(data: Any, watch: Any, settings: dict[str, Any], deadline: float) -> int:
    """Gives the rounds that fit before the deadline, from the time that a few take; at least as many as those."""
    import catboost

    started = time.time()
    catboost.CatBoost({**settings, "iterations": PROBE_ROUNDS}).fit(data, eval_set=watch)
    took = (time.time() - started) / PROBE_ROUNDS
    return max(PROBE_ROUNDS, int((deadline - time.time()) / took))


def _losses(history: Mapping[str, Mapping[str, list[float]]], has_watch: bool) -> list[float]:
    """Gives the loss of each round so far; of the valid rows if there are any."""
    found = history.get("validation" if has_watch else "learn", {})
    return next(iter(found.values()), [])


class _Deadline:
    """Tells each round's loss, and stops when the deadline passes."""

    def __init__(self, deadline: float, has_watch: bool, step: Step) -> None:
        self.deadline, self.has_watch, self.step = deadline, has_watch, step

    def after_iteration(self, info: Any) -> bool:
        """Gives false to stop."""
        losses = _losses(info.metrics or {}, self.has_watch)
        self.step(int(info.iteration) - 1, float(losses[-1]) if losses else float("nan"))
        return info.iteration < 2 or time.time() < self.deadline


def _bytes_of(booster: Any) -> bytes:
    for name, value in VOLATILE.items():
        booster.get_metadata()[name] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        booster.save_model(str(path))
        return path.read_bytes()
