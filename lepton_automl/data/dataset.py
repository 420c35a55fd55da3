"""A typed table with stable row ids: what every room passes on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    IMAGE = "image"
    SEQUENCE = "sequence"


class Role(StrEnum):
    """What a column is for; a column can have several."""

    FEATURE = "feature"
    TARGET = "target"
    ID = "id"
    GROUP = "group"
    TIME = "time"
    SERIES = "series"
    STATIC = "static"
    KNOWN_FUTURE = "known_future"
    PAST_ONLY = "past_only"
    USER = "user"
    ITEM = "item"
    WEIGHT = "weight"
    EXPOSURE = "exposure"
    AMOUNT = "amount"
    PROTECTED = "protected"
    EVALUATION_ONLY = "evaluation_only"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Reading:
    """How raw values of a column become values of its kind; found once, used again on every later table.

    Args:
        kind: What they become.
        missing_tokens: Texts that stand for a missing value.
        decimal: Mark before the decimals in text that is read as a number.
        thousands: Mark between thousands; empty if none.
        date_format: `strptime` format or `ISO8601`; several with ` | ` between them; or empty.
        epoch_unit: Unit of numbers that are read as time stamps; empty if they are not.
        treatments: What is done to the values once they are read (`lepton_automl/data/treatments.py`).
    """

    kind: Kind
    missing_tokens: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    date_format: str = ""
    epoch_unit: str = ""
    treatments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column: its name, its kind with the reason, its roles, and how its raw values are read.

    In a `Dataset` the values are stored by kind: number and boolean as float64 (int64 where nothing is missing and all are
    whole), category as pandas Categorical of text, text as pandas text, datetime as datetime64 without zone (UTC). A
    target keeps the labels it came with.
    """

    name: str
    kind: Kind
    roles: frozenset[Role]
    reading: Reading
    reason: str = ""

    def has(self, role: Role) -> bool:
        """Says whether the column has the role."""
        return role in self.roles


@dataclass(frozen=True)
class Dataset:
    """A table whose rows keep their ids and whose columns know what they are.

    Args:
        frame: The values, `n` rows; its index is meaningless.
        columns: One for each column of the frame, in its order.
        row_ids: Position of each row in the source, shape `(n,)`, int64; never changes.
        fingerprint: SHA-256 of content and schema as read from the source.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    row_ids: np.ndarray
    fingerprint: str = ""
    _by_name: Mapping[str, Column] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Gives a column by name."""
        return self._by_name[name]

    def with_role(self, role: Role) -> list[Column]:
        """Gives the columns that have the role, in order."""
        return [column for column in self.columns if role in column.roles]

    def name_of(self, role: Role) -> str | None:
        """Gives the name of the one column of the role, or none."""
        found = self.with_role(role)
        return found[0].name if found else None

    @property
    def features(self) -> list[Column]:
        """The columns a model may see, in order."""
        return self.with_role(Role.FEATURE)

    def values(self, name: str) -> pd.Series:
        """Gives the values of a column, shape `(n,)`."""
        return self.frame[name]

    def rows(self, positions: np.ndarray) -> Dataset:
        """Gives the rows at the positions (int64 positions or a boolean mask, shape `(n,)`)."""
        if positions.dtype == bool:
            positions = np.flatnonzero(positions)
        frame = self.frame.iloc[positions].reset_index(drop=True)
        return replace(self, frame=frame, row_ids=self.row_ids[positions])

    def without(self, names: Iterable[str]) -> Dataset:
        """Gives the table without the columns; the others are not copied."""
        gone = set(names)
        keep = tuple(column for column in self.columns if column.name not in gone)
        values = {column.name: self.frame[column.name] for column in keep}
        return replace(self, frame=pd.DataFrame(values, index=self.frame.index, copy=False), columns=keep)

    def with_column(self, column: Column, values: pd.Series) -> Dataset:
        """Gives the table with other values, kind or reading of a column, in its place."""
        columns = tuple(column if c.name == column.name else c for c in self.columns)
        return replace(self, frame=self.frame.assign(**{column.name: values}), columns=columns)

    def with_roles(self, roles: Mapping[str, frozenset[Role]]) -> Dataset:
        """Gives the table with new roles for the named columns."""
        columns = tuple(replace(c, roles=roles[c.name]) if c.name in roles else c for c in self.columns)
        return replace(self, columns=columns)


def save_dataset(data: Dataset, path: Path) -> None:
    """Writes a dataset as an uncompressed Arrow file that worker processes map into memory."""
    import pyarrow as pa
    from pyarrow import feather

    table = pa.Table.from_pandas(data.frame, preserve_index=False)
    table = table.append_column("__row_id__", pa.array(data.row_ids))
    meta = {b"lepton": json.dumps([column_to_dict(column) for column in data.columns]).encode()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **meta, b"fingerprint": data.fingerprint.encode()})
    feather.write_feather(table, str(path), compression="uncompressed")


def load_dataset(path: Path) -> Dataset:
    """Reads what `save_dataset` wrote."""
    from pyarrow import feather

    table = feather.read_table(str(path), memory_map=True)
    meta = table.schema.metadata
    columns = tuple(column_from_dict(item) for item in json.loads(meta[b"lepton"]))
    row_ids = table.column("__row_id__").to_numpy()
    frame = table.drop_columns(["__row_id__"]).to_pandas()
    return Dataset(frame, columns, row_ids, meta[b"fingerprint"].decode())


def column_to_dict(column: Column) -> dict[str, Any]:
    """Gives a column as plain JSON data."""
    tuples = {name: list(getattr(column.reading, name)) for name in ("missing_tokens", "treatments")}
    reading = {**vars(column.reading), "kind": str(column.reading.kind), **tuples}
    return {
        "name": column.name,
        "kind": str(column.kind),
        "roles": sorted(str(role) for role in column.roles),
        "reason": column.reason,
        "reading": reading,
    }


def column_from_dict(item: Mapping[str, Any]) -> Column:
    """Reads what `column_to_dict` gave."""
    raw = dict(item["reading"])
    tuples = {name: tuple(raw.get(name, ())) for name in ("missing_tokens", "treatments")}
    reading = Reading(**{**raw, "kind": Kind(raw["kind"]), **tuples})
    roles = frozenset(Role(role) for role in item["roles"])
    return Column(item["name"], Kind(item["kind"]), roles, reading, item["reason"])
