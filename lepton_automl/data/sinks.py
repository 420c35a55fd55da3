"""Writes a table whole or not at all: a Parquet file, a table of a database, a table of a DuckDB file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from lepton_automl.data.personal import said_safely
from lepton_automl.data.sources.secrets import public_address, resolve_secret, secrets_in, without_secrets
from lepton_automl.errors import HardwareError, OutputError, Problem

FINGERPRINT = b"lepton.fingerprint"
"""Key of a Parquet file's metadata with the SHA-256 of its rows."""
STAGING = "__lepton_new"
"""Ending of the name of a table that is being filled."""
INSERTED = 10_000
"""Rows that are sent to a database at once."""


class Sink(Protocol):
    """Something that takes a table. Knows its recipe key, so that its errors can name it."""

    @property
    def place(self) -> str:
        """Where the table is, for ledger and messages; never holds a secret."""
        ...

    def check(self) -> None:
        """Makes sure, before anything is computed, that the table can be written.

        Raises:
            OutputError: If it is there already and is not to be replaced, or its place can not be reached.
        """
        ...

    def write(self, frame: pd.DataFrame, fingerprint: str) -> None:
        """Writes the rows.

        Raises:
            OutputError: If that is not possible; then nothing is there, or what was there before.
        """
        ...


@dataclass(frozen=True)
class ParquetSink:
    """Writes a Parquet file, beside its place first.

    Args:
        key: Recipe key.
        path: The file.
        overwrite: Whether a file that is there is replaced.
    """

    key: str
    path: str
    overwrite: bool = False

    @property
    def place(self) -> str:
        """The file."""
        return self.path

    def check(self) -> None:
        """Makes sure that the folder is there and the file is not, or may be replaced."""
        path, key = Path(self.path), f"{self.key}.path"
        if not path.absolute().parent.is_dir():
            raise OutputError(
                Problem(key, f"{path.absolute().parent} does not exist.", "Make the folder, or give another path.")
            )
        if path.is_dir():
            raise OutputError(Problem(key, f"{path} is a folder.", "Give a file."))
        if path.exists() and not self.overwrite:
            raise _is_there(self.key, str(path))

    def write(self, frame: pd.DataFrame, fingerprint: str) -> None:
        """Writes the file; one that is there already with the same rows stays."""
        import pyarrow.parquet as pq

        path = Path(self.path)
        if path.is_file() and not self.overwrite:
            if (pq.read_schema(path).metadata or {}).get(FINGERPRINT) == fingerprint.encode():
                return
            raise _is_there(self.key, str(path))
        table = arrow_table(frame)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), FINGERPRINT: fingerprint.encode()})
        try:
            handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
            os.close(handle)
            try:
                pq.write_table(table, beside)
                if self.overwrite:
                    Path(beside).replace(path)
                else:
                    os.link(beside, path)  # fails where another process was quicker
            finally:
                Path(beside).unlink(missing_ok=True)
        except FileExistsError:
            raise _is_there(self.key, str(path)) from None
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise OutputError(
                Problem(f"{self.key}.path", f"{path} can not be written: {said}.", "Give another path.")
            ) from error


@dataclass(frozen=True)
class SqlSink:
    """Writes a table of a database, under another name first.

    Args:
        key: Recipe key.
        url: SQLAlchemy URL, or `{"secret": NAME}`.
        table: The table, `schema.table` outside the default schema.
        overwrite: Whether a table that is there is replaced.
    """

    key: str
    url: Any
    table: str
    overwrite: bool = False

    @property
    def place(self) -> str:
        """Address and table."""
        return f"{public_address(str(resolve_secret(self.url, f'{self.key}.url')))}, table {self.table}"

    def check(self) -> None:
        """Makes sure that the database answers, can take the name, and the table is not there, or may be replaced."""
        with self._begun() as connection:
            self._refuse_name(connection)
            self._refuse_if_there(connection)

    def write(self, frame: pd.DataFrame, fingerprint: str) -> None:
        """Fills a table of another name and gives it its own in the same transaction as the last row."""
        import sqlalchemy as sa

        schema, name = self._parts
        with self._begun() as connection:
            is_there = self._refuse_if_there(connection)
            quote = connection.dialect.identifier_preparer.quote
            head = f"{quote(schema)}." if schema else ""
            plain(frame).to_sql(
                f"{name}{STAGING}", connection, schema=schema, if_exists="replace", index=False, chunksize=INSERTED
            )
            if is_there:
                connection.execute(sa.text(f"DROP TABLE {head}{quote(name)}"))
            renamed = f"ALTER TABLE {head}{quote(name + STAGING)} RENAME TO {quote(name)}"
            connection.execute(sa.text(renamed))

    def _refuse_name(self, connection: Any) -> None:
        import sqlalchemy as sa

        (schema, name), key = self._parts, f"{self.key}.table"
        if schema is not None and not sa.inspect(connection).has_schema(schema):
            fix = "Make the schema, or give another."
            raise OutputError(Problem(key, f"the database has no schema {schema!r}.", fix))
        most = connection.dialect.max_identifier_length - len(STAGING)
        if len(name.encode()) > most:
            fix = f"Give one of {most} at most: {len(STAGING)} more are needed while the table is filled."
            raise OutputError(Problem(key, f"is a name of {len(name.encode())} bytes.", fix))

    @property
    def _parts(self) -> tuple[str | None, str]:
        schema, _, name = self.table.rpartition(".")
        return schema or None, name

    def _refuse_if_there(self, connection: Any) -> bool:
        import sqlalchemy as sa

        schema, name = self._parts
        is_there = sa.inspect(connection).has_table(name, schema=schema)
        if is_there and not self.overwrite:
            raise _is_there(self.key, self.place)
        return bool(is_there)

    @contextmanager
    def _begun(self) -> Iterator[Any]:
        import sqlalchemy as sa

        key, hidden = f"{self.key}.url", secrets_in(self.url)
        try:
            engine = sa.create_engine(str(resolve_secret(self.url, key)))
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError) as error:
            fix = "Write dialect://user@host/database and install its driver, such as lepton-automl[postgresql]."
            raise OutputError(
                Problem(key, f"is not a usable SQLAlchemy URL: {without_secrets(error, hidden)}.", fix)
            ) from error
        try:
            with engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            said = without_secrets(getattr(error, "orig", None) or error, hidden)
            raise OutputError(Problem(self.key, f"the database says: {said}.", "Check address, rights and names.")) from error
        finally:
            engine.dispose()


@dataclass(frozen=True)
class DuckdbSink:
    """Writes a table of a DuckDB file in one transaction.

    Args:
        key: Recipe key.
        path: The file; made if it is not there.
        table: The table.
        overwrite: Whether a table that is there is replaced.
    """

    key: str
    path: str
    table: str
    overwrite: bool = False

    @property
    def place(self) -> str:
        """File and table."""
        return f"{self.path}, table {self.table}"

    def check(self) -> None:
        """Makes sure that the file can be opened, and the table is not there, or may be replaced."""
        folder = Path(self.path).absolute().parent
        if not folder.is_dir():
            raise OutputError(
                Problem(f"{self.key}.path", f"{folder} does not exist.", "Make the folder, or give another path.")
            )
        if Path(self.path).exists():
            with self._connected(read_only=True) as connection:
                self._refuse_if_there(connection)
        else:
            _needs_duckdb(self.key)

    def write(self, frame: pd.DataFrame, fingerprint: str) -> None:
        """Writes the table."""
        with self._connected(read_only=False) as connection:
            self._refuse_if_there(connection)
            connection.register("lepton_rows", arrow_table(frame))
            connection.begin()
            connection.execute(f"CREATE OR REPLACE TABLE {self._quoted} AS SELECT * FROM lepton_rows").fetchall()  # noqa: S608
            connection.commit()

    @property
    def _quoted(self) -> str:
        return ".".join('"' + part.replace('"', '""') + '"' for part in self.table.split("."))

    def _refuse_if_there(self, connection: Any) -> None:
        schema, _, name = self.table.rpartition(".")
        asked = "SELECT count(*) FROM information_schema.tables WHERE table_name = ? AND table_schema = ?"
        (found,) = connection.execute(asked, [name, schema or "main"]).fetchall()
        if found[0] and not self.overwrite:
            raise _is_there(self.key, self.place)

    @contextmanager
    def _connected(self, read_only: bool) -> Iterator[Any]:
        duckdb = _needs_duckdb(self.key)
        try:
            with duckdb.connect(self.path, read_only=read_only) as connection:
                yield connection
        except duckdb.Error as error:
            said = said_safely(error).strip().splitlines()[0].rstrip(".")
            raise OutputError(Problem(self.key, f"DuckDB says: {said}.", "Give a DuckDB file and a table's name.")) from error


def _needs_duckdb(key: str) -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise HardwareError(Problem(key, "needs the package duckdb.", "pip install 'lepton-automl[duckdb]'")) from error
    return duckdb


def _is_there(key: str, place: str) -> OutputError:
    fix = f"Give another name, or write {key}.overwrite=true."
    return OutputError(Problem(key, f"{place} is there already, and is not overwritten unasked.", fix))


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Gives a table whose categories are text, as a database keeps them."""
    categories = [name for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    return frame.assign(**{str(name): frame[name].astype("str") for name in categories})


def arrow_table(frame: pd.DataFrame) -> Any:
    """Gives a table as Arrow, categories as text."""
    import pyarrow as pa

    return pa.Table.from_pandas(plain(frame), preserve_index=False)
