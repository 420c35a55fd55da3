"""The lines a run ends with name what failed."""

from lepton_automl.cli.failures import failures
from lepton_automl.search import Trial, TrialState


def test_a_failure_is_told_with_its_count_and_whether_anything_of_the_family_is_left():
    trials = [
        Trial(0, "tabm", {}, "start", TrialState.FAILED, error="out of time: took more than 6.0 s"),
        Trial(1, "linear", {}, "start", TrialState.DONE),
        Trial(2, "linear", {}, "start", TrialState.FAILED, error="failed: ValueError: no"),
    ]

    assert failures(trials) == [
        "failed    tabm, 1 of 1 trials: out of time: took more than 6.0 s; nothing of it is delivered",
        "failed    linear, 1 of 2 trials: failed: ValueError: no",
    ]
