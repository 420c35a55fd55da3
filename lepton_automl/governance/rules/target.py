"""GOV001: every row has a target."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class Target:
    """Rows without a usable target are refused, or dropped and counted.

    Args:
        missing: `error` or `drop`.
    """

    missing: Literal["error", "drop"] = "error"
    code = "GOV001"
    title = "Every row has a target"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Counts the rows whose target is missing or infinite."""
        lost = np.flatnonzero(~subject.has_target)
        if not len(lost):
            return []
        share = len(lost) / len(subject.data)
        if self.missing == "error":
            missing = f"the target is missing in {len(lost)} of {len(subject.data)} rows"
            note = f"{missing}. Set task.missing_target: drop to leave them out."
            return [Finding(self.code, "", Verdict.STOP, count=len(lost), measured=share, unit="share", note=note)]
        return [Finding(self.code, "", Verdict.ACTED, "rows dropped", lost, len(lost), share, unit="share", note="no target")]
