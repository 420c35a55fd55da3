"""Reading sources into a typed table with stable row ids, kinds, roles and fingerprints."""

from lepton_automl.data.dataset import Column, Dataset, Kind, Reading, Role, load_dataset, save_dataset
from lepton_automl.data.labels import read_labels
from lepton_automl.data.load import ReadingRules, build_dataset, reread_dataset
from lepton_automl.data.reading import read_column
from lepton_automl.data.sinks import DuckdbSink, ParquetSink, Sink, SqlSink
from lepton_automl.data.sources import SOURCES, RawTable, Source
from lepton_automl.data.texts import as_texts
from lepton_automl.data.treatments import treat

__all__ = [
    "SOURCES",
    "Column",
    "Dataset",
    "DuckdbSink",
    "Kind",
    "ParquetSink",
    "RawTable",
    "Reading",
    "ReadingRules",
    "Role",
    "Sink",
    "Source",
    "SqlSink",
    "as_texts",
    "build_dataset",
    "load_dataset",
    "read_column",
    "read_labels",
    "reread_dataset",
    "save_dataset",
    "treat",
]
