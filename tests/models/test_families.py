"""What each family makes of its rows and parameters."""

import math
import time

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from lepton_automl.features import Prepared
from lepton_automl.models import MODELS, REPRESENTATION, Limits, Rows, Shape, no_step
from lepton_automl.space import Int
from lepton_automl.tasks import Goal, Makes

BINARY, THREE, NUMBER = Goal(Makes.PROBABILITIES, 2), Goal(Makes.PROBABILITIES, 3), Goal(Makes.VALUES)
QUANTILES = Goal(Makes.QUANTILES, 3, (0.1, 0.5, 0.9))


def rows(goal, n=300, seed=0, p=4, weight=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, p)).astype("float32")
    score = X[:, 0] + X[:, 1] ** 2 + 0.3 * rng.normal(size=n)
    y = score
    if goal.makes is Makes.PROBABILITIES:
        y = np.searchsorted(np.quantile(score, np.linspace(0, 1, goal.width + 1)[1:-1]), score)
    names = tuple(f"x{i}" for i in range(p))
    return Rows(Prepared(X, names, names), y, rng.random(n) + 0.5 if weight else None)


def fit(name, goal, train=None, valid=None, limits=None, **params):
    train = rows(goal) if train is None else train
    return MODELS.find(name)().fit(train, valid, params, goal, limits or Limits(seed=3, patience=20), no_step)


FORESTS = {
    ("extra_trees", BINARY): ExtraTreesClassifier,
    ("extra_trees", THREE): ExtraTreesClassifier,
    ("extra_trees", NUMBER): ExtraTreesRegressor,
    ("random_forest", BINARY): RandomForestClassifier,
    ("random_forest", THREE): RandomForestClassifier,
    ("random_forest", NUMBER): RandomForestRegressor,
}


@pytest.mark.parametrize("weight", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("name", "goal"), FORESTS, ids=[f"{name}_{goal.makes}_{goal.width}" for name, goal in FORESTS])
def test_a_forest_predicts_what_scikit_learns_does(name, goal, weight):
    train, later = rows(goal, weight=weight), rows(goal, n=5000, seed=1)
    theirs = FORESTS[name, goal](n_estimators=20, min_samples_leaf=3, max_features=0.5, random_state=3)
    theirs.fit(train.prepared.X, train.y, sample_weight=train.weight)

    mine = fit(name, goal, train, n_estimators=20, min_samples_leaf=3, max_features=0.5).predict(later.prepared)

    X = later.prepared.X
    expected = theirs.predict(X)[:, None] if goal is NUMBER else theirs.predict_proba(X)
    assert np.abs(mine - expected).max() < 1e-6 * max(1, np.abs(expected).max())


def test_rows_that_lie_on_a_threshold_go_the_way_they_go_in_scikit_learn():
    X = np.round(np.random.default_rng(0).normal(size=(400, 3)), 1).astype("float32")
    train = Rows(Prepared(X, tuple("abc"), tuple("abc")), X[:, 0] * 10.0)
    theirs = RandomForestRegressor(n_estimators=10, random_state=3).fit(X, train.y)
    mine = fit("random_forest", NUMBER, train, n_estimators=10)
    assert np.abs(mine.predict(train.prepared)[:, 0] - theirs.predict(X)).max() < 1e-5


@pytest.mark.parametrize("goal", [BINARY, THREE], ids=["binary", "three"])
@pytest.mark.parametrize("weight", [False, True], ids=["plain", "weighted"])
def test_logistic_regression_is_scikit_learns(goal, weight):
    train, later = rows(goal, weight=weight), rows(goal, seed=1)
    theirs = LogisticRegression(C=0.7, max_iter=300).fit(train.prepared.X, train.y, sample_weight=train.weight)
    mine = fit("linear", goal, train, C=0.7)
    assert np.abs(mine.predict(later.prepared) - theirs.predict_proba(later.prepared.X)).max() < 1e-6


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_logistic_regression_without_one_of_three_classes_is_that_of_the_other_two(absent):
    whole = rows(THREE)
    keep = whole.y != absent
    train = Rows(Prepared(whole.prepared.X[keep], whole.prepared.names, whole.prepared.sources), whole.y[keep])
    theirs = LogisticRegression(C=1.0, max_iter=300).fit(train.prepared.X, train.y)

    mine = fit("linear", THREE, train, C=1.0).predict(whole.prepared)

    others = [k for k in range(3) if k != absent]
    assert np.abs(mine[:, others] - theirs.predict_proba(whole.prepared.X)).max() < 1e-6
    assert mine[:, absent].max() < 1e-6


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_linear_regression_is_scikit_learns_on_a_scaled_target(l1_ratio):
    train = rows(NUMBER)
    y = (train.y - train.y.mean()) / train.y.std()
    theirs = ElasticNet(alpha=10 / 300, l1_ratio=0.5) if l1_ratio else Ridge(alpha=10)
    expected = theirs.fit(train.prepared.X, y).predict(train.prepared.X) * train.y.std() + train.y.mean()
    mine = fit("linear", NUMBER, train, alpha=10.0, l1_ratio=l1_ratio).predict(train.prepared)[:, 0]
    assert np.abs(mine - expected).max() < 1e-5


def test_linear_regression_never_leaves_the_values_it_has_seen_by_more_than_a_tenth():
    train = rows(NUMBER)
    far = Prepared(np.full((2, 4), 1e6, dtype="float32") * [[1], [-1]], train.prepared.names, train.prepared.sources)
    low, high = train.y.min(), train.y.max()
    out = fit("linear", NUMBER, train, alpha=1.0, l1_ratio=0.0).predict(far)
    assert out.min() >= low - 0.1 * (high - low) - 1e-9
    assert out.max() <= high + 0.1 * (high - low) + 1e-9


def test_lightgbm_takes_parameters_under_its_own_names():
    fitted = fit("lightgbm", BINARY, num_leaves=7, num_iterations=12, min_data_in_leaf=5, learning_rate=0.2, max_depth=3)
    (booster,) = fitted.boosters
    trees = booster.dump_model()["tree_info"]
    assert len(trees) == 12 == fitted.rounds[0]
    assert 2 <= max(tree["num_leaves"] for tree in trees) <= 7
    assert {tree["shrinkage"] for tree in trees[1:]} == {0.2}
    assert {"[num_leaves: 7]", "[min_data_in_leaf: 5]", "[max_depth: 3]"} <= set(booster.model_to_string().splitlines())


def test_every_legal_parameter_of_lightgbm_arrives():
    given = {name: legal_value(d) for name, d in MODELS.find("lightgbm")().legal(NUMBER).items()}
    given["min_data_in_leaf"] = 4  # at least 2 where paths are smoothed
    text = fit("lightgbm", NUMBER, **{**given, "num_iterations": 3}).boosters[0].model_to_string()
    for name, value in given.items():
        if name != "num_iterations" and name not in REPRESENTATION:
            shown = int(value) if isinstance(value, bool) else f"{value:g}"
            assert f"[{name}: {shown}]" in text


def test_lightgbm_splits_level_numbers_as_sets_or_as_numbers():
    codes = np.random.default_rng(0).integers(0, 6, size=(400, 1)).astype("float32")
    y = np.isin(codes[:, 0], [0, 3, 5]).astype("float64")
    train = Rows(Prepared(codes, ("a",), ("a",), (0,), (6,)), y)
    plain = Rows(Prepared(codes, ("a",), ("a",)), y)
    sets = {
        name: fit("lightgbm", NUMBER, each, num_iterations=5, max_cat_to_onehot=1, cat_smooth=1.0)
        for name, each in (("native", train), ("ordinal", plain))
    }
    trees = {name: fitted.boosters[0].trees_to_dataframe() for name, fitted in sets.items()}
    assert set(trees["native"]["decision_type"].dropna()) == {"=="}
    assert set(trees["ordinal"]["decision_type"].dropna()) == {"<="}


def test_xgboost_takes_parameters_under_its_own_names():
    fitted = fit("xgboost", BINARY, max_depth=2, num_boost_round=7, learning_rate=0.2)
    assert fitted.rounds == (7,)
    trees = fitted.booster.trees_to_dataframe()
    assert trees.groupby("Tree").size().max() <= 7
    assert trees["Tree"].nunique() == 7


def test_every_legal_parameter_of_xgboost_is_one():
    legal = MODELS.find("xgboost")().legal(NUMBER).items()
    given = {name: legal_value(d) for name, d in legal if name not in REPRESENTATION}
    fitted = fit("xgboost", NUMBER, **{**given, "num_boost_round": 3})
    config = fitted.booster.save_config()
    for name in given:
        assert name == "num_boost_round" or f'"{name}"' in config


def legal_value(dimension):
    """The value nearest to a half that a dimension allows."""
    if hasattr(dimension, "options"):
        return dimension.options[-1]
    value = min(max(dimension.low, 0.5), dimension.high)
    return math.ceil(value) if isinstance(dimension, Int) else value


@pytest.mark.parametrize("name", ["extra_trees", "random_forest", "linear"])
@pytest.mark.parametrize("goal", [BINARY, NUMBER], ids=["labels", "numbers"])
def test_every_legal_parameter_of_a_scikit_learn_model_is_taken(name, goal):
    legal = MODELS.find(name)().legal(goal)
    params = {key: legal_value(dimension) for key, dimension in legal.items() if key not in REPRESENTATION}
    params.update({key: 5 for key in ("n_estimators", "max_leaf_nodes") if key in params})
    assert np.isfinite(fit(name, goal, **params).predict(rows(goal).prepared)).all()


@pytest.mark.parametrize("goal", [BINARY, NUMBER], ids=["labels", "numbers"])
def test_every_criterion_of_a_forest_fits_what_it_makes(goal):
    for criterion in MODELS.find("random_forest")().legal(goal)["criterion"].options:
        fit("random_forest", goal, rows(goal, n=40), n_estimators=2, criterion=criterion)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_boosting_stops_when_valid_rows_gain_no_more(name):
    heard = []
    train, valid = rows(NUMBER), rows(NUMBER, seed=5)
    start = MODELS.find(name)().starts(Shape(300, 4, NUMBER))[0]
    fitted = MODELS.find(name)().fit(
        train, valid, start, NUMBER, Limits(patience=5), lambda number, value: heard.append((number, value))
    )
    best = min(heard, key=lambda item: item[1])[0] + 1
    assert fitted.rounds == (best,)
    assert len(heard) - best in (4, 5)  # XGBoost ends before it tells of the last round


def test_the_quantile_boosters_of_lightgbm_share_the_time_that_is_left():
    heard = []
    limits = Limits(deadline=time.time() + 1.5, patience=10_000)
    MODELS.find("lightgbm")().fit(rows(QUANTILES), rows(QUANTILES, seed=1), {}, QUANTILES, limits, lambda n, v: heard.append(n))
    rounds = [heard[i - 1] + 1 for i in range(1, len(heard) + 1) if i == len(heard) or heard[i] == 0]
    assert len(rounds) == 3
    assert min(rounds) > 0.1 * max(rounds)


def test_the_baseline_is_the_weighted_share_mean_or_quantile():
    names = ("a",)
    prepared = Prepared(np.zeros((4, 1), dtype="float32"), names, names)
    weight = np.array([1.0, 1.0, 1.0, 5.0])
    shares = fit("baseline", BINARY, Rows(prepared, np.array([0, 0, 0, 1]), weight))
    assert shares.predict(prepared)[0].tolist() == [3 / 8, 5 / 8]
    numbers = np.array([1.0, 2.0, 3.0, 10.0])
    assert fit("baseline", NUMBER, Rows(prepared, numbers, weight)).predict(prepared)[0, 0] == 7.0
    assert fit("baseline", QUANTILES, Rows(prepared, numbers, weight)).predict(prepared)[0].tolist() == [1.0, 10.0, 10.0]
    assert fit("baseline", QUANTILES, Rows(prepared, numbers)).predict(prepared)[0].tolist() == pytest.approx([1.3, 2.5, 7.9])
