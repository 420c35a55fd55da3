"""What differs in the recipes, as a reader takes it in: key by key, what was there and what stands there instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lepton_automl.evidence.comparing import ABSENT, Change, Comparison


def differing(comparisons: Sequence[Comparison]) -> list[dict[str, Any]]:
    """Gives every key that differs in any candidate, with the baseline's value and that of each candidate.

    A value is `{"text": …, "is_absent": …, "is_changed": …}`.
    """
    keys = sorted({change.key for comparison in comparisons for change in comparison.changes})
    by_key = [{change.key: change for change in comparison.changes} for comparison in comparisons]
    return [_row(key, [found.get(key) for found in by_key]) for key in keys]


def _row(key: str, changes: Sequence[Change | None]) -> dict[str, Any]:
    was = next(change.baseline for change in changes if change is not None)
    place, _, name = key.rpartition(".")
    return {
        "place": f"{place}." if place else "",
        "name": name,
        "was": _value(was, is_changed=False),
        "values": [_value(was if change is None else change.candidate, change is not None) for change in changes],
    }


def _value(text: str, is_changed: bool) -> dict[str, Any]:
    return {"text": text, "is_absent": text == ABSENT, "is_changed": is_changed}
