"""GOV027: a column in which nearly all rows say the same."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.content import hash_rows
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import SAMPLE, pick_rows, sample_note

MIN_ROWS = 50


@dataclass(frozen=True)
class NearConstants:
    """Features of which one value fills nearly all rows are told, or dropped.

    Args:
        max_share: Largest share of rows with one value, missing counted as one.
        action: `note` or `drop`.
    """

    max_share: Annotated[float, Field(gt=0.5, le=1, json_schema_extra={"unit": "share"})] = 0.995
    action: Literal["note", "drop"] = "note"
    code = "GOV027"
    title = "A feature in which nearly all rows say the same is told, or dropped"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Measures the share of the most frequent value of each feature."""
        data, findings = subject.data, []
        if len(data) < MIN_ROWS:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=f"fewer than {MIN_ROWS} rows")]
        pick = pick_rows(len(data))
        for column in data.features:
            counts = np.unique(hash_rows(data.values(column.name).iloc[pick]), return_counts=True)[1]
            share = float(counts.max() / len(pick))
            if len(counts) > 1 and share > self.max_share:
                findings.append(self._finding(column.name, share, len(data)))
        return findings

    def _finding(self, column: str, share: float, n: int) -> Finding:
        is_drop = self.action == "drop"
        verdict, effect = (Verdict.ACTED, "column dropped") if is_drop else (Verdict.NOTED, "")
        note = f"one value fills {share:.2%} of the rows{sample_note(n, SAMPLE)}"
        return Finding(self.code, column, verdict, effect, None, round(share * n), share, self.max_share, "share", note)
