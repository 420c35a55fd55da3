"""Fairness: how groups of protected columns fare, what they are compared by, and how training rows are reweighed."""

from lepton_automl.evidence.fairness.compare import Groups, GroupSettings, figure_names
from lepton_automl.evidence.fairness.weighing import reweighed

__all__ = ["GroupSettings", "Groups", "figure_names", "reweighed"]
