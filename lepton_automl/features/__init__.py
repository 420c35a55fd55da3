"""Which preparation a model needs, learned on training rows, kept as data."""

from lepton_automl.features.prepare import Preparation, learn_preparation
from lepton_automl.features.protocol import FeatureOptions, Needs, Prepared
from lepton_automl.features.steps import level_codes

__all__ = ["FeatureOptions", "Needs", "Preparation", "Prepared", "learn_preparation", "level_codes"]
