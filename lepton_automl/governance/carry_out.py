"""Lets rules look, waives what the recipe waives, carries out the rest, and records all of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from lepton_automl.data import Dataset, Role, treat
from lepton_automl.errors import GovernanceStop, Problem, RunError
from lepton_automl.governance.content import Hashes
from lepton_automl.governance.protocol import NEEDED, Finding, Rule, Stage, Subject, Verdict
from lepton_automl.governance.waivers import Waiver
from lepton_automl.ledger import Entry, Ledger

CHANGES = ("values set missing", "values changed")
"""Effects after which a column has other values."""
ALWAYS = "target"
"""The rule that can not be waived."""


class SubjectMaker(Protocol):
    """Makes what a rule looks at."""

    def __call__(self, data: Dataset, stage: Stage, test: Dataset | None = None) -> Subject:
        """Gives the subject of a stage; of test rows only their features are shown."""
        ...


def govern(
    data: Dataset,
    rules: Iterable[tuple[str, Rule]],
    stage: Stage,
    ledger: Ledger,
    subject_of: SubjectMaker,
    rows: np.ndarray | None = None,
    test: Dataset | None = None,
    waivers: Mapping[str, Waiver] | None = None,
    stops: list[Problem] | None = None,
) -> Dataset:
    """Lets the rules of a stage look and act, in order, and records each.

    Once a rule forbids going on, a later one that fails on the table is recorded as one that could not look, and hides nothing.

    Args:
        data: The table.
        rules: Name and rule.
        stage: Which rules look now.
        ledger: Where it is recorded.
        subject_of: Makes what a rule looks at of a table.
        rows: Positions of the rows they may look at; all if absent. Then no rule may drop rows: the split is made.
        test: Test rows; rules see their features.
        waivers: Name of a rule to the waiver of what it finds.
        stops: Gathers what forbids going on; then nothing of that is raised here.

    Raises:
        GovernanceStop: If a rule forbids going on; with all that forbid.
        RunError: If a rule drops rows after the split.
    """
    gathered = [] if stops is None else stops
    hashes, subject = Hashes(), None
    for name, rule in rules:
        if rule.stage is not stage:
            continue
        started = time.perf_counter()
        if subject is None:  # rows are picked once, and anew only where a rule changed the table
            seen = data if rows is None else data.rows(rows)
            subject = subject_of(seen, stage, _like(test, seen))
        findings = _look(name, rule, subject, gathered)
        if rows is not None and any(finding.effect == "rows dropped" for finding in findings):
            raise RunError(f"the rule {name} drops rows after the split; only rules of the stage data may.")
        waiver = (waivers or {}).get(name)
        findings = [finding if waiver is None else waiver.applied(finding) for finding in findings]
        gathered.extend(_problem(name, finding) for finding in findings if finding.verdict is Verdict.STOP)
        after = apply_findings(data, findings)
        ledger.extend(_entries(name, rule, findings, data, after, hashes, time.perf_counter() - started))
        subject = subject if after is data else None
        data = after
    if gathered and stops is None:
        raise GovernanceStop(gathered, "the data")
    return data


def _look(name: str, rule: Rule, subject: Subject, stops: list[Problem]) -> list[Finding]:
    """Lets a rule look; if it fails on a table that can not go on anyway, it is told as one that could not look."""
    try:
        return rule.check(subject)
    except Exception as error:
        if not stops:
            raise
        note = f"could not look at the table as it is ({type(error).__name__})"
        stops.append(Problem(f"governance.rules.{name}", f"{note} ({rule.code})", "Mend the others, then it looks."))
        return [Finding(rule.code, "", Verdict.NOT_APPLICABLE, note=note)]


def _like(test: Dataset | None, data: Dataset) -> Dataset | None:
    """Gives test rows with the columns that are left of the others."""
    return None if test is None else treated_like(test, data).without(set(test.names) - set(data.names))


def treated_like(test: Dataset, data: Dataset) -> Dataset:
    """Gives another table of the same make with its values treated as those of the first were."""
    for column in data.columns:
        if column.name not in test.names:
            continue
        was, now = test.column(column.name).reading.treatments, column.reading.treatments
        if was != now:
            values = treat(test.values(column.name), now[len(was) :], column.name)
            test = test.with_column(replace(column, roles=test.column(column.name).roles), values)
    return test


def apply_findings(data: Dataset, findings: Sequence[Finding]) -> Dataset:
    """Carries out what rules found: treats the values and drops the columns and rows they name.

    A column that the split or a task needs, such as the time, stays in the table and is no feature any more.
    """
    for finding in findings:
        if finding.effect in CHANGES and finding.treatments:
            data = _treated(data, finding)
    named = {finding.column for finding in findings if finding.effect == "column dropped"}
    needed = {name for name in named if data.column(name).roles & NEEDED}
    if needed:
        data = data.with_roles({name: data.column(name).roles - {Role.FEATURE} for name in needed})
    if named - needed:
        data = data.without(named - needed)
    gone = _dropped(findings, len(data))
    return data.rows(~gone) if gone.any() else data


def _treated(data: Dataset, finding: Finding) -> Dataset:
    column = data.column(finding.column)
    reading = replace(column.reading, treatments=(*column.reading.treatments, *finding.treatments))
    values = treat(data.values(column.name), finding.treatments, column.name)
    return data.with_column(replace(column, reading=reading, kind=finding.kind or column.kind), values)


def _dropped(findings: Sequence[Finding], n: int) -> np.ndarray:
    """Says which rows the findings drop, shape `(n,)`."""
    gone = np.zeros(n, dtype=bool)
    for finding in findings:
        if finding.effect == "rows dropped" and finding.rows is not None:
            gone[finding.rows] = True
    return gone


def _problem(name: str, finding: Finding) -> Problem:
    key = f"governance.rules.{name}" + (f" {finding.column}" if finding.column else "")
    message = f"{finding.note} ({finding.code}{_figures(finding)})"
    if name == ALWAYS:
        return Problem(key, message, "Mend the data.")
    return Problem(key, message, f"Mend the data, or waive it: governance.waivers.{name}={{by: …, why: …, until: …}}.")


def _figures(finding: Finding) -> str:
    """Gives what was measured and the limit, in words; empty where nothing was measured."""
    if finding.measured is None:
        return ""
    limit = "" if finding.limit is None else f", limit {finding.limit:.6g}"
    return f": measured {finding.measured:.6g}{limit} {finding.unit}".rstrip()


def _entries(
    name: str,
    rule: Rule,
    findings: Sequence[Finding],
    data: Dataset,
    after: Dataset,
    hashes: Hashes,
    seconds: float,
) -> list[Entry]:
    """Gives an entry for each finding; a row that two of them drop is counted with the first."""
    left, stage = len(data), str(rule.stage)
    before_hash = hashes.of(data)
    changed = {finding.column for finding in findings if finding.effect in CHANGES}
    hashes.forget(None if any(finding.effect == "rows dropped" for finding in findings) else changed)
    facts = {
        "columns_before": len(data.names),
        "columns_after": len(after.names),
        "hash_before": before_hash,
        "hash_after": before_hash if after is data else hashes.of(after),
    }
    took = round(seconds, 4)
    if not findings:
        passed = Entry(stage, rule.code, name, "passed", rows_before=left, rows_after=left, note=rule.title)
        return [replace(passed, seconds=took, **facts)]  # type: ignore[arg-type]
    entries = []
    for number, finding in enumerate(findings):
        before, count = left, finding.count
        if finding.effect == "rows dropped":
            left = len(data) - int(_dropped(findings[: number + 1], len(data)).sum())
            count = before - left
        entry = Entry(
            stage,
            finding.code,
            name,
            finding.effect or str(finding.verdict),
            finding.column,
            count,
            before,
            left,
            finding.measured,
            finding.limit,
            finding.unit,
            _note(finding, data),
        )
        entries.append(replace(entry, seconds=took if not number else 0.0, **facts))  # type: ignore[arg-type]
    return entries


def _note(finding: Finding, data: Dataset) -> str:
    """Gives the finding's sentence, and why a column stays that is no feature any more."""
    if finding.effect != "column dropped":
        return finding.note
    roles = ", ".join(sorted(map(str, data.column(finding.column).roles & NEEDED)))
    return f"{finding.note}; kept as {roles}, no feature any more" if roles else finding.note
