"""Greedy selection over out-of-fold predictions."""

import numpy as np
import pytest

from lepton_automl.ensemble.greedy import Limit, greedy, select, shortest_best
from lepton_automl.tasks import METRICS

RMSE = METRICS["rmse"]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    return y, [(y + rng.normal(size=400) * scale)[:, None] for scale in (0.3, 0.4, 3.0)]


def mixed(weights, predictions):
    return sum(w * p for w, p in zip(weights, predictions, strict=True))


@pytest.mark.parametrize("rows", [400, 30_000], ids=["few rows", "more than the selection looks at"])
def test_weights_sum_to_one_and_the_mix_beats_the_best_alone(rows):
    rng = np.random.default_rng(0)
    y = rng.normal(size=rows)
    predictions = [(y + rng.normal(size=rows) * scale)[:, None] for scale in (0.3, 0.4, 3.0)]

    weights = select(predictions, y, None, RMSE, 25)

    assert weights.sum() == pytest.approx(1.0)
    assert RMSE.of(y, mixed(weights, predictions)) < min(RMSE.of(y, p) for p in predictions)
    assert weights[2] < 0.1


def test_one_step_keeps_the_best_alone(table):
    y, predictions = table

    assert select(predictions, y, None, RMSE, 1).tolist() == [1.0, 0.0, 0.0]


def test_the_path_tells_the_ensemble_after_each_step_and_its_loss(table):
    y, predictions = table

    path = greedy(predictions, y, None, RMSE, 5)

    assert [prefix.counts.sum() for prefix in path] == [1, 2, 3, 4, 5]
    for prefix in path:
        assert prefix.loss == pytest.approx(RMSE.of(y, mixed(prefix.weights, predictions)), abs=1e-9)
    assert shortest_best(path).loss == min(prefix.loss for prefix in path)


@pytest.mark.parametrize("steps", [1, 25])
def test_a_limit_keeps_dear_models_out(table, steps):
    y, predictions = table
    limit = Limit(np.array([50.0, 6.0, 1.0]), 10.0)

    weights = select(predictions, y, None, RMSE, steps, [limit])

    assert weights[0] == 0.0
    assert weights.sum() == pytest.approx(1.0)


def test_where_no_model_keeps_the_limits_the_one_that_comes_nearest_is_taken(table):
    y, predictions = table

    weights = select(predictions, y, None, RMSE, 25, [Limit(np.array([50.0, 40.0, 60.0]), 10.0)])

    assert weights.tolist() == [0.0, 1.0, 0.0]


def test_no_more_members_are_taken_than_allowed():
    rng = np.random.default_rng(1)
    y = rng.normal(size=400)
    predictions = [(y + rng.normal(size=400))[:, None] for _ in range(12)]

    weights = select(predictions, y, None, RMSE, 25, max_members=3)

    assert (weights > 0).sum() == 3


def test_row_weights_decide_which_model_is_best():
    y = np.zeros(4)
    left, right = np.array([[0.0], [0.0], [9.0], [9.0]]), np.array([[9.0], [9.0], [0.0], [0.0]])

    assert select([left, right], y, np.array([1.0, 1.0, 0.0, 0.0]), RMSE, 1).tolist() == [1.0, 0.0]


def test_a_model_whose_figure_is_not_a_number_is_never_chosen():
    y = np.array([0.0, 1.0])

    assert select([np.full((2, 1), np.nan), np.array([[0.0], [1.0]])], y, None, RMSE, 5).tolist() == [0.0, 1.0]


def test_of_very_many_models_those_that_do_best_beside_the_first_are_looked_at_to_the_end():
    rng = np.random.default_rng(3)
    y = rng.normal(size=6000)
    predictions = [(y + rng.normal(size=6000) * scale)[:, None] for scale in np.linspace(0.5, 4, 120)]

    weights = select(predictions, y, None, RMSE, 25)

    assert RMSE.of(y, mixed(weights, predictions)) < 0.8 * RMSE.of(y, predictions[0])
