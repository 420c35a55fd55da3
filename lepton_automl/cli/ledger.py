"""`lepton ledger`: what was done to the data, and whether the record is whole."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lepton_automl.errors import ArtifactError, Problem
from lepton_automl.ledger import read_ledger, verify_ledger

COLUMNS = ("stage", "code", "rule", "effect", "column", "count", "rows", "columns", "measured", "limit", "unit", "note")
LONG = ("at", "seconds", "data", "line")
"""What `--long` shows besides: when, how long, the table's hash before and after, and the hash of the entry."""
SHORT = 8
"""Figures of a hash that are shown."""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parser = argparse.ArgumentParser(
        "lepton ledger", description="Show what was done to the data of a run, or prove the record."
    )
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--verify", action="store_true", help="prove the chain of hashes and the arithmetic of rows")
    parser.add_argument("--long", action="store_true", help="show seconds and the first figures of hashes too")
    options = parser.parse_args(list(words))
    path = options.run / "ledger.jsonl"
    if not path.is_file():
        raise ArtifactError(Problem(str(options.run), "has no ledger.jsonl.", "Give the folder of a run."))
    if options.verify:
        return _verify(path)
    _show(path, options.long)
    return 0


def _verify(path: Path) -> int:
    faults = verify_ledger(path)
    if faults:
        raise ArtifactError([Problem(path.name, fault, "") for fault in faults], str(path.parent))
    print(f"{len(read_ledger(path))} entries: the chain is whole, and rows in = rows out + dropped.")
    return 0


def _show(path: Path, is_long: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names = (*COLUMNS[:-1], *LONG, "note") if is_long else COLUMNS
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, overflow="fold")
    rows = read_ledger(path)
    for row in rows:
        if "broken" in row:
            table.add_row("?", "", "", Text("not an entry; see --verify"))
            continue
        cells = _cells(row)
        table.add_row(*(Text(str(cells.get(name, ""))) for name in names))
    Console(highlight=False, width=None if sys.stdout.isatty() else 220 if is_long else 160).print(table)
    seconds = sum(row["seconds"] for row in rows if isinstance(row.get("seconds"), int | float))
    print(f"{len(rows)} entries; the rules took {seconds:.2f} s. --verify proves the chain.")


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Gives the cells of an entry; what does not apply is empty."""
    at, seconds = row.get("at"), row.get("seconds")
    return {
        **row,
        "rows": _change(row, "rows"),
        "columns": _change(row, "columns"),
        "count": row.get("count") or "",
        "measured": _figure(row.get("measured")),
        "limit": _figure(row.get("limit")),
        "at": f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}" if isinstance(at, int | float) else "",
        "seconds": f"{seconds:.3f}" if isinstance(seconds, int | float) and seconds else "",
        "data": _hashes(str(row.get("hash_before", "")), str(row.get("hash_after", ""))),
        "line": str(row.get("hash", ""))[:SHORT],
    }


def _change(row: Mapping[str, Any], what: str) -> str:
    """Says how many there were and are: `12 → 11`; one figure where none was lost, none where no table is meant."""
    before, after = row.get(f"{what}_before", -1), row.get(f"{what}_after", -1)
    if not isinstance(before, int) or before < 0:
        return ""
    return str(before) if before == after else f"{before} → {after}"


def _hashes(before: str, after: str) -> str:
    return before[:SHORT] if before == after else f"{before[:SHORT]} → {after[:SHORT]}"


def _figure(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else ""
