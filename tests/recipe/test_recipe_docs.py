"""The page and the JSON Schema are made from the schema, and stay in step with it."""

import json
from pathlib import Path

import pytest
import yaml

from lepton_automl.recipe import Recipe, json_schema
from lepton_automl.recipe.describe import walk
from lepton_automl.recipe.document import write_recipe_page

ROOT = Path(__file__).parent.parent.parent
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
WORDS = {
    "type",
    "properties",
    "additionalProperties",
    "patternProperties",
    "items",
    "anyOf",
    "enum",
    "const",
    "$ref",
    "required",
}
BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxProperties"}
NOTES = {"format", "$defs", "$schema", "title", "description", "default", "unit"}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def faults(schema, part, value, path="recipe"):
    """Checks a value against the part of JSON Schema that ours uses; gives where it does not fit."""
    if "$ref" in part:
        part = {**schema["$defs"][part["$ref"].rpartition("/")[2]], **part}
    if "anyOf" in part:
        found = [faults(schema, option, value, path) for option in part["anyOf"]]
        return min(found, key=lambda wrong: (len(wrong), -len(wrong[0]))) if all(found) else []
    types = part.get("type", [])
    if types and not any(is_type(value, name) for name in ([types] if isinstance(types, str) else types)):
        return [path]
    if (
        ("const" in part and value != part["const"])
        or ("enum" in part and value not in part["enum"])
        or not in_bounds(part, value)
    ):
        return [path]
    wrong = [f"{path}.{key}" for key in part.get("required", ()) if key not in value]
    if isinstance(value, dict):
        for key, item in value.items():
            rules = [
                p for mark, p in part.get("patternProperties", {}).items() if key.startswith(mark.strip("^").replace("\\", ""))
            ]
            rule = part.get("properties", {}).get(key, rules[0] if rules else part.get("additionalProperties", True))
            wrong += [f"{path}.{key}"] if rule is False else [] if rule is True else faults(schema, rule, item, f"{path}.{key}")
    if isinstance(value, list) and "items" in part:
        wrong += [fault for index, item in enumerate(value) for fault in faults(schema, part["items"], item, f"{path}.{index}")]
    return wrong


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ("integer", "number"))


def in_bounds(part, value):
    if isinstance(value, str):
        return len(value) >= part.get("minLength", 0)
    if not is_type(value, "number"):
        return True
    return (
        part.get("minimum", value) <= value <= part.get("maximum", value)
        and (value > part["exclusiveMinimum"] if "exclusiveMinimum" in part else True)
        and (value < part["exclusiveMaximum"] if "exclusiveMaximum" in part else True)
    )


def parts(part):
    """Lists every schema inside a schema."""
    yield part
    for key in ("properties", "patternProperties", "$defs"):
        for below in part.get(key, {}).values():
            yield from parts(below)
    for below in [part.get("items"), part.get("additionalProperties"), *part.get("anyOf", ())]:
        if isinstance(below, dict):
            yield from parts(below)


def test_docs_recipe_md_is_what_the_schema_says():
    assert (ROOT / "docs/recipe.md").read_text(encoding="utf-8") == write_recipe_page(), "run scripts/make_docs"


def test_docs_recipe_schema_json_is_what_the_schema_says():
    assert json.loads((ROOT / "docs/recipe.schema.json").read_text(encoding="utf-8")) == json_schema(), "run scripts/make_docs"


def test_every_key_of_the_schema_has_help_and_stands_on_the_page():
    schema, page = Recipe.model_json_schema(), write_recipe_page()

    keys = [(path, part) for path, part in walk(schema) if path[-1] != "*"]

    assert len(keys) > 120
    without_help = [path for path, part in keys if not part.get("description") and "$ref" not in part]
    assert without_help == []
    assert [path for path, _ in keys if f"| `{path[-1]}` |" not in page and f"## `{path[-1]}" not in page] == []


def test_the_page_says_range_unit_and_default():
    page = write_recipe_page()

    assert '| `folds` | a whole number from 2 to 20, or auto | `"auto"` |' in page
    assert "| `seconds` | a number of seconds above 0, or null | none |" in page
    assert "| `target` | a text that is not empty | required |" in page
    assert "| `test_share` | a share from 0 to 0.9 | `0.2` |" in page


def test_the_json_schema_is_draft_2020_12_and_uses_only_words_of_it():
    schema = json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert len(list(parts(schema))) > 200
    assert {key for part in parts(schema) for key in part} <= WORDS | BOUNDS | NOTES
    refs = {part["$ref"].removeprefix("#/$defs/") for part in parts(schema) if "$ref" in part}
    assert refs <= set(schema["$defs"])
    assert all(set(part.get("required", ())) <= set(part.get("properties", ())) for part in parts(schema))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_json_schema_accepts_every_shipped_recipe(path):
    schema = json_schema()

    assert len(RECIPES) >= 4
    assert faults(schema, schema, yaml.safe_load(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("budgt: {seconds: 3}", "recipe.budgt"),
        ("budget: {secnds: 3}", "recipe.budget.secnds"),
        ("task: {kind: binary, target: y, horizon: 3}", "recipe.task"),
        ("task: {kind: binry}", "recipe.task.kind"),
        ("split: {folds: 99}", "recipe.split.folds"),
        ("gates: {tset.roc_auc: {min: 0.5}}", "recipe.gates.tset.roc_auc"),
        ("gates: {test.roc_auc: {mn: 0.5}}", "recipe.gates.test.roc_auc.mn"),
        ("search: {models: {lightgbm: {num_leaves: {low: 3}}}}", "recipe.search.models"),
        ("data: {source: {path: x.csv, encodng: utf-8}}", "recipe.data.source.encodng"),
        ("defaults: quick", "recipe.defaults"),
    ],
)
def test_the_json_schema_refuses_a_misspelt_or_wrong_key(text, fault):
    schema = json_schema()

    found = faults(schema, schema, yaml.safe_load(text))

    assert any(wrong.startswith(fault) for wrong in found), found


@pytest.mark.parametrize(
    "text",
    [
        "defaults: [base, {override /search: quick}]",
        "task: {metric: roc_auc}",
        "search: {models: {lightgbm: {num_leaves: {low: 3, high: 9}, max_depth: [3, 5], learning_rate: 0.1}, linear: null}}",
        "data: {source: {kind: sql, url: {secret: SHOP}, table: t}}",
        "gates: {test: {roc_auc: {min: 0.7}}, test.f1: {min: 0.2}}",
    ],
    ids=["defaults", "a part of a task", "ranges", "secret", "gates"],
)
def test_the_json_schema_accepts_what_a_recipe_may_hold(text):
    schema = json_schema()

    assert faults(schema, schema, yaml.safe_load(text)) == []
