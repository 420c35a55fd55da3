"""A target with a long tail is learned as logarithms and given back as itself."""

import numpy as np
import pytest

from lepton_automl.features import FeatureOptions, Learning, Needs, learn_prepared
from lepton_automl.models import MODELS, Limits, Rows, no_step
from lepton_automl.models.target import FILE, LogScale, Rescaled, fit_with_target, load_fitted
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table


def skewed(n=400, seed=0):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    data = table(a=a, b=rng.normal(size=n))
    return data, np.exp(2 * a + 0.1 * rng.normal(size=n))


def fitted(params, goal=None, y=None):
    data, amounts = skewed()
    y = amounts if y is None else y
    _, prepared = learn_prepared(Learning(data, y, 1, Needs(), FeatureOptions()))
    model, rows = MODELS.find("lightgbm")(), Rows(prepared, y)
    params = {"num_iterations": 60, "learning_rate": 0.1, "min_data_in_leaf": 5, **params}
    return fit_with_target(model, rows, rows, params, goal or Goal(Makes.VALUES), Limits(1, 0), no_step), model, prepared, y


@pytest.mark.parametrize(
    "y", [[0.1, 5.0, 1e6], [-1e6, -3.0, 0.0, 8.0], [0.0, 0.0], [7.0]], ids=["large", "negative", "zero", "one"]
)
def test_numbers_come_back_from_the_scale(y):
    y = np.array(y)
    scale = LogScale.learn(y)
    assert scale.back(scale.there(y)) == pytest.approx(y, rel=1e-9, abs=1e-9)


def test_nothing_comes_back_from_far_beyond_the_range_that_was_seen():
    y = np.array([1.0, 10.0, 1000.0])
    scale = LogScale.learn(y)
    low, high = scale.back(np.array([-1e9, 1e9]))
    margin = 0.1 * (np.arcsinh(1000 / scale.unit) - np.arcsinh(1 / scale.unit))
    assert scale.there(np.array([high]))[0] == pytest.approx(np.arcsinh(1000 / scale.unit) + margin)
    assert scale.there(np.array([low]))[0] == pytest.approx(np.arcsinh(1 / scale.unit) - margin)
    assert 1000 < high < 5000 and low < 1


def test_a_model_fitted_on_logarithms_gives_numbers_and_is_the_same_once_loaded():
    found, model, prepared, y = fitted({"target_scale": "log"})
    assert isinstance(found, Rescaled) and FILE in found.save()
    prediction = found.predict(prepared)
    assert np.corrcoef(np.log(prediction[:, 0]), np.log(y))[0, 1] > 0.9
    assert np.array_equal(load_fitted(model, found.save()).predict(prepared), prediction)


@pytest.mark.parametrize("params", [{}, {"target_scale": "raw"}, {"categories": "target", "made": True}])
def test_without_the_scale_the_model_is_what_it_is(params):
    found, *_ = fitted(params)
    assert not isinstance(found, Rescaled) and FILE not in found.save()


def test_labels_have_no_scale():
    found, _, prepared, _ = fitted({"target_scale": "log"}, Goal(Makes.PROBABILITIES, 2), np.arange(400) % 2)
    assert not isinstance(found, Rescaled) and found.predict(prepared).shape == (400, 2)


def test_quantiles_rise_on_the_scale_too():
    found, _, prepared, y = fitted({"target_scale": "log"}, Goal(Makes.QUANTILES, 3, (0.1, 0.5, 0.9)))
    quantiles = found.predict(prepared)
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert 0.7 < np.mean((y >= quantiles[:, 0]) & (y <= quantiles[:, 2])) <= 1
