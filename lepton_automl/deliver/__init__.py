"""The folder that leaves: pack, load, score."""

from lepton_automl.deliver.contract import Contract, Expected, learn_contract
from lepton_automl.deliver.latency import Latency, measure_latency, one_row
from lepton_automl.deliver.pack import Artifact, load_grounds, pack
from lepton_automl.deliver.scorer import Scored, Scorer, check_files

__all__ = [
    "Artifact",
    "Contract",
    "Expected",
    "Latency",
    "Scored",
    "Scorer",
    "check_files",
    "learn_contract",
    "load_grounds",
    "measure_latency",
    "one_row",
    "pack",
]
