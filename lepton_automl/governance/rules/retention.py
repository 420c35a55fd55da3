"""GOV019: rows whose date is outside of the time they may be kept for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset, Kind
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.registry import did_you_mean


@dataclass(frozen=True)
class Retention:
    """Rows whose date is outside of the retention period are dropped and counted; rows of a test table are flagged.

    Args:
        column: Column of the date.
        max_days: Days a row may be kept for, counted back from `as_of`.
        since: First day that may be used.
        until: Last day that may be used.
        as_of: Day from which `max_days` count back; the day of the run (UTC) if absent.
        undated: Rows without a date: `drop` or `keep`.
    """

    column: str = ""
    max_days: Annotated[int, Field(ge=1, json_schema_extra={"unit": "days"})] | None = None
    since: date | None = None
    until: date | None = None
    as_of: date | None = None
    undated: Literal["drop", "keep"] = "drop"
    code = "GOV019"
    title = "Rows outside of the retention period are dropped and counted"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds the rows outside of the period."""
        first, last = self._period(subject.day())
        if not self.column or (first is None and last is None):
            note = "declare column, and one of max_days, since and until"
            return [Finding(self.code, self.column, Verdict.NOT_APPLICABLE, note=note)]
        problem = _problem(subject.data, self.column)
        if problem:
            return [Finding(self.code, self.column, Verdict.STOP, note=problem)]
        findings = [*self._counted(subject.day()), *self._dropped(subject.data, first, last)]
        if subject.test is not None:
            findings += self._flagged(subject.test, first, last)
        return findings

    def _counted(self, today: date) -> list[Finding]:
        """Tells the day from which days count back, where the recipe does not."""
        if self.max_days is None or self.as_of is not None:
            return []
        note = f"{self.max_days} days count back from {today}, the day of the run; as_of sets another"
        return [Finding(self.code, self.column, Verdict.NOTED, limit=float(self.max_days), unit="days", note=note)]

    def _period(self, today: date) -> tuple[date | None, date | None]:
        first = self.since
        if self.max_days is not None:
            oldest = (self.as_of or today) - timedelta(days=self.max_days)
            first = oldest if first is None else max(first, oldest)
        return first, self.until

    def _dropped(self, data: Dataset, first: date | None, last: date | None) -> list[Finding]:
        is_out, is_undated = _outside(data.values(self.column), first, last)
        findings = []
        for mask, note in ((is_out, f"outside of {_words(first, last)}"), (is_undated, "without a date")):
            if mask is is_undated and self.undated == "keep":
                continue
            rows = np.flatnonzero(mask)
            if len(rows) == len(data):
                return [Finding(self.code, self.column, Verdict.STOP, count=len(rows), note=f"every row is {note}")]
            if len(rows):
                facts = (Verdict.ACTED, "rows dropped", rows, len(rows), len(rows) / len(data), None, "share", note)
                findings.append(Finding(self.code, self.column, *facts))
        return findings

    def _flagged(self, test: Dataset, first: date | None, last: date | None) -> list[Finding]:
        problem = _problem(test, self.column)
        if problem:
            return [Finding(self.code, self.column, Verdict.NOTED, count=len(test), note=f"test table: {problem}")]
        is_out, is_undated = _outside(test.values(self.column), first, last)
        count = int((is_out | (is_undated if self.undated == "drop" else False)).sum())
        if not count:
            return []
        note = f"rows of the test table are outside of {_words(first, last)} or without a date; test rows are never dropped"
        return [Finding(self.code, self.column, Verdict.NOTED, "", None, count, count / len(test), None, "share", note)]


def _problem(data: Dataset, name: str) -> str:
    if name not in data.names:
        return f"there is no column {name!r} to know the age of rows by. {did_you_mean(name, data.names)}".strip()
    kind = data.column(name).kind
    return "" if kind is Kind.DATETIME else f"the column is read as {kind}, not as dates; set data.kinds.{name}: datetime"


def _outside(values: pd.Series, first: date | None, last: date | None) -> tuple[np.ndarray, np.ndarray]:
    """Says which rows are outside of the period, its last day included, and which have no date; shape `(n,)` each."""
    stamps = values.to_numpy(dtype="datetime64[us]")
    is_undated = np.isnat(stamps)
    is_out = np.zeros(len(stamps), dtype=bool)
    if first is not None:
        is_out |= stamps < np.datetime64(first)
    if last is not None:
        is_out |= stamps >= np.datetime64(last + timedelta(days=1))
    return is_out & ~is_undated, is_undated


def _words(first: date | None, last: date | None) -> str:
    return "the period " + " ".join(word for word in (f"from {first}" if first else "", f"to {last}" if last else "") if word)
