"""Which configuration is fitted again for the learning curve, and what is said where the time is too short."""

import math
from types import SimpleNamespace

import pytest

from lepton_automl.engine.refitting import Refits
from lepton_automl.ensemble import Member
from lepton_automl.search import Fit, Trial


def member(number, model, loss, seconds):
    fits = {fold: Fit(fold, loss, (), seconds, 0.1, 0.0, "", "") for fold in range(5)}
    return Member(Trial(number, model, {}, "start", fits=fits), 0.5, tuple(fits.values()), loss)


def refits(*members, workers=2, fitted=("catboost", "lightgbm")):
    search = SimpleNamespace(fitting=SimpleNamespace(candidates=dict.fromkeys(fitted)))
    return Refits(SimpleNamespace(workers=workers), None, search, SimpleNamespace(members=members), None)


BEST, QUICK = member(3, "catboost", 0.40, 6.0), member(7, "lightgbm", 0.42, 0.2)


@pytest.mark.parametrize(("seconds", "taken"), [(10.0, "catboost"), (1.2, "lightgbm"), (math.inf, "catboost")])
def test_the_best_model_whose_fits_end_in_time_is_fitted_again_and_another_one_than_the_best_is_told(seconds, taken):
    chosen, note = refits(QUICK, BEST)._chosen((0.25, 0.5, 1.0), seconds)

    assert chosen.trial.candidate == taken
    assert (note == "") == (taken == "catboost")
    if note:
        assert note == "the curve is that of lightgbm: 2 fits of the best model, catboost, take about 4.1 s, and 1.2 s are left"


def test_where_no_fits_end_in_time_none_begins_and_the_reason_counts_them():
    made = refits(QUICK, BEST)((0.25, 0.5, 1.0), 0.0)

    assert [told for _, told in made.points] == [(), (), ()]
    assert made.notes == (
        "left out: 2 fits of each of 2 models do not end in the 0.0 s left; the quickest, lightgbm, takes about 0.3 s",
    )


def test_fits_wait_for_each_other_where_there_is_one_worker():
    alone, two = (refits(BEST, workers=count)._expected(BEST, (0.25, 0.5, 1.0)) for count in (1, 2))

    assert alone == pytest.approx(1.3 * (0.75 * 6 + 0.3)) and two == pytest.approx(1.3 * (0.5 * 6 + 0.15))


def test_models_that_this_search_did_not_fit_are_not_fitted_again():
    made = refits(BEST, fitted=("lightgbm",))((0.25, 0.5, 1.0), math.inf)

    assert made.notes == ("left out: no model that is delivered was fitted by this search",)
