"""GOV014: what test rows share with training rows."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Column, Dataset, Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

NAMING = (Role.ID, Role.GROUP, Role.USER)
NAME_HINTS = re.compile(
    "id|uid|uuid|guid|customer|client|patient|person|user|member|account|subject|household|applicant|borrower|employee|"
    "student|policyholder|passport|ssn|nif|email|mail|phone|mobile|iban"
)
"""Words in the name of a column that names people or things."""
MIN_NAMES = 20
MIN_NAMES_SHARE = 0.05
"""Different values, as a share of the rows, from which a column may name people: fewer are shops, regions, job titles."""
AGREE, BY_CHANCE, MIN_AGREEING = 0.9, 0.7, 2
"""Pairs of rows of one value that agree in a column, pairs drawn at random that do; how many such columns it takes."""
DISTINCT = 0.9
"""Share of different training rows below which rows repeat by themselves."""
PAIRS = 5_000


@dataclass(frozen=True)
class Overlap:
    """Test rows that are training rows too, people or groups on both sides, and test rows within the training rows' time.

    Columns that name people or groups are those with the role id, group or user, those listed here, and features or taken-out
    identifiers whose values repeat: by their name, or as rows that share a value agree in other columns too.

    Args:
        columns: More columns that name a person or a group.
        max_share: Largest share of test rows that may be met again in training rows.
        action: `note` or `stop`; an overlap of time is told only.
    """

    columns: Annotated[tuple[str, ...], Field(json_schema_extra={"values": "a list of columns"})] = ()
    max_share: Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})] = 0.0
    action: Literal["note", "stop"] = "note"
    code = "GOV014"
    title = "Test rows share no row, person or group with training rows"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Compares the features of test rows with those of training rows."""
        if subject.test is None or not len(subject.test) or not len(subject.data):
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="there are no test rows")]
        return [*self._rows(subject), *self._names(subject), *self._time(subject)]

    def _rows(self, subject: Subject) -> list[Finding]:
        """Counts test rows whose features all repeat those of a training row."""
        train, test = subject.data, subject.test
        assert test is not None
        names = [column.name for column in train.features if column.name in test.names]
        if not names:
            return []
        of_train, of_test = hash_tables(train, test, names)
        count = int(np.isin(of_test, of_train).sum())
        if count <= self.max_share * len(test):
            return []
        repeats = len(np.unique(of_train)) < DISTINCT * len(train)
        why = "; training rows repeat among themselves as well, as few columns or coarse ones do" if repeats else ""
        note = f"{count} of {len(test)} test rows repeat all features of a training row{why}"
        return [self._finding("", count, len(test), note, may_stop=not repeats)]

    def _names(self, subject: Subject) -> list[Finding]:
        """Counts test rows whose person or group is among the training rows."""
        findings = []
        for name, train, test, is_declared in _naming_columns(subject, self.columns):
            of_train, of_test = hash_columns(train.values(name), test.values(name))
            known = test.values(name).notna().to_numpy()
            is_met = known & np.isin(of_test, of_train[train.values(name).notna().to_numpy()])
            count = int(is_met.sum())
            if count <= self.max_share * len(test):
                continue
            if not is_declared and not _is_naming(subject, train.column(name), of_train, of_test, is_met):
                continue
            met = len(np.unique(of_test[is_met]))
            note = f"{count} of {len(test)} test rows share one of {met} values with training rows: write split.group={name}"
            found = "" if is_declared else "it seems to name people or groups; "
            findings.append(self._finding(name, count, len(test), found + note, may_stop=True))
        return findings

    def _time(self, subject: Subject) -> list[Finding]:
        """Tells test rows that are no later than training rows, where there is a date."""
        train, test = subject.data, subject.test
        assert test is not None
        own = [c for c in train.with_role(Role.TIME) if c.name in test.names]
        dates = own or [c for c in train.features if c.kind is Kind.DATETIME and c.name in test.names]
        if not dates or len(dates) > 1 or dates[0].kind is not Kind.DATETIME:
            return []
        name = dates[0].name
        latest = train.values(name).max()
        within = int((test.values(name) < latest).sum())
        if pd.isna(latest) or not within:
            return []
        note = f"{within} of {len(test)} test rows lie before the latest training row: if later rows are to be predicted, "
        return [self._finding(name, within, len(test), f"{note}write split.time={name}", may_stop=False)]

    def _finding(self, column: str, count: int, of: int, note: str, may_stop: bool) -> Finding:
        verdict = Verdict.STOP if self.action == "stop" and may_stop else Verdict.NOTED
        figures = {"count": count, "measured": count / of, "limit": self.max_share, "unit": "share"}
        return Finding(self.code, column, verdict, note=note, **figures)  # type: ignore[arg-type]


def _naming_columns(subject: Subject, listed: tuple[str, ...]) -> list[tuple[str, Dataset, Dataset, bool]]:
    """Gives the columns that may name people or groups, with the tables they are in, and whether the recipe says they do."""
    found = []
    for train, test in ((subject.data, subject.test), (subject.aside, subject.test_aside)):
        if train is None or test is None:
            continue
        for column in train.columns:
            is_declared = column.name in listed or any(column.has(role) for role in NAMING)
            may_name = column.has(Role.FEATURE) and _may_name(train.values(column.name), column)
            if column.name in test.names and (is_declared or may_name):
                found.append((column.name, train, test, is_declared))
    return found


def _may_name(values: pd.Series, column: Column) -> bool:
    is_whole = column.kind is Kind.NUMBER and pd.api.types.is_integer_dtype(values)
    if not is_whole and column.kind is not Kind.CATEGORY:
        return False
    return values.nunique() >= max(MIN_NAMES, MIN_NAMES_SHARE * len(values))


def is_named_so(name: str) -> bool:
    """Says whether a column's name says that it names people or things.

    >>> is_named_so("customer_id"), is_named_so("PatientNumber"), is_named_so("width")
    (True, True, False)
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return any(NAME_HINTS.fullmatch(word.lower()) for word in words)


def _is_naming(subject: Subject, column: Column, of_train: np.ndarray, of_test: np.ndarray, is_met: np.ndarray) -> bool:
    """Says whether a column that nobody declared names people: rows that share its value agree in other columns too."""
    if column.kind is Kind.CATEGORY and is_named_so(column.name):
        return True
    train, test = subject.data, subject.test
    assert test is not None
    order = np.argsort(of_train, kind="stable")
    here = np.flatnonzero(is_met)
    here = here[np.random.default_rng(0).permutation(len(here))[:PAIRS]]
    there = order[np.searchsorted(of_train[order], of_test[here])]
    other = np.random.default_rng(1).permutation(len(train))[: len(here)]
    here_too = here[: len(other)]
    agreeing = 0
    for feature in train.features:
        if feature.name == column.name or feature.name not in test.names:
            continue
        a, b = hash_columns(train.values(feature.name), test.values(feature.name))
        agreeing += np.mean(a[there] == b[here]) >= AGREE and np.mean(a[other] == b[here_too]) <= BY_CHANCE
    return agreeing >= MIN_AGREEING


def hash_tables(train: Dataset, test: Dataset, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Gives a hash of each row of two tables, shapes `(n,)` and `(m,)`, uint64."""
    of_train, of_test = np.zeros(len(train), dtype="uint64"), np.zeros(len(test), dtype="uint64")
    for name in names:
        a, b = hash_columns(train.values(name), test.values(name))
        of_train, of_test = _mixed(of_train, a), _mixed(of_test, b)
    return of_train, of_test


def _mixed(whole: np.ndarray, column: np.ndarray) -> np.ndarray:
    found = (whole ^ (whole >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + column
    return np.asarray(found, dtype="uint64")


def hash_columns(train: pd.Series, test: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Gives a hash of each value of a column in two tables, shapes `(n,)` and `(m,)`, uint64; levels are hashed once."""
    if isinstance(train.dtype, pd.CategoricalDtype) and isinstance(test.dtype, pd.CategoricalDtype):
        return _hash_levels(train), _hash_levels(test)
    if pd.api.types.is_numeric_dtype(train) and pd.api.types.is_numeric_dtype(test):
        train, test = _alike(train), _alike(test)
    elif not pd.api.types.is_datetime64_any_dtype(train):
        train, test = train.astype("object").map(repr, na_action="ignore"), test.astype("object").map(repr, na_action="ignore")
    return _hash_values(train), _hash_values(test)


def _hash_values(values: pd.Series) -> np.ndarray:
    return pd.util.hash_pandas_object(values, index=False).to_numpy()


def _alike(values: pd.Series) -> pd.Series:
    return pd.Series(values.to_numpy(dtype="float64", na_value=np.nan) + 0.0)


def _hash_levels(values: pd.Series) -> np.ndarray:
    levels = pd.Series(values.cat.categories.astype("object")).map(repr)
    hashes = np.append(pd.util.hash_pandas_object(levels, index=False).to_numpy(), np.uint64(0))
    return hashes[values.cat.codes.to_numpy()]
