"""Greedy selection over out-of-fold predictions."""

import numpy as np
import pytest

from lepton_automl.ensemble.greedy import greedy_weights
from lepton_automl.tasks import METRICS

RMSE = METRICS["rmse"]


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    y = rng.normal(size=400)
    return y, [(y + rng.normal(size=400) * scale)[:, None] for scale in (0.3, 0.4, 3.0)]


def test_weights_sum_to_one_and_the_mix_beats_the_best_alone(table):
    y, predictions = table

    weights = greedy_weights(predictions, y, None, RMSE, steps=25)

    mixed = sum(w * p for w, p in zip(weights, predictions, strict=True))
    assert weights.sum() == pytest.approx(1.0)
    assert RMSE.of(y, mixed) < min(RMSE.of(y, p) for p in predictions)
    assert weights[2] < 0.1


def test_one_step_keeps_the_best_alone(table):
    y, predictions = table

    assert greedy_weights(predictions, y, None, RMSE, steps=1).tolist() == [1.0, 0.0, 0.0]


def test_a_limit_of_size_keeps_large_models_out(table):
    y, predictions = table

    weights = greedy_weights(predictions, y, None, RMSE, 25, sizes_mb=[50.0, 1.0, 1.0], max_size_mb=10.0)

    assert weights[0] == 0.0
    assert weights.sum() == pytest.approx(1.0)


def test_row_weights_decide_which_model_is_best():
    y = np.zeros(4)
    left, right = np.array([[0.0], [0.0], [9.0], [9.0]]), np.array([[9.0], [9.0], [0.0], [0.0]])

    assert greedy_weights([left, right], y, np.array([1.0, 1.0, 0.0, 0.0]), RMSE, 1).tolist() == [1.0, 0.0]


def test_a_model_whose_figure_is_not_a_number_is_never_chosen():
    y = np.array([0.0, 1.0])

    assert greedy_weights([np.full((2, 1), np.nan), np.array([[0.0], [1.0]])], y, None, RMSE, 5).tolist() == [0.0, 1.0]
