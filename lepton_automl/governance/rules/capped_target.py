"""GOV033: numbers to predict that pile up at their largest or smallest value."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.tasks import Makes

MIN_ROWS = 100
MIN_LEVELS = 50
"""Different values below which a target is a count or a mark of few steps, and its last step is no cap."""
NEIGHBOURS = 20
"""Different values next to the end that its rows are compared with."""
TIMES = 10.0
"""How many times as many rows as one of those the end must hold."""


@dataclass(frozen=True)
class CappedTarget:
    """A target whose largest or smallest value holds many more rows than those next to it is told: it was likely cut there.

    What lies beyond a cap is not known, so that no model can predict it and no figure can judge it. A smallest value of 0 is
    where counts and amounts begin, and is left alone.

    Args:
        min_share: Share of the training rows that the end must hold.
    """

    min_share: Annotated[float, Field(gt=0, le=0.5, json_schema_extra={"unit": "share"})] = 0.01
    code = "GOV033"
    title = "A target that piles up at its largest or smallest value is told"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Compares the rows at each end of the target with those next to it, on training rows."""
        y = subject.target
        if y is None or subject.goal.makes is Makes.PROBABILITIES:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="the target is no number")]
        numbers = y[np.isfinite(y)]
        levels, counts = np.unique(numbers, return_counts=True)
        if len(numbers) < MIN_ROWS or len(levels) < MIN_LEVELS:
            note = f"fewer than {MIN_ROWS} training rows, or than {MIN_LEVELS} different values"
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=note)]
        findings = []
        for word, level, count, rest in (
            ("largest", levels[-1], counts[-1], counts[-1 - NEIGHBOURS : -1]),
            ("smallest", levels[0], counts[0], counts[1 : 1 + NEIGHBOURS]),
        ):
            share = float(count / len(numbers))
            if share >= self.min_share and count >= TIMES * rest.mean() and not (word == "smallest" and level == 0):
                findings.append(self._told(word, float(level), int(count), share))
        return findings

    def _told(self, word: str, level: float, count: int, share: float) -> Finding:
        note = f"{count:,} training rows have the {word} value of the target, {level:.12g}, far more than any other near it: "
        note += "it is likely cut there, and what lies beyond is not known"
        return Finding(self.code, "", Verdict.NOTED, "", None, count, share, self.min_share, "share", note)
