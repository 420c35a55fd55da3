"""DuckDB: a database file, and SQL over several named sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lepton_automl.data.sources.file import unique_names
from lepton_automl.data.sources.protocol import RawTable, Source
from lepton_automl.errors import DataError, HardwareError, Problem
from lepton_automl.ledger import Entry


def _import_duckdb(key: str) -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise HardwareError(Problem(key, "needs the package duckdb.", "pip install 'lepton-automl[duckdb]'")) from error
    return duckdb


def _fetch(connection: Any, query: str, key: str, duckdb: Any) -> pd.DataFrame:
    try:
        return connection.execute(query).df()
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(Problem(key, f"DuckDB says: {reason}.", "Mend the SQL.")) from error


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
        duckdb = _import_duckdb(self.key)
        try:
            connection = duckdb.connect(self.path, read_only=True)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise DataError(Problem(f"{self.key}.path", f"{self.path} can not be opened: {reason}.")) from error
        with connection:
            name = '"' + str(self.table).replace('"', '""').replace(".", '"."') + '"'
            frame = _fetch(connection, self.query or f"SELECT * FROM {name}", f"{self.key}.query", duckdb)  # noqa: S608
        frame, renamed = unique_names(frame, self.key, self.path, self.duplicate_names)
        note = self.query or str(self.table)
        return RawTable(frame, (Entry("load", "LOAD011", "duckdb", "noted", count=len(frame), note=note), *renamed), self.path)


@dataclass(frozen=True)
class JoinedSource:
    """Reads several named sources and joins them by one DuckDB query.

    Args:
        key: Recipe key of the query.
        sources: Name to source.
        query: DuckDB SQL over the names.
    """

    key: str
    sources: Mapping[str, Source]
    query: str

    def read(self) -> RawTable:
        """Reads all sources and gives the result of the query."""
        duckdb = _import_duckdb(self.key)
        entries: list[Entry] = []
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET enable_external_access = false")
            for name, source in self.sources.items():
                table = source.read()
                connection.register(name, table.frame)
                entries.extend(table.entries)
                entries.append(Entry("load", "LOAD012", "sources", "noted", name, len(table.frame), note=table.place))
            frame = _fetch(connection, self.query, self.key, duckdb)
        if frame.empty:
            raise DataError(Problem(self.key, "gave no rows.", "Check the join and its conditions."))
        entries.append(Entry("load", "LOAD013", "query", "noted", count=len(frame), note=" ".join(self.query.split())))
        return RawTable(frame, tuple(entries), ", ".join(self.sources))
