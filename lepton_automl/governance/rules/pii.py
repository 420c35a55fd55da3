"""GOV010: personal data is found by its values, and kept from models, logs, reports and artefacts."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import ConfigDict, Field, field_validator, model_validator, with_config
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.data.personal import KINDS, Found, count_mentions, find_personal
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.registry import did_you_mean

Action = Literal["drop", "mask", "hash", "generalise", "keep"]
INSTEAD: dict[str, Action] = {"birth_date": "generalise", "postcode": "generalise", "mention": "mask"}
"""Kind to what is done where the recipe does not say; all others are dropped."""
GENERAL = {"birth_date": "year", "address": "place", "postcode": "start", "ip": "network"}
"""Kind to what `generalise` leaves of it."""
MARKS = frozenset({"email", "phone", "card", "iban", "ssn", "resident_id"})
"""Mentions that make a category worth masking; a level that only looks like a name is left alone."""
NAMED_BY = frozenset({Role.SERIES, Role.USER, Role.ITEM})
"""Roles whose values are part of the artefact, so that such a column can not stay as it is."""


@with_config(ConfigDict(extra="forbid", strict=True))
class Key(TypedDict):
    """Where the key of hashes is."""

    secret: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Name of the environment variable.")]


def _wrong(message: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("misfit", "{said}", {"said": message, "fix": fix})


@dataclass(frozen=True)
class Pii:
    """Columns that hold personal data are dropped, masked, hashed or generalised; mentions inside text are masked.

    Args:
        actions: Kind of personal data, or column, to what is done with it; a column goes before its kind.
        reasons: Kind or column that is kept to why, for the ledger.
        key: Environment variable with the key of hashes, as `{secret: NAME}`; needed where something is hashed.
    """

    actions: dict[str, Action] = Field(default_factory=dict)
    reasons: dict[str, Annotated[str, Field(min_length=10)]] = Field(default_factory=dict)
    key: Key | None = None
    code = "GOV010"
    title = "Personal data is found and kept out"
    stage = Stage.DATA

    @field_validator("key")
    @classmethod
    def _has_key(cls, key: Key | None) -> Key | None:
        if key is not None and not os.environ.get(key["secret"]):
            raise _wrong(f"the environment has no {key['secret']}.", f"export {key['secret']}=… before the run.")
        return key

    @model_validator(mode="after")
    def _is_whole(self) -> Pii:
        for name, action in self.actions.items():
            if action == "keep" and name not in self.reasons:
                raise _wrong(f"keeps {name} without a reason.", f"Write reasons.{name}: who decided so, and why.")
            if action == "hash" and name != "mention" and self.key is None:
                raise _wrong(f"hashes {name} without a key.", "Write key: {secret: NAME_OF_AN_ENVIRONMENT_VARIABLE}.")
            if action == "generalise" and name in KINDS and name not in GENERAL:
                raise _wrong(
                    f"can not generalise {KINDS[name]}.", f"Write drop, mask or hash; or generalise {', '.join(GENERAL)}."
                )
            if name == "mention" and action not in ("mask", "drop", "keep"):
                raise _wrong(f"can not {action} mentions inside text.", "Write mask, drop or keep.")
        return self

    def check(self, subject: Subject) -> list[Finding]:
        """Finds columns that are personal, and columns that mention people."""
        data = subject.data
        findings = [finding for column in data.columns for finding in self._look(data, column)]
        strange = [name for name in self.actions if name not in KINDS and name not in data.names]
        for name in strange:
            fix = did_you_mean(name, [*KINDS, *data.names])
            words = "names neither a kind of personal data nor a column that is still there when this rule looks"
            note = f"actions.{name} {words}. {fix}".strip()
            findings.append(Finding(self.code, name, Verdict.STOP, note=note))
        return findings

    def _look(self, data: Dataset, column: Column) -> list[Finding]:
        if column.kind in (Kind.IMAGE, Kind.SEQUENCE):
            return []
        values = data.values(column.name)
        found = find_personal(values, column.name)
        if found is not None and found.kind == "birth_date" and column.has(Role.TIME):
            found = None
        if found is not None:
            return [self._act(column, found, int(values.notna().sum()))]
        if column.name in self.actions and self.actions[column.name] != "keep":
            told = Found("", 1.0, 0, 0)
            return [self._act(column, told, int(values.notna().sum()))]
        return self._mentions(values, column)

    def _mentions(self, values: pd.Series, column: Column) -> list[Finding]:
        is_text = pd.api.types.is_string_dtype(values.dtype) or isinstance(values.dtype, pd.CategoricalDtype)
        if column.kind not in (Kind.TEXT, Kind.CATEGORY) or not is_text:
            return []
        counts, rows, unread = count_mentions(values)
        if column.kind is Kind.CATEGORY and not MARKS & set(counts):
            return []
        if not counts:
            return []
        told = ", ".join(f"{mark} in {number:,}" for mark, number in sorted(counts.items()))
        rest = f" ({unread:,} more texts were not read)" if unread else ""
        share = rows / max(1, int(values.notna().sum()))
        note = f"mentions people: {told} values{rest}"
        return [self._carried(column, "mention", note, rows, share)]

    def _act(self, column: Column, found: Found, count: int) -> Finding:
        if not found.kind:
            return self._carried(column, "", "personal, as the recipe says", count, 1.0)
        how = f", of {found.looked_at:,} different values looked at" if found.is_sample else ""
        note = f"holds {KINDS[found.kind]}: {found.share:.0%}{how}"
        return self._carried(column, found.kind, note, count, found.share)

    def _carried(self, column: Column, kind: str, note: str, count: int, share: float) -> Finding:
        name = column.name
        asked = name if name in self.actions else kind
        action = self.actions.get(asked, INSTEAD.get(kind, "drop"))
        facts: dict[str, Any] = {"count": count, "measured": share, "unit": "share"}
        if action == "keep":
            return Finding(self.code, name, Verdict.NOTED, note=f"{note}; kept: {self.reasons[asked]}", **facts)
        if action == "drop":
            if column.roles & NAMED_BY and kind != "mention":
                words = f"{note}; the task tells its series apart by it. Set actions.{name}: hash, and a key"
                return Finding(self.code, name, Verdict.STOP, note=words, **facts)
            return Finding(self.code, name, Verdict.ACTED, "column dropped", note=f"{note}; dropped", **facts)
        treatment, after = self._treatment(action, kind, column)
        if not treatment:
            note = f"{note}; can not be generalised. Write drop, mask or hash in actions.{name}"
            return Finding(self.code, name, Verdict.STOP, note=note, **facts)
        done = {"mask": "masked", "hash": "hashed with a key"}.get(action, f"generalised to the {treatment.partition(':')[2]}")
        note = f"{note}; {done}"
        changed: dict[str, Any] = {"treatments": (treatment,), "kind": after, "note": note, **facts}
        return Finding(self.code, name, Verdict.ACTED, "values changed", **changed)

    def _treatment(self, action: str, kind: str, column: Column) -> tuple[str, Kind | None]:
        """Gives the treatment, and the kind the column has afterwards; nothing where there is no such treatment."""
        if action == "hash":
            assert self.key is not None
            return f"hash:{self.key['secret']}", Kind.CATEGORY
        if action == "mask":
            return ("mask:mentions", None) if kind == "mention" else ("mask", Kind.CATEGORY)
        if kind not in GENERAL:
            return "", None
        return f"generalise:{GENERAL[kind]}", Kind.NUMBER if GENERAL[kind] == "year" else Kind.CATEGORY
