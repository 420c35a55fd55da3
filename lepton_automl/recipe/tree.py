"""Plain trees of words and numbers: how a newer one is laid over an older one, and how a key is set or removed.

Presets, recipe and command line are laid over each other here, not by OmegaConf, because a range and a choice of models'
parameters, and a source whose kind changes, are replaced whole: OmegaConf merges mappings key by key, and refuses a list
over a mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lepton_automl.recipe.origin import KeyPath

ABSENT = "???"
"""OmegaConf's mark of a value that must still be given: the same as no such key."""


def plain(value: Any) -> Any:
    """Gives a value with texts as keys and without the keys that are marked absent."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items() if item != ABSENT}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def laid_over(older: Any, newer: Any, path: KeyPath = ()) -> Any:
    """Gives the older value with the newer one laid over it.

    Blocks are merged key by key. A parameter of a model (a value, a list of choices or a range) is replaced whole, and so is
    a source of data that becomes one of another kind.

    >>> laid_over({"folds": 5, "kind": "auto"}, {"folds": 3})
    {'folds': 3, 'kind': 'auto'}
    """
    if not isinstance(older, Mapping) or not isinstance(newer, Mapping) or _replaces(older, newer, path):
        return newer
    merged = dict(older)
    for key, value in newer.items():
        merged[key] = laid_over(older[key], value, (*path, key)) if key in older else value
    return merged


def _replaces(older: Mapping[str, Any], newer: Mapping[str, Any], path: KeyPath) -> bool:
    if path[:2] == ("search", "models"):
        return len(path) == 4
    return is_source(path) and "kind" in newer and _family(older) != _family(newer)


def is_source(path: KeyPath) -> bool:
    """Says whether the key at `path` is a source of data."""
    return path in (("data", "source"), ("data", "test")) or (len(path) == 3 and path[:2] == ("data", "sources"))


def _family(source: Mapping[str, Any]) -> str:
    kind = str(source.get("kind", "file"))
    return kind if kind in ("sql", "duckdb", "example") else "file"


def under(path: KeyPath, value: Any) -> Any:
    """Gives a tree that holds only `value`, at `path`.

    >>> under(("split", "folds"), 3)
    {'split': {'folds': 3}}
    """
    for key in reversed(path):
        value = {key: value}
    return value


def has(tree: Any, path: KeyPath) -> bool:
    """Says whether something stands at `path`, items of lists by their number."""
    for key in path:
        if isinstance(tree, Mapping) and key in tree:
            tree = tree[key]
        elif isinstance(tree, list) and key.isdecimal() and int(key) < len(tree):
            tree = tree[int(key)]
        else:
            return False
    return True


def at(tree: Any, path: KeyPath) -> Any:
    """Gives what stands at `path`; none if nothing does."""
    if not has(tree, path):
        return None
    for key in path:
        tree = tree[int(key) if isinstance(tree, list) else key]
    return tree


def without(tree: Mapping[str, Any], path: KeyPath) -> dict[str, Any]:
    """Gives the tree without the key at `path`, which must be there."""
    head, rest = path[0], path[1:]
    if not rest:
        return {key: value for key, value in tree.items() if key != head}
    return {**tree, head: without(tree[head], rest)}


def nested_gates(tree: dict[str, Any]) -> dict[str, Any]:
    """Writes `gates: {test.roc_auc: …}` as `gates: {test: {roc_auc: …}}`, and leaves the rest as it is."""
    gates = tree.get("gates")
    if not isinstance(gates, Mapping):
        return tree
    nested: dict[str, Any] = {}
    for key, value in gates.items():
        nested = laid_over(nested, under(tuple(str(key).split(".")), value))
    return {**tree, "gates": nested}


def flat(tree: Mapping[str, Any], head: str = "") -> dict[str, Any]:
    """Gives the values of a tree by their whole key.

    >>> flat({"split": {"folds": 5}, "seed": 1})
    {'split.folds': 5, 'seed': 1}
    """
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            found.update(flat(value, f"{head}{key}."))
        else:
            found[f"{head}{key}"] = value
    return found
