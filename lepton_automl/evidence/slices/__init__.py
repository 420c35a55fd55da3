"""Slices: parts of the judged rows in which the model does worse than in the rest."""

from lepton_automl.evidence.slices.find import Sliced, Table, find_worse, slice_columns
from lepton_automl.evidence.slices.losses import losses_of, words_of_loss

__all__ = ["Sliced", "Table", "find_worse", "losses_of", "slice_columns", "words_of_loss"]
