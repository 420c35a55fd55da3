"""GOV008: rows that occur twice."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from pydantic.dataclasses import dataclass

from lepton_automl.governance.content import hash_table
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class Duplicates:
    """Rows whose columns all repeat an earlier row are counted, or dropped.

    Args:
        action: `note` or `drop`.
    """

    action: Literal["note", "drop"] = "note"
    code = "GOV008"
    title = "Rows that repeat an earlier one are counted"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds rows that repeat an earlier one, the target left out of sight."""
        data = subject.data
        if not data.columns:
            return []
        hashes = hash_table((data.values(name) for name in data.names), len(data))
        repeated = np.flatnonzero(pd.Series(hashes).duplicated().to_numpy())
        if not len(repeated):
            return []
        share = len(repeated) / len(data)
        if self.action == "note":
            note = "rows repeat an earlier one in all columns but the target"
            return [Finding(self.code, "", Verdict.NOTED, count=len(repeated), measured=share, unit="share", note=note)]
        note = "repeat an earlier row"
        return [Finding(self.code, "", Verdict.ACTED, "rows dropped", repeated, len(repeated), share, unit="share", note=note)]
