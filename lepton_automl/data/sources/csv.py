"""CSV with the dirt it comes with: unknown separator and encoding, byte-order marks, rows with too many cells."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd

from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry

SEPARATORS = ",;\t|"
SAMPLE_BYTES = 200_000


def read_csv(
    raw: bytes, key: str, place: str, separator: str | None, encoding: str | None, ragged_rows: str
) -> tuple[pd.DataFrame, list[Entry]]:
    """Reads the bytes of a CSV file with a header line.

    Columns of clean numbers, booleans and ISO dates come typed; all else comes as text, untouched, for the reading of kinds.

    Args:
        raw: The file's bytes.
        key: Recipe key of the source.
        place: Its name in messages.
        separator: What stands between two cells; found by looking if none.
        encoding: Text encoding; found by looking if none.
        ragged_rows: `drop` or `error`.

    Raises:
        DataError: If it is empty, of no known encoding, or has ragged rows and these are refused.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if not raw.strip():
        raise DataError(Problem(f"{key}.path", f"{place} is empty.", "Give a file with a header and rows."))
    raw, encoding, entries = _decoded(raw, key, place, encoding)
    sample = raw[:SAMPLE_BYTES].decode("utf-8", errors="ignore")
    separator = separator or find_separator(sample)
    ragged: list[int] = []

    def note(row: Any) -> str:
        ragged.append(row.actual_columns)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            io.BytesIO(raw),
            arrow_csv.ReadOptions(use_threads=True, block_size=1 << 24),
            arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=note),
            arrow_csv.ConvertOptions(null_values=[""], strings_can_be_null=True, true_values=[], false_values=[]),
        )
    except pa.ArrowInvalid as error:
        raise DataError(Problem(f"{key}.path", f"{place} can not be read as CSV: {error}.", f"Set {key}.separator.")) from error
    if ragged and ragged_rows == "error":
        message = f"{place} has {len(ragged)} rows with another number of cells than the header."
        raise DataError(Problem("data.ragged_rows", message, "Mend the file, or set data.ragged_rows: drop."))
    if ragged:
        after = table.num_rows
        text = f"cells found: {', '.join(map(str, sorted(set(ragged))[:5]))}; the header has {table.num_columns}"
        entries.append(Entry("load", "LOAD003", "ragged_rows", "rows dropped", "", len(ragged), after + len(ragged), after, note=text))
    return _to_pandas(table), entries


def _decoded(raw: bytes, key: str, place: str, encoding: str | None) -> tuple[bytes, str, list[Entry]]:
    """Gives the bytes as UTF-8 without a byte-order mark."""
    if encoding is None and raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:], "utf-8", [Entry("load", "LOAD001", "encoding", "noted", note="a UTF-8 byte-order mark was skipped")]
    if encoding is None:
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            encoding = _guess(raw, key, place)
        else:
            return raw, "utf-8", []
        entries = [Entry("load", "LOAD001", "encoding", "noted", note=f"not UTF-8; read as {encoding}")]
    else:
        entries = []
    try:
        return raw.decode(encoding).removeprefix("\ufeff").encode(), encoding, entries
    except (UnicodeDecodeError, LookupError) as error:
        message = f"{place} is not {encoding}: {error}."
        raise DataError(Problem(f"{key}.encoding", message, "Set another encoding, such as utf-8, cp1252 or gb18030.")) from error


def _guess(raw: bytes, key: str, place: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:SAMPLE_BYTES]).best()
    if best is None:
        raise DataError(Problem(f"{key}.encoding", f"{place} is in no text encoding that could be found.", f"Set {key}.encoding."))
    try:
        raw.decode(best.encoding)
    except UnicodeDecodeError:
        return "cp1252" if b"\x81" not in raw else "latin-1"
    return best.encoding


def find_separator(sample: str) -> str:
    """Finds the separator that gives most lines the same number of cells, more than one.

    >>> find_separator("a;b;c" + chr(10) + "1,5;2;3")
    ';'
    """
    best, best_score = ",", 0.0
    lines = sample.splitlines()[:200]
    for separator in SEPARATORS:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        if not widths or widths[0] < 2:
            continue
        score = sum(width == widths[0] for width in widths) / len(widths) * min(widths[0], 50) ** 0.25
        if score > best_score:
            best, best_score = separator, score
    return best


def _to_pandas(table: Any) -> pd.DataFrame:
    """Gives the table as pandas, a column at a time, as two may have one name."""
    import pyarrow as pa

    columns = []
    for position in range(table.num_columns):
        column = table.column(position)
        if pa.types.is_null(column.type):
            columns.append(pd.Series([None] * table.num_rows, dtype=object))
        elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            columns.append(column.cast(pa.timestamp("us")).to_pandas())
        else:
            columns.append(column.to_pandas())
    if not columns:
        return pd.DataFrame()
    return pd.concat(columns, axis=1).set_axis(table.column_names, axis=1)
