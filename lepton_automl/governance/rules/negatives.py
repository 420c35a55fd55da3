"""GOV034: a few negative numbers among positive ones."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import as_floats
from lepton_automl.tasks import Makes

MIN_COUNT = 5
"""Negative numbers below which a single slip is not told from a habit."""
TIMES = 10.0
"""How many times as many numbers must lie as far above 0 as half of the negative ones lie below it: a column that runs
through 0, such as a temperature, has about as many on either side."""


@dataclass(frozen=True)
class Negatives:
    """A few negative numbers in a column that is positive otherwise are told: returned goods, corrections, or slips.

    The target is looked at too. Nothing is changed: whether they belong there is for the owner of the data to say.

    Args:
        max_share: Share of the values up to which negative ones are few.
    """

    max_share: Annotated[float, Field(gt=0, le=0.5, json_schema_extra={"unit": "share"})] = 0.05
    code = "GOV034"
    title = "A few negative numbers among positive ones are told"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Counts negative numbers of each feature, and of a numeric target, on training rows."""
        data, findings = subject.data, []
        for column in data.columns:
            if column.has(Role.TARGET) and subject.target is not None and subject.goal.makes is not Makes.PROBABILITIES:
                numbers = subject.target
            elif column.has(Role.FEATURE) and column.kind is Kind.NUMBER and not column.has(Role.TIME):
                numbers = as_floats(data.values(column.name))
            else:
                continue
            count, known = self._few(numbers), int(np.isfinite(numbers).sum())
            if count:
                note = f"{count:,} of {known:,} training values are below 0: returned goods, corrections, or slips? "
                note += "governance.rules.contract drops such rows, or sets the values missing"
                facts = (Verdict.NOTED, "", None, count, count / known, self.max_share, "share", note)
                findings.append(Finding(self.code, column.name, *facts))
        return findings

    def _few(self, numbers: np.ndarray) -> int:
        """Gives how many numbers are negative, where they are few and 0 is no middle; else 0."""
        below = numbers[numbers < 0]
        known = int(np.isfinite(numbers).sum())
        if len(below) < MIN_COUNT or len(below) > self.max_share * known:
            return 0
        reach = float(np.median(-below))
        near = int(((numbers > 0) & (numbers <= reach)).sum())
        return len(below) if near >= TIMES * int((below >= -reach).sum()) else 0
