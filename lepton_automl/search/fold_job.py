"""The work of one fit, done in a worker process: prepare, fit, predict the valid rows, write everything down."""

from __future__ import annotations

import importlib
import json
import math
import os
import time
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, Any

import numpy as np

from lepton_automl.data import Dataset, Kind, load_dataset
from lepton_automl.data.personal import quoting_nobody
from lepton_automl.features import FeatureOptions, Learning, Needs, Preparation, Prepared, learn_prepared
from lepton_automl.models import Limits, Rows, fit_with_target, unpack_arrays
from lepton_automl.models.protocol import pack_arrays
from lepton_automl.tasks import Goal, History, Makes

ALL_ROWS = -1
"""Number of the fold that learns from all training rows and is judged by none."""
MOST_POINTS = 200


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
    """Fits one configuration on one fold. An error quotes nobody: it is told in logs and reports.

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
    with quoting_nobody(partial(_texts, table)):
        return _fit_fold(table, out, place, params, fold, goal, history, features, limits)


def _fit_fold(
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
    started = time.perf_counter()
    model, curve = _model(place), Curve()
    aim = Goal(Makes(goal["makes"]), goal["width"], tuple(goal["levels"]))
    past = History(history["time"], tuple(history["series"]), history["horizon"], history["season"]) if history else None
    needs = model.needs.chosen(params)
    train, valid, preparation = _prepared(table, fold, needs, FeatureOptions(**features), past, aim.classes)
    bounds = Limits(**{**limits, "rounds": tuple(limits["rounds"]) if limits["rounds"] is not None else None})
    fitted = fit_with_target(model, train, valid, params, aim, bounds, curve)
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
        "curve": curve.points,
    }


class Curve:
    """The loss of each round, thinned out to at most `MOST_POINTS` of them."""

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []
        self._every = 1

    def __call__(self, number: int, value: float) -> None:
        """Takes a round's loss; one that is not known is left out."""
        if number % self._every or not math.isfinite(value):
            return
        self.points.append((number, value))
        if len(self.points) >= MOST_POINTS:
            self._every *= 2
            self.points = [point for point in self.points if point[0] % self._every == 0]


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


def _texts(folder: str) -> list[str]:
    """Gives the texts of the table."""
    data = _table(folder)[0]
    return [text for column in data.columns if column.kind is Kind.TEXT for text in data.values(column.name).dropna()]


@lru_cache(maxsize=16)
def _prepared(
    table: str, fold: int, needs: Needs, options: FeatureOptions, history: History | None, width: int
) -> tuple[Rows, Rows | None, str]:
    """Gives the training and valid rows of a fold as a model needs them: those another worker wrote down, if it did."""
    data, y, weight, folds = _table(table)
    here = np.arange(len(data)) if fold == ALL_ROWS else folds[f"train_{fold}"]
    there = np.zeros(0, dtype="int64") if fold == ALL_ROWS else folds[f"valid_{fold}"]
    name = preparation_name(needs, fold)
    path = Path(table) / name
    if not path.with_suffix(".json").exists():
        train = data.rows(here)
        mine = None if weight is None else weight[here]
        learning = Learning(train, y[here], width, needs, options, history, max(fold, 0), mine)
        preparation, learned = learn_prepared(learning)
        save_prepared(learned, path.with_name(f"{name}.train"))
        if len(there):
            save_prepared(preparation.apply(data.rows(there).frame, train.frame), path.with_name(f"{name}.valid"))
        save_preparation(preparation, path)
    rows = _rows(load_prepared(path.with_name(f"{name}.train")), y, weight, here)
    if not len(there):
        return rows, None, name
    return rows, _rows(load_prepared(path.with_name(f"{name}.valid")), y, weight, there), name


def _rows(prepared: Prepared, y: np.ndarray, weight: np.ndarray | None, positions: np.ndarray) -> Rows:
    return Rows(prepared, y[positions], None if weight is None else weight[positions])


def preparation_name(needs: Needs, fold: int) -> str:
    """Gives the name of a preparation's files: what is needed, and of which fold it was learned."""
    return f"{needs.key}_{'all' if fold == ALL_ROWS else f'fold{fold}'}"


def save_prepared(prepared: Prepared, path: Path) -> None:
    """Writes prepared rows as plain arrays, which all workers can then map into their memory: it holds them once."""
    is_sparse = not isinstance(prepared.X, np.ndarray)
    parts = {"data": prepared.X.data, "indices": prepared.X.indices, "indptr": prepared.X.indptr} if is_sparse else {}
    for part, array in (parts or {"X": np.ascontiguousarray(prepared.X)}).items():
        _put(path.with_name(f"{path.name}.{part}.npy"), partial(_write_array, array))
    meta = {"names": prepared.names, "sources": prepared.sources, "categorical": prepared.categorical}
    content = json.dumps({**meta, "levels": prepared.levels, "shape": prepared.X.shape, "parts": list(parts)})
    _put(path.with_name(f"{path.name}.rows"), lambda file: file.write(content.encode()))


def load_prepared(path: Path) -> Prepared:
    """Maps what `save_prepared` wrote; whoever changes it changes a copy."""
    from scipy import sparse

    meta = json.loads(path.with_name(f"{path.name}.rows").read_text())
    parts = meta["parts"] or ["X"]
    arrays = [np.load(path.with_name(f"{path.name}.{part}.npy"), mmap_mode="c" if meta["shape"][1] else None) for part in parts]
    X = sparse.csr_matrix(tuple(arrays), shape=tuple(meta["shape"])) if meta["parts"] else arrays[0].view(np.ndarray)
    names = (tuple(meta[key]) for key in ("names", "sources", "categorical", "levels"))
    return Prepared(X, *names)


def _put(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Writes a file whole: under another name first, so that a reader never sees a half."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{time.time_ns()}.tmp")
    with draft.open("wb") as file:
        write(file)
    draft.rename(path)


def _write_array(array: np.ndarray, file: IO[bytes]) -> None:
    np.save(file, array)


def save_preparation(preparation: Preparation, path: Path) -> None:
    """Writes a preparation as `.json` and `.npz`; the JSON last, whole, so that a reader never sees a half."""
    meta, arrays = preparation.state()
    packed = pack_arrays(arrays)
    _put(path.with_suffix(".npz"), lambda file: file.write(packed))
    content = json.dumps(meta, ensure_ascii=False).encode()
    _put(path.with_suffix(".json"), lambda file: file.write(content))


def load_preparation(path: Path) -> Preparation:
    """Reads what `save_preparation` wrote."""
    meta = json.loads(path.with_suffix(".json").read_text())
    return Preparation.load(meta, unpack_arrays(path.with_suffix(".npz").read_bytes()))
