"""Files: CSV, Parquet, JSON lines, Excel; one, a folder or a glob of them; local or in an object store through fsspec."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from lepton_automl.data.sources.csv import read_csv
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry

ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".xlsx": "excel",
    ".xlsm": "excel",
}


@dataclass(frozen=True)
class FileSource:
    """Reads a file, or all files of one format in a folder or glob, one below the other.

    Args:
        key: Recipe key of the source.
        path: Local path or URL.
        kind: `auto`, `csv`, `parquet`, `jsonl` or `excel`.
        separator: CSV separator, or none to find it.
        encoding: Text encoding, or none to find it.
        sheet: Excel sheet.
        storage_options: Passed to fsspec; a value `{"secret": NAME}` is taken from the environment.
        ragged_rows: `drop` or `error`.
        duplicate_names: `error` or `rename`.
    """

    key: str
    path: str
    kind: str = "auto"
    separator: str | None = None
    encoding: str | None = None
    sheet: str | int = 0
    storage_options: dict[str, Any] = field(default_factory=dict)
    ragged_rows: str = "drop"
    duplicate_names: str = "error"

    def read(self) -> RawTable:
        """Reads the whole table."""
        system, paths = self._files()
        frames, entries = [], []
        for path in paths:
            frame, notes = self._read_one(system, path)
            frames.append(frame)
            entries.extend(notes)
        frame = frames[0] if len(frames) == 1 else self._stacked(frames, paths)
        if frame.shape[1] == 0 or len(frame) == 0:
            raise DataError(Problem(f"{self.key}.path", f"{self.path} has no rows.", "Give a file with a header and rows."))
        return RawTable(frame, tuple(entries), self.path)

    def _files(self) -> tuple[Any, list[str]]:
        import fsspec

        options = {name: resolve_secret(value, f"{self.key}.storage_options.{name}") for name, value in self.storage_options.items()}
        try:
            system, root = fsspec.core.url_to_fs(self.path, **options)
            if any(mark in self.path for mark in "*?["):
                paths = sorted(path for path in system.glob(root) if system.isfile(path))
            elif system.isdir(root):
                paths = sorted(path for path in system.find(root) if PurePosixPath(path).suffix.lower() in ENDINGS)
            else:
                paths = [root] if system.exists(root) else []
        except (OSError, ValueError, ImportError) as error:
            raise DataError(Problem(f"{self.key}.path", f"{self.path} can not be reached: {error}.")) from error
        if not paths:
            raise DataError(Problem(f"{self.key}.path", f"{self.path} does not exist.", self._nearby()))
        return system, [str(path) for path in paths]

    def _nearby(self) -> str:
        folder = os.path.dirname(self.path) or "."  # noqa: PTH120 - may be a URL
        if not os.path.isdir(folder):  # noqa: PTH112
            return f"The working folder is {os.getcwd()}."  # noqa: PTH109
        here = sorted(name for name in os.listdir(folder) if PurePosixPath(name).suffix.lower() in ENDINGS)  # noqa: PTH208
        return f"{folder} has: {', '.join(here[:6])}." if here else f"{folder} has no table."

    def _read_one(self, system: Any, path: str) -> tuple[pd.DataFrame, list[Entry]]:
        kind = self.kind if self.kind != "auto" else ENDINGS.get(PurePosixPath(path).suffix.lower(), "")
        if not kind:
            known = ", ".join(sorted(ENDINGS))
            raise DataError(Problem(f"{self.key}.path", f"{path} has no known ending.", f"Set {self.key}.kind; known are {known}."))
        try:
            with system.open(path, "rb") as file:
                if kind == "csv":
                    frame, entries = read_csv(file.read(), self.key, path, self.separator, self.encoding, self.ragged_rows)
                else:
                    frame, entries = self._read_binary(kind, file), []
        except DataError:
            raise
        except ImportError as error:
            raise DataError(Problem(f"{self.key}.path", f"{path} needs a package: {error}.", "pip install 'lepton-automl[excel]'")) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DataError(Problem(f"{self.key}.path", f"{path} can not be read as {kind}: {reason}.")) from error
        frame, renamed = unique_names(frame, self.key, path, self.duplicate_names)
        return frame, [*entries, *renamed]

    def _read_binary(self, kind: str, file: Any) -> pd.DataFrame:
        if kind == "parquet":
            import pyarrow.parquet as pq

            table = pq.read_table(file)
            if len(set(table.column_names)) < table.num_columns:
                return pd.DataFrame({i: table.column(i).to_pandas() for i in range(table.num_columns)}).set_axis(table.column_names, axis=1)
            return table.to_pandas(ignore_metadata=False).reset_index(drop=True)
        if kind == "jsonl":
            text = file.read().decode(self.encoding or "utf-8-sig")
            is_array = text.lstrip().startswith("[")
            from io import StringIO

            return pd.read_json(StringIO(text), lines=not is_array, convert_dates=False, dtype=False)
        frame = pd.read_excel(file, sheet_name=self.sheet, header=None, dtype=object)
        if frame.empty:
            return frame
        return frame.iloc[1:].reset_index(drop=True).set_axis([str(name) for name in frame.iloc[0]], axis=1).infer_objects()

    def _stacked(self, frames: list[pd.DataFrame], paths: list[str]) -> pd.DataFrame:
        problems = []
        for frame, path in zip(frames[1:], paths[1:], strict=True):
            odd = set(frame.columns) ^ set(frames[0].columns)
            if odd:
                message = f"{path} and {paths[0]} do not have the same columns: {', '.join(sorted(map(str, odd))[:6])}."
                problems.append(Problem(f"{self.key}.path", message, "Give files of one table only."))
        if problems:
            raise DataError(problems)
        return pd.concat(frames, ignore_index=True)


def resolve_secret(value: Any, key: str) -> Any:
    """Takes `{"secret": NAME}` from the environment; gives any other value back."""
    if not isinstance(value, dict) or set(value) != {"secret"}:
        return value
    if value["secret"] not in os.environ:
        raise DataError(Problem(key, f"the environment has no {value['secret']}.", f"export {value['secret']}=… before the run."))
    return os.environ[value["secret"]]


def unique_names(frame: pd.DataFrame, key: str, place: str, policy: str) -> tuple[pd.DataFrame, list[Entry]]:
    """Strips the column names and makes them unique, or refuses.

    Two columns of one name and the same values are one column: the later one is dropped and counted.
    """
    names = [str(name).strip() for name in frame.columns]
    entries = []
    stripped = sum(str(old) != new for old, new in zip(frame.columns, names, strict=True))
    if stripped:
        entries.append(Entry("load", "LOAD005", "names", "names stripped", count=stripped, note="blanks around column names"))
    frame = frame.set_axis(names, axis=1)
    twice = _repeated(names)
    if not twice:
        return frame, entries
    keep, new_names = _resolved(frame, names)
    dropped = len(names) - len(keep)
    if dropped:
        entries.append(Entry("load", "LOAD006", "names", "column dropped", count=dropped, note="same name and same values"))
    renamed = [new for position, new in new_names.items() if new != names[position]]
    if renamed and policy == "error":
        message = f"{place} has two columns named {', '.join(map(repr, twice))}, with different values."
        fix = f"Rename one of them in the file, or set data.duplicate_names: rename (they become {', '.join(renamed)})."
        raise DataError(Problem(key, message, fix))
    if renamed:
        entries.append(Entry("load", "LOAD007", "names", "columns renamed", count=len(renamed), note=", ".join(renamed)))
    return frame.iloc[:, keep].set_axis([new_names[position] for position in keep], axis=1), entries


def _repeated(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({name for name in names if name in seen or seen.add(name)})  # type: ignore[func-returns-value]


def _resolved(frame: pd.DataFrame, names: list[str]) -> tuple[list[int], dict[int, str]]:
    keep: list[int] = []
    new_names: dict[int, str] = {}
    for position, name in enumerate(names):
        earlier = [other for other in keep if names[other] == name]
        if any(frame.iloc[:, other].equals(frame.iloc[:, position]) for other in earlier):
            continue
        new_names[position] = f"{name}.{len(earlier) + 1}" if earlier else name
        keep.append(position)
    return keep, new_names
