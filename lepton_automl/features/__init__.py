"""Which preparation a model needs, learned on training rows, kept as data."""

from lepton_automl.features.account import Making, account, traced
from lepton_automl.features.columns import Coded, Columns
from lepton_automl.features.domain import Domain, learn_domain
from lepton_automl.features.prepare import Learning, Preparation, learn_preparation, learn_prepared, shared
from lepton_automl.features.protocol import FeatureOptions, Needs, Prepared
from lepton_automl.features.steps import level_codes
from lepton_automl.features.svd import count_phrases

__all__ = [
    "Coded",
    "Columns",
    "Domain",
    "FeatureOptions",
    "Learning",
    "Making",
    "Needs",
    "Preparation",
    "Prepared",
    "account",
    "count_phrases",
    "learn_domain",
    "learn_preparation",
    "learn_prepared",
    "level_codes",
    "shared",
    "traced",
]
