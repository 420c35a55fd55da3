"""A row is answered the same alone, among a few and among many, whichever way the trees are walked."""

import numpy as np
import pytest

from lepton_automl.deliver.answers import FEW_ROWS, MANY_ROWS, Answers
from lepton_automl.features import Prepared
from lepton_automl.models import MODELS, Limits, Rows, no_step
from lepton_automl.tasks import Goal, Makes

PARAMS = {
    "lightgbm": {"num_iterations": 30},
    "xgboost": {"num_boost_round": 30},
    "random_forest": {"n_estimators": 20},
    "linear": {"C": 1.0},
}


def prepared(n, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, 3)).astype("float32")
    return Prepared(X, tuple("abc"), tuple("abc"))


@pytest.fixture(scope="module", params=[2, 3], ids=["two classes", "three"])
def models(request):
    pytest.importorskip("xgboost")
    goal, rows = Goal(Makes.PROBABILITIES, request.param), prepared(600)
    y = np.searchsorted(np.quantile(rows.X[:, 0], np.linspace(0, 1, goal.width + 1)[1:-1]), rows.X[:, 0] + rows.X[:, 1] ** 2)
    train = Rows(rows, y)
    return tuple(MODELS.find(n)().fit(train, None, params, goal, Limits(seed=3), no_step) for n, params in PARAMS.items())


@pytest.mark.parametrize("n", [1, FEW_ROWS, FEW_ROWS + 1, MANY_ROWS, 5 * MANY_ROWS])
def test_each_model_says_what_it_says_itself(models, n):
    answers, rows = Answers(models, ("one", "other", "one", "one")), {"one": prepared(n, 1), "other": prepared(n, 2)}
    for ask in (answers.of_few, answers.of_many) if n <= MANY_ROWS else (answers.of_many,):
        for model, group, said in zip(models, answers.groups, ask(rows.__getitem__, 2), strict=True):
            assert np.abs(said - model.predict(rows[group])).max() < 2e-6


def test_asked_again_it_says_the_same_to_the_last_bit(models):
    answers, rows = Answers(models, ("one",) * 4), prepared(MANY_ROWS, 1)
    for ask in (answers.of_few, answers.of_many):
        first, second = ask(lambda name: rows), ask(lambda name: rows)
        assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_rows_are_prepared_once_for_all_models_that_read_them(models):
    asked = []

    def prepare(name):
        asked.append(name)
        return prepared(3, 1)

    Answers(models, ("one", "other", "one", "other")).of_many(prepare)
    assert sorted(asked) == ["one", "other"]
