"""What a search has finished, a line each, written at once: so that a run that was killed can go on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lepton_automl.work import Outcome, State


@dataclass(frozen=True)
class Line:
    """A fit that ended.

    Args:
        number: Number of the trial.
        candidate: Name of its family.
        params: Its parameters.
        origin: Where its parameters come from, as in `Trial`.
        fold: Number of the fold.
        outcome: How it ended.
    """

    number: int
    candidate: str
    params: Mapping[str, Any]
    origin: str
    fold: int
    outcome: Outcome


@dataclass
class Diary:
    """The fits of a run that have ended.

    Args:
        path: JSON lines; a line that was cut off by the end of the process is dropped when the diary is opened again.
        before: Fits that ended before this process began, in the order in which they did.
    """

    path: Path
    before: list[Line] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path) -> Diary:
        """Opens a diary; starts one where there is none."""
        if not path.exists():
            return cls(path)
        whole, newline, _ = path.read_bytes().rpartition(b"\n")
        path.write_bytes(whole + newline)
        return cls(path, [_read(json.loads(line)) for line in whole.splitlines()])

    def write(self, line: Line) -> None:
        """Adds a fit that has ended; its files are on disk already."""
        content = {
            **vars(line),
            "params": dict(line.params),
            "outcome": {**vars(line.outcome), "value": dict(line.outcome.value)},
        }
        with self.path.open("ab") as file:
            file.write(json.dumps(content, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def find(self, number: int, candidate: str, params: Mapping[str, Any], fold: int) -> Outcome | None:
        """Gives how the same fit ended before this process began, if it did."""
        for line in self.before:
            if (line.number, line.candidate, line.fold) == (number, candidate, fold) and dict(line.params) == dict(params):
                return line.outcome
        return None


def _read(content: dict[str, Any]) -> Line:
    outcome = content.pop("outcome")
    return Line(**content, outcome=Outcome(**{**outcome, "state": State(outcome["state"])}))
