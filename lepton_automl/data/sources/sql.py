"""Any database that SQLAlchemy reaches: PostgreSQL, SQLite, MySQL, warehouses with a dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lepton_automl.data.personal import said_safely
from lepton_automl.data.sources.names import clean_names
from lepton_automl.data.sources.objects import from_objects
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.data.sources.secrets import public_address, resolve_secret, secrets_in, without_secrets
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry


@dataclass(frozen=True)
class SqlSource:
    """Reads a query or a table.

    Args:
        key: Recipe key of the source.
        url: SQLAlchemy URL, or `{"secret": NAME}`.
        query: A SELECT, passed on as it is written.
        table: A table, `schema.table` outside the default schema.
        duplicate_names: `error` or `rename`.
    """

    key: str
    url: Any
    query: str | None = None
    table: str | None = None
    duplicate_names: str = "error"

    def read(self) -> RawTable:
        """Reads the whole result."""
        if (self.query is None) == (self.table is None):
            raise DataError(Problem(self.key, "needs exactly one of query and table.", "Give one, remove the other."))
        shown = public_address(str(resolve_secret(self.url, f"{self.key}.url")))
        what = " ".join((self.query or f"table {self.table}").split())
        with self._connection() as connection:
            frame = self._fetch(connection)
        frame, renamed = clean_names(frame, self.key, shown, self.duplicate_names)
        if frame.empty:
            raise DataError(Problem(self._statement_key, f"{what} gave no rows.", "Check the conditions."))
        entry = Entry("load", "LOAD010", "sql", "rows read", count=len(frame), note=f"{shown}: {what}")
        return RawTable(frame, (entry, *renamed), shown)

    @property
    def _statement_key(self) -> str:
        return f"{self.key}.query" if self.query is not None else f"{self.key}.table"

    def _hidden(self, error: Any) -> str:
        return without_secrets(getattr(error, "orig", None) or error, secrets_in(self.url))

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        import sqlalchemy as sa

        place = f"{self.key}.url"
        try:
            engine = sa.create_engine(str(resolve_secret(self.url, place)))
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError) as error:
            fix = "Write dialect://user@host/database and install its driver, such as lepton-automl[postgresql]."
            raise DataError(Problem(place, f"is not a usable SQLAlchemy URL: {self._hidden(error)}.", fix)) from error
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and file != ":memory:" and not file.startswith("file:") and not Path(file).is_file():
            raise DataError(Problem(place, f"{file} does not exist.", "Give an SQLite file."))
        try:
            try:
                connection = engine.connect()
            except sa.exc.SQLAlchemyError as error:
                fix = "Check address, user, password and rights."
                raise DataError(Problem(place, f"the database can not be reached: {self._hidden(error)}.", fix)) from error
            with connection:
                yield connection
        finally:
            engine.dispose()

    def _fetch(self, connection: Any) -> pd.DataFrame:
        import sqlalchemy as sa

        try:
            found = connection.execute(self._statement(sa))
            names, rows = list(found.keys()), found.fetchall()
        except sa.exc.SQLAlchemyError as error:
            message = f"the database says: {said_safely(self._hidden(error))}."
            raise DataError(Problem(self._statement_key, message, "Mend the SQL, or check the rights.")) from error
        return from_objects([[row[position] for row in rows] for position in range(len(names))], names)

    def _statement(self, sa: Any) -> Any:
        if self.query is not None:
            return sa.text(re.sub(r"(?<!\\):", r"\\:", self.query))
        schema, _, name = str(self.table).rpartition(".")
        return sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None))
