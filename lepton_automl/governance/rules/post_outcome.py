"""GOV013: columns that are known only after the outcome, and rows from the future."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.governance.actions import Action, verdict_of
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

MIN_DATES = 30
"""Rows with both dates that are needed to say anything."""


@dataclass(frozen=True)
class PostOutcome:
    """Features that are declared as known only afterwards, dates after the row's own time, and rows dated in the future.

    Declared columns, the time of the outcome, and dates that lie after it are beyond doubt; a date after the row's own time, or
    after `as_of`, may be a plan known ahead, such as a due date, and is told where the others are dropped. Rows of a test table
    of its own are looked at too, and never dropped.

    Args:
        columns: Columns known only after the outcome: a list, or column to the event after which it is known.
        time: Column of the row's own time: when the prediction is made. The split's or the task's time if absent.
        outcome_time: Column of the time of the outcome.
        as_of: Day up to which the data goes, as 2026-11-30; the day of the run if absent.
        max_later_share: Largest share of dates that may lie after the row's own time.
        future_rows: What becomes of rows dated after `as_of`, or after the first row of a test table of its own: `note`,
            `drop`, which needs the row's own time, or `stop`.
        action: `drop`, `stop` or `note`.
    """

    columns: Annotated[
        tuple[str, ...] | dict[str, str], Field(json_schema_extra={"values": "a list of columns, or column: event"})
    ] = ()
    time: Annotated[str | None, Field(json_schema_extra={"values": "a column"})] = None
    outcome_time: Annotated[str | None, Field(json_schema_extra={"values": "a column"})] = None
    as_of: Annotated[date | None, Field(json_schema_extra={"values": "a day"})] = None
    max_later_share: Annotated[float, Field(ge=0, lt=1, json_schema_extra={"unit": "share"})] = 0.5
    future_rows: Literal["note", "drop", "stop"] = "note"
    action: Action = "drop"
    code = "GOV013"
    title = "Nothing is used that is known only after the outcome"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Looks for declared columns, and compares dates."""
        data = subject.data
        found = [*self._declared(data), *self._after_outcome(data)]
        named = {finding.column for finding in found}
        later = [f for f in self._later(data) if f.column not in named]
        future = self._future(data, self._end(subject.day()))
        if subject.test is not None:
            future += [*self._future_of(subject.test, data, subject.day()), *self._mixed(data, subject.test)]
        return [*found, *later, *future]

    def _declared(self, data: Dataset) -> list[Finding]:
        findings = []
        for name in self.columns:
            event = self.columns[name] if isinstance(self.columns, dict) else ""
            note = f"is declared as known only after {event or 'the outcome'}"
            if name not in data.names:
                note = f"{note}, and is not in the table"
                findings.append(Finding(self.code, name, Verdict.NOT_APPLICABLE, note=note))
            elif not data.column(name).has(Role.FEATURE):
                findings.append(Finding(self.code, name, Verdict.NOTED, note=f"{note}; it is no feature"))
            else:
                findings.append(self._finding(name, len(data), note))
        return findings

    def _after_outcome(self, data: Dataset) -> list[Finding]:
        """Finds the time of the outcome among the features, and dates that lie after it."""
        name = self.outcome_time
        if name is None:
            return []
        if not _is_date(data, name):
            note = "outcome_time is to be a column of dates, and is none in this table"
            return [Finding(self.code, name, Verdict.NOT_APPLICABLE, note=note)]
        own = [self._finding(name, len(data), "is the time of the outcome")] if data.column(name).has(Role.FEATURE) else []
        return [*own, *self._compared(data, name, data.values(name), "the time of the outcome", True)]

    def _later(self, data: Dataset) -> list[Finding]:
        """Finds dates that lie after the row's own time, or after `as_of`, in most rows."""
        found = []
        own = self._own_time(data)
        if own is not None:
            found = self._compared(data, own, data.values(own), f"the row's own time {own}", False)
        if self.as_of is not None:
            ends = pd.Series(self._end(self.as_of), index=range(len(data)))
            named = {finding.column for finding in found} | {own}
            found += [f for f in self._compared(data, "", ends, f"{self.as_of}", False) if f.column not in named]
        return found

    def _compared(self, data: Dataset, base: str, moments: pd.Series, words: str, is_certain: bool) -> list[Finding]:
        findings = []
        for column in _dates(data):
            if column.name == base or not column.has(Role.FEATURE) or column.has(Role.KNOWN_FUTURE):
                continue
            values = data.values(column.name)
            both = (values.notna() & moments.notna()).to_numpy()
            if both.sum() < MIN_DATES:
                continue
            later = (values > moments).to_numpy() & both
            share = float(later.sum() / both.sum())
            if share > self.max_later_share:
                note = f"{int(later.sum())} of {int(both.sum())} dates lie after {words}"
                findings.append(self._finding(column.name, int(later.sum()), note, is_certain, share))
        return findings

    def _future(self, data: Dataset, end: pd.Timestamp) -> list[Finding]:
        """Finds rows whose dates lie after `as_of`, or after the day of the run."""
        own, findings = self._own_time(data), []
        for column in _dates(data):
            if column.has(Role.KNOWN_FUTURE):
                continue
            rows = np.flatnonzero((data.values(column.name) > end).to_numpy())
            if not len(rows):
                continue
            verdict, effect = Verdict.NOTED, ""
            if self.future_rows == "stop":
                verdict = Verdict.STOP
            elif self.future_rows == "drop" and column.name == own:
                verdict, effect = Verdict.ACTED, "rows dropped"
            note = f"{len(rows)} rows are dated {self._words(end)}"
            dropped = rows if effect else None
            share = len(rows) / len(data)
            findings.append(Finding(self.code, column.name, verdict, effect, dropped, len(rows), share, 0.0, "share", note))
        return findings

    def _future_of(self, test: Dataset, data: Dataset, today: date) -> list[Finding]:
        """Tells rows of a test table whose dates lie after `as_of`, or after the day of the run."""
        end, findings = self._end(today), []
        for column in _dates(data):
            if column.has(Role.KNOWN_FUTURE) or not _is_date(test, column.name):
                continue
            count = int((test.values(column.name) > end).sum())
            if not count:
                continue
            note = f"{count} of {len(test)} rows of the test table are dated {self._words(end)}; test rows are never dropped"
            verdict = Verdict.STOP if self.future_rows == "stop" else Verdict.NOTED
            findings.append(Finding(self.code, column.name, verdict, "", None, count, count / len(test), 0.0, "share", note))
        return findings

    def _mixed(self, data: Dataset, test: Dataset) -> list[Finding]:
        """Finds training rows whose own time lies after the first row of a test table.

        Where rows are not parted by time, a test table may well hold rows of the same days: then it is only told.
        """
        name = self._own_time(data)
        if name is None or not _is_date(test, name):
            return []
        first = test.values(name).min()
        rows = np.flatnonzero((data.values(name) > first).to_numpy())  # nothing lies after a first row without a date
        if not len(rows):
            return []
        note = f"{len(rows)} of {len(data)} training rows are dated after the first row of the test table"
        verdict, effect = Verdict.NOTED, ""
        wanted = self.future_rows if data.column(name).has(Role.TIME) else "note"
        if wanted == "stop" or (wanted == "drop" and len(rows) == len(data)):
            verdict = Verdict.STOP
        elif wanted == "drop":
            verdict, effect = Verdict.ACTED, "rows dropped"
        dropped, share = rows if effect else None, len(rows) / len(data)
        return [Finding(self.code, name, verdict, effect, dropped, len(rows), share, 0.0, "share", note)]

    def _own_time(self, data: Dataset) -> str | None:
        name = self.time or data.name_of(Role.TIME)
        return name if name is not None and _is_date(data, name) else None

    def _end(self, today: date) -> pd.Timestamp:
        """Gives the end of the last day that is no future."""
        return pd.Timestamp(self.as_of or today) + timedelta(days=1) - timedelta(microseconds=1)

    def _words(self, end: pd.Timestamp) -> str:
        return f"after {self.as_of}, up to which the data goes" if self.as_of else f"in the future, after {end.date()}"

    def _finding(self, column: str, count: int, note: str, is_certain: bool = True, share: float | None = None) -> Finding:
        verdict, effect = verdict_of(self.action, is_certain)
        limit, unit = (None, "") if share is None else (self.max_later_share, "share")
        return Finding(self.code, column, verdict, effect, None, count, share, limit, unit, note)


def _dates(data: Dataset) -> list[Column]:
    return [column for column in data.columns if _is_date(data, column.name)]


def _is_date(data: Dataset, name: str) -> bool:
    return name in data.names and data.column(name).kind is Kind.DATETIME
