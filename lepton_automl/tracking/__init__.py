"""Writing down how a run trains, for the tools that show it: CSV, TensorBoard, Weights & Biases, MLflow."""

from lepton_automl.tracking.aside import Aside
from lepton_automl.tracking.backends import BACKENDS, Backend, TrackingSettings, is_absent
from lepton_automl.tracking.csv import CsvTracker
from lepton_automl.tracking.protocol import Told, Tracker, flat

__all__ = ["BACKENDS", "Aside", "Backend", "CsvTracker", "Told", "Tracker", "TrackingSettings", "flat", "is_absent"]
