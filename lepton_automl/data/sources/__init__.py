"""Where rows come from: one file a kind of source, one protocol."""

from lepton_automl.data.sources.protocol import RawTable, Source
from lepton_automl.registry import Registry

SOURCES = Registry(
    "source",
    "lepton_automl.sources",
    {
        "file": "lepton_automl.data.sources.file:FileSource",
        "sql": "lepton_automl.data.sources.sql:SqlSource",
        "duckdb": "lepton_automl.data.sources.duckdb:DuckdbSource",
        "joined": "lepton_automl.data.sources.duckdb:JoinedSource",
    },
)

__all__ = ["SOURCES", "RawTable", "Source"]
