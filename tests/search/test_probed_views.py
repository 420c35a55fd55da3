"""What probes of a representation found, and how long schedules are."""

import pytest

from lepton_automl.search import Fit, Trial
from lepton_automl.search.views import as_listed, combined_probe, probed_view, span_of

NATIVE = {"depth": 4, "categories": "native", "made": False}


def scored(number, params, loss, origin="probe", rounds=(10,)):
    trial = Trial(number, "seer", params, origin)
    if loss is not None:
        trial.fits[0] = Fit(0, loss, rounds, 1.0, 0.1, 0.1, "", "")
    return trial


def test_each_change_that_gained_is_kept():
    trials = [
        scored(0, NATIVE, 0.40, "start"),
        scored(1, {**NATIVE, "categories": "ordinal"}, 0.39),
        scored(2, {**NATIVE, "categories": "target"}, 0.38),
        scored(3, {**NATIVE, "made": True}, 0.41),
    ]
    assert probed_view(trials, 1.0) == {"categories": "target", "made": False}
    assert combined_probe(trials, 1.0) is None


def test_changes_that_gained_alone_are_tried_together_once():
    trials = [
        scored(0, NATIVE, 0.40, "start"),
        scored(1, {**NATIVE, "categories": "target"}, 0.38),
        scored(2, {**NATIVE, "made": True}, 0.39),
    ]
    both = {"depth": 4, "categories": "target", "made": True}

    assert combined_probe(trials, 1.0) == both
    assert combined_probe([*trials, scored(3, both, 0.37)], 1.0) is None


def test_nothing_is_combined_while_a_probe_goes_on():
    going = scored(1, {**NATIVE, "made": True}, None)
    assert combined_probe([scored(0, NATIVE, 0.4, "start"), going], 1.0) is None


@pytest.mark.parametrize(("kept", "span"), [(50, 100), (30, 60), (1, 4)])
def test_a_net_at_its_best_early_is_given_a_shorter_schedule(kept, span):
    trial = scored(0, {"epochs": 100}, 0.1, rounds=(kept, 100))
    assert span_of(trial, "epochs") == {"epochs": span}
    assert span_of(trial, "") == {}


def test_a_configuration_is_known_again_without_what_was_added_to_it():
    assert as_listed({**NATIVE, "epochs": 9}, "start", "epochs") == {"depth": 4}
    assert as_listed(NATIVE, "probe", "epochs") == NATIVE
