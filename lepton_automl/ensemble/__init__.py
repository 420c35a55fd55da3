"""Weighing finished trials on their out-of-fold rows; pruning; calibration; refit."""

from lepton_automl.ensemble.calibrate import Calibration, Trialled, kind_for, try_calibration
from lepton_automl.ensemble.combine import (
    Costs,
    Ensemble,
    Joining,
    Member,
    OutOfFold,
    RecordedEnsemble,
    choose,
    refitted,
    shares_of_fits,
    sizes_of,
    thinned,
    weighed,
)
from lepton_automl.ensemble.fits import milliseconds_of, timed
from lepton_automl.ensemble.prune import Pruned, cut_to, prune
from lepton_automl.ensemble.usable import usable

__all__ = [
    "Calibration",
    "Costs",
    "Ensemble",
    "Joining",
    "Member",
    "OutOfFold",
    "Pruned",
    "RecordedEnsemble",
    "Trialled",
    "choose",
    "cut_to",
    "kind_for",
    "milliseconds_of",
    "prune",
    "refitted",
    "shares_of_fits",
    "sizes_of",
    "thinned",
    "timed",
    "try_calibration",
    "usable",
    "weighed",
]
