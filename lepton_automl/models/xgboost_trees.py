"""Trees to and from XGBoost's model format."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from lepton_automl.models.trees import NO_SET, Links, Trees, Walk

HEAD = (3, 0, 0)
"""Version of XGBoost's format that is written: every later one reads it."""
NO_PARENT = 2**31 - 1
CATEGORICAL = 1


def read_trees(booster: Any, columns: int) -> Trees | None:
    """Gives the trees of an `xgboost.Booster`; none where a leaf of it holds several numbers.

    Args:
        booster: The booster.
        columns: Columns of its rows.
    """
    model = json.loads(bytes(booster.save_raw("json")))["learner"]["gradient_booster"]
    if model["name"] != "gbtree":
        return None
    held, output = model["model"]["trees"], np.array(model["model"]["tree_info"], dtype="int64")
    if any(int(tree["tree_param"]["size_leaf_vector"]) > 1 for tree in held):
        return None
    roots = np.cumsum([0, *(len(tree["left_children"]) for tree in held)])

    def joined(name: str, dtype: str) -> np.ndarray:
        return np.array([item for tree in held for item in tree[name]], dtype=dtype)

    shift = np.repeat(roots[:-1], np.diff(roots))
    left, condition = joined("left_children", "int64"), joined("split_conditions", "float32")
    links = Links(
        feature=np.where(left < 0, -1, joined("split_indices", "int64")),
        threshold=condition,
        left=left + shift,
        right=joined("right_children", "int64") + shift,
        missing_left=joined("default_left", "int64") > 0,
        values=condition[:, None].astype("float64"),
        roots=roots[:-1],
    )
    sets, words = _sets(held, roots)
    outputs = int(output.max(initial=0)) + 1
    trees = links.table(output, np.zeros(outputs), sets, words)
    return _with_base(trees, booster, columns)


def _sets(held: list[dict[str, Any]], roots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    sets, words = np.full(roots[-1], NO_SET), list[int]()
    for tree, root in zip(held, roots, strict=False):
        for node, since, size in zip(
            tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
        ):
            levels = tree["categories"][since : since + size]
            sets[root + node] = len(words)
            mine = [0] * (max(levels, default=0) // 32 + 1)
            for level in levels:
                mine[level // 32] |= 1 << level % 32
            words += [len(mine), *mine]
    return sets, np.array(words, dtype="uint32")


def _with_base(trees: Trees, booster: Any, columns: int) -> Trees:
    """Finds what the outputs start from by one row: how it is written differs between versions and objectives."""
    row = np.zeros((1, columns), dtype="float32")
    told = np.asarray(booster.inplace_predict(row, predict_type="margin", validate_features=False), dtype="float64").ravel()
    return replace(trees, base=told - Walk([(trees, 0)]).margins(row)[0].ravel())


def to_booster(trees: Trees, columns: int) -> Any:
    """Gives trees as an `xgboost.Booster` whose margins are theirs without the base, in float32; shape `(n, outputs)`.

    Args:
        trees: Trees with one number a leaf.
        columns: Columns of the rows.

    Source: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
    """
    import xgboost

    outputs = len(trees.base)
    objective: dict[str, Any] = {"name": "reg:squarederror", "reg_loss_param": {"scale_pos_weight": "1"}}
    if outputs > 1:
        objective = {"name": "multi:softprob", "softmax_multiclass_param": {"num_class": str(outputs)}}
    shape = {"base_score": "0", "boost_from_average": "0", "num_class": str(outputs if outputs > 1 else 0)}
    learner = {
        "attributes": {},
        "feature_names": [],
        "feature_types": [],
        "learner_model_param": {**shape, "num_feature": str(columns), "num_target": "1"},
        "objective": objective,
        "gradient_booster": {
            "name": "gbtree",
            "model": {
                "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(len(trees))},
                "iteration_indptr": [0, len(trees)],
                "tree_info": trees.output.tolist(),
                "trees": _written(trees, columns),
            },
        },
    }
    booster = xgboost.Booster()
    booster.load_model(bytearray(_ubjson({"version": list(HEAD), "learner": learner})))
    return booster


def _written(trees: Trees, columns: int) -> list[bytes]:
    """Gives each tree in UBJSON."""
    bounds = np.append(trees.roots, len(trees.feature))
    arrays, asking = _arrays(trees, bounds), np.flatnonzero((trees.sets != NO_SET) & (trees.feature >= 0))
    where = np.searchsorted(asking, bounds)
    found = []
    for number, (since, until) in enumerate(pairwise(bounds)):
        count = int(until - since)
        parts = [b"{", _pair("id", number)]
        for name, (kind, width, raw) in arrays.items():
            parts += [_key(name), _array_head(kind, count), raw[since * width : until * width]]
        mine = asking[where[number] : where[number + 1]]
        sets = [_levels(trees, node) for node in mine]
        sizes = np.array([len(levels) for levels in sets], dtype="int64")
        parts += [
            _pair("categories", np.concatenate([np.zeros(0, dtype="int32"), *sets])),
            _pair("categories_nodes", (mine - since).astype("int32")),
            _pair("categories_segments", np.cumsum([0, *sizes[:-1]]).astype("int64")[: len(sizes)]),
            _pair("categories_sizes", sizes),
        ]
        facts = {"num_deleted": "0", "num_feature": str(columns), "num_nodes": str(count), "size_leaf_vector": "1"}
        found.append(b"".join([*parts, _pair("tree_param", facts), b"}"]))
    return found


def _arrays(trees: Trees, bounds: np.ndarray) -> dict[str, tuple[bytes, int, bytes]]:
    """Gives the arrays of all trees, one tree after the other, places counted from its root."""
    root = np.repeat(trees.roots, np.diff(bounds))
    is_leaf, has_set = trees.feature < 0, (trees.sets != NO_SET) & (trees.feature >= 0)
    own = trees.left - root
    parents = np.full(len(root), NO_PARENT)
    inner = np.flatnonzero(~is_leaf)
    for side in (0, 1):
        parents[trees.left[inner] + side] = inner - root[inner]
    zeros = np.zeros(len(root))
    condition = np.where(is_leaf, trees.values[:, 0], np.where(has_set, 0, trees.threshold))
    return {
        "left_children": _bytes(np.where(is_leaf, -1, own), "int32"),
        "right_children": _bytes(np.where(is_leaf, -1, own + 1), "int32"),
        "parents": _bytes(parents, "int32"),
        "split_conditions": _bytes(condition, "float32"),
        "split_indices": _bytes(np.maximum(trees.feature, 0), "int32"),
        "default_left": _bytes(trees.missing_left & ~is_leaf, "uint8"),
        "split_type": _bytes(np.where(has_set, CATEGORICAL, 0), "uint8"),
        "base_weights": _bytes(zeros, "float32"),
        "loss_changes": _bytes(zeros, "float32"),
        "sum_hessian": _bytes(zeros, "float32"),
    }


def _levels(trees: Trees, node: int) -> np.ndarray:
    place = int(trees.sets[node])
    words = trees.words[place + 1 : place + 1 + int(trees.words[place])]
    return np.flatnonzero(np.unpackbits(words.astype("<u4").view("uint8"), bitorder="little")).astype("int32")


KINDS = {"float32": b"d", "int32": b"l", "int64": b"L", "uint8": b"U"}


def _bytes(values: np.ndarray, dtype: str) -> tuple[bytes, int, bytes]:
    """Gives UBJSON's letter of a type, bytes a value, and the values, the high byte first."""
    converted = values.astype(dtype)
    return KINDS[dtype], converted.itemsize, converted.astype(converted.dtype.newbyteorder(">")).tobytes()


def _number(value: int) -> bytes:
    return b"L" + value.to_bytes(8, "big", signed=True)


def _key(name: str) -> bytes:
    return _number(len(name)) + name.encode()


def _pair(name: str, value: Any) -> bytes:
    return _key(name) + _ubjson(value)


def _array_head(kind: bytes, count: int) -> bytes:
    return b"[$" + kind + b"#" + _number(count)


def _ubjson(value: Any) -> bytes:
    """Writes data as UBJSON (https://ubjson.org): bytes are written already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return b"S" + _key(value)
    if isinstance(value, dict):
        return b"{" + b"".join(_pair(name, item) for name, item in value.items()) + b"}"
    if isinstance(value, np.ndarray):
        kind, _, raw = _bytes(value, str(value.dtype))
        return _array_head(kind, len(value)) + raw
    if isinstance(value, Sequence):
        return b"[#" + _number(len(value)) + b"".join(_ubjson(item) for item in value)
    return _number(value)
