"""GOV003: a column of one value says nothing."""

from __future__ import annotations

import pandas as pd
from pydantic.dataclasses import dataclass

from lepton_automl.governance.content import hash_rows
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

HEAD = 1_000
"""First rows that are looked at alone: nearly every column differs there already."""


@dataclass(frozen=True)
class Constants:
    """Features with a single value, missing counted as one, are dropped."""

    code = "GOV003"
    title = "A feature of one value is dropped"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds the features of one value."""
        findings = []
        for column in subject.data.features:
            values = subject.data.values(column.name)
            if is_one_value(values):
                note = "every value is missing" if values.isna().all() else "one value only"
                findings.append(Finding(self.code, column.name, Verdict.ACTED, "column dropped", count=len(values), note=note))
        return findings


def is_one_value(values: pd.Series) -> bool:
    """Says whether all values are the same, missing counted as one."""
    for part in (values.iloc[:HEAD], values):
        hashes = hash_rows(part)
        if len(hashes) and (hashes != hashes[0]).any():
            return False
    return True
