"""Trees of every family walk in the one table as they do in their own library, and in XGBoost's form."""

from dataclasses import replace

import numpy as np
import pytest

from lepton_automl.features import Prepared
from lepton_automl.models import MODELS, Limits, Rows, TreeBased, Walk, fit_with_target, no_step, to_booster
from lepton_automl.tasks import Goal, Makes

GOALS = {
    "two classes": Goal(Makes.PROBABILITIES, 2),
    "four classes": Goal(Makes.PROBABILITIES, 4),
    "numbers": Goal(Makes.VALUES),
    "quantiles": Goal(Makes.QUANTILES, 3, (0.1, 0.5, 0.9)),
}
PARAMS = {
    "lightgbm": {
        "num_iterations": 40,
        "num_leaves": 12,
        "min_data_in_leaf": 3,
        "max_cat_to_onehot": 1,
        "min_data_per_group": 2,
    },
    "xgboost": {"num_boost_round": 40, "max_depth": 5, "learning_rate": 0.3, "max_cat_to_onehot": 1},
    "extra_trees": {"n_estimators": 20},
    "random_forest": {"n_estimators": 20},
}
FORESTS = ("extra_trees", "random_forest")
CASES = [(name, goal) for name in PARAMS for goal in GOALS if goal != "quantiles" or name not in FORESTS]
OF_ONE_NUMBER = [(name, goal) for name, goal in CASES if goal != "four classes" or name not in FORESTS]
LEVELS = 70
"""More than fit into two words of a set."""


def rows(goal, n=800, seed=0, is_whole=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)).astype("float32").round(1)
    X[:, 3] = rng.integers(0, LEVELS, n)
    effect = np.random.default_rng(9).normal(size=LEVELS)
    score = X[:, 0] + X[:, 1] ** 2 + effect[X[:, 3].astype(int)]
    if not is_whole:
        X[rng.random(X.shape) < 0.1] = np.nan
        X[rng.random(n) < 0.05, 3] = LEVELS + 30  # a level that training rows do not have
        score += 0.1 * X[:, 0] > 0
    y = score
    if goal.makes is Makes.PROBABILITIES:
        y = np.searchsorted(np.quantile(score, np.linspace(0, 1, goal.width + 1)[1:-1]), score)
    return Rows(Prepared(X, tuple("abcd"), tuple("abcd"), (3,), (LEVELS,)), y)


def fitted(name, goal, train=None, **params):
    model = MODELS.find(name)()
    if model.package is not None:
        pytest.importorskip(model.package[0])
    train = train or rows(goal, is_whole=model.needs.missing == "fill")
    return fit_with_target(model, train, None, {**PARAMS[name], **params}, goal, Limits(seed=3), no_step)


def later(name, goal, n=500):
    is_whole = MODELS.find(name)().needs.missing == "fill"
    return rows(goal, n, seed=1, is_whole=is_whole).prepared


@pytest.mark.parametrize(("name", "goal"), CASES, ids=[f"{name} {goal}" for name, goal in CASES])
def test_trees_walk_as_in_their_own_library(name, goal):
    goal = GOALS[goal]
    found, asked = fitted(name, goal), later(name, goal)
    assert isinstance(found, TreeBased)

    (margins,) = Walk([(found.trees(), 0)]).margins(asked.X)

    expected = found.predict(asked)
    assert np.abs(found.of_margins(margins) - expected).max() < 2e-6 * max(1, np.abs(expected).max())


@pytest.mark.parametrize(("name", "goal"), OF_ONE_NUMBER, ids=[f"{name} {goal}" for name, goal in OF_ONE_NUMBER])
def test_trees_in_the_form_of_xgboost_say_the_same(name, goal):
    pytest.importorskip("xgboost")
    goal = GOALS[goal]
    found, asked = fitted(name, goal), later(name, goal)
    trees = found.trees()

    margins = to_booster(trees, 4).inplace_predict(asked.X, predict_type="margin").reshape(len(asked), -1) + trees.base

    expected = found.predict(asked)
    assert np.abs(found.of_margins(margins.astype("float64")) - expected).max() < 5e-6 * max(1, np.abs(expected).max())


def test_trees_of_several_models_walk_at_once_each_in_its_own_columns():
    goal = GOALS["two classes"]
    first, second = fitted("lightgbm", goal), fitted("random_forest", goal)
    mine, other = later("lightgbm", goal, 5), later("random_forest", goal, 5)

    walk = Walk([(first.trees(), 0), (second.trees(), 4), (first.trees(), 0)])
    margins = walk.margins(np.hstack([mine.X, other.X]))

    for found, said, prepared in zip((first, second, first), margins, (mine, other, mine), strict=True):
        assert np.abs(found.of_margins(said) - found.predict(prepared)).max() < 1e-9


def test_numbers_on_a_logarithmic_scale_come_back():
    goal = GOALS["numbers"]
    train = rows(goal)
    found = fitted("lightgbm", goal, replace(train, y=np.exp(train.y)), target_scale="log")
    asked = later("lightgbm", goal)
    (margins,) = Walk([(found.trees(), 0)]).margins(asked.X)
    assert np.allclose(found.of_margins(margins), found.predict(asked), rtol=1e-9)


def test_a_model_of_one_leaf_has_its_trees_too():
    goal = GOALS["numbers"]
    train = rows(goal, 30)
    found = fitted("lightgbm", goal, replace(train, y=np.full(30, 4.0)), num_iterations=3)
    (margins,) = Walk([(found.trees(), 0)]).margins(train.prepared.X)
    assert np.abs(found.of_margins(margins) - found.predict(train.prepared)).max() < 1e-9


def test_trees_with_lines_in_their_leaves_are_not_taken():
    assert fitted("lightgbm", GOALS["numbers"], linear_tree=True).trees() is None
