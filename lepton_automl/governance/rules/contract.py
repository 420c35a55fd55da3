"""GOV009: the table is what was promised."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.contract.terms import ColumnTerms, FreshnessTerms, RelationTerms, RelationText, allows
from lepton_automl.governance.contract.violations import Violation, find_test_violations, find_violations
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

SHOWN_ROWS = 5
EFFECTS = {"missing": "values set missing", "drop": "rows dropped"}
VERDICTS = {"stop": Verdict.STOP, "note": Verdict.NOTED, "missing": Verdict.ACTED, "drop": Verdict.ACTED}
Rows = Annotated[int, Field(ge=0, json_schema_extra={"unit": "rows"})]


@dataclass(frozen=True, config=ConfigDict(strict=True))
class Contract:
    """Columns, relations between them, rows and age of the table are held against a contract, all of it at once.

    Values of a test table of its own are held against it too: what breaks it there is told or stops, and changes nothing.

    Args:
        action: `stop` or `note`: what is done about a violation where its term says nothing else.
        strict: Whether columns that the contract does not name are a violation.
        min_rows: Fewest rows.
        max_rows: Most rows.
        columns: Column to what is promised of it: `required`, `kind`, `min`, `max`, `whole`, `values`, `pattern`, `references`,
            `unique`, `max_missing_share`, and the `action` on its violations.
        relations: Name to a relation between columns, such as `start <= end`; or to `expression` and `action`.
        freshness: Column of dates, `max_age_days` of its newest one, and the day `at` which it is that old.
    """

    action: Literal["stop", "note"] = "stop"
    strict: bool = False
    min_rows: Rows | None = None
    max_rows: Rows | None = None
    columns: dict[str, ColumnTerms | None] | None = None
    relations: dict[str, RelationText | RelationTerms] | None = None
    freshness: FreshnessTerms | None = None
    code = "GOV009"
    title = "The table is what the contract promises"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds everything that breaks the contract."""
        if not (self.columns or self.relations or self.freshness or self.strict or self.min_rows or self.max_rows is not None):
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="the contract promises nothing")]
        data, hidden = subject.data, frozenset(subject.hidden)
        findings = [
            Finding(self.code, name, Verdict.NOTED, note="is the target: no rule sees its values before the split")
            for name in self.columns or {}
            if name in hidden
        ]
        findings += [self._finding(one, data.row_ids) for one in find_violations(self, data, hidden, subject.day())]
        test = subject.test
        if test is not None:
            findings += [self._told(one, test.row_ids) for one in find_test_violations(self, test, hidden)]
        return findings

    def _finding(self, one: Violation, row_ids: np.ndarray) -> Finding:
        count = 0 if one.rows is None else len(one.rows)
        return Finding(
            self.code,
            one.column,
            VERDICTS[one.action],
            EFFECTS.get(one.action, ""),
            one.rows if one.action == "drop" else None,
            count,
            one.measured,
            one.limit,
            one.unit,
            _note(one, row_ids),
            one.treatments if one.action == "missing" else (),
        )

    def _told(self, one: Violation, row_ids: np.ndarray) -> Finding:
        """Gives what is found of the test table: it is never changed by what is found in it."""
        count = 0 if one.rows is None else len(one.rows)
        verdict = Verdict.STOP if one.action == "stop" else Verdict.NOTED
        note = f"test table: {_note(one, row_ids)}" + ("" if one.action == "stop" else "; test rows are never dropped")
        return Finding(self.code, one.column, verdict, "", None, count, one.measured, one.limit, one.unit, note)


def _note(one: Violation, row_ids: np.ndarray) -> str:
    """Says what was expected, how many rows and which are not so, and the way out; never a value of a row."""
    parts = [f"{one.term}: {one.said.rstrip('.')}"]
    if one.rows is not None:
        first = ", ".join(str(row) for row in row_ids[one.rows[:SHOWN_ROWS]])
        more = ", …" if len(one.rows) > SHOWN_ROWS else ""
        rows = "row is" if len(one.rows) == 1 else "rows are"
        parts.append(f"{len(one.rows)} {rows} not so ({one.measured:.2%}), counted from 0: {first}{more}")
    note = "; ".join(parts)
    if one.action != "stop":
        return note
    return f"{note}. {_way_out(one)}"


def _way_out(one: Violation) -> str:
    if one.check in ("min_rows", "max_rows", "strict", "freshness"):
        return f"Change {one.term} of the contract."
    words = [word for word in ("missing", "drop", "note") if allows(one.check, word)]
    options = ", ".join(words[:-1]) + (" or " if len(words) > 1 else "") + words[-1]
    key = one.term if one.check == "relation" else one.term.rpartition(".")[0]
    said = f"action: {options}" if one.check == "relation" else f"action: {{{one.check}: {options}}}"
    return f"Change {one.term} of the contract, or set {key}.{said}."
