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
    finish(board, board.next_start(), 0.5, 0.5)
    finish(board, board.next_start(), 0.2)
    best = finish(board, board.next_start(), 0.4, 0.4)

    assert [t.number for t in board.complete] == [best.number, 0]
    assert board.best == pytest.approx(0.4)


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
