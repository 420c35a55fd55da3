"""Why a prediction is what it is: effects of the features, reasons in plain words, and what would change the answer."""

from lepton_automl.evidence.explaining.changes import Change, Option, find_options
from lepton_automl.evidence.explaining.grounds import (
    Explaining,
    Feature,
    Grounds,
    Outcome,
    Phrase,
    draw_background,
    learn_grounds,
)
from lepton_automl.evidence.explaining.reasons import Reason, reasons_of
from lepton_automl.evidence.explaining.shapley import Shapley, shapley
from lepton_automl.evidence.explaining.told import Told, explain_rows
from lepton_automl.evidence.explaining.words import Piece, common_words, pieces_of, text_names, word_effects

__all__ = [
    "Change",
    "Explaining",
    "Feature",
    "Grounds",
    "Option",
    "Outcome",
    "Phrase",
    "Piece",
    "Reason",
    "Shapley",
    "Told",
    "common_words",
    "draw_background",
    "explain_rows",
    "find_options",
    "learn_grounds",
    "pieces_of",
    "reasons_of",
    "shapley",
    "text_names",
    "word_effects",
]
