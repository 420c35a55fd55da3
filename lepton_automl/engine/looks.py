"""Counts how often the same test rows were looked at: the more often, the less untouched they are."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from lepton_automl.data import Dataset

NAME = ".looks.jsonl"
"""The file beside the runs: a line for each run that looked, with the hash of the rows that it looked at."""


def hash_of_rows(test: Dataset) -> str:
    """Gives the hash of which rows of which source they are, whatever rules did to their columns."""
    digest = hashlib.sha256(test.fingerprint.encode())
    digest.update(np.ascontiguousarray(test.row_ids, dtype="int64").tobytes())
    return digest.hexdigest()


def look(test: Dataset, out: Path) -> int | None:
    """Writes down that a run looked at test rows; gives how many runs beside it did, itself included.

    A run that went on after it was killed counts once. A line that can not be read is passed over; none where the file can not
    be read or written: no run breaks over it.

    Args:
        test: The test rows.
        out: The run's folder; the file stands beside it.
    """
    mine, path = hash_of_rows(test), out.absolute().parent / NAME
    try:
        known = _runs(path, mine)
        if out.name not in known:
            entry = {"rows": mine, "run": out.name, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
            with path.open("a", encoding="utf-8") as file:  # one short line at a time: runs side by side do not mix theirs
                file.write(json.dumps(entry) + "\n")
    except OSError:
        return None
    return len(known | {out.name})


def _runs(path: Path, mine: str) -> set[str]:
    """Gives the names of the runs that looked at the rows."""
    if not path.exists():
        return set()
    found = set()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
            if entry["rows"] == mine:
                found.add(str(entry["run"]))
        except (ValueError, KeyError, TypeError):
            continue
    return found
