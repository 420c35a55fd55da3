"""The blocks that say where the cleaned table is written: a Parquet file, a database, a DuckDB file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from lepton_automl.recipe.fields import Block, Name, Secret
from lepton_automl.recipe.sources import no_password


class _Saved(Block):
    overwrite: bool = False
    """Whether a table that is there already is replaced; else the run refuses to begin."""
    split_column: Name = "lepton_split"
    """Name of the column that says `train` or `test` of each row."""


class SaveParquet(_Saved):
    """A Parquet file; it is there whole or not at all."""

    kind: Literal["parquet"] = "parquet"
    """Always `parquet`."""
    path: Name
    """The file. Relative to the working folder, which must have the folder it lies in."""


class SaveSql(_Saved):
    """A table of any database that SQLAlchemy reaches; it takes its name when all rows are in it."""

    kind: Literal["sql"]
    """Always `sql`."""
    url: Annotated[str, Field(min_length=1), AfterValidator(no_password)] | Secret
    """SQLAlchemy URL without a password, or `{secret: ENVIRONMENT_NAME}` for one that holds a password."""
    table: Name
    """The table, `schema.table` if it is not in the default schema."""


class SaveDuckdb(_Saved):
    """A table of a DuckDB file, written in one transaction."""

    kind: Literal["duckdb"]
    """Always `duckdb`."""
    path: Name
    """The database file; made if it is not there."""
    table: Name
    """The table."""


def _saved_kind(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if kind in ("sql", "duckdb") else "parquet"


Saved = Annotated[
    Annotated[SaveParquet, Tag("parquet")] | Annotated[SaveSql, Tag("sql")] | Annotated[SaveDuckdb, Tag("duckdb")],
    Discriminator(_saved_kind),
]
