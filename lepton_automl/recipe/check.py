"""Checks a composed tree against the schema and says everything that is wrong, at once, in the user's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from lepton_automl.errors import Problem, RecipeError
from lepton_automl.recipe.compose import Composed
from lepton_automl.recipe.origin import Origins
from lepton_automl.recipe.schema import Recipe
from lepton_automl.registry import did_you_mean

Location = tuple[str | int, ...]


def check(composed: Composed) -> Recipe:
    """Turns a composed tree into a `Recipe`.

    Raises:
        RecipeError: With every mistake in it.
    """
    try:
        return Recipe.model_validate(composed.tree)
    except ValidationError as error:
        problems = explain(error, composed.tree, Recipe.model_json_schema(), composed.origins)
        raise RecipeError(problems, f"recipe {composed.name!r}") from error


def explain(
    error: ValidationError, tree: Any, schema: dict[str, Any], origins: Origins, prefix: tuple[str, ...] = ()
) -> list[Problem]:
    """Turns pydantic's errors into problems: one for each key, in the order of the tree.

    Args:
        error: What pydantic says.
        tree: What it was given.
        schema: JSON Schema of what it expects.
        origins: Where each key was written.
        prefix: Key under which `tree` stands in the recipe.
    """
    problems: dict[tuple[str, ...], Problem] = {}
    for item in error.errors(include_url=False):
        path = _real_path(item["loc"], tree, item["type"])
        key = (*prefix, *path)
        if key not in problems:
            problems[key] = _problem(item, path, key, tree, schema, origins)
    return list(problems.values())


def _real_path(location: Location, tree: Any, kind: str) -> tuple[str, ...]:
    """Drops the parts of pydantic's location that name a branch of a union instead of a key."""
    path: list[str] = []
    for position, part in enumerate(location):
        is_last = position == len(location) - 1
        if isinstance(tree, Mapping) and part in tree:
            tree = tree[part]
        elif isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
        elif not (is_last and kind == "missing"):
            continue
        path.append(str(part))
    return tuple(path)


def _problem(
    item: Any, path: tuple[str, ...], key: tuple[str, ...], tree: Any, schema: dict[str, Any], origins: Origins
) -> Problem:
    name, where = ".".join(key), origins.of(key)
    kind, found = item["type"], _shown(_value(tree, path))
    expected = _at(schema, schema, path, tree)
    if kind == "extra_forbidden":
        options = _keys(schema, _at(schema, schema, path[:-1], tree))
        return Problem(name, "is not a key here.", did_you_mean(path[-1], options), where)
    if kind == "missing":
        return Problem(name, "is required and absent.", f"Write {_wanted(expected)}.", where)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _wrong_tag(item, path, name, tree, where)
    if kind == "value_error":
        return Problem(name, f"{item['ctx']['error']}", "", where)
    if kind == "literal_error" and isinstance(_value(tree, path), str):
        options = [str(option) for option in _options(schema, expected)]
        return Problem(name, f"is not {_wanted(expected)}: got {found}.", did_you_mean(str(_value(tree, path)), options), where)
    return Problem(name, f"must be {_wanted(expected)}, got {found}.", _hint(expected, _value(tree, path)), where)


def _wrong_tag(item: Any, path: tuple[str, ...], name: str, tree: Any, where: str) -> Problem:
    options = [part.strip(" '") for part in str(item.get("ctx", {}).get("expected_tags", "")).split(",") if part.strip()]
    value = _value(tree, path)
    given = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping):
        return Problem(name, f"must be a block of keys, got {_shown(value)}.", "Write its keys below it.", where)
    if given is None:
        return Problem(f"{name}.kind", "is required and absent.", f"Choose one of: {', '.join(options)}.", where)
    return Problem(f"{name}.kind", f"is {given!r}, which is not one of its kinds.", did_you_mean(str(given), options), where)


def _value(tree: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        if isinstance(tree, list):
            tree = tree[int(part)]
        elif isinstance(tree, Mapping) and part in tree:
            tree = tree[part]
        else:
            return None
    return tree


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _resolve(root: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        part = {**root["$defs"][part["$ref"].rpartition("/")[2]], **{k: v for k, v in part.items() if k != "$ref"}}
    return part


def _at(root: dict[str, Any], part: dict[str, Any], path: tuple[str, ...], tree: Any) -> dict[str, Any]:
    """Finds the schema of a key; of a union of blocks, the branch that the tree's `kind` names."""
    part = _branch(root, _resolve(root, part), tree)
    if not path:
        return part
    head, rest = path[0], path[1:]
    below = tree[head] if isinstance(tree, Mapping) and head in tree else None
    if head in part.get("properties", {}):
        return _at(root, part["properties"][head], rest, below)
    if isinstance(part.get("additionalProperties"), dict):
        return _at(root, part["additionalProperties"], rest, below)
    if "items" in part:
        return _at(root, part["items"], rest, tree[int(head)] if isinstance(tree, list) else None)
    return {}


def _branch(root: dict[str, Any], part: dict[str, Any], tree: Any) -> dict[str, Any]:
    options = _flat(root, part)
    blocks = [option for option in options if "properties" in option]
    if not blocks:
        maps = [option for option in options if isinstance(option.get("additionalProperties"), dict)]
        return maps[0] if len(maps) == 1 and isinstance(tree, Mapping) else part
    given = tree.get("kind") if isinstance(tree, Mapping) else None
    for block in blocks:
        kind = block["properties"].get("kind", {})
        if given is not None and given in (kind.get("const"), *kind.get("enum", ())):
            return block
    return blocks[0]


def _flat(root: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    """Lists the branches of a union, those of unions inside it too."""
    found = []
    for option in part.get("oneOf", part.get("anyOf", [])):
        option = _resolve(root, option)
        found.extend(_flat(root, option) if "oneOf" in option or "anyOf" in option else [option])
    return found


def _keys(root: dict[str, Any], part: dict[str, Any]) -> list[str]:
    return list(part.get("properties", {}))


def _options(root: dict[str, Any], part: dict[str, Any]) -> list[Any]:
    found = list(part.get("enum", ()))
    if "const" in part:
        found.append(part["const"])
    for option in part.get("anyOf", ()):
        found.extend(_options(root, _resolve(root, option)))
    return found


def _wanted(part: dict[str, Any]) -> str:
    """Says in words what a key takes: `a share from 0 to 1`, `a whole number from 1`, `one of: cpu, gpu`."""
    if "anyOf" in part:
        words = [_wanted({**{k: v for k, v in part.items() if k in ("minimum", "maximum", "unit")}, **o}) for o in part["anyOf"]]
        return " or ".join(dict.fromkeys(words))
    if "const" in part:
        return json.dumps(part["const"])
    if "enum" in part:
        return "one of: " + ", ".join(str(option) for option in part["enum"])
    kind, unit = part.get("type", "a value"), part.get("unit")
    if kind == "array":
        return f"a list of {_wanted(part.get('items', {}))}"
    words = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false", "null": "null"}
    word = words.get(str(kind), "a block of keys")
    if unit and kind in ("number", "integer"):
        word = "a share" if unit == "share" else f"a number of {unit}"
    return word + _bounds(part) if kind in ("number", "integer") else word


def _bounds(part: dict[str, Any]) -> str:
    low, high = part.get("minimum"), part.get("maximum")
    above, below = part.get("exclusiveMinimum"), part.get("exclusiveMaximum")
    words = [f"from {low:g}"] if low is not None else [f"above {above:g}"] if above is not None else []
    words += [f"to {high:g}"] if high is not None else [f"below {below:g}"] if below is not None else []
    return f" {' '.join(words)}" if words else ""


def _hint(part: dict[str, Any], value: Any) -> str:
    if part.get("unit") == "share" and isinstance(value, int | float) and 1 < value <= 100:
        return f"Write {value / 100:g} for {value:g} %."
    if part.get("type") in ("number", "integer") and isinstance(value, str):
        return "Write the number without quotes."
    if part.get("type") == "array" and isinstance(value, str):
        return f"Write [{value}]."
    return ""
