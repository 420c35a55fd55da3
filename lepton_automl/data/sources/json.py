"""JSON: a line an object, one array of objects, or a single object."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from lepton_automl.data.sources.objects import from_objects
from lepton_automl.errors import DataError, Problem


def read_json(raw: bytes, key: str, place: str) -> pd.DataFrame:
    """Reads objects; a name that an object lacks is missing there.

    Args:
        raw: UTF-8 bytes of JSON lines, of an array, or of one object on several lines.
        key: Recipe key of the source.
        place: Its name in messages.

    Raises:
        DataError: If a line or item is not an object.
    """
    text = raw.decode("utf-8", errors="replace")
    single = _single(text)
    if single is not None:
        rows = [single]
    else:
        rows = _array(text, key, place) if text.lstrip().startswith("[") else _lines(text, key, place)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return from_objects([[row.get(name) for row in rows] for name in names], names)


def _single(text: str) -> dict[str, Any] | None:
    """Gives the object that the whole text is, where its first line is none; else nothing."""
    first = text.lstrip().split("\n", 1)[0].strip()
    if not first.startswith("{") or first.endswith("}"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _lines(text: str, key: str, place: str) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise _refused(f"line {number} of {place} is not JSON: {error}", key) from error
        if not isinstance(row, dict):
            raise _refused(f"line {number} of {place} is not an object but {type(row).__name__}", key)
        rows.append(row)
    return rows


def _array(text: str, key: str, place: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise _refused(f"{place} is not JSON: {error}", key) from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise _refused(f"item {number} of {place} is not an object but {type(row).__name__}", key)
    return rows


def _refused(message: str, key: str) -> DataError:
    return DataError(Problem(f"{key}.path", f"{message}.", "Write one object a line, or an array of objects."))
