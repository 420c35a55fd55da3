"""Keeping score: racing, the choice of family, what is asked next."""

import numpy as np
import pytest

from lepton_automl.features import FeatureOptions
from lepton_automl.models import Shape
from lepton_automl.search import Board, Candidate, Fit, SearchSettings, Studies, TrialState
from lepton_automl.search.sampling import Sampler
from lepton_automl.space import Choice, Fixed, Float, Int
from lepton_automl.tasks import METRICS, Fold, Goal, Makes

GOAL = Goal(Makes.PROBABILITIES, 2)
STRONG = Candidate(
    "strong",
    "x:Y",
    {"depth": Int(2, 8), "rate": Float(0.01, 0.3, log=True), "rounds": Fixed(9)},
    ({"depth": 4}, {"depth": 8}),
    True,
)
PLAIN = Candidate("plain", "x:Y", {"penalty": Choice(("l1", "l2"))}, ({"penalty": "l2"},), False)
FOLDS = [Fold(0, np.arange(500, 1000), np.arange(500)), Fold(1, np.arange(500), np.arange(500, 1000))]


def settings(**changes):
    common = {
        "candidates": (STRONG, PLAIN),
        "metric": METRICS["log_loss"],
        "goal": GOAL,
        "shape": Shape(100, 3, GOAL),
        "features": FeatureOptions(),
        "history": None,
        "trials": None,
        "folds": 2,
        "sampler": "tpe",
        "racing_margin": 0.1,
        "patience": 50,
        "seed": 7,
        "threads": 1,
    }
    return SearchSettings(**{**common, **changes})


@pytest.fixture
def board(tmp_path):
    return make_board(tmp_path)


def make_board(folder, **changes):
    chosen = settings(**changes)
    sampler = Sampler(chosen.candidates, chosen.sampler, chosen.seed, folder / "study.journal", chosen.studies)
    return Board(chosen, FOLDS, np.tile([0, 1], 500), None, [0.7, 0.7], sampler)


def finish(board, trial, *losses):
    for fold, loss in enumerate(losses):
        trial.fits[fold] = Fit(fold, loss, (10,), 1.0, 0.1, 0.01, "", "")
    if len(losses) == len(FOLDS):
        trial.state = TrialState.DONE
    return trial


def test_the_first_start_of_every_family_comes_before_the_second_of_any(board):
    opened = [board.next_start() for _ in range(3)]

    assert [(t.candidate, dict(t.params)) for t in opened] == [
        ("strong", {"depth": 4}),
        ("plain", {"penalty": "l2"}),
        ("strong", {"depth": 8}),
    ]
    assert board.next_start() is None


def test_a_trial_clearly_behind_after_its_first_fold_is_given_up(board):
    finish(board, board.next_start(), 0.30, 0.32)
    behind, close = finish(board, board.next_start(), 0.45), finish(board, board.next_start(), 0.31)

    assert board.is_behind(behind)
    assert not board.is_behind(close)


def test_without_racing_nothing_is_given_up(tmp_path):
    board = make_board(tmp_path, studies=Studies(pruner="none"))
    finish(board, board.next_start(), 0.30, 0.32)

    assert not board.is_behind(finish(board, board.next_start(), 0.69))


def test_only_complete_trials_are_ranked_and_the_best_leads(board):
    finish(board, board.next_start(), 0.25, 0.25)
    finish(board, board.next_start(), 0.2)
    best = finish(board, board.next_start(), 0.24, 0.24)

    assert [t.number for t in board.complete] == [best.number, 0]
    assert board.best == pytest.approx(0.24)


def test_a_family_far_behind_is_not_opened_again(board):
    finish(board, board.next_start(), 0.5, 0.5)
    finish(board, board.next_start(), 0.2, 0.2)

    assert board.next_start() is None
    assert {board.next_sampled().candidate for _ in range(5)} == {"plain"}


def test_asking_again_with_the_same_history_gives_the_same_configuration(tmp_path):
    asked = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        board = make_board(tmp_path / name)
        for _ in range(3):
            trial = finish(board, board.next_start(), 0.4, 0.4)
            board.sampler.tell(trial)
        asked.append([dict(board.next_sampled().params) for _ in range(6)])

    assert asked[0] == asked[1]
    assert any("rounds" in params for params in asked[0])


def test_a_family_that_always_fails_is_not_sampled_again(board):
    for _ in range(3):
        failed = board._open("plain", {}, "sampled", None)
        failed.state = TrialState.FAILED

    assert {board.next_sampled().candidate for _ in range(10)} == {"strong"}


def test_the_journal_can_be_opened_by_optuna(board, tmp_path):
    import optuna
    from optuna.storages.journal import JournalFileBackend

    trial = finish(board, board.next_sampled(), 0.4, 0.5)
    board.sampler.tell(trial)

    storage = optuna.storages.JournalStorage(JournalFileBackend(str(tmp_path / "study.journal")))
    study = optuna.load_study(study_name=trial.candidate, storage=storage)
    assert [t.value for t in study.trials if t.state.is_finished()] == [pytest.approx(0.45)]


def test_with_few_valid_rows_a_trial_is_not_given_up_for_what_may_be_chance(tmp_path):
    board = make_board(tmp_path)
    board.folds = [Fold(0, np.arange(20, 40), np.arange(20)), Fold(1, np.arange(20), np.arange(20, 40))]
    finish(board, board.next_start(), 0.30, 0.32)

    assert not board.is_behind(finish(board, board.next_start(), 0.45))


def probing(tmp_path, **changes):
    """A board of a family that can see the table in three ways, and of a plain one."""
    views = (
        {"categories": "native", "made": False},
        {"categories": "target", "made": False},
        {"categories": "native", "made": True},
    )
    seer = Candidate("seer", "x:Y", {"depth": Int(2, 8)}, ({"depth": 4}, {"depth": 8}), True, views=views)
    other = Candidate("other", "x:Y", {}, ({"size": 1},), False, views=views)
    return make_board(tmp_path, candidates=(seer, PLAIN, other), folds=None, **changes)


def test_the_opening_is_one_fold_of_each_family_and_of_each_way_to_see_the_table(tmp_path):
    board = probing(tmp_path)
    opened = [board.next_start() for _ in range(4)]

    assert [(t.candidate, t.origin) for t in opened] == [
        ("seer", "start"),
        ("plain", "start"),
        ("seer", "probe"),
        ("seer", "probe"),
    ]
    assert (board.wanted, board.is_settled) == (1, False)
    assert opened[2].params == {"depth": 4, "categories": "target", "made": False}


def test_what_the_probes_found_is_tried_together_and_taken_over_by_other_families(tmp_path):
    board = probing(tmp_path)
    usual, plain, target, made = (board.next_start() for _ in range(4))
    for trial, loss in ((usual, 0.40), (plain, 0.5), (target, 0.38), (made, 0.39)):
        finish(board, trial, loss)
    other = board.next_start()
    both = board.next_start()

    assert other.params == {"size": 1, "categories": "target", "made": True}
    assert (both.origin, both.params) == ("probe", {"depth": 4, "categories": "target", "made": True})


def test_a_gain_that_may_be_chance_changes_no_representation(tmp_path):
    board = probing(tmp_path)
    usual, plain, target, made = (board.next_start() for _ in range(4))
    for trial, loss in ((usual, 0.4), (plain, 0.5), (target, 0.3999), (made, 0.41)):
        finish(board, trial, loss)

    assert board.next_start().params == {"size": 1, "categories": "native", "made": False}


def test_folds_are_settled_by_what_the_first_fits_took(tmp_path):
    board = probing(tmp_path)
    finish(board, board.next_start(), 0.3)

    assert board.settle(left=100.0, workers=2) == []
    assert (board.wanted, board.is_settled) == (2, True)


def test_a_trial_is_done_when_it_has_the_folds_that_are_wanted(tmp_path):
    board = probing(tmp_path)
    trial = finish(board, board.next_start(), 0.3)
    assert not board.is_done(trial)
    board.settle(left=0.1, workers=1)
    assert (board.wanted, board.is_done(trial)) == (1, True)


def test_twice_the_error_of_one_that_is_nearly_perfect_is_far_behind(board):
    finish(board, board.next_start(), 0.001, 0.001)
    finish(board, board.next_start(), 0.05)

    assert board.is_behind(board.trials[1])


def test_the_best_boosted_trial_is_learned_once_at_a_lower_rate_where_that_has_time(tmp_path):
    boosted = Candidate("boosted", "x:Y", {}, ({"learning_rate": 0.09},), True, rate="learning_rate")
    board = make_board(tmp_path, candidates=(boosted,))
    finish(board, board.next_start(), 0.3, 0.3)

    assert board.next_finish(left=2.9, workers=2) is None
    finer = board.next_finish(left=3.1, workers=2)
    assert (finer.origin, finer.params) == ("finish", {"learning_rate": pytest.approx(0.03)})
    assert board.next_finish(left=100.0, workers=2) is None


def test_more_folds_of_the_best_do_not_count_in_their_loss(board):
    trial = finish(board, board.next_start(), 0.3, 0.3)
    board.folds = [*FOLDS, Fold(2, np.arange(500), np.arange(500, 1000))]

    assert board.next_extra(left=0.5, allowed={trial.candidate}) is None
    assert board.next_extra(left=2.0, allowed=set()) is None
    assert board.next_extra(left=2.0, allowed={trial.candidate}) == (trial, 2)
    trial.fits[2] = Fit(2, 0.9, (10,), 1.0, 0.1, 0.01, "", "")
    trial.extra.add(2)
    assert trial.loss == pytest.approx(0.3)


def test_a_net_that_was_at_its_best_early_is_tried_again_at_once_with_a_shorter_schedule(tmp_path):
    net = Candidate("net", "x:Y", {}, ({"epochs": 256, "width": 8}, {"epochs": 256, "width": 16}), True, span="epochs")
    board = make_board(tmp_path, candidates=(net, PLAIN), folds=None)
    trial = board.next_start()
    trial.fits[0] = Fit(0, 0.3, (5, 256), 1.0, 0.1, 0.01, "", "")
    board._shorten(trial)

    again = board.next_start()
    assert (again.origin, again.params) == ("shorter", {"epochs": 10, "width": 8})
    board._shorten(again)
    assert board.next_start().candidate == "plain"
    assert board.next_start().params == {"epochs": 10, "width": 16}
