"""What is learned of models that saw a row tells how much less their mean errs on rows that none of them saw."""

import numpy as np
import pytest

from lepton_automl.ensemble import Averaging, Promise, learn_averaging, learn_conformal
from lepton_automl.tasks import Goal, Makes

NUMBERS, LABELS = Goal(Makes.VALUES, 1), Goal(Makes.PROBABILITIES, 3)
EACH = np.full(5, 0.2)


def world(seed, n, noise, pull=0.0, clear=1.0):
    """Rows, their truths, and what five folds' models say of them: `pull` is how far those that saw a row go to its truth."""
    rng = np.random.default_rng(seed)
    middle = rng.normal(0, 3, n)
    y = middle + rng.normal(0, clear, n)
    told = middle + rng.normal(0, noise, (5, n))
    fold = rng.integers(0, 5, n)
    saw = np.arange(5)[:, None] != fold
    own = told[fold, np.arange(n)]
    told = np.where(saw, told + pull * (y - told), told)
    return y, own, told, saw


@pytest.mark.parametrize("pull", [0.0, 0.3, 0.6])
def test_the_noise_lies_between_the_spread_of_models_that_saw_the_rows_and_that_spread_drawn_out_again(pull):
    y, own, told, saw = world(0, 4_000, 0.8, pull)

    found = learn_averaging(y, own[:, None], told[:, :, None], saw, EACH, NUMBERS)

    assert 0.95 * 0.64 * (1 - pull) ** 2 < found.noise < 1.1 * 0.64
    assert found.noise == pytest.approx(0.64 * (1 - pull), rel=0.1), "the geometric mean of the two"
    assert found.taken == pytest.approx(0.8 * found.noise)


def test_intervals_of_the_mean_hold_what_is_promised_and_without_it_too_much():
    y, own, told, saw = world(1, 6_000, 0.8, 0.3)
    fresh, _, unseen, _ = world(2, 20_000, 0.8)
    served = unseen.mean(axis=0)[:, None]
    averaging = learn_averaging(y, own[:, None], told[:, :, None], saw, EACH, NUMBERS)
    held = []
    for one in (None, averaging):
        learned = learn_conformal(y, own[:, None], NUMBERS, Promise((0.8,), bins=1), averaging=one)
        low, high = learned.intervals(served)
        held.append(float(np.mean((low[0] <= fresh) & (fresh <= high[0]))))

    assert held[0] > 0.86
    assert held[1] == pytest.approx(0.8, abs=0.035)


def labels(seed, n, noise, pull=0.0):
    """Rows of three labels, and what five folds' models say of them; `pull` is added to the log-odds of what was seen."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, 3))
    share = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (share.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    fold = rng.integers(0, 5, n)
    saw = np.arange(5)[:, None] != fold
    said = logits + rng.normal(0, noise, (5, n, 3))
    said[:, np.arange(n), y] += pull * saw
    told = np.exp(said) / np.exp(said).sum(axis=2, keepdims=True)
    return y, told[fold, np.arange(n)], told, saw


def test_sets_of_the_mean_hold_what_is_promised():
    y, own, told, saw = labels(3, 6_000, 0.5, 0.5)
    fresh, _, unseen, _ = labels(4, 20_000, 0.5)
    served, averaging = unseen.mean(axis=0), learn_averaging(y, own, told, saw, EACH, LABELS)
    held = {}
    for name, one in (("as learned", None), ("of the mean", averaging)):
        sets = learn_conformal(y, own, LABELS, Promise((0.8,)), averaging=one).sets(served)[0]
        held[name] = float(sets[np.arange(len(fresh)), fresh].mean())

    assert abs(held["of the mean"] - 0.8) < 0.015 < 0.03 < held["as learned"] - 0.8


def test_models_that_all_say_the_same_leave_thresholds_as_they_are():
    y, own, _, saw = world(5, 1_000, 0.0)
    alike = np.tile(own, (5, 1))[:, :, None]

    found = learn_averaging(y, own[:, None], alike, saw, EACH, NUMBERS)

    assert found.noise == pytest.approx(0, abs=1e-12) and found.factor(1.0) == 1.0


def test_two_folds_or_quantiles_say_nothing_of_the_noise():
    y, own, told, saw = world(6, 100, 1.0)

    assert learn_averaging(y, own[:, None], told[:2, :, None], saw[:2], EACH[:2], NUMBERS) is None
    assert learn_averaging(y, own[:, None], told[:, :, None], saw, EACH, Goal(Makes.QUANTILES, 1, (0.5,))) is None


def test_a_spread_larger_than_the_error_is_not_believed():
    assert Averaging(100.0, EACH).factor(1.0) == pytest.approx(0.05**0.5)


def test_weights_that_lie_on_one_fold_average_little_out():
    uneven = Averaging(1.0, np.array([0.9, 0.05, 0.05]))

    assert uneven.taken == pytest.approx(1 - 0.815)


def test_a_level_far_below_the_accuracy_is_moved_by_a_fortieth_at_most():
    rng = np.random.default_rng(0)
    sure = rng.beta(40, 1, 4_000)
    p = np.stack([sure, 1 - sure], axis=1)
    y = np.zeros(4_000, dtype="int64")
    noisy = Averaging(30.0, EACH)
    goal = Goal(Makes.PROBABILITIES, 2)

    plain, moved = (learn_conformal(y, p, goal, Promise((0.5,)), averaging=one) for one in (None, noisy))

    held = [float(np.mean(1 - sure <= one.thresholds[0, 0])) for one in (plain, moved)]
    assert held[0] == pytest.approx(0.5, abs=1e-3)
    assert abs(held[1] - 0.5) == pytest.approx(0.025, abs=1e-3)
