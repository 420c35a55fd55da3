"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol

import numpy as np

from lepton_automl.data import Dataset, Kind, Role
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
    WAIVED = "waived"
    NOT_APPLICABLE = "not applicable"
    STOP = "stop"


@dataclass(frozen=True)
class Finding:
    """One thing a rule found.

    Args:
        code: Stable code of the rule.
        column: The column; empty for the whole table.
        verdict: What the rule says of it.
        effect: What is to be done: `column dropped`, `rows dropped`, `values set missing`, `values changed`, or nothing.
        rows: Positions of the rows to drop, where rows are dropped.
        count: Rows or values it is about.
        measured: The figure the rule looked at.
        limit: The figure it compared with.
        unit: Unit of both.
        note: A sentence for a reader; never a value of the data that could name a person.
        treatments: What is done to the values where they are changed: on these rows, on test rows, and when rows are scored.
        kind: What the column is afterwards, if it is something else.
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
    treatments: tuple[str, ...] = ()
    kind: Kind | None = None


@dataclass(frozen=True)
class Subject:
    """What a rule looks at.

    Args:
        data: The rows; before the split without the values of the target.
        goal: What is to be predicted.
        target: The target, encoded: class codes or numbers, shape `(n,)`; none before the split.
        has_target: Whether each row has a usable target, shape `(n,)`.
        test: Test rows without their target: after the split, and before it where they are a table of their own; else none. A
            rule may note what it sees there, or stop; it never changes them.
        hidden: Columns that the table has and that are not shown: the target before the split.
        aside: After the split, the columns that earlier rules took out of the same rows, as they were read; or none.
        test_aside: The same of the test rows.
        engagement: What the recipe says of the engagement, by key; none where nothing is known of it.
        today: The day of the run, by which ages count; this day in UTC if absent.
    """

    data: Dataset
    goal: Goal
    target: np.ndarray | None
    has_target: np.ndarray
    test: Dataset | None = None
    hidden: tuple[str, ...] = ()
    aside: Dataset | None = None
    test_aside: Dataset | None = None
    engagement: Mapping[str, object] | None = None
    today: date | None = None

    def day(self) -> date:
        """Gives the day by which ages count."""
        return self.today or datetime.now(UTC).date()


class Rule(Protocol):
    """A rule, with its settings as fields. It says what it finds and what is to be done; `govern` does it, the same for all."""

    code: str
    title: str
    stage: Stage

    def check(self, subject: Subject) -> list[Finding]:
        """Says what it finds; changes nothing."""
        ...
