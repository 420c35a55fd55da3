"""Any database that SQLAlchemy reaches: PostgreSQL, SQLite, MySQL, warehouses with a dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lepton_automl.data.sources.file import resolve_secret, unique_names
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry


@dataclass(frozen=True)
class SqlSource:
    """Reads a query or a table.

    Args:
        key: Recipe key of the source.
        url: SQLAlchemy URL, or `{"secret": NAME}`.
        query: A SELECT.
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
        import sqlalchemy as sa

        if (self.query is None) == (self.table is None):
            raise DataError(Problem(self.key, "needs exactly one of query and table.", "Give one, remove the other."))
        url = str(resolve_secret(self.url, f"{self.key}.url"))
        try:
            engine = sa.create_engine(url)
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
            fix = "Write dialect://user@host/database and install its driver, such as lepton-automl[postgresql]."
            raise DataError(Problem(f"{self.key}.url", f"is not a usable SQLAlchemy URL: {hide_password(error, url)}.", fix)) from error
        try:
            with engine.connect() as connection:
                frame = pd.read_sql(self._statement(sa), connection)
        except sa.exc.SQLAlchemyError as error:
            which = "query" if self.query is not None else "table"
            place = f"{self.key}.{which}" if isinstance(error, sa.exc.ProgrammingError | sa.exc.NoSuchTableError) else self.key
            reason = hide_password(getattr(error, "orig", None) or error, url)
            raise DataError(Problem(place, f"the database says: {reason}.", "Check the address, the rights and the SQL.")) from error
        finally:
            engine.dispose()
        shown = engine.url.render_as_string(hide_password=True)
        frame, renamed = unique_names(frame, self.key, shown, self.duplicate_names)
        if frame.empty:
            raise DataError(Problem(self.key, f"{self.query or self.table} gave no rows.", "Check the query's conditions."))
        text = f"{shown} {self.query or self.table}"
        entries = (Entry("load", "LOAD010", "sql", "noted", count=len(frame), note=text), *renamed)
        return RawTable(frame, entries, shown)

    def _statement(self, sa: Any) -> Any:
        if self.query is not None:
            return sa.text(self.query)
        schema, _, name = str(self.table).rpartition(".")
        return sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None))


def hide_password(error: object, url: str) -> str:
    """Gives an error's first line without the password of the URL."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    hit = re.search(r"://[^:/@]*:([^@]+)@", url)
    text = text.replace(hit.group(1), "***") if hit else text
    return text.replace(url, re.sub(r":[^:@/]+@", ":***@", url))
