"""Reads recipe files by hand-kept rules: remembers where each key stands, and refuses what could run code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lepton_automl.errors import Problem, RecipeError

Path_ = tuple[str, ...]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Origins:
    """Where each key of the composed tree was written last."""

    places: dict[Path_, str] = field(default_factory=dict)

    def of(self, path: Path_) -> str:
        """Gives `file:line` of the key, or of the nearest block around it; empty if it is a default."""
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.places:
                return self.places[path[:depth]]
        return ""

    def updated(self, other: Origins) -> Origins:
        """Gives these origins with newer ones laid over them."""
        return Origins({**self.places, **other.places})


def read_recipe_file(path: Path, shown_as: str) -> tuple[dict[str, Any], Origins]:
    """Reads one YAML file of a recipe or preset.

    Args:
        path: The file.
        shown_as: Its name in messages.

    Returns:
        Its tree, ranges written out in full so that Hydra replaces rather than merges them, and where each key stands.

    Raises:
        RecipeError: If it is no YAML mapping, names a key twice, or tries to run code.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=LOADER)
        tree = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise RecipeError(Problem(shown_as, "can not be read as YAML.", _yaml_reason(error)), shown_as) from error
    if tree is None:
        return {}, Origins()
    if not isinstance(tree, dict) or not isinstance(node, yaml.MappingNode):
        raise RecipeError(Problem(shown_as, "is not a mapping of keys to values.", "Write `key: value` lines."), shown_as)
    places: dict[Path_, str] = {}
    problems: list[Problem] = []
    _walk(node, (), shown_as, places, problems)
    if problems:
        raise RecipeError(problems, shown_as)
    return _nested_gates(full_ranges(tree)), Origins(places)


def _yaml_reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    return f"Line {mark.line + 1}: {reason}." if mark is not None else str(reason)


def _walk(node: yaml.Node, path: Path_, name: str, places: dict[Path_, str], problems: list[Problem]) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            where = f"{name}:{key_node.start_mark.line + 1}"
            here = (*path, *(key.split(".") if path[:1] == ("gates",) else (key,)))
            if key in seen:
                problems.append(Problem(".".join(here), "is written twice.", "Keep one of them.", where))
            seen.add(key)
            problems.extend(_forbidden_key(key, here, where))
            for depth in range(len(path) + 1, len(here) + 1):
                places[here[:depth]] = where
            _walk(value_node, here, name, places, problems)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*path, str(index)), name, places, problems)
    elif isinstance(node, yaml.ScalarNode):
        problems.extend(forbidden_value(node.value, path, f"{name}:{node.start_mark.line + 1}"))


def _forbidden_key(key: str, path: Path_, where: str) -> list[Problem]:
    if key.startswith("_") and key.endswith("_"):
        return [Problem(".".join(path), "is not allowed: a recipe can not run code.", "Name a registered model, rule or task.", where)]
    if path == ("hydra",):
        return [Problem("hydra", "is not allowed in a recipe.", "Give Hydra's own settings on the command line.", where)]
    return []


def forbidden_value(value: object, path: Path_, where: str) -> list[Problem]:
    """Says what is wrong with a text that interpolates by a resolver."""
    if not isinstance(value, str) or "${" not in value:
        return []
    problems = []
    for part in value.split("${")[1:]:
        inner = part.split("}")[0].strip()
        resolver, colon, _ = inner.partition(":")
        if colon:
            fix = "Write {secret: NAME} for a secret, or the value itself."
            problems.append(Problem(".".join(path), f"uses the resolver {resolver!r}, which is not allowed.", fix, where))
    return problems


def full_ranges(tree: Any) -> Any:
    """Writes every range out in full, so that a later one replaces it key by key."""
    if isinstance(tree, Mapping):
        if "low" in tree and "high" in tree and set(tree) <= {"low", "high", "log"}:
            return {"low": tree["low"], "high": tree["high"], "log": tree.get("log", False)}
        return {key: full_ranges(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [full_ranges(value) for value in tree]
    return tree


def _nested_gates(tree: dict[str, Any]) -> dict[str, Any]:
    """Turns `gates: {test.roc_auc: …}` into `gates: {test: {roc_auc: …}}`."""
    gates = tree.get("gates")
    if not isinstance(gates, dict):
        return tree
    nested: dict[str, Any] = {}
    for key, value in gates.items():
        place = nested
        *heads, last = str(key).split(".")
        for head in heads:
            place = place.setdefault(head, {})
        place[last] = value
    return {**tree, "gates": nested}
