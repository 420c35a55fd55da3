"""GOV020: rows of people who did not consent."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.registry import did_you_mean

SAME = {"true": "1", "false": "0", "1.0": "1", "0.0": "0"}


@dataclass(frozen=True)
class Consent:
    """Rows without consent are dropped and counted, and the column of the consent is no feature; test rows are flagged.

    Args:
        column: Column of the consent; a missing value is none.
        values: Values that say yes; capitals do not count.
    """

    column: str = ""
    values: tuple[bool | int | float | str, ...] = ("yes", "true", "1")
    code = "GOV020"
    title = "Rows without consent are dropped and counted"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds the rows without consent."""
        data = subject.data
        if not self.column:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="declare the column of the consent")]
        if self.column not in data.names:
            note = f"there is no column {self.column!r} that says who consents. {did_you_mean(self.column, data.names)}"
            return [Finding(self.code, self.column, Verdict.STOP, note=note.strip())]
        findings = self._dropped(data)
        if data.column(self.column).has(Role.FEATURE):
            note = "says who consents, and is no feature"
            findings.append(Finding(self.code, self.column, Verdict.ACTED, "column dropped", count=len(data), note=note))
        return findings + self._flagged(subject.test)

    def _dropped(self, data: Dataset) -> list[Finding]:
        rows = np.flatnonzero(~self._agrees(data.values(self.column)))
        if len(rows) == len(data):
            shown = ", ".join(map(str, self.values))
            return [Finding(self.code, self.column, Verdict.STOP, count=len(rows), note=f"no row says one of: {shown}")]
        if not len(rows):
            return []
        facts = (Verdict.ACTED, "rows dropped", rows, len(rows), len(rows) / len(data), None, "share", "without consent")
        return [Finding(self.code, self.column, *facts)]

    def _flagged(self, test: Dataset | None) -> list[Finding]:
        if test is None:
            return []
        if self.column not in test.names:
            note = "the test table has no such column: nobody knows who of it consents"
            return [Finding(self.code, self.column, Verdict.NOTED, count=len(test), note=note)]
        count = int((~self._agrees(test.values(self.column))).sum())
        note = "rows of the test table are without consent; test rows are never dropped"
        facts = (Verdict.NOTED, "", None, count, count / max(1, len(test)), None, "share", note)
        return [Finding(self.code, self.column, *facts)] if count else []

    def _agrees(self, values: pd.Series) -> np.ndarray:
        """Says which rows say yes, shape `(n,)`."""
        allowed = {_spelt(value) for value in self.values}
        codes, levels = pd.factorize(values, use_na_sentinel=True)
        is_yes = np.array([*(_spelt(level) in allowed for level in levels), False], dtype=bool)
        return is_yes[codes]


def _spelt(value: object) -> str:
    word = str(value).strip().lower()
    return SAME.get(word, word)
