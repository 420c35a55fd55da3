"""From sources to a typed `Dataset`: roles given, kinds found, dirt counted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.dataset import Column, Dataset, Kind, Reading, Role
from lepton_automl.data.reading import Read, as_texts, is_texty, look, read_column
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry
from lepton_automl.registry import did_you_mean

NO_FEATURE = {Role.TARGET, Role.ID, Role.WEIGHT, Role.PROTECTED, Role.EVALUATION_ONLY, Role.IGNORE, Role.GROUP}


@dataclass(frozen=True)
class ReadingRules:
    """What the recipe says of how columns are read.

    Args:
        kinds: Column to kind where the recipe settles it.
        roles: Column to roles other than feature.
        ignore: Columns to leave out.
        missing_tokens: Texts that stand for a missing value.
        max_unreadable_share: Share of a text column that may fail to read as numbers or dates.
        date_order: `auto`, `day_first` or `month_first`.
        label_targets: Whether targets are labels, kept as they came.
        keys: Column to the recipe key that names it, for messages.
    """

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    roles: Mapping[str, frozenset[Role]] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    missing_tokens: tuple[str, ...] = ("",)
    max_unreadable_share: float = 0.05
    date_order: str = "auto"
    label_targets: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)


def build_dataset(raw: RawTable, rules: ReadingRules) -> tuple[Dataset, list[Entry]]:
    """Types a raw table.

    Returns:
        The dataset, and what happened to its values.

    Raises:
        DataError: If a column that the recipe names is not there; all of them at once.
    """
    _check_names(raw, rules)
    entries = list(raw.entries)
    columns, series = [], []
    for name in raw.frame.columns:
        roles = roles_of(name, rules)
        if Role.IGNORE in roles:
            entries.append(Entry("load", "LOAD020", "ignore", "column dropped", name, note="the recipe says so"))
            continue
        column, values, notes = _read_one(raw.frame[name], name, roles, rules)
        columns.append(column)
        series.append(values)
        entries.extend(notes)
    frame = pd.DataFrame(dict(zip([c.name for c in columns], series, strict=True)), copy=False)
    row_ids = np.arange(len(frame), dtype="int64")
    return Dataset(frame, tuple(columns), row_ids, fingerprint(frame, columns)), entries


def reread_dataset(
    raw: RawTable, like: Dataset, label_targets: bool, key: str, optional: frozenset[str] = frozenset()
) -> tuple[Dataset, list[Entry]]:
    """Types another table of the same make, such as test rows, by the readings of the first.

    Raises:
        DataError: If a column is missing.
    """
    missing = [c.name for c in like.columns if c.name not in raw.frame.columns and c.name not in optional]
    if missing:
        problems = [Problem(f"{key} {name}", f"is not a column of {raw.place}.", "It is in the training data.") for name in missing]
        raise DataError(problems)
    entries = list(raw.entries)
    columns = [column for column in like.columns if column.name in raw.frame.columns]
    series = []
    for column in columns:
        levels = list(like.frame[column.name].cat.categories) if _is_category(like, column) else None
        values, notes = _apply(raw.frame[column.name], column, levels, label_targets)
        series.append(values)
        entries.extend(notes)
    frame = pd.DataFrame(dict(zip([c.name for c in columns], series, strict=True)), copy=False)
    return Dataset(frame, tuple(columns), np.arange(len(frame), dtype="int64"), fingerprint(frame, columns)), entries


def _is_category(data: Dataset, column: Column) -> bool:
    return isinstance(data.frame[column.name].dtype, pd.CategoricalDtype)


def _check_names(raw: RawTable, rules: ReadingRules) -> None:
    have = list(raw.frame.columns)
    problems = []
    for name in {*rules.kinds, *rules.roles, *rules.ignore}:
        if name not in have:
            key = rules.keys.get(name, "data.kinds" if name in rules.kinds else "data.ignore")
            problems.append(Problem(key, f"{name!r} is not a column of {raw.place}.", did_you_mean(name, have)))
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.key))


def roles_of(name: str, rules: ReadingRules) -> frozenset[Role]:
    """Gives the roles of a column: those the recipe gives, and feature unless one of them forbids it."""
    if name in rules.ignore:
        return frozenset({Role.IGNORE})
    roles = set(rules.roles.get(name, frozenset()))
    if not roles & NO_FEATURE:
        roles.add(Role.FEATURE)
    return frozenset(roles)


def _read_one(
    raw: pd.Series, name: str, roles: frozenset[Role], rules: ReadingRules
) -> tuple[Column, pd.Series, list[Entry]]:
    if Role.TARGET in roles and rules.label_targets:
        column = Column(name, Kind.CATEGORY, roles, Reading(Kind.CATEGORY, rules.missing_tokens), "labels to predict")
    else:
        kind = rules.kinds.get(name)
        if kind is None and Role.TARGET in roles:
            kind = Kind.NUMBER
        if kind is None and roles & {Role.TIME}:
            kind = Kind.DATETIME if is_texty(raw) else None
        if kind is None and roles & {Role.SERIES, Role.GROUP}:
            kind = Kind.CATEGORY
        found = look(raw, rules.missing_tokens, rules.max_unreadable_share, rules.date_order, kind)
        column = Column(name, found.reading.kind, roles, found.reading, found.reason)
    values, notes = _apply(raw, column, None, rules.label_targets)
    return column, values, notes


def _apply(
    raw: pd.Series, column: Column, levels: list[str] | None, label_targets: bool
) -> tuple[pd.Series, list[Entry]]:
    if column.has(Role.TARGET) and label_targets:
        return read_labels(raw, column.reading.missing_tokens), []
    read = read_column(raw, column.reading, levels)
    return read.values, _entries(column, read, raw)


def read_labels(raw: pd.Series, tokens: tuple[str, ...]) -> pd.Series:
    """Gives labels as they came; only texts that stand for missing become so."""
    raw = raw.reset_index(drop=True)
    if not is_texty(raw) or raw.map(type).isin([bool, int, float]).all():
        return raw
    is_token = as_texts(raw).isin(tokens).to_numpy()
    return raw.where(~is_token, None) if is_token.any() else raw


def _entries(column: Column, read: Read, raw: pd.Series) -> list[Entry]:
    """Says what reading the column changed, by count."""
    facts: list[tuple[str, str, int, str]] = [
        ("LOAD021", "missing_tokens", int(read.is_missing_token.sum()), "a text that stands for missing"),
        ("LOAD022", "unreadable", int(read.is_unreadable.sum()), f"can not be read as a {column.kind}"),
        ("LOAD023", "infinite", int(read.is_infinite.sum()), "infinite"),
    ]
    entries = [
        Entry("load", code, rule, "values set missing", column.name, count, note=note, measured=count / max(1, len(raw)), unit="share")
        for code, rule, count, note in facts
        if count
    ]
    if read.rewritten:
        note = "currency, thousands or percent marks taken away"
        entries.append(Entry("load", "LOAD024", "numbers", "values rewritten", column.name, read.rewritten, note=note))
    elif column.kind is Kind.DATETIME and is_texty(raw):
        count = int(read.values.notna().sum())
        entries.append(Entry("load", "LOAD025", "dates", "values rewritten", column.name, count, note=column.reading.date_format))
    return entries


def fingerprint(frame: pd.DataFrame, columns: list[Column] | tuple[Column, ...]) -> str:
    """Gives the SHA-256 of a table's content and schema."""
    digest = hashlib.sha256()
    for column in columns:
        values: Any = frame[column.name]
        digest.update(f"{column.name}\0{column.kind}\0{len(values)}\0".encode())
        if isinstance(values.dtype, pd.CategoricalDtype):
            digest.update("\0".join(map(str, values.cat.categories)).encode())
            values = pd.Series(values.cat.codes)
        digest.update(pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes())
    return digest.hexdigest()
