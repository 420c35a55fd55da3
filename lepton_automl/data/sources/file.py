"""Files: CSV, Parquet, JSON lines, Excel; one, a folder or a glob of them; local or in an object store through fsspec."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from lepton_automl.data.sources.csv import CsvOptions, read_csv
from lepton_automl.data.sources.names import clean_names
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.data.sources.secrets import public_address, resolve_secret, secrets_in, without_secrets
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
PACKED = (".gz", ".bz2", ".xz")
"""Endings behind the format's own, of files that are unpacked while they are read."""


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
        kinds = {path: self._kind(path) for path in paths}
        if len(set(kinds.values())) > 1:
            found = ", ".join(sorted(set(kinds.values())))
            raise self._problem(f"{self._place} has files of several formats: {found}.", "Give a glob such as folder/*.csv.")
        frames, entries = [], []
        for path, kind in kinds.items():
            frame, notes = self._read_one(system, path, kind)
            frames.append(frame)
            entries.extend(notes)
        frame = frames[0] if len(frames) == 1 else self._stacked(frames, paths)
        if frame.shape[1] == 0 or len(frame) == 0:
            raise self._problem(f"{self._place} has no rows.", "Give a file with a header and rows.")
        entries = joined_row_entries(entries, len(frame)) if len(frames) > 1 else entries
        return RawTable(frame, tuple(entries), self._place, has_types="csv" not in kinds.values())

    @property
    def _place(self) -> str:
        return public_address(self.path)

    def _problem(self, message: str, fix: str) -> DataError:
        return DataError(Problem(f"{self.key}.path", message, fix))

    def _hidden(self, error: object) -> str:
        return without_secrets(error, secrets_in({"path": self.path, "options": self.storage_options}))

    def _files(self) -> tuple[Any, list[str]]:
        import fsspec

        options = resolve_secret(self.storage_options, f"{self.key}.storage_options") if self.storage_options else {}
        try:
            system, root = fsspec.core.url_to_fs(self.path, **options)
            if any(mark in self.path for mark in "*[") or ("?" in self.path and "://" not in self.path):
                paths = sorted(path for path in system.glob(root) if system.isfile(path))
            elif system.isdir(root):
                paths = sorted(path for path in system.find(root) if _ending(path) in ENDINGS)
            else:
                paths = [root] if system.exists(root) else []
        except (OSError, ValueError, TypeError, ImportError) as error:
            fix = "Check the address, the rights and storage_options; s3:// needs lepton-automl[s3]."
            raise self._problem(f"{self._place} can not be reached: {self._hidden(error)}.", fix) from error
        if not paths:
            raise self._problem(f"{self._place} does not exist.", self._nearby())
        return system, [str(path) for path in paths]

    def _nearby(self) -> str:
        if "://" in self.path:
            return "Check the address."
        folder = os.path.dirname(self.path) or "."  # noqa: PTH120 - as the recipe wrote it
        if not os.path.isdir(folder):  # noqa: PTH112
            return f"The working folder is {os.getcwd()}."  # noqa: PTH109
        here = sorted(name for name in os.listdir(folder) if _ending(name) in ENDINGS)  # noqa: PTH208
        return f"{folder} has: {', '.join(here[:6])}." if here else f"{folder} has no table."

    def _kind(self, path: str) -> str:
        kind = self.kind if self.kind != "auto" else ENDINGS.get(_ending(path), "")
        if not kind:
            known = ", ".join(sorted(ENDINGS))
            message = f"{public_address(path)} has no ending that is known ({known})."
            raise self._problem(message, f"Set {self.key}.kind: csv, parquet, jsonl or excel.")
        return kind

    def _read_one(self, system: Any, path: str, kind: str) -> tuple[pd.DataFrame, list[Entry]]:
        shown = public_address(path)
        try:
            with system.open(path, "rb", compression="infer" if path.endswith(PACKED) else None) as file:
                frame, entries = self._parse(kind, file, shown)
        except ImportError as error:
            fix = "pip install 'lepton-automl[excel]'" if kind == "excel" else "Install it."
            raise self._problem(f"{shown} needs a package: {error}.", fix) from error
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            message = f"{shown} can not be read as {kind}: {self._hidden(error)}."
            raise self._problem(message, f"Check the file, or set {self.key}.kind.") from error
        frame, renamed = clean_names(frame, self.key, shown, self.duplicate_names)
        read = Entry("load", "LOAD002", "file", "rows read", count=len(frame), note=f"{shown} ({kind})")
        return frame, [*entries, *renamed, read]

    def _parse(self, kind: str, file: Any, shown: str) -> tuple[pd.DataFrame, list[Entry]]:
        if kind == "csv":
            return read_csv(file.read(), self.key, shown, CsvOptions(self.separator, self.encoding, self.ragged_rows))
        if kind == "jsonl":
            from lepton_automl.data.sources.encoding import to_utf8
            from lepton_automl.data.sources.json import read_json

            raw, entries = to_utf8(file.read(), self.key, shown, self.encoding)
            return read_json(raw, self.key, shown), entries
        if kind == "parquet":
            import pyarrow.parquet as pq

            from lepton_automl.data.sources.arrow import to_pandas

            return to_pandas(pq.ParquetFile(file).read()), []
        return _read_excel(file, self.sheet), []

    def _stacked(self, frames: list[pd.DataFrame], paths: list[str]) -> pd.DataFrame:
        problems = []
        for frame, path in zip(frames[1:], paths[1:], strict=True):
            odd = set(frame.columns) ^ set(frames[0].columns)
            if odd:
                names = ", ".join(sorted(map(str, odd))[:6])
                message = f"{public_address(path)} and {public_address(paths[0])} do not have the same columns: {names}."
                problems.append(Problem(f"{self.key}.path", message, "Give files of one table only."))
        if problems:
            raise DataError(problems)
        return pd.concat(frames, ignore_index=True)


def _ending(path: str) -> str:
    """Gives the ending that tells the format.

    >>> _ending("a/orders.CSV.gz"), _ending("orders")
    ('.csv', '')
    """
    suffixes = [suffix.lower() for suffix in PurePosixPath(path).suffixes]
    if len(suffixes) > 1 and suffixes[-1] in PACKED:
        return suffixes[-2]
    return suffixes[-1] if suffixes else ""


def _read_excel(file: Any, sheet: str | int) -> pd.DataFrame:
    """Reads a sheet whose first row holds the names; texts such as `N/A` stay, only empty cells are missing."""
    frame = pd.read_excel(file, sheet_name=sheet, header=None, dtype=object, keep_default_na=False, na_values=[""])
    if frame.empty:
        return frame
    names = pd.Index(frame.iloc[0].tolist(), dtype=object)
    return frame.iloc[1:].reset_index(drop=True).set_axis(names, axis=1).infer_objects()


def joined_row_entries(entries: Sequence[Entry], rows_after: int) -> list[Entry]:
    """Makes one entry of those that dropped rows of several files, so that the arithmetic is that of the whole table."""
    drops = [entry for entry in entries if entry.rows_before >= 0]
    rest = [entry for entry in entries if entry.rows_before < 0]
    if not drops:
        return rest
    count = sum(entry.count for entry in drops)
    note = "; ".join(sorted({entry.note for entry in drops}))
    return [*rest, replace(drops[0], count=count, rows_before=rows_after + count, rows_after=rows_after, note=note)]
