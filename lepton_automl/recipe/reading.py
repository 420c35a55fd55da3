"""Reads one YAML file of a recipe or preset; remembers where each key stands, and refuses what could run code."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from lepton_automl.errors import Problem, RecipeError
from lepton_automl.recipe.origin import KeyPath, Origins
from lepton_automl.recipe.refuse import forbidden_key, forbidden_text
from lepton_automl.recipe.tree import nested_gates

MAX_NODES = 50_000
"""Nodes of one file, aliases counted wherever they stand: an alias of aliases could hold more than a machine can."""
TEXT, MERGE, NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:null"


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader, in C where there is one, that reads plain scalars as Hydra's command line does.

    `yes`, `no`, `on` and `off` are texts, as are dates and numbers with a leading 0; `1e-3` is a number. These are the rules
    of the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), without its octal and hexadecimal numbers.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the name PyYAML looks for

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Reads `10_000` as Python does."""
        return int(node.value)


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?(?:0|[1-9][0-9]*(?:_[0-9]+)*)", [*"-+0123456789"]),
    ("float", r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9]+(?:[eE][-+]?[0-9]+)|[-+]?(?:[0-9][0-9_]*\.[0-9]*|\.[0-9]+)", [*"-+.0123456789"]),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", [*"-+."]),
    ("merge", r"<<", ["<"]),
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
Loader.add_constructor("tag:yaml.org,2002:int", Loader.construct_yaml_int)


def read_recipe_file(path: Path, shown_as: str) -> tuple[dict[str, Any], Origins]:
    """Reads one YAML file of a recipe or preset.

    Args:
        path: The file.
        shown_as: Its name in messages.

    Returns:
        Its tree, with texts as keys, and where each key stands.

    Raises:
        RecipeError: If it is no YAML mapping, names a key twice, or tries to run code; with all of that.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecipeError(Problem(shown_as, "can not be read as YAML.", _yaml_reason(error)), shown_as) from error
    return read_recipe_text(content, shown_as)


def read_recipe_text(content: bytes, shown_as: str) -> tuple[dict[str, Any], Origins]:
    """Reads the content of a recipe or preset, as `read_recipe_file` does."""
    try:
        loader = Loader(content)
        node = loader.get_single_node()
        places, problems = _places(node, shown_as)
        tree = None if problems or node is None else loader.construct_document(node)
    except (yaml.YAMLError, UnicodeError) as error:
        raise RecipeError(Problem(shown_as, "can not be read as YAML.", _yaml_reason(error)), shown_as) from error
    if problems:
        raise RecipeError(problems, shown_as)
    return nested_gates(tree or {}), Origins(places)


def _yaml_reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "strerror", None) or str(error).splitlines()[0]
    return f"Line {mark.line + 1}: {reason}." if mark is not None else f"{reason}."


def _places(node: yaml.Node | None, name: str) -> tuple[dict[KeyPath, str], list[Problem]]:
    if node is None or node.tag == NULL:
        return {}, []
    if not isinstance(node, yaml.MappingNode):
        return {}, [Problem(name, "is not a mapping of keys to values.", "Write `key: value` lines.")]
    walk = _Walk(name)
    walk.mapping(node, ())
    return walk.places, walk.problems


class _Walk:
    """Walks through the nodes of one file."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[KeyPath, str] = {}
        self.problems: list[Problem] = []
        self.around: list[int] = []
        self.seen = 0

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> None:
        """Walks through a mapping; its keys become texts."""
        seen: set[Hashable] = set()
        for key_node, value_node in node.value:
            where = self._place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(".".join(path), "has a key that is no text.", "Write `key: value` lines.", where))
                continue
            if key_node.tag == MERGE:
                self.node(value_node, path)
                continue
            key_node.tag, key = TEXT, key_node.value
            here = (*path, *(key.split(".") if path[:1] == ("gates",) else (key,)))
            if key in seen:
                self.problems.append(Problem(".".join(here), "is written twice.", "Keep one of them.", where))
            seen.add(key)
            self.problems.extend(forbidden_key(key, here, where))
            for depth in range(len(path) + 1, len(here) + 1):
                self.places[here[:depth]] = where
            self.node(value_node, here)

    def node(self, node: yaml.Node, path: KeyPath) -> None:
        """Walks through a value, if it does not hold itself."""
        if id(node) in self.around:
            self.problems.append(Problem(".".join(path), "holds itself.", "Write the value out.", self._place(node)))
            return
        self.seen += 1
        if self.seen > MAX_NODES:
            raise yaml.YAMLError(f"it holds more than {MAX_NODES} values")
        self.around.append(id(node))
        if isinstance(node, yaml.MappingNode):
            self.mapping(node, path)
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self.node(item, (*path, str(index)))
        elif node.tag == TEXT:
            self.problems.extend(forbidden_text(node.value, path, self._place(node)))
        self.around.pop()

    def _place(self, node: yaml.Node) -> str:
        return f"{self.name}:{node.start_mark.line + 1}"
