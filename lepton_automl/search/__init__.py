"""Portfolio, sampling, racing, keeping score. The only room that imports Optuna."""

from lepton_automl.search.board import Board
from lepton_automl.search.diary import Diary
from lepton_automl.search.failures import failures_of, record_failures
from lepton_automl.search.fitting import Bench, Refit
from lepton_automl.search.fold_job import ALL_ROWS, forget_tables, load_preparation, load_prepared
from lepton_automl.search.importance import Importances, parameter_importances
from lepton_automl.search.objectives import objective_values, pareto_front
from lepton_automl.search.protocol import (
    Candidate,
    Earlier,
    Fit,
    Recorded,
    SearchSettings,
    Studies,
    Trial,
    TrialState,
    Watcher,
)
from lepton_automl.search.record import check_storage, shown_storage, study_name
from lepton_automl.search.samplers import OWN_PRUNERS, pruner_problems, sampler_problems
from lepton_automl.search.search import Search, lay_table, open_search

__all__ = [
    "ALL_ROWS",
    "OWN_PRUNERS",
    "Bench",
    "Board",
    "Candidate",
    "Diary",
    "Earlier",
    "Fit",
    "Importances",
    "Recorded",
    "Refit",
    "Search",
    "SearchSettings",
    "Studies",
    "Trial",
    "TrialState",
    "Watcher",
    "check_storage",
    "failures_of",
    "forget_tables",
    "lay_table",
    "load_preparation",
    "load_prepared",
    "objective_values",
    "open_search",
    "parameter_importances",
    "pareto_front",
    "pruner_problems",
    "record_failures",
    "sampler_problems",
    "shown_storage",
    "study_name",
]
