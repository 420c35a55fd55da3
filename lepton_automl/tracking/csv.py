"""`trials.csv` and `curves.csv`: a line as each trial ends, to be followed with `tail -f` or read by any program."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from lepton_automl.tracking.protocol import Told

CURVES = ("trial", "model", "fold", "round", "loss")


class CsvTracker:
    """Writes two tables.

    Args:
        folder: Folder of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[TextIO] = []

    def on_start(self, facts: Mapping[str, Any]) -> None:
        """Writes the headings; the tables of a run that was killed are written anew."""
        metric = facts["metric"]
        trials = ("trial", "model", "origin", "state", metric, f"best_{metric}", "seconds", "at_seconds", "folds", "params")
        for name, head in (("trials.csv", trials), ("curves.csv", CURVES)):
            self._files.append((self._folder / name).open("w", encoding="utf-8", newline=""))
            self._write(-1, [head])

    def on_trial(self, told: Told) -> None:
        """Writes the trial as a line, and each point of its curves as a line."""
        params = json.dumps(dict(told.params), sort_keys=True, ensure_ascii=False, default=str)
        row = (told.number, told.model, told.origin, told.state, told.score, told.best)
        self._write(0, [(*row, round(told.seconds, 3), round(told.at, 3), len(told.folds), params)])
        self._write(1, [(told.number, told.model, fold, *point) for fold, points in told.curves for point in points])

    def _write(self, which: int, rows: list[tuple[Any, ...]]) -> None:
        file = self._files[which]
        csv.writer(file, lineterminator="\n").writerows(rows)
        file.flush()

    def on_finish(self, figures: Mapping[str, Any]) -> None:
        """Does nothing: the figures are in `metrics.json`."""

    def close(self, finished: bool) -> None:
        """Closes the files, all of them even where one can not be written to its end."""
        with contextlib.ExitStack() as files:
            for file in self._files:
                files.enter_context(file)
