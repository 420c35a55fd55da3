"""What a rule is, what it finds, and how what it finds is carried out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from lepton_automl.data import Dataset
from lepton_automl.errors import GovernanceStop, Problem
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.tasks import Goal


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


def apply_findings(data: Dataset, findings: Iterable[Finding]) -> Dataset:
    """Carries out what rules found: drops the columns and rows they name."""
    columns = [finding.column for finding in findings if finding.effect == "column dropped"]
    rows = [finding.rows for finding in findings if finding.effect == "rows dropped" and finding.rows is not None]
    if columns:
        data = data.without(columns)
    if rows:
        keep = np.ones(len(data), dtype=bool)
        keep[np.concatenate(rows)] = False
        data = data.rows(keep)
    return data


def govern(
    data: Dataset, rules: Iterable[tuple[str, Rule]], stage: Stage, ledger: Ledger, subject_of: SubjectMaker, rows: np.ndarray | None = None
) -> Dataset:
    """Lets the rules of a stage look and act, in order, and records each.

    Args:
        data: The table.
        rules: Name and rule.
        stage: Which rules look now.
        ledger: Where it is recorded.
        subject_of: Makes what a rule looks at of a table.
        rows: Positions of the rows they may look at; all if absent.

    Raises:
        GovernanceStop: If a rule forbids going on; with all that forbid.
    """
    stops: list[Problem] = []
    for name, rule in rules:
        if rule.stage is not stage:
            continue
        findings = rule.check(subject_of(data if rows is None else data.rows(rows), stage))
        stops.extend(_problem(name, finding) for finding in findings if finding.verdict is Verdict.STOP)
        before = len(data)
        data = apply_findings(data, findings)
        for entry in _entries(name, rule, findings, before, len(data)):
            ledger.add(entry)
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


def _entries(name: str, rule: Rule, findings: list[Finding], before: int, after: int) -> list[Entry]:
    if not findings:
        return [Entry(str(rule.stage), rule.code, name, "passed", rows_before=before, rows_after=after, note=rule.title)]
    entries = []
    for finding in findings:
        drops = finding.effect == "rows dropped"
        effect = finding.effect or str(finding.verdict)
        entry = Entry(
            str(rule.stage),
            finding.code,
            name,
            effect,
            finding.column,
            finding.count,
            before,
            after if drops else before,
            finding.measured,
            finding.limit,
            finding.unit,
            finding.note,
        )
        before = entry.rows_after
        entries.append(entry)
    return entries
