"""GOV004: two columns that say the same are one."""

from __future__ import annotations

import hashlib

from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset
from lepton_automl.governance.content import hash_rows
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

HEAD = 1_000
"""First rows by which columns are told apart: only those that agree there are read whole."""


@dataclass(frozen=True)
class DuplicateColumns:
    """Of features with the same values in every row, the first one is kept."""

    code = "GOV004"
    title = "Of features with the same values, one is kept"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds features whose values repeat those of an earlier one."""
        findings = []
        for name, first in repeated(subject.data):
            note = f"the same values as {first}"
            findings.append(Finding(self.code, name, Verdict.ACTED, "column dropped", count=len(subject.data), note=note))
        return findings


def repeated(data: Dataset) -> list[tuple[str, str]]:
    """Gives each feature that repeats an earlier one, and that one; a column is read whole if its first rows are another's."""
    alike: dict[bytes, list[str]] = {}
    for column in data.features:
        alike.setdefault(hash_rows(data.values(column.name).iloc[:HEAD]).tobytes(), []).append(column.name)
    twice: dict[str, str] = {}
    for names in alike.values():
        seen: dict[str, str] = {}
        for name in names if len(names) > 1 else ():
            first = seen.setdefault(_content(data, name), name)
            if first != name:
                twice[name] = first
    return [(column.name, twice[column.name]) for column in data.features if column.name in twice]


def _content(data: Dataset, name: str) -> str:
    return hashlib.sha256(hash_rows(data.values(name)).tobytes()).hexdigest()
