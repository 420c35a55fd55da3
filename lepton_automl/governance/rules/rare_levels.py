"""GOV024: levels that few rows have."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class RareLevels:
    """Levels of categories that few rows have are counted: little can be learned of them.

    Args:
        min_rows: Rows below which a level is rare.
    """

    min_rows: Annotated[int, Field(ge=1, le=100_000, json_schema_extra={"unit": "rows"})] = 10
    code = "GOV024"
    title = "Levels that few rows have are counted"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Counts rare levels of each category, and their rows."""
        findings = []
        for column in subject.data.features:
            if column.kind is not Kind.CATEGORY:
                continue
            values = subject.data.values(column.name)
            codes = values.cat.codes.to_numpy()
            sizes = np.bincount(codes[codes >= 0], minlength=1)
            sizes = sizes[sizes > 0]
            rare = sizes[sizes < self.min_rows]
            if not len(rare):
                continue
            rows, share = int(rare.sum()), float(rare.sum() / len(values))
            note = f"{len(rare)} of {len(sizes)} levels have fewer than {self.min_rows} rows each"
            findings.append(Finding(self.code, column.name, Verdict.NOTED, count=rows, measured=share, unit="share", note=note))
        return findings
