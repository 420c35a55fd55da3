"""Trees from LightGBM's text format."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lepton_automl.models.trees import NO_SET, Links, Trees, below

CATEGORICAL, MISSING_LEFT = 1, 2
"""Bits of a node's `decision_type`."""
NAN = 2
"""What `decision_type >> 2` is where missing values have a side of their own; else they count as 0."""


def read_trees(texts: tuple[str, ...], outputs: int) -> Trees | None:
    """Gives the trees of models in LightGBM's text format; none where a leaf holds more than a number.

    Args:
        texts: The models, each with outputs of its own.
        outputs: Outputs of each model: its trees add to one after the other.
    """
    held = [[_fields(block) for block in text.split("\nTree=")[1:]] for text in texts]
    if any(tree.get("is_linear", "0") != "0" for model in held for tree in model):
        return None
    trees = [tree for model in held for tree in model]
    output = np.concatenate([np.arange(len(model)) % outputs + outputs * place for place, model in enumerate(held)])
    leaves = np.array([int(tree["num_leaves"]) for tree in trees])
    roots = np.cumsum([0, *(2 * leaves - 1)])
    inner = np.concatenate([np.arange(count - 1) + root for count, root in zip(leaves, roots, strict=False)])
    leaf = np.concatenate([np.arange(count) + root + count - 1 for count, root in zip(leaves, roots, strict=False)])
    kind = _joined(trees, "decision_type").astype("int64")
    is_set = kind & CATEGORICAL > 0
    asked = _joined(trees, "threshold")
    missing_left = np.where(kind >> 2 == NAN, kind & MISSING_LEFT > 0, asked >= 0)
    nodes, root, edges = roots[-1], np.repeat(roots[:-1], leaves - 1), np.repeat(leaves - 1, leaves - 1)
    left, right = (_placed(_joined(trees, name).astype("int64"), root, edges) for name in ("left_child", "right_child"))
    # LightGBM's rows go left where their level is in the set, and right where it is missing: the pair changes places.
    links = Links(
        feature=_put(nodes, inner, _joined(trees, "split_feature"), -1),
        threshold=_put(nodes, inner, np.where(is_set, 0, below(asked)), 0),
        left=_put(nodes, inner, np.where(is_set, right, left), 0).astype("int64"),
        right=_put(nodes, inner, np.where(is_set, left, right), 0).astype("int64"),
        missing_left=_put(nodes, inner, is_set | missing_left, 0) > 0,
        values=_put(nodes, leaf, _joined(trees, "leaf_value"), 0)[:, None],
        roots=roots[:-1],
    )
    sets, words = np.full(nodes, NO_SET), list[np.ndarray]()
    sets[inner[is_set]] = _sets(trees, asked[is_set].astype("int64"), words)
    return links.table(output, np.zeros(outputs * len(texts)), sets, np.concatenate([np.zeros(0), *words]))


def _fields(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.split("\n\n", 1)[0].split("\n") if "=" in line)


def _joined(trees: list[dict[str, str]], name: str) -> np.ndarray:
    """Gives a field of all trees; trees of one leaf have none but the leaf's value."""
    text = " ".join(tree[name] for tree in trees if tree.get(name) and (name == "leaf_value" or int(tree["num_leaves"]) > 1))
    return np.array(text.split(), dtype="float64")


def _placed(child: np.ndarray, root: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Gives places of children: inner nodes are counted from 0, leaves from -1 downwards."""
    return root + np.where(child >= 0, child, edges + ~child)


def _put(nodes: int, places: np.ndarray, values: np.ndarray, rest: float) -> np.ndarray:
    out = np.full(nodes, float(rest))
    out[places] = values
    return out


def _sets(trees: list[Mapping[str, str]] | list[dict[str, str]], numbers: np.ndarray, words: list[np.ndarray]) -> np.ndarray:
    """Adds the sets of nodes to the words, and gives where each of them is."""
    places, used, at = np.empty(len(numbers), dtype="int64"), 0, 0
    for tree in trees:
        count = int(tree.get("num_cat", "0"))
        if not count:
            continue
        bounds = np.array(tree["cat_boundaries"].split(), dtype="int64")
        mine = np.array(tree["cat_threshold"].split(), dtype="uint32")
        starts = bounds[:-1] + np.arange(count)
        words.append(np.insert(mine, bounds[:-1], np.diff(bounds).astype("uint32")))
        of_nodes = numbers[at : at + sum(int(kind) & CATEGORICAL for kind in tree["decision_type"].split())]
        places[at : at + len(of_nodes)] = used + starts[of_nodes]
        at, used = at + len(of_nodes), used + len(words[-1])
    return places
