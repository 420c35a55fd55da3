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
        has_types: Whether the source knows types; a CSV file does not: all its cells are text.
    """

    frame: pd.DataFrame
    entries: tuple[Entry, ...]
    place: str
    has_types: bool = True


class Source(Protocol):
    """Something that gives a table. Knows its recipe key, so that its errors can name it."""

    @property
    def key(self) -> str:
        """Its recipe key, so that its errors can name it."""
        ...

    def read(self) -> RawTable:
        """Reads the whole table.

        Raises:
            DataError: If it can not be reached or understood.
        """
        ...
