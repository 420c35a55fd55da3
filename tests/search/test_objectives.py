"""Several objectives: their values, and the front."""

import math

from lepton_automl.search import TrialState, objective_values, pareto_front

BOTH = ("metric", "predict_seconds")


def test_objectives_are_means_over_folds_and_nothing_before_the_first(make_trial):
    assert objective_values(make_trial(0, 0.2, 0.4, seconds=0.5, mb=3.0), (*BOTH, "model_mb")) == (
        0.30000000000000004,
        0.5,
        3.0,
    )
    assert all(math.isnan(value) for value in objective_values(make_trial(0), BOTH))


def test_the_front_holds_whom_no_other_beats_in_everything(make_trial):
    trials = [
        make_trial(0, 0.2, seconds=0.9),
        make_trial(1, 0.3, seconds=0.1),
        make_trial(2, 0.3, seconds=0.2),
        make_trial(3, 0.2, seconds=0.9),
        make_trial(4, 0.1, seconds=0.05, state=TrialState.PRUNED),
    ]

    assert pareto_front(trials, BOTH) == [0, 1, 3]
