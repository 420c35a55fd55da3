"""From sources to a typed `Dataset`: roles given, kinds found, dirt counted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.dataset import Column, Dataset, Kind, Reading, Role
from lepton_automl.data.fingerprint import fingerprint
from lepton_automl.data.labels import read_labels
from lepton_automl.data.personal import shown_safely
from lepton_automl.data.reading import Look, Read, look, read_column
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.data.texts import is_texty
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry
from lepton_automl.registry import did_you_mean

NO_FEATURE = {Role.TARGET, Role.ID, Role.WEIGHT, Role.PROTECTED, Role.EVALUATION_ONLY, Role.IGNORE, Role.GROUP}
NESTED = (list, tuple, dict, set, np.ndarray)
SHOWN_COLUMNS = 20
UNLIKE_OTHERS = (Kind.IMAGE, Kind.SEQUENCE)
"""Kinds that no look at the values finds, so that the recipe always has to say them."""
STAMPED = re.compile("time|timestamp|times|datetime|date|ts|epoch|unix|created|updated|at")
"""Words in the name of a column of numbers that may be time stamps."""
STAMPS = (631_152_000, 2_208_988_800)
"""Seconds since 1970 of the years 1990 and 2040, between which stamps are looked for."""
STAMP_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


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
        DataError: If a column that the recipe names is not there, or one holds lists or objects; all of them at once.
    """
    _check_names(raw, rules)
    names = [str(name) for name in raw.frame.columns]
    roles = {name: roles_of(name, rules) for name in names}
    used = [name for name in names if Role.IGNORE not in roles[name]]
    _refuse_nested(raw, used)
    entries = list(raw.entries)
    entries += [
        Entry("load", "LOAD020", "ignore", "column dropped", name, 1, note="the recipe says so")
        for name in names
        if name not in used
    ]
    columns, series, problems = [], [], []
    for name in used:
        column, found = _look_at(raw, name, roles[name], rules)
        read = _read(raw, column, None, rules.label_targets)
        problems.extend(_unlike_what_was_asked(raw, column, read, rules))
        columns.append(column)
        series.append(read.values)
        if found.doubt:
            entries.append(Entry("load", "LOAD027", "dates", "noted", name, note=f"{found.reason}; {found.doubt}"))
        entries.extend(_other_kind(raw, column, rules))
        entries.extend(_unread_stamps(column, read.values, rules))
        entries.extend(_entries(column, read))
    if problems:
        raise DataError(problems)
    return _dataset(columns, series, len(raw.frame)), entries


def reread_dataset(
    raw: RawTable, like: Dataset, label_targets: bool, key: str, optional: frozenset[str] = frozenset()
) -> tuple[Dataset, list[Entry]]:
    """Types another table of the same make, such as test rows, by the readings of the first.

    Args:
        raw: The other table.
        like: The first, typed.
        label_targets: Whether targets are labels, kept as they came.
        key: Recipe key of the other table's source.
        optional: Columns that the other table may lack.

    Raises:
        DataError: If a column is missing, or one holds lists or objects; all of them at once.
    """
    have = [str(name) for name in raw.frame.columns]
    problems = [
        Problem(
            key, f"{column.name!r} is a column of the training data, but not of {raw.place}.", did_you_mean(column.name, have)
        )
        for column in like.columns
        if column.name not in have and column.name not in optional
    ]
    if problems:
        raise DataError(problems)
    columns = [column for column in like.columns if column.name in have]
    _refuse_nested(raw, [column.name for column in columns])
    entries = list(raw.entries)
    more = [name for name in have if name not in like.names]
    if more:
        shown = ", ".join(more[:SHOWN_COLUMNS]) + (", …" if len(more) > SHOWN_COLUMNS else "")
        entries.append(
            Entry("load", "LOAD028", "columns", "noted", count=len(more), note=f"not used in training, passed over: {shown}")
        )
    series = []
    for column in columns:
        read = _read(raw, column, like.values(column.name), label_targets)
        series.append(read.values)
        entries.extend(_entries(column, read))
    return _dataset(columns, series, len(raw.frame)), entries


def _dataset(columns: list[Column], series: list[pd.Series], n: int) -> Dataset:
    frame = pd.DataFrame({column.name: values for column, values in zip(columns, series, strict=True)}, index=range(n))
    return Dataset(frame, tuple(columns), np.arange(n, dtype="int64"), fingerprint(frame, columns))


def _check_names(raw: RawTable, rules: ReadingRules) -> None:
    have = [str(name) for name in raw.frame.columns]
    problems = []
    for name in sorted({*rules.kinds, *rules.roles, *rules.ignore} - set(have)):
        key = rules.keys.get(name, "data.kinds" if name in rules.kinds else "data.ignore")
        problems.append(Problem(key, f"{name!r} is not a column of {raw.place}.", did_you_mean(name, have)))
    if problems:
        raise DataError(sorted(problems, key=lambda problem: problem.key))


def _refuse_nested(raw: RawTable, names: list[str]) -> None:
    problems = []
    for name in names:
        values = raw.frame[name]
        if not pd.api.types.is_object_dtype(values):
            continue
        found = next((value for value in values if isinstance(value, NESTED)), None)
        if found is not None:
            what = "objects" if isinstance(found, dict) else "lists"
            message = f"{name!r} of {raw.place} holds {what}, not single values."
            problems.append(
                Problem(f"data {name}", message, f"Spread it over columns in the source, or set data.ignore=[{name}].")
            )
    if problems:
        raise DataError(problems)


def _unlike_what_was_asked(raw: RawTable, column: Column, read: Read, rules: ReadingRules) -> list[Problem]:
    """Refuses a column of which no value at all reads as the kind that the recipe asks for."""
    if not read.is_unreadable.any() or read.values.notna().any():
        return []
    name = column.name
    key = f"data.kinds.{name}" if name in rules.kinds else f"{rules.keys.get(name, 'data')} {name}"
    values = raw.frame[name][read.is_unreadable].unique()[:3]
    message = f"does not hold {column.kind}s: {', '.join(map(repr, map(shown_safely, values)))}."
    fix = "Name another column, or one that holds labels with task.kind: multiclass." if column.has(Role.TARGET) else ""
    return [Problem(key, message, fix or f"Name another column, or set data.kinds.{name} to what it holds.")]


def roles_of(name: str, rules: ReadingRules) -> frozenset[Role]:
    """Gives the roles of a column: those the recipe gives, and feature unless one of them forbids it."""
    if name in rules.ignore:
        return frozenset({Role.IGNORE})
    roles = set(rules.roles.get(name, frozenset()))
    if not roles & NO_FEATURE:
        roles.add(Role.FEATURE)
    return frozenset(roles)


def _look_at(raw: RawTable, name: str, roles: frozenset[Role], rules: ReadingRules) -> tuple[Column, Look]:
    if Role.TARGET in roles and rules.label_targets:
        found = Look(Reading(Kind.CATEGORY, rules.missing_tokens), "labels to predict")
    else:
        found = _found(raw.frame[name], rules, _asked_kind(name, roles, rules))
        if Role.TIME in roles and name not in rules.kinds and found.reading.kind in (Kind.CATEGORY, Kind.TEXT):
            found = _found(raw.frame[name], rules, Kind.DATETIME)
    return Column(name, found.reading.kind, roles, found.reading, found.reason), found


def _other_kind(raw: RawTable, column: Column, rules: ReadingRules) -> list[Entry]:
    """Says that the recipe gives a column another kind than the one its values look like."""
    if column.name not in rules.kinds or column.kind in UNLIKE_OTHERS or (column.has(Role.TARGET) and rules.label_targets):
        return []
    looks = _found(raw.frame[column.name], rules, None).reading.kind
    if looks is column.kind:
        return []
    note = f"read as a {column.kind}, as the recipe says; by its values it would be a {looks}"
    return [Entry("load", "LOAD029", "kinds", "noted", column.name, len(raw.frame), note=note)]


def _unread_stamps(column: Column, values: pd.Series, rules: ReadingRules) -> list[Entry]:
    """Says that numbers under the name of a time may be time stamps, where the recipe does not say what they are."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", column.name.partition(":")[0])
    is_asked = column.name in rules.kinds or column.has(Role.TARGET)
    if is_asked or column.kind is not Kind.NUMBER or not any(STAMPED.fullmatch(word.lower()) for word in words):
        return []
    low, high = float(values.min()), float(values.max())
    unit = next((u for u, size in STAMP_UNITS.items() if STAMPS[0] * size <= low and high <= STAMPS[1] * size), None)
    if unit is None:
        return []
    note = f"all values may be time stamps ({unit} since 1970); data.kinds.{column.name}: datetime reads them so"
    return [Entry("load", "LOAD027", "dates", "noted", column.name, int(values.notna().sum()), note=note)]


def _asked_kind(name: str, roles: frozenset[Role], rules: ReadingRules) -> Kind | None:
    if name in rules.kinds:
        return rules.kinds[name]
    if Role.TARGET in roles:
        return Kind.NUMBER
    return Kind.CATEGORY if roles & {Role.SERIES, Role.GROUP} else None


def _found(values: pd.Series, rules: ReadingRules, kind: Kind | None) -> Look:
    return look(values, rules.missing_tokens, rules.max_unreadable_share, rules.date_order, kind)


def _read(raw: RawTable, column: Column, like: pd.Series | None, label_targets: bool) -> Read:
    """Reads a column; `like` holds its values in the training data, if this is another table."""
    values = raw.frame[column.name]
    if column.has(Role.TARGET) and label_targets:
        has_types = raw.has_types or (like is not None and is_texty(like))
        return read_labels(values, column.reading.missing_tokens, has_types)
    is_category = like is not None and isinstance(like.dtype, pd.CategoricalDtype)
    levels: list[str] | None = list(like.cat.categories) if like is not None and is_category else None
    return read_column(values, column.reading, levels)


def _entries(column: Column, read: Read) -> list[Entry]:
    """Says what reading the column changed, by count."""
    gone = (
        ("LOAD021", "missing_tokens", read.is_missing_token, "a text that stands for missing"),
        ("LOAD022", "unreadable", read.is_unreadable, f"can not be read as a {column.kind}"),
        ("LOAD023", "infinite", read.is_infinite, "infinite"),
    )
    entries = [_entry(column, code, rule, "values set missing", mask, note) for code, rule, mask, note in gone]
    rewritten = {
        Kind.NUMBER: ("LOAD024", "numbers", "currency, thousands, decimal or percent marks taken away"),
        Kind.DATETIME: ("LOAD025", "dates", f"dates as text, {column.reading.date_format or column.reading.epoch_unit}"),
    }.get(column.kind, ("LOAD026", "blanks", "blanks around the text taken away"))
    entries.append(_entry(column, rewritten[0], rewritten[1], "values rewritten", read.is_rewritten, rewritten[2]))
    return [entry for entry in entries if entry.count]


def _entry(column: Column, code: str, rule: str, effect: str, mask: np.ndarray, note: str) -> Entry:
    count = int(mask.sum())
    facts: dict[str, Any] = {"count": count, "measured": count / max(1, len(mask)), "unit": "share", "note": note}
    return replace(Entry("load", code, rule, effect, column.name), **facts)
