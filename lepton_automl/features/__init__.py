"""Which preparation a model needs, learned on training rows, kept as data."""

from lepton_automl.features.columns import Columns
from lepton_automl.features.prepare import Learning, Preparation, learn_preparation, learn_prepared
from lepton_automl.features.protocol import FeatureOptions, Needs, Prepared
from lepton_automl.features.steps import level_codes

__all__ = [
    "Columns",
    "FeatureOptions",
    "Learning",
    "Needs",
    "Preparation",
    "Prepared",
    "learn_preparation",
    "learn_prepared",
    "level_codes",
]
