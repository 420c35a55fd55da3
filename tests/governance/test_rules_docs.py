"""docs/rules.md says what the registry says."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from lepton_automl.governance import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def setting_rows(name):
    """One line of the table for each setting of a rule: its range or choices, its default."""
    found = TypeAdapter(RULES.find(name)).json_schema().get("properties", {})
    return [f"| `{key}` | {words(schema)} | {shown(schema.get('default'))} |" for key, schema in found.items()]


KINDS = {"string": "text", "boolean": "true or false", "array": "a list", "integer": "a whole number"}


def words(schema):
    """What a setting may be, in words: choices, a range, or a kind of value."""
    if "values" in schema:
        return schema["values"]
    if any(option.get("$ref") == "#/$defs/Key" for option in schema.get("anyOf", ())):
        return "{secret: NAME}"
    if "anyOf" in schema:
        return " or ".join(words(part) for part in schema["anyOf"] if part.get("type") != "null")
    if "enum" in schema:
        return ", ".join(schema["enum"])
    if "$ref" in schema:
        return "terms"
    if schema["type"] == "object":
        inner = schema.get("additionalProperties", {})
        is_plain = isinstance(inner, dict) and ("enum" in inner or inner.get("type") == "string")
        return f"name: {words(inner)}" if is_plain else "a mapping"
    if schema.get("format") == "date":
        return "a date"
    if "minimum" not in schema and "exclusiveMinimum" not in schema:
        return KINDS[schema["type"]]
    low = f"above {schema['exclusiveMinimum']:.9g}" if "exclusiveMinimum" in schema else f"{schema['minimum']:.9g}"
    if "exclusiveMaximum" in schema:
        return f"{low} to below {schema['exclusiveMaximum']:.9g}"
    return f"{low} to {schema['maximum']:.9g}" if "maximum" in schema else f"{low} or more"


def shown(default):
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, list):
        return ", ".join(default) or "none"
    if isinstance(default, int | float):
        return f"{default:.9g}"
    return default or "none"


def test_every_rule_has_its_section_and_no_other_has_one():
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == RULES.names()


@pytest.mark.parametrize("name", RULES.names())
def test_the_section_of_a_rule_has_its_code_title_stage_and_settings(name):
    rule, text = RULES.find(name), section(name)
    assert f"**{rule.code}** · stage `{rule.stage}` · {rule.title}." in text.splitlines()
    documented = [line for line in text.splitlines() if line.startswith("| `")]
    assert documented == setting_rows(name)
    assert "**Example.**" in text
