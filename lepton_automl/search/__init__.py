"""Portfolio, sampling, racing, keeping score. The only room that imports Optuna."""

from lepton_automl.search.board import Board
from lepton_automl.search.diary import Diary
from lepton_automl.search.fitting import Bench, Refit
from lepton_automl.search.fold_job import ALL_ROWS, load_preparation, load_prepared
from lepton_automl.search.protocol import Candidate, Fit, Recorded, SearchSettings, Trial, TrialState, Watcher
from lepton_automl.search.search import Search, open_search

__all__ = [
    "ALL_ROWS",
    "Bench",
    "Board",
    "Candidate",
    "Diary",
    "Fit",
    "Recorded",
    "Refit",
    "Search",
    "SearchSettings",
    "Trial",
    "TrialState",
    "Watcher",
    "load_preparation",
    "load_prepared",
    "open_search",
]
