"""The blocks that say where a table is: a file, a database, an example."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from lepton_automl.recipe.fields import Block, Name, Parameters, Secret, misfit

CREDENTIAL = re.compile(r"secret|password|passwd|token|credential|account_key|connection_string", re.IGNORECASE)
"""Names of storage options that hold a credential."""
PASSWORD = re.compile(r"://[^/@]*:[^/@]+@|[?&;](?:password|passwd|pwd|token)=[^&;]", re.IGNORECASE)
"""What a URL that holds a password looks like."""


def no_password(url: str) -> str:
    """Refuses a URL that holds a password, and gives any other back."""
    if PASSWORD.search(url):
        raise misfit("holds a password.", "Put the whole URL into an environment variable and write {secret: ITS_NAME}.")
    return url


def _no_credentials(options: Parameters) -> Parameters:
    for name, value in options.items():
        if CREDENTIAL.search(name) and isinstance(value, str):
            raise misfit(f"holds a credential in {name}.", f"Write {name}: {{secret: NAME_OF_AN_ENVIRONMENT_VARIABLE}}.")
    return options


class FileSource(Block):
    """A file, a folder or a glob of files, local or in an object store (`s3://…`)."""

    kind: Literal["auto", "csv", "parquet", "jsonl", "excel"] = "auto"
    """Format; `auto` takes it from the file's ending."""
    path: Annotated[Name, AfterValidator(no_password)]
    """File, folder or glob; a local path or a URL that fsspec knows. Relative to the working folder."""
    separator: Annotated[str, Field(min_length=1)] | None = None
    """CSV: what stands between two cells; found by looking if absent."""
    encoding: Annotated[str, Field(min_length=1)] | None = None
    """CSV and JSON lines: the text encoding; found by looking if absent."""
    sheet: str | Annotated[int, Field(ge=0)] = 0
    """Excel: name or number of the sheet, counted from 0."""
    storage_options: Annotated[Parameters, AfterValidator(_no_credentials)] = Field(default={})
    """Options for the object store, as fsspec names them; a secret is written `{secret: ENVIRONMENT_NAME}`."""


class _Database(Block):
    query: Annotated[str, Field(min_length=1)] | None = None
    """A SELECT; exactly one of `query` and `table` is given."""
    table: Annotated[str, Field(min_length=1)] | None = None
    """A table or view, `schema.table` if it is not in the default schema; instead of `query`."""

    @model_validator(mode="after")
    def _reads_one_thing(self) -> Self:
        if (self.query is None) == (self.table is None):
            raise misfit("needs exactly one of query and table.", "Give one, remove the other.")
        return self


class SqlSource(_Database):
    """Any database that SQLAlchemy reaches."""

    kind: Literal["sql"]
    """Always `sql`."""
    url: Annotated[str, Field(min_length=1), AfterValidator(no_password)] | Secret
    """SQLAlchemy URL without a password, or `{secret: ENVIRONMENT_NAME}` for one that holds a password."""


class DuckdbSource(_Database):
    """A DuckDB database file."""

    kind: Literal["duckdb"]
    """Always `duckdb`."""
    path: Name
    """The database file; opened read-only."""


class ExampleSource(Block):
    """A small real data set that comes with the package; `lepton recipes` lists them."""

    kind: Literal["example"]
    """Always `example`."""
    name: Name
    """Its name: `german_credit`."""


def _source_kind(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if kind in ("sql", "duckdb", "example") else "file"


Source = Annotated[
    Annotated[FileSource, Tag("file")]
    | Annotated[SqlSource, Tag("sql")]
    | Annotated[DuckdbSource, Tag("duckdb")]
    | Annotated[ExampleSource, Tag("example")],
    Discriminator(_source_kind),
]
