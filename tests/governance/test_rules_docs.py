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
    return [f"| `{key}` | {words(schema)} | {default(schema)} |" for key, schema in found.items()]


def default(schema):
    found = schema.get("default", {} if schema.get("type") == "object" else None)
    return {None: "none", True: "true", False: "false"}[found] if found is None or isinstance(found, bool) else found


def words(schema):
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
    if schema["type"] == "boolean":
        return "true, false"
    if schema["type"] == "object":
        inner = schema["additionalProperties"]
        if "enum" not in inner and inner.get("type") != "string":
            return "name to terms"
        return f"name: {words(inner) if 'enum' in inner else 'text'}"
    low = f"above {schema['exclusiveMinimum']:g}" if "exclusiveMinimum" in schema else f"{schema['minimum']:g}"
    if "exclusiveMaximum" in schema:
        return f"{low} to below {schema['exclusiveMaximum']:g}"
    return f"{low} to {schema['maximum']:g}" if "maximum" in schema else f"{low} or more"


def test_every_rule_has_its_section_and_no_other_has_one():
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == RULES.names()


@pytest.mark.parametrize("name", RULES.names())
def test_the_section_of_a_rule_has_its_code_title_stage_and_settings(name):
    rule, text = RULES.find(name), section(name)
    assert f"**{rule.code}** · stage `{rule.stage}` · {rule.title}." in text.splitlines()
    documented = [line for line in text.splitlines() if line.startswith("| `")]
    assert documented == setting_rows(name)
    assert "**Example.**" in text
