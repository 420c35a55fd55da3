"""GOV030: few rows carry little."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.tasks import Makes

FEW_OF_A_CLASS = 20
ROWS_A_FEATURE = 10
"""Rows per feature below which a model of many features is hard to trust: a rule of thumb of clinical models.

Source: Peduzzi et al. (1996), "A simulation study of the number of events per variable in logistic regression analysis",
Journal of Clinical Epidemiology 49(12), pages 1373-1379; there, events per variable.
"""


@dataclass(frozen=True)
class SampleSize:
    """Few training rows, few rows a feature, small classes and few test rows are told; too few training rows stop.

    Args:
        min_rows: Training rows below which the run stops.
        few_rows: Training rows below which the note says that they are few.
        few_test_rows: Test rows below which the note says how wide an interval of a share must be.
    """

    min_rows: Annotated[int, Field(ge=0, le=1_000_000, json_schema_extra={"unit": "rows"})] = 0
    few_rows: Annotated[int, Field(ge=0, le=1_000_000, json_schema_extra={"unit": "rows"})] = 200
    few_test_rows: Annotated[int, Field(ge=0, le=1_000_000, json_schema_extra={"unit": "rows"})] = 400
    code = "GOV030"
    title = "There are enough rows to learn from and to judge by"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Counts training rows, rows a feature, rows of classes, and test rows."""
        rows, features = len(subject.data), len(subject.data.features)
        findings = []
        if rows < self.min_rows:
            findings.append(self._told(Verdict.STOP, rows, self.min_rows, f"{rows} training rows are too few"))
        elif rows < self.few_rows:
            findings.append(self._told(Verdict.NOTED, rows, self.few_rows, f"{rows} training rows are few"))
        if features and rows / features < ROWS_A_FEATURE:
            note = f"{rows / features:.1f} training rows a feature are few: {rows} rows, {features} features"
            facts = (Verdict.NOTED, "", None, rows, rows / features, float(ROWS_A_FEATURE), "rows a feature", note)
            findings.append(Finding(self.code, "", *facts))
        if subject.goal.makes is Makes.PROBABILITIES and subject.target is not None:
            codes = subject.target[subject.target >= 0].astype("int64")
            small = int((np.bincount(codes, minlength=subject.goal.width) < FEW_OF_A_CLASS).sum())
            if small:
                note = f"{small} of {subject.goal.width} classes have fewer than {FEW_OF_A_CLASS} training rows"
                findings.append(self._told(Verdict.NOTED, small, FEW_OF_A_CLASS, note, "rows of a class"))
        if subject.test is not None and 0 < len(subject.test) < self.few_test_rows:
            n = len(subject.test)
            note = f"{n} test rows: a share near one half is known to {0.98 / n**0.5:.1%} up or down at best"
            findings.append(self._told(Verdict.NOTED, n, self.few_test_rows, note, "test rows"))
        return findings

    def _told(self, verdict: Verdict, count: int, limit: int, note: str, unit: str = "rows") -> Finding:
        return Finding(self.code, "", verdict, "", None, count, float(count), float(limit), unit, note)
