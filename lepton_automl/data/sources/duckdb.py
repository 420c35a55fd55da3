"""DuckDB: a database file, and SQL over several named sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lepton_automl.data.dates import to_dates
from lepton_automl.data.labels import type_texts
from lepton_automl.data.personal import said_safely
from lepton_automl.data.sources.arrow import to_pandas
from lepton_automl.data.sources.names import clean_names
from lepton_automl.data.sources.protocol import RawTable, Source
from lepton_automl.data.texts import is_texty
from lepton_automl.errors import DataError, HardwareError, Problem
from lepton_automl.ledger import Entry

SETTINGS = {"enable_external_access": "false", "threads": "1"}
"""A query reads its tables and no file. One thread: the rows of a join or group come in the same order every time."""


@dataclass(frozen=True)
class DuckdbSource:
    """Reads a query or a table of a DuckDB file, opened read-only.

    Args:
        key: Recipe key of the source.
        path: The database file.
        query: A SELECT.
        table: A table or view.
        duplicate_names: `error` or `rename`.
    """

    key: str
    path: str
    query: str | None = None
    table: str | None = None
    duplicate_names: str = "error"

    def read(self) -> RawTable:
        """Reads the whole result."""
        if (self.query is None) == (self.table is None):
            raise DataError(Problem(self.key, "needs exactly one of query and table.", "Give one, remove the other."))
        if not Path(self.path).is_file():
            raise DataError(Problem(f"{self.key}.path", f"{self.path} does not exist.", "Give a DuckDB file."))
        name = ".".join('"' + part.replace('"', '""') + '"' for part in str(self.table).split("."))
        key = f"{self.key}.query" if self.query is not None else f"{self.key}.table"
        with _connection(f"{self.key}.path", self.path) as connection:
            frame = _fetch(connection, self.query or f"SELECT * FROM {name}", key)  # noqa: S608 - a quoted name
        frame, renamed = clean_names(frame, self.key, self.path, self.duplicate_names)
        what = " ".join((self.query or f"table {self.table}").split())
        entry = Entry("load", "LOAD011", "duckdb", "rows read", count=len(frame), note=f"{self.path}: {what}")
        return RawTable(frame, (entry, *renamed), self.path)


@dataclass(frozen=True)
class JoinedSource:
    """Reads several named sources and joins them by one DuckDB query.

    Args:
        key: Recipe key of the query.
        sources: Name to source.
        query: DuckDB SQL over the names; it can reach nothing else.
    """

    key: str
    sources: Mapping[str, Source]
    query: str

    def read(self) -> RawTable:
        """Reads all sources and gives the result of the query."""
        entries: list[Entry] = []
        with _connection(self.key, ":memory:") as connection:
            for name, source in self.sources.items():
                table = source.read()
                connection.register(name, table.frame if table.has_types else table.frame.apply(_as_sql))
                entries.extend(replace(entry, rows_before=-1, rows_after=-1) for entry in table.entries)
                entries.append(Entry("load", "LOAD012", "sources", "rows read", name, len(table.frame), note=table.place))
            frame = _fetch(connection, self.query, self.key)
        place = ", ".join(self.sources)
        frame, renamed = clean_names(frame, self.key, f"the query over {place}", "error")
        entries.append(Entry("load", "LOAD013", "query", "rows read", count=len(frame), note=" ".join(self.query.split())))
        return RawTable(frame, (*entries, *renamed), place)


def _as_sql(column: pd.Series) -> pd.Series:
    """Gives a column of a CSV file the type that SQL needs to compare and to add: numbers, ISO dates, or text as before."""
    import pyarrow as pa

    typed = type_texts(column)
    present = typed.dropna()
    if is_texty(typed) and len(present) and present.str.match(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)").all():
        dates = to_dates(pa.array(typed, pa.large_string(), from_pandas=True), "ISO8601")
        return dates if dates.notna().sum() == len(present) else typed
    return typed


@contextmanager
def _connection(key: str, path: str) -> Iterator[Any]:
    try:
        import duckdb
    except ImportError as error:
        raise HardwareError(Problem(key, "needs the package duckdb.", "pip install 'lepton-automl[duckdb]'")) from error
    try:
        connection = duckdb.connect(path, read_only=path != ":memory:", config=SETTINGS)
    except duckdb.Error as error:
        reason = said_safely(error).strip().splitlines()[0]
        raise DataError(Problem(key, f"{path} can not be opened: {reason}.", "Give a DuckDB file.")) from error
    with connection:
        connection.execute("SET python_enable_replacements = false")
        yield connection


def _fetch(connection: Any, query: str, key: str) -> pd.DataFrame:
    import duckdb

    try:
        found = connection.sql(query)
        table = None if found is None else found.to_arrow_table()
    except duckdb.Error as error:
        reason = said_safely(error).strip().splitlines()[0].rstrip(".")
        raise DataError(Problem(key, f"DuckDB says: {reason}.", "Mend the SQL.")) from error
    if table is None:
        raise DataError(Problem(key, "gives no table.", "Write a SELECT."))
    if not table.num_rows:
        raise DataError(Problem(key, "gave no rows.", "Check the query and its conditions."))
    return to_pandas(table)
