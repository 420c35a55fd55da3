"""A file written and read."""

from dataclasses import dataclass

import pytest

from lepton_automl.data import Dataset, ReadingRules, build_dataset
from lepton_automl.data.sources.file import FileSource
from lepton_automl.ledger import Entry

TOKENS = ("", "?", "NA", "N/A", "nan", "NULL")


@dataclass(frozen=True)
class Loaded:
    """A typed table and what happened on the way."""

    data: Dataset
    entries: list[Entry]

    def values(self, name):
        return [None if value != value else value for value in self.data.values(name).astype(object).tolist()]

    def kind(self, name):
        return str(self.data.column(name).kind)

    def reason(self, name):
        return self.data.column(name).reason

    def counts(self):
        """Gives (code, column, count) of each entry but those that only say how many rows were read."""
        return [(e.code, e.column, e.count) for e in self.entries if e.effect != "rows read"]


def load(source, **rules):
    return Loaded(*build_dataset(source.read(), ReadingRules(**{"missing_tokens": TOKENS, **rules})))


@pytest.fixture
def typed():
    return load


@pytest.fixture
def csv(tmp_path):
    """Writes text or bytes as a CSV file and reads it; keywords of `FileSource` go to it, the others are reading rules."""

    def read(content, name="table.csv", **settings):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        own = {key: settings.pop(key) for key in list(settings) if key in FileSource.__dataclass_fields__}
        return load(FileSource("data.source", str(path), **own), **settings)

    return read
