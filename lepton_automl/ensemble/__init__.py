"""Weighing finished trials on their out-of-fold rows; refit."""

from lepton_automl.ensemble.combine import Ensemble, Member, OutOfFold, choose, refitted, usable

__all__ = ["Ensemble", "Member", "OutOfFold", "choose", "refitted", "usable"]
