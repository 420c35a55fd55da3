"""GOV005: a column that is nearly empty is not used."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class Missing:
    """Features with more than a share of missing values are dropped; the others are told.

    Args:
        max_share: Largest share of missing values, 0 to 1.
    """

    max_share: Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})] = 0.98
    code = "GOV005"
    title = "A feature that is nearly empty is dropped"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Measures the share of missing values of each feature."""
        findings = []
        for column in subject.data.features:
            count = int(subject.data.values(column.name).isna().sum())
            if count:
                findings.append(self._finding(column.name, count, count / len(subject.data)))
        return findings

    def _finding(self, column: str, count: int, share: float) -> Finding:
        if share > self.max_share:
            verdict, effect, note = Verdict.ACTED, "column dropped", "too many missing"
        else:
            verdict, effect, note = Verdict.NOTED, "", "missing values are left to the model"
        return Finding(self.code, column, verdict, effect, None, count, share, self.max_share, "share", note)
