"""Every key of the schema, misspelt, mistyped and out of its range, one fault at a time, in a recipe file."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lepton_automl.cli import main
from lepton_automl.recipe import Recipe
from lepton_automl.recipe.describe import branches

SCHEMA = Recipe.model_json_schema()
BASE = {"data": {"source": {"path": "x.csv"}}, "task": {"kind": "binary", "target": "y"}}
BLOCK, SCALAR = {"a": 1}, 3
FREE = {"data.kinds": {"age": "number"}, "governance.rules": {"missing": {}}, "search.models": {"linear": {}}}
SHARED = ("data.test", "data.sources")
"""Sources of data take the same keys as `data.source`."""


@dataclass(frozen=True)
class Fault:
    """A recipe with one thing wrong.

    Args:
        name: What is done to which key.
        tree: The recipe.
        key: The key that must be named.
        said: Texts of which one must be said.
    """

    name: str
    tree: dict[str, Any]
    key: str
    said: tuple[str, ...]


def at(tree: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Gives the tree with a value at a path."""
    tree = copy.deepcopy(tree)
    place = tree
    for key in path[:-1]:
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    place[path[-1]] = value
    return tree


def sample(part: dict[str, Any]) -> Any:
    """Gives a legal value of a key."""
    first = branches(SCHEMA, part)[0]
    if "const" in first or "enum" in first:
        return first.get("const", first.get("enum", [None])[0])
    if first.get("type") in ("integer", "number"):
        low, high = first.get("minimum", first.get("exclusiveMinimum")), first.get("maximum", first.get("exclusiveMaximum"))
        middle = (low + high) / 2 if None not in (low, high) else (low or 0) + 1
        return int(middle) if first["type"] == "integer" else middle
    if first.get("type") == "array":
        return [0.5] if first["items"].get("type") == "number" else ["a"]
    if "properties" in first:
        return {key: sample(below) for key, below in first["properties"].items() if key in first.get("required", ())}
    return {"string": "text", "boolean": True}.get(first.get("type"), {})


def swapped(word: str) -> str:
    """Exchanges two neighbouring letters: `seconds` becomes `sceonds`."""
    places = [number for number in range(1, len(word)) if word[number] != word[number - 1]]
    here = places[min(1, len(places) - 1)]
    return word[: here - 1] + word[here] + word[here - 1] + word[here + 1 :]


def faults_of(part: dict[str, Any], path: tuple[str, ...], base: dict[str, Any]):
    """Gives every fault of a key, and of the keys below it."""
    name = ".".join(path)
    options = branches(SCHEMA, part)
    blocks = [option for option in options if "properties" in option]
    yield from misspelt(part, path, base)
    if blocks:
        if not any(option.get("type") == "number" for option in options):
            yield Fault(f"{name} a scalar", at(base, path, SCALAR), name, ("block of keys", "Write"))
        yield Fault(f"{name} a list", at(base, path, [SCALAR]), name, ("block of keys", "Write"))
        for block in blocks if name not in SHARED else ():
            yield from faults_in(block, path, base)
        return
    named = [option for option in options if isinstance(option.get("additionalProperties"), dict)]
    if named or any(option.get("type") == "object" for option in options):
        yield Fault(f"{name} a scalar", at(base, path, SCALAR), name, ("block of keys",))
        inner = named[0]["additionalProperties"] if named else {}
        if (
            any("properties" in option or "additionalProperties" in option for option in branches(SCHEMA, inner))
            and name not in SHARED
        ):
            below = (*path, "some")
            yield Fault(f"{name} an item a scalar", at(base, below, SCALAR), ".".join(below), ("block of keys",))
            for block in branches(SCHEMA, inner):
                yield from faults_in(block, below, base)
        return
    yield from wrong_values(options, name, path, base)


def misspelt(part, path, base):
    right = path[-1]
    wrong = (*path[:-1], swapped(right))
    tree = at(base, wrong, FREE.get(".".join(path), sample(part)))
    place = tree
    for key in path[:-1]:
        place = place[key]
    place.pop(right, None)
    key = ".".join(path if path == ("task", "kind") else wrong)
    yield Fault(
        f"{'.'.join(path)} misspelt",
        tree,
        key,
        (f"Did you mean {right}", f"{right},", f", {right}.", f": {right}.", "required"),
    )


def faults_in(block, path, base):
    """Gives the faults of a block's keys, in a recipe that holds what the block requires."""
    keys = block.get("properties", {})
    needed = {key: sample(below) for key, below in keys.items() if key in block.get("required", ())}
    kind = keys.get("kind", {})
    if "const" in kind:
        needed["kind"] = kind["const"]
    if needed and path:
        base = at(base, path, needed)
    if {"query", "table"} <= set(keys) and path[:1] == ("data",) and "sources" not in keys:
        base = at(base, (*path, "table"), "t")
    for key, below in keys.items():
        yield from faults_of(below, (*path, key), base)


def wrong_values(options, name, path, base):
    """Gives the faults of a key that takes a value."""
    types = {option.get("type") for option in options}
    yield Fault(f"{name} a block", at(base, path, BLOCK), name, ("must be", "is not", "not one of"))
    words = [word for option in options for word in option.get("enum", [option["const"]] if "const" in option else [])]
    if words:
        wrong = swapped(max(words, key=len))
        yield Fault(
            f"{name} a wrong word", at(base, path, wrong), name, (f"Did you mean {max(words, key=len)}", ", ".join(words))
        )
    elif types <= {"integer", "number", "null"}:
        yield Fault(f"{name} a text", at(base, path, "lots"), name, ("a whole number", "a number", "a share"))
    elif types <= {"boolean", "null"}:
        yield Fault(f"{name} a text", at(base, path, "maybe"), name, ("true or false",))
        yield Fault(f"{name} a number", at(base, path, 1), name, ("true or false",))
    elif "array" in types:
        item = options[0]["items"]
        yield Fault(f"{name} no list", at(base, path, "a"), name, ("a list",))
        wrong = 3 if "$ref" in item or item.get("type") == "object" else BLOCK
        yield Fault(f"{name} a wrong item", at(base, path, [wrong]), f"{name}.0", ("must be",))
        for bound, value in bounds(item):
            yield Fault(f"{name} an item {bound}", at(base, path, [value, 0.5]), f"{name}.0", (f"{edge(item, bound)}",))
    elif types <= {"string", "null"}:
        yield Fault(f"{name} a number", at(base, path, 3), name, ("a text",))
    for option in options:
        for bound, value in bounds(option):
            yield Fault(f"{name} {bound}", at(base, path, value), name, (str(edge(option, bound)),))
        if option.get("type") == "integer" and "number" not in types:
            yield Fault(f"{name} a fraction", at(base, path, 2.5), name, ("a whole number",))
        if option.get("minLength"):
            yield Fault(f"{name} empty", at(base, path, ""), name, ("not empty",))


def bounds(part):
    """Gives a value outside of each bound."""
    if "minimum" in part or "exclusiveMinimum" in part:
        yield "too low", part["minimum"] - 1 if "minimum" in part else part["exclusiveMinimum"]
    if "maximum" in part or "exclusiveMaximum" in part:
        yield "too high", part["maximum"] + 1 if "maximum" in part else part["exclusiveMaximum"]
    if part.get("type") == "number":
        yield "infinite", float("inf")


def edge(part, bound):
    """Gives the bound that the message must name."""
    low = part.get("minimum", part.get("exclusiveMinimum", "a number"))
    return part.get("maximum", part.get("exclusiveMaximum", low)) if bound == "too high" else low


FAULTS = list(faults_in(SCHEMA, (), BASE))


def test_the_table_of_faults_is_as_long_as_the_schema_makes_it():
    names = [fault.name for fault in FAULTS]

    assert len(FAULTS) >= 480
    assert sum(name.endswith("misspelt") for name in names) >= 120
    assert sum(name.endswith(("too low", "too high")) for name in names) >= 36


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("faults")
    (root / "recipes").mkdir()
    return root


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{number}-{fault.name}" for number, fault in enumerate(FAULTS)])
def test_a_fault_in_a_key_is_told_with_key_line_and_fix(fault, folder: Path, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (folder / "recipes/faulty.yaml").write_text(yaml.safe_dump(fault.tree, sort_keys=False))

    code = main(["validate", "recipe=faulty"])

    shown = capsys.readouterr()
    lines = [" ".join(line.split()) for line in shown.err.splitlines()]
    told = [line for line in lines if line.startswith(f"{fault.key} ")]
    assert code == 2, shown.err
    assert told, shown.err
    assert any(said in told[0] for said in fault.said), told[0]
    assert "[recipes/faulty.yaml:" in told[0]
    assert "Traceback" not in shown.err
    assert "mistake in Lepton" not in shown.err
    assert len(lines) <= 6, shown.err
