"""`lepton ledger`: what was done to the data, and whether the record is whole."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lepton_automl.errors import ArtifactError, Problem
from lepton_automl.ledger import read_ledger, verify_ledger

COLUMNS = ("stage", "code", "rule", "effect", "column", "count", "rows", "measured", "limit", "unit", "note")


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parser = argparse.ArgumentParser(
        "lepton ledger", description="Show what was done to the data of a run, or prove the record."
    )
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("--verify", action="store_true", help="prove the chain of hashes and the arithmetic of rows")
    options = parser.parse_args(list(words))
    path = options.run / "ledger.jsonl"
    if not path.is_file():
        raise ArtifactError(Problem(str(options.run), "has no ledger.jsonl.", "Give the folder of a run."))
    if options.verify:
        return _verify(path)
    _show(path)
    return 0


def _verify(path: Path) -> int:
    faults = verify_ledger(path)
    if faults:
        raise ArtifactError([Problem(path.name, fault, "") for fault in faults], str(path.parent))
    print(f"{len(read_ledger(path))} entries: the chain is whole, and rows in = rows out + dropped.")
    return 0


def _show(path: Path) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        table.add_column(name, overflow="fold")
    for row in read_ledger(path):
        if "broken" in row:
            table.add_row("?", "", "", Text("not an entry; see --verify"))
            continue
        rows = "" if row.get("rows_before", -1) < 0 else f"{row['rows_before']} → {row['rows_after']}"
        cells = {
            **row,
            "rows": rows,
            "count": row.get("count") or "",
            **{k: _figure(row.get(k)) for k in ("measured", "limit")},
        }
        table.add_row(*(Text(str(cells.get(name, ""))) for name in COLUMNS))
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def _figure(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, int | float) else ""
