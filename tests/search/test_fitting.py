"""What a refit goes by, and how patient a fit is."""

import numpy as np
import pytest

from lepton_automl.search import Candidate, Fit, Trial
from lepton_automl.search.fitting import _mean_rounds, _patience
from lepton_automl.tasks import Fold

BOOSTED = Candidate("boosted", "x:Y", {}, ({},), True, rate="learning_rate")


def fitted(*rounds):
    trial = Trial(0, "boosted", {}, "start")
    trial.fits = {i: Fit(i, 0.1, each, 1.0, 0.1, 0.1, "", "") for i, each in enumerate(rounds)}
    return trial


def folds(*sizes):
    return [Fold(i, np.arange(size), np.arange(10)) for i, size in enumerate(sizes)]


def test_rounds_of_a_refit_grow_with_the_rows():
    assert _mean_rounds(fitted((100,), (140,)), folds(80, 80), 100) == (150,)
    assert _mean_rounds(fitted((100, 200), (140, 200)), folds(80, 80), None) == (120, 200)


def test_folds_early_in_time_with_few_rows_do_not_count_in_a_refit():
    assert _mean_rounds(fitted((90,), (50,), (20,)), folds(90, 60, 30), 100) == (100,)


def test_a_model_without_rounds_has_none_to_repeat():
    assert _mean_rounds(fitted((), ()), folds(80, 80), 100) is None


@pytest.mark.parametrize(("rate", "rounds"), [(0.3, 60), (0.1, 60), (0.05, 120), (0.001, 300)])
def test_a_lower_rate_is_given_more_patience(rate, rounds):
    assert _patience(60, BOOSTED, {"learning_rate": rate}) == rounds
