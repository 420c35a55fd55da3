"""Who is given up before all folds are fitted."""

import numpy as np
import pytest

from lepton_automl.search import TrialState, pruner_problems
from lepton_automl.search.pruning import ByOptuna, Field, Never, Racing, given_up, open_pruner, steps
from lepton_automl.tasks import Fold

FOLDS = [Fold(number, np.arange(4000), np.arange(1000)) for number in range(5)]
OPTUNA = ["median", "percentile", "successive_halving", "hyperband", "wilcoxon"]
EASY = {"median": {"n_startup_trials": 1}, "percentile": {"n_startup_trials": 1}}


def field(*trials):
    return Field(trials, FOLDS, [0.7] * 5, 5)


@pytest.mark.parametrize("kind", OPTUNA)
def test_each_of_optunas_pruners_gives_far_worse_trials_up_and_keeps_the_best(kind, make_trial):
    pruner = ByOptuna(kind, EASY.get(kind, {}), 5)
    trials = [make_trial(number, *[0.40 + 0.001 * number + 0.01 * fold for fold in range(5)]) for number in range(6)]

    def run(number, losses):
        """Fits fold after fold; gives whether the trial was given up on the way."""
        for count in range(1, 5):
            trial = make_trial(number, *losses[:count], state=TrialState.RUNNING)
            if pruner.is_behind(trial, field(*trials, trial)):
                trials.append(make_trial(number, *losses[:count], state=TrialState.PRUNED))
                return True
        trials.append(make_trial(number, *losses))
        return False

    assert not run(6, [0.30, 0.31, 0.30, 0.29, 0.30])
    assert any(run(number, [0.69, 0.69, 0.68, 0.67, 0.69]) for number in range(7, 13))


def test_the_wilcoxon_pruner_needs_three_folds(make_trial):
    pruner, best = ByOptuna("wilcoxon", {}, 5), make_trial(0, 0.4, 0.4, 0.4, 0.4, 0.4)

    said = [
        pruner.is_behind(trial, field(best, trial))
        for trial in (make_trial(1, *[0.6] * count, state=TrialState.RUNNING) for count in (1, 2, 3))
    ]

    assert said == [False, False, True]


@pytest.mark.parametrize("losses", [(0.41,), (0.6, 0.6), (0.3,)], ids=["close", "after two folds", "better"])
def test_racing_looks_at_the_first_fold_only_and_keeps_who_is_close(losses, make_trial):
    best, trial = make_trial(0, 0.4, 0.4), make_trial(1, *losses, state=TrialState.RUNNING)

    assert not Racing(0.1, True).is_behind(trial, field(best, trial))


def test_racing_gives_up_who_is_clearly_behind_and_a_probe_sooner(make_trial):
    best = make_trial(0, 0.4, 0.4)
    far, near = make_trial(1, 0.5, state=TrialState.RUNNING), make_trial(2, 0.41, state=TrialState.RUNNING)
    probe = make_trial(3, 0.41, state=TrialState.RUNNING, origin="probe")

    assert [Racing(0.1, True).is_behind(one, field(best, far, near, probe)) for one in (far, near, probe)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("words", "folds", "kind"),
    [
        ({}, 5, Racing),
        ({"pruner": "median"}, 5, ByOptuna),
        ({"pruner": "none"}, 5, Never),
        ({"pruner": "median", "trials": 8}, 5, Never),
        ({"trials": 8}, 5, Never),
        ({"pruner": "median"}, 1, Never),
    ],
    ids=["racing", "optuna's", "none", "optuna's over trials", "racing over trials", "a single holdout"],
)
def test_nothing_is_given_up_where_trials_are_counted_or_there_is_one_fold(words, folds, kind, make_settings):
    assert isinstance(open_pruner(make_settings(**words), folds), kind)


def test_a_trials_course_is_the_mean_so_far_but_for_the_test_that_pairs_folds(make_trial):
    trial = make_trial(0, 0.2, 0.4, 0.6)

    assert steps(trial, "median") == pytest.approx({1: 0.2, 2: 0.3, 3: 0.4})
    assert steps(trial, "wilcoxon") == {0: 0.2, 1: 0.4, 2: 0.6}


def test_why_a_trial_was_given_up_names_the_pruner(make_trial, make_settings):
    trial = make_trial(0, 0.2, 0.4)

    assert given_up(make_settings(), trial) == "clearly behind after its first fold"
    assert given_up(make_settings(pruner="median"), trial) == "given up by the pruner median after 2 folds"


@pytest.mark.parametrize(
    ("kind", "options", "objectives", "key", "said"),
    [
        ("median", {}, 2, "search.pruner", "median is Optuna's and knows one objective; search.objectives has 2."),
        ("wilcoxon", {"p_treshold": 0.1}, 1, "search.pruner_options.p_treshold", "is not an argument of wilcoxon."),
        ("wilcoxon", {"p_threshold": 1.5}, 1, "search.pruner_options", "Optuna refuses it: p_threshold must be between"),
        ("racing", {"margin": 0.1}, 1, "search.pruner_options.margin", "is not an argument of racing."),
    ],
)
def test_what_a_pruner_does_not_take_is_said_with_its_key(kind, options, objectives, key, said):
    (problem,) = pruner_problems(kind, options, 5, objectives)

    assert problem.key == key
    assert problem.message.startswith(said)


def test_twice_the_error_of_one_that_is_nearly_perfect_is_far_behind(make_trial):
    best, trial = make_trial(0, 0.001, 0.001), make_trial(1, 0.05)

    assert Racing(0.1, False).is_behind(trial, field(best, trial))
    assert not Racing(0.1, True).is_behind(trial, field(best, trial))


def test_where_one_fold_is_all_that_is_wanted_nothing_is_given_up_by_it(make_trial):
    trials = (make_trial(0, 0.1), make_trial(1, 0.6))

    assert not Racing(0.1, True).is_behind(trials[1], Field(trials, FOLDS, [0.7] * 5, 1))
