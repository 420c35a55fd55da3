"""The quick judges say what the metrics say."""

import numpy as np
import pytest

from lepton_automl.ensemble.judges import Absolutes, LogLoss, Plain, Ranks, Squares, judge
from lepton_automl.tasks import METRICS
from lepton_automl.tasks.metrics import quantile_metrics

N, T = 2_500, 6


def stack_of(width, seed=0):
    rng = np.random.default_rng(seed)
    if width == 1:
        y = rng.normal(20, 5, N)
        y[:10] = 0.0
        return y, [(y + rng.normal(0, scale, N))[:, None] for scale in np.linspace(1, 6, T)]
    y = rng.integers(0, width, N)
    raw = [np.exp(rng.normal(size=(N, width)) + np.eye(width)[y]) for _ in range(T)]
    return y, [one / one.sum(axis=1, keepdims=True) for one in raw]


CASES = [
    ("rmse", 1, Squares),
    ("r2", 1, Squares),
    ("mae", 1, Absolutes),
    ("mape", 1, Absolutes),
    ("wape", 1, Absolutes),
    ("brier_score", 2, Squares),
    ("brier_score", 4, Squares),
    ("log_loss", 2, LogLoss),
    ("log_loss", 4, LogLoss),
    ("roc_auc", 2, Ranks),
    ("roc_auc", 3, Plain),
    ("accuracy", 3, Plain),
]


@pytest.mark.parametrize("has_weights", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("name", "width", "kind"), CASES, ids=[f"{name} of {width}" for name, width, _ in CASES])
def test_each_judge_gives_the_losses_of_its_metric(name, width, kind, has_weights):
    y, stack = stack_of(width)
    weight = np.random.default_rng(1).uniform(0, 2, N) if has_weights else None
    quick, plain = judge(METRICS[name], stack, y, weight), Plain(METRICS[name], stack, y, weight)
    places = np.array([0, 2, 5])

    for taken in (0, 3, 3, 5):
        assert quick.losses(places) == pytest.approx(plain.losses(places), abs=1e-9)
        quick.add(taken)
        plain.add(taken)

    assert isinstance(quick, Plain if has_weights and name == "roc_auc" else kind)


def test_ties_of_scores_count_half():
    y = np.array([0, 1, 0, 1, 1, 0])
    score = np.array([0.5, 0.5, 0.5, 0.5, 0.9, 0.1])
    stack = [np.column_stack([1 - score, score])]

    found = judge(METRICS["roc_auc"], stack, y, None)

    assert isinstance(found, Ranks)
    assert found.losses(np.array([0])) == pytest.approx([METRICS["roc_auc"].loss(y, stack[0])])


def test_probabilities_that_do_not_sum_to_one_are_judged_as_the_metric_does():
    y, stack = stack_of(4)
    stack = [one * (1 + 0.01 * place) for place, one in enumerate(stack)]

    quick, plain = judge(METRICS["log_loss"], stack, y, None), Plain(METRICS["log_loss"], stack, y, None)

    assert quick.losses(np.arange(T)) == pytest.approx(plain.losses(np.arange(T)), abs=1e-9)


def test_a_probability_of_nothing_for_the_true_class_is_a_large_loss_and_no_infinite_one():
    y = np.zeros(64, dtype="int64")
    stack = [np.tile([0.0, 1.0], (64, 1))]

    found = judge(METRICS["log_loss"], stack, y, None).losses(np.array([0]))

    assert found == pytest.approx([METRICS["log_loss"].loss(y, stack[0])])


def test_quantiles_are_judged_by_their_own_metric():
    y, one = stack_of(1)
    stack = [np.hstack([part - 1, part, part + 1]) for part in one]
    metric = quantile_metrics((0.1, 0.5, 0.9))["pinball"]

    found = judge(metric, stack, y, None)

    assert found.losses(np.arange(T)) == pytest.approx([metric.loss(y, part) for part in stack])
