"""The work of one fit, done in a worker process: prepare, fit, predict the valid rows, write everything down."""

from __future__ import annotations

import importlib
import json
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl.data import Dataset, load_dataset
from lepton_automl.features import FeatureOptions, Preparation, Prepared, learn_preparation
from lepton_automl.models import Limits, Rows, no_step, unpack_arrays
from lepton_automl.models.protocol import pack_arrays
from lepton_automl.tasks import Goal, History, Makes

ALL_ROWS = -1
"""Number of the fold that learns from all training rows and is judged by none."""


def fit_fold(
    table: str,
    out: str,
    place: str,
    params: dict[str, Any],
    fold: int,
    goal: dict[str, Any],
    history: dict[str, Any] | None,
    features: dict[str, Any],
    limits: dict[str, Any],
) -> dict[str, Any]:
    """Fits one configuration on one fold.

    Args:
        table: Folder with `train.arrow`, `target.npz` and `folds.npz`.
        out: Path of what it writes, without ending: predictions and model.
        place: Where the model's class is.
        params: Parameters.
        fold: Number of the fold, or `ALL_ROWS`.
        goal: What is to be made.
        history: How rows form series, if they do.
        features: What is made of columns.
        limits: Threads, seed, deadline, patience, rounds.

    Returns:
        Rounds, seconds and sizes.
    """
    started = time.perf_counter()
    model = _model(place)
    aim = Goal(Makes(goal["makes"]), goal["width"], tuple(goal["levels"]))
    past = History(history["time"], tuple(history["series"]), history["horizon"], history["season"]) if history else None
    train, valid, preparation = _prepared(table, fold, model.needs, FeatureOptions(**features), past)
    bounds = Limits(**{**limits, "rounds": tuple(limits["rounds"]) if limits["rounds"] is not None else None})
    fitted = model.fit(train, valid, params, aim, bounds, no_step)
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    watch = time.perf_counter()
    if valid is not None:
        np.save(
            f"{out}.oof.npy",
            fitted.predict(valid.prepared, bounds.threads).astype("float32" if goal["width"] > 8 else "float64"),
        )
    predict_seconds = time.perf_counter() - watch
    files = fitted.save()
    for name, content in files.items():
        Path(f"{out}.{name}").write_bytes(content)
    return {
        "rounds": list(fitted.rounds),
        "seconds": time.perf_counter() - started,
        "predict_seconds": predict_seconds,
        "model_mb": sum(map(len, files.values())) / 1e6,
        "files": [f"{path.name}.{name}" for name in files],
        "preparation": preparation,
    }


@lru_cache(maxsize=8)
def _model(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)()


@lru_cache(maxsize=1)
def _table(folder: str) -> tuple[Dataset, np.ndarray, np.ndarray | None, dict[str, np.ndarray]]:
    data = load_dataset(Path(folder) / "train.arrow")
    target = unpack_arrays((Path(folder) / "target.npz").read_bytes())
    folds = unpack_arrays((Path(folder) / "folds.npz").read_bytes())
    return data, target["y"], target.get("weight"), folds


@lru_cache(maxsize=6)
def _prepared(
    table: str, fold: int, needs: Any, options: FeatureOptions, history: History | None
) -> tuple[Rows, Rows | None, str]:
    data, y, weight, folds = _table(table)
    here = np.arange(len(data)) if fold == ALL_ROWS else folds[f"train_{fold}"]
    there = np.zeros(0, dtype="int64") if fold == ALL_ROWS else folds[f"valid_{fold}"]
    train = data.rows(here)
    name = preparation_name(needs, fold)
    path = Path(table) / name
    if path.with_suffix(".json").exists():
        preparation = load_preparation(path)
    else:
        preparation = learn_preparation(train, needs, options, history)
        save_preparation(preparation, path)
    learned = _rows(preparation.apply(train.frame, train.frame), y, weight, here)
    if not len(there):
        return learned, None, name
    return learned, _rows(preparation.apply(data.rows(there).frame, train.frame), y, weight, there), name


def _rows(prepared: Prepared, y: np.ndarray, weight: np.ndarray | None, positions: np.ndarray) -> Rows:
    return Rows(prepared, y[positions], None if weight is None else weight[positions])


def preparation_name(needs: Any, fold: int) -> str:
    """Gives the name of a preparation's files: what is needed, and of which fold it was learned."""
    parts = [needs.category, needs.missing, "scaled" if needs.scale else "", needs.text if needs.text != "none" else ""]
    return "_".join([*(part for part in parts if part), "all" if fold == ALL_ROWS else f"fold{fold}"])


def save_preparation(preparation: Preparation, path: Path) -> None:
    """Writes a preparation as `.json` and `.npz`; the JSON last, whole, so that a reader never sees a half."""
    meta, arrays = preparation.state()
    path.with_suffix(".npz").write_bytes(pack_arrays(arrays))
    draft = path.with_name(f"{path.name}.{time.time_ns()}.tmp")
    draft.write_text(json.dumps(meta, ensure_ascii=False))
    draft.rename(path.with_suffix(".json"))


def load_preparation(path: Path) -> Preparation:
    """Reads what `save_preparation` wrote."""
    meta = json.loads(path.with_suffix(".json").read_text())
    return Preparation.load(meta, unpack_arrays(path.with_suffix(".npz").read_bytes()))
