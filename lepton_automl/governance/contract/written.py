"""Writes a proposed contract as YAML that a person reads and changes."""

from __future__ import annotations

import json
from typing import Any

from lepton_automl.data import Dataset

HEAD = """\
# What {place} is promised to be, proposed from {rows:,} rows and {columns} columns.
# Read it, tighten it, and say so in the recipe:
#   governance: {{rules: {{contract: {{file: {file}}}}}}}
# A violation stops the run with exit code 3. An `action` on a column is another answer:
#   note: tell it   missing: make the bad values missing, on later rows as well   drop: drop and count the rows
# for all checks that allow it (action: missing) or for one (action: {{max: missing, unique: drop}}).
action: stop            # stop or note, where a term says nothing else
"""
TAIL = """
# More that can be promised; docs/rules.md, section contract, says all of it:
#   columns.NAME: pattern: '[A-Z]{2}[0-9]{6}'           each whole value fits a regular expression (RE2)
#                 references: {file: cities.csv, column: name}    each value is found there
#                 required: false                       the column may be absent
# relations:
#   ends after it starts: start <= end                  a column is named as it is; `one with blanks` in back quotes
#   paid is known: {expression: status != 'paid' or amount >= 0, action: drop}
# freshness: {column: day, max_age_days: 31, at: today} at: a date, so that the run says the same later
"""
WIDTH = 118
RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""Words that some version of YAML reads as something else than text."""


def written(contract: dict[str, Any], data: Dataset, place: str, file: str) -> str:
    """Gives the text of a contract's file.

    Args:
        contract: What `propose` gave.
        data: The table it is about.
        place: Name of the table.
        file: Name of the contract's file, for the comment that says how it is used.
    """
    head = HEAD.format(place=place, rows=len(data), columns=len(data.columns), file=file)
    lines = [head.rstrip("\n")]
    lines.append(f"min_rows: {contract['min_rows']:<13} # half of the rows that were here; max_rows: does the other end")
    lines.append(f"strict: {str(contract['strict']).lower():<15} # true refuses columns that are not named here")
    lines.append("columns:")
    for name, terms in contract["columns"].items():
        known = data.values(name)
        comment = f"  # {known.nunique():,} different values" if terms["kind"] in ("category", "text") else ""
        line = f"  {_word(name)}: {_flow(terms)}"
        if len(line) <= WIDTH:
            lines.append(line + ("" if "values" in terms else comment))
            continue
        lines.append(f"  {_word(name)}:")
        for key, value in terms.items():
            lines.extend(_long_list(key, value) if key == "values" else [f"    {key}: {_flow(value)}"])
    return "\n".join(lines) + "\n" + TAIL


def _long_list(key: str, values: list[str]) -> list[str]:
    line = f"    {key}: {_flow(values)}"
    return [line] if len(line) <= WIDTH else [f"    {key}:", *(f"      - {_flow(value)}" for value in values)]


def _word(text: str) -> str:
    """Gives a key as YAML writes it, always in quotes where a plain one could be read as a number or a truth value."""
    plain = text.replace("_", "").isalpha() and text.isascii() and text.lower() not in RESERVED
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    is_plain = text.isprintable() and "'" not in text
    return f"'{text}'" if is_plain else json.dumps(text)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_word(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else repr(value)
    return _word(str(value))
