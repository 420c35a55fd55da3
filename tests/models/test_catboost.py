"""What CatBoost makes of its rows, categories and limits."""

import time

import numpy as np
import pytest

pytest.importorskip("catboost")

from lepton_automl.errors import RunError
from lepton_automl.features import Prepared
from lepton_automl.models import Limits, Rows, no_step
from lepton_automl.models.catboost import FEW_ROWS, CatBoost
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import check_model

BINARY, THREE, NUMBER = Goal(Makes.PROBABILITIES, 2), Goal(Makes.PROBABILITIES, 3), Goal(Makes.VALUES)
QUANTILES = Goal(Makes.QUANTILES, 3, (0.1, 0.5, 0.9))
QUICK = {"iterations": 80, "learning_rate": 0.3, "depth": 4}


def rows(goal, n=600, seed=0):
    """Two numbers and a category of eight levels; a tenth of the levels is missing."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.normal(size=n), rng.normal(size=n), rng.integers(0, 8, n)]).astype("float32")
    score = X[:, 0] + np.array([0, 3, 1, 5, 2, 4, 1, 0])[X[:, 2].astype(int)] + 0.2 * rng.normal(size=n)
    X[rng.random(n) < 0.1, 2] = np.nan
    y = score.astype("float64")
    if goal.makes is Makes.PROBABILITIES:
        y = np.searchsorted(np.quantile(score, np.linspace(0, 1, goal.width + 1)[1:-1]), score)
    return Rows(Prepared(X, ("a", "b", "c"), ("a", "b", "c"), (2,), (8,)), y)


def fit(goal, train=None, valid=None, limits=None, step=no_step, **params):
    model = CatBoost()
    return model.fit(rows(goal) if train is None else train, valid, {**QUICK, **params}, goal, limits or Limits(seed=3), step)


def part(prepared, pick):
    return Prepared(prepared.X[pick], prepared.names, prepared.sources, prepared.categorical, prepared.levels)


def test_catboost_keeps_the_contract():
    check_model(CatBoost(), QUICK)


@pytest.mark.parametrize("goal", [BINARY, THREE, NUMBER, QUANTILES], ids=["binary", "three", "number", "quantiles"])
def test_few_rows_and_many_rows_are_read_alike(goal):
    fitted, later = fit(goal), rows(goal, n=FEW_ROWS + 50, seed=1).prepared
    together = fitted.predict(later)
    apart = np.concatenate([fitted.predict(part(later, slice(i, i + 1))) for i in range(len(later))])
    assert np.array_equal(together, apart)


def test_categories_are_levels_and_not_numbers():
    train, later = rows(NUMBER, n=2000), rows(NUMBER, n=500, seed=1)
    plain = Prepared(train.prepared.X, train.prepared.names, train.prepared.sources)
    shuffled = np.array([5, 0, 3, 7, 1, 6, 2, 4], dtype="float32")

    def renumbered(prepared):
        X = prepared.X.copy()
        known = ~np.isnan(X[:, 2])
        X[known, 2] = shuffled[X[known, 2].astype(int)]
        return Prepared(X, prepared.names, prepared.sources, prepared.categorical, prepared.levels)

    one = fit(NUMBER, train, iterations=40, one_hot_max_size=255)
    other = fit(NUMBER, Rows(renumbered(train.prepared), train.y), iterations=40, one_hot_max_size=255)
    assert np.allclose(one.predict(later.prepared), other.predict(renumbered(later.prepared)), atol=0.2)
    as_numbers = fit(NUMBER, Rows(plain, train.y), iterations=40)
    unmarked = Prepared(later.prepared.X, plain.names, plain.sources)
    assert not np.allclose(one.predict(later.prepared), as_numbers.predict(unmarked))


@pytest.mark.parametrize("n", [3, FEW_ROWS + 1])
def test_a_category_that_no_tree_uses_is_no_obstacle(n):
    train = rows(NUMBER)
    noise = Rows(train.prepared, train.prepared.X[:, 0].astype("float64"))
    fitted = CatBoost().load(fit(NUMBER, noise, iterations=1, depth=1).save())
    assert fitted.predict(part(train.prepared, slice(0, n))).shape == (n, 1)


def test_the_same_fit_gives_the_same_bytes():
    files, again = fit(BINARY).save(), fit(BINARY).save()
    assert set(files) == {"model_0.cbm", "head.json"}
    assert files == again


def test_the_deadline_stops_a_fit_and_keeps_what_it_has():
    limits = Limits(deadline=time.time() + 1.0, patience=100_000)
    fitted = fit(BINARY, rows(BINARY, n=4_000), iterations=100_000, limits=limits)
    assert 10 < fitted.rounds[0] < 100_000


def test_patience_ends_a_fit_at_its_best_round():
    heard = []
    fitted = fit(
        BINARY,
        rows(BINARY, n=300),
        rows(BINARY, n=300, seed=1),
        Limits(patience=15),
        lambda number, loss: heard.append(loss),
        iterations=2000,
        learning_rate=0.8,
        l2_leaf_reg=0.001,
    )
    best = int(np.argmin(heard)) + 1
    assert fitted.rounds == (best,)
    assert best <= len(heard) <= best + 16


def test_a_class_that_was_not_seen_has_no_share_and_the_others_keep_their_columns():
    train = rows(THREE)
    keep = np.flatnonzero(train.y != 1)
    out = fit(THREE, Rows(part(train.prepared, keep), train.y[keep]), valid=rows(THREE, seed=1)).predict(train.prepared)
    assert out.shape == (len(train.y), 3)
    assert np.all(out[:, 1] == 0)
    assert np.mean(out[keep].argmax(axis=1) == train.y[keep]) > 0.9


def test_one_class_alone_is_predicted_with_certainty():
    train = rows(BINARY)
    fitted = CatBoost().load(fit(BINARY, Rows(train.prepared, np.ones(len(train.y), dtype="int64"))).save())
    assert np.array_equal(fitted.predict(train.prepared), np.tile([0.0, 1.0], (len(train.y), 1)))


def test_what_the_gpu_does_not_know_is_refused_by_its_key():
    with pytest.raises(RunError, match=r"search\.models\.catboost\.rsm"):
        fit(BINARY, limits=Limits(device="gpu"), rsm=0.5)
