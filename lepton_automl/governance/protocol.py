"""What a rule is, what it finds, and how what it finds is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from lepton_automl.data import Dataset, Role
from lepton_automl.errors import GovernanceStop, Problem, RunError
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.tasks import Goal

NEEDED = frozenset({Role.TIME, Role.SERIES, Role.GROUP, Role.USER, Role.ITEM, Role.WEIGHT, Role.EXPOSURE, Role.AMOUNT})
"""Roles that the split, the task or the evidence reads: such a column is never taken out of the table."""


class Stage(StrEnum):
    """When a rule looks.

    DATA: before the split. Rules see whether a target is missing, never its value; they may drop rows and columns.
    TRAIN: after the split. Rules see targets of training rows only; they may drop columns.
    """

    DATA = "data"
    TRAIN = "train"


class Verdict(StrEnum):
    """What a rule says of what it looked at."""

    PASSED = "passed"
    NOTED = "noted"
    ACTED = "acted"
    NOT_APPLICABLE = "not applicable"
    STOP = "stop"


@dataclass(frozen=True)
class Finding:
    """One thing a rule found.

    Args:
        code: Stable code of the rule.
        column: The column; empty for the whole table.
        verdict: What the rule says of it.
        effect: What is to be done: `column dropped`, `rows dropped`, or nothing.
        rows: Positions of the rows to drop, where rows are dropped.
        count: Rows or values it is about.
        measured: The figure the rule looked at.
        limit: The figure it compared with.
        unit: Unit of both.
        note: A sentence for a reader.
    """

    code: str
    column: str
    verdict: Verdict
    effect: str = ""
    rows: np.ndarray | None = None
    count: int = 0
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Subject:
    """What a rule looks at.

    Args:
        data: The rows; before the split without the values of the target.
        goal: What is to be predicted.
        target: The target, encoded: class codes or numbers, shape `(n,)`; none before the split.
        has_target: Whether each row has a usable target, shape `(n,)`.
    """

    data: Dataset
    goal: Goal
    target: np.ndarray | None
    has_target: np.ndarray


class Rule(Protocol):
    """A rule, with its settings as fields."""

    code: str
    title: str
    stage: Stage

    def check(self, subject: Subject) -> list[Finding]:
        """Says what it finds; changes nothing."""
        ...


def apply_findings(data: Dataset, findings: Sequence[Finding]) -> Dataset:
    """Carries out what rules found: drops the columns and rows they name.

    A column that the split or a task needs, such as the time, stays in the table and is no feature any more.
    """
    named = {finding.column for finding in findings if finding.effect == "column dropped"}
    needed = {name for name in named if data.column(name).roles & NEEDED}
    if needed:
        data = data.with_roles({name: data.column(name).roles - {Role.FEATURE} for name in needed})
    if named - needed:
        data = data.without(named - needed)
    gone = _dropped(findings, len(data))
    return data.rows(~gone) if gone.any() else data


def _dropped(findings: Sequence[Finding], n: int) -> np.ndarray:
    """Says which rows the findings drop, shape `(n,)`."""
    gone = np.zeros(n, dtype=bool)
    for finding in findings:
        if finding.effect == "rows dropped" and finding.rows is not None:
            gone[finding.rows] = True
    return gone


def govern(
    data: Dataset,
    rules: Iterable[tuple[str, Rule]],
    stage: Stage,
    ledger: Ledger,
    subject_of: SubjectMaker,
    rows: np.ndarray | None = None,
) -> Dataset:
    """Lets the rules of a stage look and act, in order, and records each.

    Args:
        data: The table.
        rules: Name and rule.
        stage: Which rules look now.
        ledger: Where it is recorded.
        subject_of: Makes what a rule looks at of a table.
        rows: Positions of the rows they may look at; all if absent. Then no rule may drop rows: the split is made.

    Raises:
        GovernanceStop: If a rule forbids going on; with all that forbid.
        RunError: If a rule drops rows after the split.
    """
    stops: list[Problem] = []
    for name, rule in rules:
        if rule.stage is not stage:
            continue
        findings = rule.check(subject_of(data if rows is None else data.rows(rows), stage))
        if rows is not None and any(finding.effect == "rows dropped" for finding in findings):
            raise RunError(f"the rule {name} drops rows after the split; only rules of the stage data may.")
        stops.extend(_problem(name, finding) for finding in findings if finding.verdict is Verdict.STOP)
        ledger.extend(_entries(name, rule, findings, data))
        data = apply_findings(data, findings)
    if stops:
        raise GovernanceStop(stops, "the data")
    return data


class SubjectMaker(Protocol):
    """Makes what a rule looks at."""

    def __call__(self, data: Dataset, stage: Stage) -> Subject:
        """Gives the subject of a stage."""
        ...


def _problem(name: str, finding: Finding) -> Problem:
    key = f"governance.rules.{name}" + (f" {finding.column}" if finding.column else "")
    return Problem(key, finding.note, "")


def _entries(name: str, rule: Rule, findings: Sequence[Finding], data: Dataset) -> list[Entry]:
    """Gives an entry for each finding; a row that two of them drop is counted with the first."""
    left = len(data)
    stage = str(rule.stage)
    if not findings:
        return [Entry(stage, rule.code, name, "passed", rows_before=left, rows_after=left, note=rule.title)]
    entries = []
    for number, finding in enumerate(findings):
        before, count = left, finding.count
        if finding.effect == "rows dropped":
            left = len(data) - int(_dropped(findings[: number + 1], len(data)).sum())
            count = before - left
        entries.append(
            Entry(
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
        )
    return entries


def _note(finding: Finding, data: Dataset) -> str:
    """Gives the finding's sentence, and why a column stays that is no feature any more."""
    if finding.effect != "column dropped":
        return finding.note
    roles = ", ".join(sorted(map(str, data.column(finding.column).roles & NEEDED)))
    return f"{finding.note}; kept as {roles}, no feature any more" if roles else finding.note
