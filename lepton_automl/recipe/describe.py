"""Says in words what the JSON Schema of a recipe holds: what a key takes, which keys there are, and where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
NOUNS = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false", "null": "null"}


def dereferenced(root: Schema, part: Schema) -> Schema:
    """Gives a part of the schema with the definition that it refers to written out."""
    while "$ref" in part:
        part = {**root["$defs"][part["$ref"].rpartition("/")[2]], **{k: v for k, v in part.items() if k != "$ref"}}
    return part


def branches(root: Schema, part: Schema) -> list[Schema]:
    """Lists what a part may be: itself, or the branches of a union, those of unions inside it too."""
    part = dereferenced(root, part)
    options = part.get("oneOf", part.get("anyOf"))
    return [part] if options is None else [branch for option in options for branch in branches(root, option)]


def keys_of(part: Schema) -> list[str]:
    """Lists the keys of a block."""
    return list(part.get("properties", {}))


def kinds_of(root: Schema, part: Schema) -> list[str]:
    """Lists the kinds of a union of blocks, or of one block."""
    found: list[str] = []
    for branch in branches(root, part):
        kind = branch.get("properties", {}).get("kind", {})
        found.extend(kind.get("enum", [kind["const"]] if "const" in kind else []))
    return found


def options_of(root: Schema, part: Schema) -> list[Any]:
    """Lists the words that a key takes, where it takes some only."""
    found: list[Any] = []
    for branch in branches(root, part):
        found.extend(branch.get("enum", [branch["const"]] if "const" in branch else []))
    return found


def walk(root: Schema, part: Schema | None = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Gives every key with its schema, blocks before their keys; `*` stands for a name that the user gives.

    A key that several kinds of a block share is given once for each.
    """
    for branch in branches(root, root if part is None else part):
        for name, below in branch.get("properties", {}).items():
            yield (*path, name), below
            yield from walk(root, below, (*path, name))
        below = branch.get("additionalProperties")
        if isinstance(below, dict) and below:
            yield (*path, "*"), below
            yield from walk(root, below, (*path, "*"))


def wanted(root: Schema, part: Schema) -> str:
    """Says what a key takes: `a share from 0 to 1`, `a whole number from 1, or auto`, `one of: cpu, gpu`."""
    said = list(dict.fromkeys(_wanted(root, branch) for branch in branches(root, part)))
    if len(said) > 1 and "null" in said:
        said.remove("null")
        return ", or ".join([*said, "null"])
    return ", or ".join(said)


def _wanted(root: Schema, part: Schema) -> str:
    if "const" in part:
        return str(part["const"])
    if "enum" in part:
        return "one of: " + ", ".join(str(option) for option in part["enum"])
    kind, unit = str(part.get("type", "")), part.get("unit")
    if kind == "array":
        return f"a list, each item {wanted(root, part.get('items', {}))}"
    if kind in ("number", "integer"):
        noun = NOUNS[kind] if unit is None else "a share" if unit == "share" else f"a number of {unit}"
        return noun + _bounds(part)
    if kind == "string" and part.get("minLength"):
        return "a text that is not empty"
    return NOUNS.get(kind, "a block of keys" if kind == "object" else "a value")


def _bounds(part: Schema) -> str:
    low, high = part.get("minimum"), part.get("maximum")
    above, below = part.get("exclusiveMinimum"), part.get("exclusiveMaximum")
    words = [f"from {low}"] if low is not None else [f"above {above}"] if above is not None else []
    words += [f"to {high}"] if high is not None else [f"below {below}"] if below is not None else []
    return f" {' '.join(words)}" if words else ""


def shown(value: Any, width: int = 60) -> str:
    """Gives a value as JSON, cut to `width` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= width else text[: width - 3] + "..."
