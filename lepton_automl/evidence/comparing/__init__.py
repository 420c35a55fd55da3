"""Is the one better than the other? Plain arrays in, results out; no recipe, no files."""

from lepton_automl.evidence.comparing.delong import area_difference, areas
from lepton_automl.evidence.comparing.distribution import POWER, Difference
from lepton_automl.evidence.comparing.forecasts import by_moment, cosine_terms, loss_difference
from lepton_automl.evidence.comparing.predictions import Rows, Ways, compare_rows
from lepton_automl.evidence.comparing.resampling import Draws, differences, mean_of
from lepton_automl.evidence.comparing.resplits import resplit_difference
from lepton_automl.evidence.comparing.result import (
    ABSENT,
    Change,
    Comparison,
    Figure,
    Side,
    Word,
    figure_of,
    holm,
    judged,
    margin_of,
    whole_of,
    word_of,
)
from lepton_automl.evidence.comparing.sweeps import Effect, Sweep, SweepRun, banded, main_effects
from lepton_automl.tasks import VALUE

__all__ = [
    "ABSENT",
    "POWER",
    "VALUE",
    "Change",
    "Comparison",
    "Difference",
    "Draws",
    "Effect",
    "Figure",
    "Rows",
    "Side",
    "Sweep",
    "SweepRun",
    "Ways",
    "Word",
    "area_difference",
    "areas",
    "banded",
    "by_moment",
    "compare_rows",
    "cosine_terms",
    "differences",
    "figure_of",
    "holm",
    "judged",
    "loss_difference",
    "main_effects",
    "margin_of",
    "mean_of",
    "resplit_difference",
    "whole_of",
    "word_of",
]
