"""Writes the table that the rules left to where the recipe asks for it, and notes its fingerprint in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, DuckdbSink, Kind, ParquetSink, Sink, SqlSink
from lepton_automl.errors import OutputError, Problem
from lepton_automl.governance import fingerprint_of
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.recipe import blocks as block

KEY = "data.save_cleaned"
CODE = "SAVE001"


@dataclass(frozen=True)
class Saving:
    """Where the cleaned table goes.

    Args:
        sink: What takes it.
        split_column: Name of the column that says `train` or `test`.
    """

    sink: Sink
    split_column: str

    def check(self, names: list[str]) -> None:
        """Makes sure, before the run, that the table can be written and the column is free.

        Raises:
            OutputError: If not.
        """
        if self.split_column in names:
            message = f"{self.split_column!r} is a column of the data."
            raise OutputError(Problem(f"{KEY}.split_column", message, "Give another name."))
        self.sink.check()

    def save(self, data: Dataset, positions: np.ndarray, test: Dataset | None, ledger: Ledger) -> None:
        """Writes all rows, and notes it; a run that goes on after it was killed does not write them again.

        Args:
            data: Training rows, and those test rows that were taken from the same source.
            positions: Positions of the training rows.
            test: Test rows of a table of their own, or none.
            ledger: Where it is noted.
        """
        parts = np.full(len(data), "test", dtype=object)
        parts[positions] = "train"
        frame, fingerprint, note = _values(data), fingerprint_of(data), ""
        if test is not None:
            test = test.without(set(test.names) - set(data.names))
            frame = pd.concat([frame, _values(test)], ignore_index=True)
            parts = np.append(parts, np.full(len(test), "test", dtype=object))
            note = f"; SHA-256 of the test rows {fingerprint_of(test)}"
        known = {entry.hash_after for entry in ledger.entries if entry.code == CODE}
        if fingerprint not in known:
            self.sink.write(frame.assign(**{self.split_column: pd.Series(parts, dtype="str")}), fingerprint)
        counts = f"{int((parts == 'train').sum()):,} training and {int((parts == 'test').sum()):,} test rows"
        width = len(data.names)
        ledger.add(
            Entry(
                "save",
                CODE,
                "save_cleaned",
                "written",
                self.sink.place,
                len(frame),
                note=f"{counts}, {width} columns and {self.split_column}{note}",
                columns_before=width,
                columns_after=width,
                hash_before=fingerprint,
                hash_after=fingerprint,
            )
        )


def _values(data: Dataset) -> pd.DataFrame:
    """Gives the values as another program expects them: booleans are true and false, not 1 and 0."""
    truths = [c.name for c in data.columns if c.kind is Kind.BOOLEAN and pd.api.types.is_numeric_dtype(data.values(c.name))]
    truths = [name for name in truths if data.values(name).dropna().isin([0, 1]).all()]
    return data.frame.assign(**{name: data.values(name).astype("boolean") for name in truths}).reset_index(drop=True)


def make_saving(asked: Any) -> Saving | None:
    """Makes what the block `data.save_cleaned` describes; none where it is not asked for."""
    if asked is None:
        return None
    sink: Sink
    if isinstance(asked, block.SaveSql):
        sink = SqlSink(KEY, asked.url, asked.table, asked.overwrite)
    elif isinstance(asked, block.SaveDuckdb):
        sink = DuckdbSink(KEY, asked.path, asked.table, asked.overwrite)
    else:
        sink = ParquetSink(KEY, asked.path, asked.overwrite)
    return Saving(sink, asked.split_column)
