"""What failed is told once for each family and kind; a fit that hangs takes only its share of the time."""

import pytest

from lepton_automl.ledger import Ledger
from lepton_automl.search import Candidate, Trial, TrialState, failures_of, record_failures
from lepton_automl.search.failures import Failure
from lepton_automl.search.fitting import GRACE, kill_after

FOREST = Candidate("forest", "m:C", {}, ({},), in_rounds=False)
BOOSTER = Candidate("booster", "m:C", {}, ({},), in_rounds=True)


def trial(number, candidate, state, error=""):
    return Trial(number, candidate, {}, "start", state, error=error)


def test_the_first_failure_of_each_family_and_kind_is_told_with_its_count():
    trials = [
        trial(0, "tabm", TrialState.FAILED, "out of memory: all processes together used 900 MB of 800 MB"),
        trial(1, "linear", TrialState.DONE),
        trial(2, "linear", TrialState.FAILED, "failed: ValueError: first"),
        trial(3, "linear", TrialState.FAILED, "failed: ValueError: second"),
        trial(4, "linear", TrialState.FAILED, "out of time: took more than 6.0 s"),
        trial(5, "tabm", TrialState.FAILED, "out of memory: all processes together used 950 MB of 800 MB"),
        trial(6, "catboost", TrialState.PRUNED),
    ]

    assert failures_of(trials) == [
        Failure("tabm", "out of memory: all processes together used 900 MB of 800 MB", 2, 2, True),
        Failure("linear", "failed: ValueError: first", 2, 4, False),
        Failure("linear", "out of time: took more than 6.0 s", 1, 4, False),
    ]


def test_a_family_of_which_every_trial_failed_has_one_entry_in_the_ledger():
    ledger = Ledger()

    record_failures(
        [
            trial(0, "tabm", TrialState.FAILED, "crashed: the worker process ended with code -9 (SIGKILL)"),
            trial(1, "tabm", TrialState.FAILED, "out of time: took more than 6.0 s"),
            trial(2, "linear", TrialState.FAILED, "failed: ValueError: no"),
            trial(3, "linear", TrialState.DONE),
        ],
        ledger,
    )

    assert [(entry.code, entry.effect, entry.column, entry.count) for entry in ledger.entries] == [
        ("SEARCH008", "family failed", "tabm", 2)
    ]
    assert ledger.entries[0].note.endswith("the first: crashed: the worker process ended with code -9 (SIGKILL)")


@pytest.mark.parametrize(
    ("candidate", "left", "known", "seconds"),
    [
        (FOREST, 600.0, 0.0, 200.0),
        (FOREST, 24.0, 0.0, 10.0),
        (FOREST, 12.0, 0.0, 6.0),
        (FOREST, 60.0, 1.0, 20.0),
        (FOREST, 60.0, 8.0, 40.0),
        (FOREST, 60.0, 30.0, 60.0),
        (BOOSTER, 60.0, 0.0, 60.0 + GRACE),
    ],
    ids=["a third", "ten seconds", "half", "known and quick", "five times the slowest", "what is left", "goes by rounds"],
)
def test_a_fit_is_killed_in_time_to_leave_others_theirs(candidate, left, known, seconds):
    assert kill_after(candidate, left, known) == pytest.approx(seconds)
