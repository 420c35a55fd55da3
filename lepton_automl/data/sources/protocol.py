"""What every source hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from lepton_automl.ledger import Entry


@dataclass(frozen=True)
class RawTable:
    """A table as the source gave it, before any column is read as a kind.

    Args:
        frame: The values, with unique column names.
        entries: What happened while reading: rows dropped, encoding found, names changed.
        place: Where it came from, for messages and lineage; never holds a secret.
    """

    frame: pd.DataFrame
    entries: tuple[Entry, ...]
    place: str


class Source(Protocol):
    """Something that gives a table. Knows its recipe key, so that its errors can name it."""

    key: str

    def read(self) -> RawTable:
        """Reads the whole table.

        Raises:
            DataError: If it can not be reached or understood.
        """
        ...
