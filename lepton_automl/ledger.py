"""The append-only, hash-chained record of everything that was done to the data and the search.

Rows in = rows out + rows in the ledger: nothing is silent.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lepton_automl.errors import ArtifactError, Problem

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One thing that was done, or looked at and left alone.

    Args:
        stage: Where it happened: `load`, `data`, `train`, `search`, `test`, ….
        code: Stable code of what did it: `GOV003`, `LOAD002`, ….
        rule: Its name.
        effect: What it did: `noted`, `passed`, `rows dropped`, `values set missing`, `column dropped`, `trial failed`, ….
        column: The column or candidate it did it to; empty for the whole table.
        count: Rows, values or trials touched.
        rows_before: Rows of the table before; -1 where the table is not meant.
        rows_after: Rows of the table after.
        measured: The figure the rule looked at.
        limit: The figure it compared with.
        unit: Unit of both.
        note: A sentence for a reader; never a value of the data.
        columns_before: Columns of the table before; -1 where the table is not meant.
        columns_after: Columns of the table after.
        hash_before: SHA-256 of the table before; empty where it is not meant.
        hash_after: SHA-256 of the table after.
        seconds: Wall clock of the rule, with the first of its entries; does not count when entries are compared.
    """

    stage: str
    code: str
    rule: str
    effect: str
    column: str = ""
    count: int = 0
    rows_before: int = -1
    rows_after: int = -1
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    note: str = ""
    columns_before: int = -1
    columns_after: int = -1
    hash_before: str = ""
    hash_after: str = ""
    seconds: float = 0.0


@dataclass
class Ledger:
    """Writes entries as they happen; each line carries the hash of the line before."""

    path: Path | None = None
    entries: list[Entry] = field(default_factory=list)
    _last: str = GENESIS
    _known: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Starts the ledger of a run's folder."""
        path = folder / "ledger.jsonl"
        path.write_bytes(b"")
        return cls(path)

    @classmethod
    def reopen(cls, folder: Path) -> Ledger:
        """Goes on with the ledger of a run that was killed: what is done again and stands there already is not added again.

        A last line that was cut off by the end of the process is dropped.

        Raises:
            ArtifactError: If the ledger was changed since.
        """
        path = folder / "ledger.jsonl"
        whole, newline, _ = path.read_bytes().rpartition(b"\n")
        path.write_bytes(whole + newline)
        faults = verify_ledger(path)
        if faults:
            raise ArtifactError(Problem(str(path), f"is not whole: {faults[0]}.", "Run the recipe anew in another folder."))
        ledger = cls(path)
        for row in read_ledger(path):
            ledger._last = row["hash"]
            entry = Entry(**{name: row[name] for name in Entry.__dataclass_fields__})
            ledger.entries.append(entry)
            ledger._known.append(_same(entry))
        return ledger

    def add(self, entry: Entry) -> None:
        """Appends an entry, in memory and on disk."""
        if self._known:
            same = _same(entry)
            if same in self._known:
                self._known.remove(same)
                return
        self.entries.append(entry)
        if self.path is None:
            return
        body = {"number": len(self.entries), "at": round(time.time(), 3), **_plain(entry), "previous": self._last}
        self._last = _digest(body)
        with self.path.open("ab") as file:
            file.write(_line({**body, "hash": self._last}) + b"\n")

    def extend(self, entries: Iterator[Entry] | list[Entry] | tuple[Entry, ...]) -> None:
        """Appends entries in order."""
        for entry in entries:
            self.add(entry)

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._last


def _plain(entry: Entry) -> dict[str, Any]:
    """Gives an entry as JSON data: numbers of NumPy become Python's, a figure that is not a number becomes null."""
    body = {name: value.item() if hasattr(value, "item") else value for name, value in vars(entry).items()}
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in body.items()}


def _same(entry: Entry) -> str:
    """Gives what two entries about the same thing agree on."""
    return json.dumps({**_plain(entry), "seconds": 0.0}, sort_keys=True)


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode(errors="surrogatepass")).hexdigest()


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode(errors="surrogatepass")


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """Reads the lines of a ledger as plain data; a line that is not an entry as it was written becomes `{"broken": …}`.

    One spelling of an entry is valid, so that not even a blank can be changed unseen.
    """
    lines = path.read_bytes().split(b"\n")
    whole, rest = lines[:-1], lines[-1]
    return [_read_line(line) for line in whole] + ([{"broken": rest.decode(errors="replace")}] if rest else [])


def _read_line(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode(errors="surrogatepass"))
        is_entry = isinstance(row, dict) and "hash" in row and _line(row) == line
    except (ValueError, RecursionError):
        is_entry = False
    return row if is_entry else {"broken": line.decode(errors="replace")}


def verify_ledger(path: Path) -> list[str]:
    """Proves the chain and the arithmetic; gives what is wrong, with its line, or an empty list.

    The arithmetic: an entry that drops rows has `rows_before - count == rows_after`, and the next entry of the same
    table starts with the rows the last one left. Lines cut off at the end are seen only by comparing the last hash with
    one kept elsewhere.
    """
    faults: list[str] = []
    previous: str = GENESIS
    rows: int | None = None
    for number, row in enumerate(read_ledger(path), start=1):
        if "broken" in row:
            faults.append(f"line {number}: is not a ledger entry as it was written")
            continue
        faults.extend(f"line {number}: {fault}" for fault in _broken_links(row, number, previous))
        previous = row["hash"]
        before, after = _count(row, "rows_before", -1), _count(row, "rows_after", -1)
        if before < 0:
            continue
        dropped = _count(row, "count", 0) if row.get("effect") == "rows dropped" else 0
        if before - dropped != after:
            faults.append(f"line {number}: {before} rows less {dropped} dropped are not {after}")
        if rows is not None and rows != before:
            faults.append(f"line {number}: starts with {before} rows, the line before left {rows}")
        rows = after
    return faults


def _broken_links(row: Mapping[str, Any], number: int, previous: str) -> list[str]:
    faults = []
    if _digest({key: value for key, value in row.items() if key != "hash"}) != row["hash"]:
        faults.append("was changed (its hash does not match)")
    if row.get("previous") != previous:
        faults.append("does not follow the line before it (a line was removed or changed)")
    if row.get("number") != number:
        faults.append(f"has number {row.get('number')}")
    return faults


def _count(row: Mapping[str, Any], name: str, absent: int) -> int:
    value = row.get(name, absent)
    return value if isinstance(value, int) else absent
