"""The append-only, hash-chained record of everything that was done to the data and the search.

Rows in = rows out + rows in the ledger: nothing is silent.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass
class Ledger:
    """Writes entries as they happen; each line carries the hash of the line before."""

    path: Path | None = None
    entries: list[Entry] = field(default_factory=list)
    _last: str = GENESIS

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Starts the ledger of a run's folder."""
        path = folder / "ledger.jsonl"
        path.write_text("")
        return cls(path)

    def add(self, entry: Entry) -> None:
        """Appends an entry, in memory and on disk."""
        self.entries.append(entry)
        if self.path is None:
            return
        body = {"number": len(self.entries), "at": round(time.time(), 3), **_plain(entry), "previous": self._last}
        self._last = _digest(body)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**body, "hash": self._last}, ensure_ascii=False) + "\n")

    def extend(self, entries: Iterator[Entry] | list[Entry] | tuple[Entry, ...]) -> None:
        """Appends entries in order."""
        for entry in entries:
            self.add(entry)

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._last


def _plain(entry: Entry) -> dict[str, Any]:
    return dict(vars(entry))


def _digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """Reads the lines of a ledger as plain data; a line that is not JSON becomes `{"broken": …}`."""
    rows: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            row = {"broken": line}
        rows.append(row if isinstance(row, dict) else {"broken": line})
    return rows


def verify_ledger(path: Path) -> list[str]:
    """Proves the chain and the arithmetic; gives what is wrong, with its line, or an empty list.

    The arithmetic: an entry that drops rows has `rows_before - count == rows_after`, and the next entry of the same
    table starts with the rows the last one left.
    """
    faults: list[str] = []
    previous, rows = GENESIS, None
    for number, row in enumerate(read_ledger(path), start=1):
        if "broken" in row or "hash" not in row:
            faults.append(f"line {number}: is not a ledger entry")
            continue
        body = {key: value for key, value in row.items() if key != "hash"}
        if _digest(body) != row["hash"]:
            faults.append(f"line {number}: was changed (its hash does not match)")
        if row.get("previous") != previous:
            faults.append(f"line {number}: does not follow the line before it (a line was removed or changed)")
        if row.get("number") != number:
            faults.append(f"line {number}: has number {row.get('number')}")
        previous = row["hash"]
        before, after = row.get("rows_before", -1), row.get("rows_after", -1)
        if before < 0:
            continue
        dropped = row.get("count", 0) if row.get("effect") == "rows dropped" else 0
        if before - dropped != after:
            faults.append(f"line {number}: {before} rows less {dropped} dropped are not {after}")
        if rows is not None and rows != before:
            faults.append(f"line {number}: starts with {before} rows, the line before left {rows}")
        rows = after
    return faults
