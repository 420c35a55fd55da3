"""GOV003: a column of one value says nothing."""

from __future__ import annotations

import numpy as np
from pydantic.dataclasses import dataclass

from lepton_automl.governance.content import hash_rows
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


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
            if len(np.unique(hash_rows(values))) <= 1:
                note = "every value is missing" if values.isna().all() else "one value only"
                findings.append(Finding(self.code, column.name, Verdict.ACTED, "column dropped", count=len(values), note=note))
        return findings
