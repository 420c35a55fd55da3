"""GOV004: two columns that say the same are one."""

from __future__ import annotations

import hashlib

from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset
from lepton_automl.governance.content import hash_rows
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class DuplicateColumns:
    """Of features with the same values in every row, the first one is kept."""

    code = "GOV004"
    title = "Of features with the same values, one is kept"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds features whose values repeat those of an earlier one."""
        seen: dict[str, str] = {}
        findings = []
        for column in subject.data.features:
            mark = _content(subject.data, column.name)
            first = seen.setdefault(mark, column.name)
            if first != column.name:
                note = f"the same values as {first}"
                count = len(subject.data)
                findings.append(Finding(self.code, column.name, Verdict.ACTED, "column dropped", count=count, note=note))
        return findings


def _content(data: Dataset, name: str) -> str:
    return hashlib.sha256(hash_rows(data.values(name)).tobytes()).hexdigest()
