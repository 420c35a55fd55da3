"""Weighing finished trials on their out-of-fold rows; pruning; calibration; refit."""

from lepton_automl.ensemble.averaging import Averaging, learn_averaging
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
from lepton_automl.ensemble.conformal import Conformal, Promise, learn_conformal
from lepton_automl.ensemble.fits import load_fit, milliseconds_of, timed
from lepton_automl.ensemble.prune import Pruned, cut_to, prune
from lepton_automl.ensemble.usable import usable

__all__ = [
    "Averaging",
    "Calibration",
    "Conformal",
    "Costs",
    "Ensemble",
    "Joining",
    "Member",
    "OutOfFold",
    "Promise",
    "Pruned",
    "RecordedEnsemble",
    "Trialled",
    "choose",
    "cut_to",
    "kind_for",
    "learn_averaging",
    "learn_conformal",
    "load_fit",
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
