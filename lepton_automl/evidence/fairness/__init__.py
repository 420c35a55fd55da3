"""Fairness: how groups of protected columns fare, what they are compared by, and what is done about it."""

from lepton_automl.evidence.fairness.compare import Groups, GroupSettings, figure_names
from lepton_automl.evidence.fairness.lines import OPPORTUNITY, PARITY, AlikeSettings, Members, draw_group_lines
from lepton_automl.evidence.fairness.weighing import reweighed

__all__ = [
    "OPPORTUNITY",
    "PARITY",
    "AlikeSettings",
    "GroupSettings",
    "Groups",
    "Members",
    "draw_group_lines",
    "figure_names",
    "reweighed",
]
