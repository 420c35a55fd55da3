"""CSV with the dirt it comes with: unknown separator and encoding, byte-order marks, rows with too many or too few cells."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lepton_automl.data.personal import said_safely
from lepton_automl.data.sources.arrow import to_pandas
from lepton_automl.data.sources.encoding import to_utf8
from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry

SEPARATORS = ",;\t|"
SAMPLE_BYTES = 200_000
SAMPLE_LINES = 200
FORMATS = ((b"PAR1", "parquet"), (b"PK\x03\x04", "excel"))


@dataclass(frozen=True)
class CsvOptions:
    """How a CSV file is read.

    Args:
        separator: What stands between two cells; found by looking if none.
        encoding: Text encoding; found by looking if none.
        ragged_rows: `drop` or `error`.
    """

    separator: str | None = None
    encoding: str | None = None
    ragged_rows: str = "drop"


def read_csv(raw: bytes, key: str, place: str, options: CsvOptions) -> tuple[pd.DataFrame, list[Entry]]:
    """Reads the bytes of a CSV file with a header line.

    Every cell comes as text, untouched, so that `007` and `1.10` stay what they are until a kind is chosen; an empty cell is
    missing. Blank lines are no rows, but in a file of one column, where they are missing values.

    Args:
        raw: The file's bytes.
        key: Recipe key of the source.
        place: Its name in messages.
        options: How it is read.

    Raises:
        DataError: If it is empty, of no known encoding, no CSV, or has ragged rows and these are refused.
    """
    if not raw.strip():
        raise DataError(Problem(f"{key}.path", f"{place} is empty.", "Give a file with a header and rows."))
    for mark, kind in FORMATS:
        if raw.startswith(mark):
            raise DataError(Problem(f"{key}.path", f"{place} is not CSV but {kind}.", f"Set {key}.kind: {kind}."))
    raw, entries = to_utf8(raw, key, place, options.encoding)
    raw = raw if b"\n" in raw or b"\r" in raw else raw + b"\n"
    sample = raw[: max(SAMPLE_BYTES, raw.find(b"\n") + 1)].decode("utf-8", errors="ignore")
    separator = options.separator or find_separator(sample)
    if len(separator.encode()) != 1:
        raise DataError(Problem(f"{key}.separator", f"must be one plain character, got {separator!r}.", "Write ',' or ';'."))
    table, ragged = _parsed(raw, key, place, separator, _header(sample, separator))
    _refuse_open_quote(raw, table, ragged, key, place)
    if ragged:
        entries.append(_ragged_entry(table, ragged, place, options.ragged_rows))
    return to_pandas(table), entries


def _parsed(raw: bytes, key: str, place: str, separator: str, header: list[str]) -> tuple[Any, list[Any]]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "skip"

    is_one_column = len(header) == 1
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(raw.rstrip(b"\r\n") + b"\n" if is_one_column else raw),
            arrow_csv.ReadOptions(use_threads=True, block_size=1 << 24),
            arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=note, ignore_empty_lines=not is_one_column
            ),
            arrow_csv.ConvertOptions(
                null_values=[""], strings_can_be_null=True, column_types={name: pa.large_string() for name in header}
            ),
        )
    except pa.ArrowInvalid as error:
        reason = said_safely(error).splitlines()[0].rstrip(".")
        fix = f"Set {key}.separator, or mend the file."
        raise DataError(Problem(f"{key}.path", f"{place} can not be read as CSV: {reason}.", fix)) from error
    return table, ragged


def _header(sample: str, separator: str) -> list[str]:
    try:
        return next((row for row in csv.reader(io.StringIO(sample), delimiter=separator) if row), [])
    except csv.Error:
        return []


def _ragged_entry(table: Any, ragged: list[Any], place: str, policy: str) -> Entry:
    widths = ", ".join(map(str, sorted({row.actual_columns for row in ragged})[:5]))
    if policy == "error" or table.num_rows == 0:
        share = "all rows" if table.num_rows == 0 else f"{len(ragged)} of {len(ragged) + table.num_rows} rows"
        message = f"{share} of {place} have another number of cells ({widths}) than the header ({table.num_columns})."
        fix = "Mend the file, or set data.ragged_rows: drop." if table.num_rows else "Mend the header or the rows."
        raise DataError(Problem("data.ragged_rows", message, fix))
    note = f"cells found: {widths}; the header has {table.num_columns}"
    before = table.num_rows + len(ragged)
    return Entry("load", "LOAD003", "ragged_rows", "rows dropped", "", len(ragged), before, table.num_rows, note=note)


def _refuse_open_quote(raw: bytes, table: Any, ragged: list[Any], key: str, place: str) -> None:
    """Refuses a file in which a quotation mark is never closed, so that the rest of the file became one cell."""
    if raw.count(b'"') % 2 == 0:
        return
    last = [str(table.column(i)[-1]) for i in range(table.num_columns)] if table.num_rows else []
    swallowed = max((cell.rstrip("\n").count("\n") for cell in [*last, *(row.text for row in ragged)]), default=0)
    if swallowed:
        line = raw.rstrip(b"\n").count(b"\n") + 1 - swallowed
        message = f"{place} opens a quotation mark near line {line} that is never closed."
        raise DataError(Problem(f"{key}.path", message, 'Close it, or write "" for a quotation mark within quotes.'))


def find_separator(sample: str) -> str:
    """Finds the separator that gives most lines the same number of cells, more than one.

    >>> find_separator("a;b;c" + chr(10) + "1,5;2;3")
    ';'
    """
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        widths = _widths(sample, separator)
        if not widths or widths[0] < 2:
            continue
        score = sum(width == widths[0] for width in widths) / len(widths) * min(widths[0], 50) ** 0.25
        if score > best_score:
            best, best_score = separator, score
    return best


def _widths(sample: str, separator: str) -> list[int]:
    """Gives the number of cells of the first lines."""
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(sample), delimiter=separator):
            if row:
                widths.append(len(row))
            if len(widths) > SAMPLE_LINES:
                break
    except csv.Error:
        return widths
    return widths[:-1] if len(widths) > 2 else widths
