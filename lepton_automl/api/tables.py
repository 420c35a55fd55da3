"""Puts a DataFrame where a recipe can name it: a Parquet file, so that a run can be replayed and resumed like any other."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from lepton_automl.errors import DataError, OutputError, Problem

FOLDER = "tables"


def keep_table(frame: pd.DataFrame, folder: Path, key: str = "data") -> tuple[Path, bool]:
    """Writes a table into `folder/tables`, under a name made of its content; one that is there already is not written again.

    Gives the file, and whether it is new.

    Only its owner can read the file. It lies beside the folders of runs, not in one: those hold no raw values.

    Args:
        frame: The table; its index is left out.
        folder: Folder of the runs.
        key: What messages call the table.

    Raises:
        DataError: If it is no table, has two columns of one name, or a column that can not be written.
        OutputError: If the file can not be written.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            Problem(key, f"is a {type(frame).__name__}.", "Give a pandas DataFrame, or name a source in the recipe.")
        )
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems = [Problem(key, f"has two columns named {name!r}.", "Rename one of them.") for name in twice]
    if not len(frame) or not names:
        problems.append(Problem(key, f"has {len(frame)} rows and {len(names)} columns.", "Give a table with rows."))
    if problems:
        raise DataError(problems)
    content = _parquet(frame.set_axis(names, axis=1), key)
    path = folder / FOLDER / f"{hashlib.sha256(content).hexdigest()[:20]}.parquet"
    is_new = not path.is_file()
    if is_new:
        _write(content, path)
    return path, is_new


def drop_tables(paths: Iterable[Path]) -> None:
    """Removes tables that no run came to use, and their folder where nothing else is in it."""
    for path in paths:
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _parquet(frame: pd.DataFrame, key: str) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        problems = [problem for name in frame.columns if (problem := _unwritable(frame[name], str(name), key)) is not None]
        raise DataError(
            problems or Problem(key, f"can not be written as Parquet: {str(error).splitlines()[0]}.", "")
        ) from error
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink)
    return memoryview(sink.getvalue())


def _unwritable(values: pd.Series, name: str, key: str) -> Problem | None:
    import pyarrow as pa

    try:
        pa.Array.from_pandas(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        kinds = ", ".join(sorted({type(value).__name__ for value in values.dropna().iloc[:10_000]}))
        fix = "Give the column one type: numbers, text, dates, or true and false."
        return Problem(f"{key} {name}", f"holds values of types that do not go together: {kinds}.", fix)
    return None


def _write(content: Any, path: Path) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError as error:
        problem = Problem("out", f"{path.parent} can not be written: {error.strerror}.", "Give another folder.")
        raise OutputError(problem) from error
