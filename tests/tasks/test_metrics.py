"""Every figure is scikit-learn's, where scikit-learn has it."""

import warnings

import numpy as np
import pytest
from sklearn import metrics as sk

from lepton_automl.tasks import METRICS, VALUE, Makes, Payoff
from lepton_automl.tasks.metrics import pinball, quantile_metrics, value_metric

N = 300


def probabilities(width, seed, ties):
    rng = np.random.default_rng(seed)
    p = rng.random((N, width)) ** 3
    p = np.round(p * 5) + 0.2 if ties else p
    return p / p.sum(axis=1, keepdims=True)


def labels(width, seed, absent=False):
    return np.random.default_rng(seed + 50).integers(0, width - absent, N)


def weights(kind, seed):
    rng = np.random.default_rng(seed + 90)
    return {"none": None, "real": rng.random(N) + 0.1, "drawn": np.bincount(rng.integers(0, N, N), minlength=N) * 1.0}[kind]


def one_hot(y, width):
    return np.eye(width)[y]


CLASS_FIGURES = {
    "roc_auc": lambda y, p, w: (
        sk.roc_auc_score(y, p[:, 1], sample_weight=w)
        if p.shape[1] == 2
        else sk.roc_auc_score(y, p, multi_class="ovr", sample_weight=w)
    ),
    "log_loss": lambda y, p, w: sk.log_loss(y, p, sample_weight=w, labels=range(p.shape[1])),
    "brier_score": lambda y, p, w: sk.brier_score_loss(
        y, p[:, 1] if p.shape[1] == 2 else p, sample_weight=w, labels=range(p.shape[1])
    ),
    "average_precision": lambda y, p, w: (
        sk.average_precision_score(y, p[:, 1], sample_weight=w)
        if p.shape[1] == 2
        else sk.average_precision_score(one_hot(y, p.shape[1]), p, sample_weight=w)
    ),
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p.argmax(axis=1), sample_weight=w),
    "balanced_accuracy": lambda y, p, w: sk.balanced_accuracy_score(y, p.argmax(axis=1), sample_weight=w),
    "f1": lambda y, p, w: sk.f1_score(y, p.argmax(axis=1), sample_weight=w),
    "macro_f1": lambda y, p, w: sk.f1_score(y, p.argmax(axis=1), sample_weight=w, average="macro"),
}
NUMBER_FIGURES = {
    "rmse": lambda y, p, w: sk.root_mean_squared_error(y, p, sample_weight=w),
    "mae": lambda y, p, w: sk.mean_absolute_error(y, p, sample_weight=w),
    "r2": lambda y, p, w: sk.r2_score(y, p, sample_weight=w),
    "mape": lambda y, p, w: sk.mean_absolute_percentage_error(y, p, sample_weight=w),
}


def test_every_metric_but_wape_and_money_has_a_counterpart_in_scikit_learn():
    assert set(METRICS) - {"wape", "value_per_row"} == {*CLASS_FIGURES, *NUMBER_FIGURES}


@pytest.mark.parametrize("kind", ["none", "real", "drawn"])
@pytest.mark.parametrize("ties", [False, True], ids=["no_ties", "ties"])
@pytest.mark.parametrize(
    ("name", "width"), [(name, width) for name in CLASS_FIGURES for width in (2, 3, 5) if METRICS[name].classes[1] >= width]
)
def test_a_figure_of_labels_is_scikit_learns(name, width, ties, kind):
    y, p, w = labels(width, 1), probabilities(width, 2, ties), weights(kind, 3)

    found = METRICS[name].of(y, p, w)

    assert found == pytest.approx(CLASS_FIGURES[name](y, p, w), abs=1e-9)


@pytest.mark.parametrize("name", ["log_loss", "brier_score", "accuracy", "balanced_accuracy", "macro_f1"])
def test_a_class_that_does_not_occur_changes_nothing_that_scikit_learn_would_not(name):
    y, p = labels(4, 5, absent=True), probabilities(4, 6, ties=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = CLASS_FIGURES[name](y, p, None)

    assert METRICS[name].of(y, p) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("name", "of_one"), [("roc_auc", sk.roc_auc_score), ("average_precision", sk.average_precision_score)])
def test_a_ranking_figure_is_the_mean_over_the_classes_that_occur(name, of_one):
    y, p = labels(4, 5, absent=True), probabilities(4, 6, ties=False)
    expected = np.mean([of_one(y == k, p[:, k]) for k in range(3)])

    assert METRICS[name].of(y, p) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", ["roc_auc", "average_precision"])
@pytest.mark.parametrize("width", [2, 3])
def test_a_ranking_of_rows_of_one_class_is_not_a_number_and_no_warning(name, width):
    y = np.zeros(5, dtype="int64")
    found = METRICS[name].of(y, probabilities(width, 1, ties=False)[:5])
    assert np.isnan(found) or (name, width) == ("average_precision", 3)


@pytest.mark.parametrize("kind", ["none", "real", "drawn"])
@pytest.mark.parametrize("name", NUMBER_FIGURES)
def test_a_figure_of_numbers_is_scikit_learns(name, kind):
    rng = np.random.default_rng(4)
    y, p, w = rng.normal(3, 1, N), rng.normal(3, 1, (N, 1)), weights(kind, 5)

    assert METRICS[name].of(y, p, w) == pytest.approx(NUMBER_FIGURES[name](y, p[:, 0], w), abs=1e-9)


@pytest.mark.parametrize(("guess", "expected"), [(2.0, 1.0), (3.0, 0.0)], ids=["met", "missed"])
def test_r2_of_a_constant_is_that_of_scikit_learn(guess, expected):
    y = np.full(4, 2.0)
    assert METRICS["r2"].of(y, np.full((4, 1), guess)) == expected == sk.r2_score(y, np.full(4, guess))


def test_mape_leaves_rows_observed_at_zero_out():
    y, p = np.array([0.0, 2.0, 4.0]), np.array([[9.0], [1.0], [5.0]])
    assert METRICS["mape"].of(y, p) == pytest.approx((0.5 + 0.25) / 2)
    assert np.isnan(METRICS["mape"].of(np.zeros(3), p))


def test_wape_is_the_sum_of_errors_over_the_sum_of_values():
    y, p = np.array([1.0, -3.0]), np.array([[2.0], [-1.0]])
    assert METRICS["wape"].of(y, p) == pytest.approx(3 / 4)
    assert METRICS["wape"].of(y, p, np.array([1.0, 0.0])) == pytest.approx(1.0)


def test_wape_of_quantiles_judges_the_median_wherever_it_stands():
    y, p = np.array([10.0]), np.array([[10.0, 20.0]])
    assert quantile_metrics((0.5, 0.9))["wape"].of(y, p) == 0.0
    assert quantile_metrics((0.1, 0.5))["wape"].of(y, p) == 1.0


@pytest.mark.parametrize("kind", ["none", "real"])
def test_pinball_is_the_mean_of_scikit_learns_over_the_levels(kind):
    rng = np.random.default_rng(8)
    levels = (0.1, 0.5, 0.8)
    y, p, w = rng.normal(size=N), np.sort(rng.normal(size=(N, 3)), axis=1), weights(kind, 2)
    expected = np.mean([sk.mean_pinball_loss(y, p[:, i], alpha=a, sample_weight=w) for i, a in enumerate(levels)])

    assert pinball(y, p, np.ones(N) if w is None else w, levels) == pytest.approx(expected, abs=1e-9)
    assert quantile_metrics(levels)["pinball"].of(y, p, w) == pytest.approx(expected, abs=1e-9)


def test_a_certain_and_wrong_probability_costs_what_it_costs_in_scikit_learn():
    y, p = np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert METRICS["log_loss"].of(y, p) == pytest.approx(sk.log_loss(y, p), abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_a_figure_of_rows_without_weight_is_not_a_number(name):
    y, p = np.array([0, 1]), np.array([[0.5, 0.5], [0.2, 0.8]])
    assert np.isnan(METRICS[name].of(y, p, np.zeros(2)))


@pytest.mark.parametrize("name", [name for name in METRICS if name != VALUE])
def test_the_loss_of_a_perfect_prediction_is_the_lowest(name):
    metric = METRICS[name]
    y = np.array([0, 1, 1, 0])
    p = one_hot(y, 2) if Makes.PROBABILITIES in metric.makes else y[:, None] * 1.0
    worse = p[::-1][[1, 2, 3, 0]]

    assert metric.of(y, p) == pytest.approx(metric.perfect, abs=1e-9)
    assert metric.loss(y, p) < metric.loss(y, worse)


def test_a_resample_is_a_set_of_weights():
    """Rows drawn twice count as two: the bootstrap rests on it."""
    y, p = labels(3, 1), probabilities(3, 2, ties=True)
    drawn = np.random.default_rng(0).integers(0, N, N)
    times = np.bincount(drawn, minlength=N) * 1.0
    for name in ("roc_auc", "macro_f1", "balanced_accuracy", "average_precision", "log_loss"):
        assert METRICS[name].of(y, p, times) == pytest.approx(METRICS[name].of(y[drawn], p[drawn]), abs=1e-9)


WITH_MONEY = {**METRICS, VALUE: value_metric(Payoff(0.0, -1.0, 0.0, -5.0))}


@pytest.mark.parametrize("kind", ["real", "drawn"])
@pytest.mark.parametrize(
    "metric", [*WITH_MONEY.values(), *quantile_metrics((0.1, 0.5)).values()], ids=lambda metric: metric.name
)
def test_a_figure_for_many_sets_of_weights_is_the_same_as_for_one(metric, kind):
    is_label = Makes.PROBABILITIES in metric.makes
    y = labels(2, 1) if is_label else np.random.default_rng(0).normal(3, 1, N)
    p = probabilities(2, 2, ties=True) if is_label else np.sort(np.random.default_rng(1).normal(3, 1, (N, 2)), axis=1)

    assert metric.of_weights(y, p)(weights(kind, 4)) == pytest.approx(metric.of(y, p, weights(kind, 4)), abs=1e-9)
