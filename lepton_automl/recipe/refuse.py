"""Refuses what would let a recipe run code: Hydra's own keys, and texts that interpolate by a resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lepton_automl.errors import Problem
from lepton_automl.recipe.origin import KeyPath

NO_CODE = "is not allowed: a recipe can not run code."
REFERENCE = re.compile(r"\$\{\s*\.*[A-Za-z_][\w-]*(?:\.[\w-]+|\[\w+\])*\s*\}")
"""What a plain reference to another key looks like: `${seed}`, `${task.target}`, `${.low}`."""
RESOLVER = re.compile(r"\$\{\s*([\w.]+)\s*:")


def forbidden_key(key: str, path: KeyPath, where: str) -> Iterator[Problem]:
    """Says what is wrong with a key: `_target_`, `_partial_` and the like, a `hydra` block, an interpolation.

    Args:
        key: The key.
        path: Its path in the recipe, the key included.
        where: File and line.
    """
    if len(key) > 2 and key.startswith("_") and key.endswith("_"):
        yield Problem(".".join(path), NO_CODE, "Name a registered model, rule or task.", where)
    if path == ("hydra",):
        yield Problem("hydra", "is not allowed in a recipe.", "Give Hydra's own settings on the command line.", where)
    if "${" in key:
        yield Problem(".".join(path), "interpolates in a key, which is not allowed.", "Write the key itself.", where)


def forbidden_text(text: str, path: KeyPath, where: str) -> Iterator[Problem]:
    """Says what is wrong with a text that interpolates by anything but a plain reference."""
    if "${" not in REFERENCE.sub("", text):
        return
    resolver = RESOLVER.search(text)
    said = (
        f"uses the resolver {resolver.group(1)!r}, which is not allowed." if resolver else f"is {text!r}, no plain reference."
    )
    fix = "Write {secret: NAME} for a secret, ${block.key} for another key's value, or the value itself."
    yield Problem(".".join(path), said, fix, where)


def forbidden_in(tree: Any, path: KeyPath, where: str) -> Iterator[Problem]:
    """Says everything that is wrong in a value, keys and texts, however deep."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from forbidden_key(str(key), (*path, str(key)), where)
            yield from forbidden_in(value, (*path, str(key)), where)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from forbidden_in(value, (*path, str(index)), where)
    elif isinstance(tree, str):
        yield from forbidden_text(tree, path, where)
