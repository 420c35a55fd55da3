"""Resampled, forecast and recipe-level differences against what is known of them."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.fft import dct

from lepton_automl.evidence.comparing import (
    Difference,
    Draws,
    by_moment,
    cosine_terms,
    differences,
    loss_difference,
    mean_of,
    resplit_difference,
)


def test_the_bootstrap_error_of_a_mean_is_the_known_one():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 400), rng.normal(0.2, 1, 400)

    (found,) = differences([(mean_of(a), mean_of(b))], np.ones(400), Draws(400, 1), 2_000)

    assert found.value == pytest.approx((b - a).mean())
    assert found.error == pytest.approx((b - a).std(ddof=1) / 20, rel=0.06)
    assert found.freedom == 399
    assert found.p_value == pytest.approx(stats.ttest_rel(b, a).pvalue, rel=0.35)


def test_rows_that_weigh_nothing_do_not_count():
    a, b = np.zeros(100), np.where(np.arange(100) < 50, 1.0, 9.0)
    base = (np.arange(100) < 50).astype(float)

    (found,) = differences([(mean_of(a), mean_of(b))], base, Draws(100, 1), 200)

    assert (found.value, found.error) == (1.0, 0.0)
    assert found.p_value == 0.0


def test_entities_are_drawn_whole_so_that_rows_alike_count_once():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(40), 25)
    change = np.repeat(rng.normal(0, 1, 40), 25)

    (alone,) = differences([(mean_of(0 * change), mean_of(change))], np.ones(1000), Draws(1000, 1), 500)
    (whole,) = differences([(mean_of(0 * change), mean_of(change))], np.ones(1000), Draws(1000, 1, group), 500)

    assert whole.error == pytest.approx(5 * alone.error, rel=0.2)
    assert whole.freedom == 39 and whole.method == "paired bootstrap of entities"


def test_moments_are_drawn_in_blocks_of_neighbours():
    draws = Draws(64, 0, moment=np.arange(64))

    drawn = draws.weights()

    assert draws.length == 4 and draws.freedom == 15
    assert drawn.sum() == 64
    # a block never stands alone: every drawn moment has a drawn neighbour
    assert all(drawn[i - 1] or drawn[(i + 1) % 64] for i in range(64) if drawn[i])


def moving(rng, memory, moments):
    """A series whose neighbours hang together."""
    noise = rng.normal(0, 1, moments + 100)
    for t in range(1, len(noise)):
        noise[t] += memory * noise[t - 1]
    return noise[100:]


def test_losses_in_the_order_of_time_are_held_against_the_cosine_terms_of_their_differences():
    rng = np.random.default_rng(7)
    change, baseline = 0.2 + moving(rng, 0.5, 140), rng.random(140)

    found = loss_difference(baseline, baseline + change)

    terms = cosine_terms(change)
    # the type II transform of scipy, scaled to be orthonormal; its first term is the mean
    statistic = change.mean() * math.sqrt(140) / math.sqrt(np.mean(dct(change, norm="ortho")[1 : terms + 1] ** 2))
    assert found.value / found.error == pytest.approx(statistic, rel=1e-9)
    assert found.freedom == terms and found.p_value == pytest.approx(2 * stats.t.sf(abs(statistic), terms), rel=1e-6)


def test_the_longer_the_memory_the_fewer_terms_and_never_more_than_the_moments_carry():
    counts = [np.mean([cosine_terms(moving(np.random.default_rng(k), m, 120)) for k in range(20)]) for m in (0, 0.5, 0.8)]

    assert 24 >= counts[0] > counts[1] > counts[2] >= 2
    assert {cosine_terms(np.random.default_rng(0).normal(size=t)) <= t - 1 for t in range(3, 40)} == {True}
    assert cosine_terms(np.ones(30)) >= 2


@pytest.mark.parametrize(("memory", "most"), [(0.0, 0.07), (0.8, 0.09)])
def test_forecasts_with_equal_errors_are_seldom_told_apart_however_long_the_memory(memory, most):
    rng = np.random.default_rng(3)

    flagged = [loss_difference(np.zeros(120), moving(rng, memory, 120)).p_value < 0.05 for _ in range(1_000)]

    assert 0.03 <= np.mean(flagged) <= most


def test_too_few_moments_say_nothing():
    found = loss_difference(np.zeros(2), np.ones(2))

    assert found.value == 1.0 and found.p_value == 1.0


def test_losses_of_a_moment_are_added_up_so_that_their_mean_is_the_weighted_mean():
    rng = np.random.default_rng(0)
    losses, weight, moment = rng.random(90), rng.random(90), np.repeat(np.arange(30), 3)

    found = by_moment(losses, moment, weight)

    assert len(found) == 30
    assert found.mean() == pytest.approx(np.average(losses, weights=weight))


def test_splits_that_share_rows_say_less_than_splits_of_fresh_rows():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0.8, 0.02, 10), rng.normal(0.81, 0.02, 10)

    found = resplit_difference(a, b, 0.25)

    naive = stats.ttest_rel(b, a)
    assert found.value / found.error == pytest.approx(naive.statistic * math.sqrt((1 / 10) / (1 / 10 + 0.25)))
    assert found.freedom == 9 and found.p_value > naive.pvalue


def test_the_stated_power_is_the_power_there_is():
    rng = np.random.default_rng(2)
    found = Difference(0.0, 0.1, 49, "x")
    true = found.detectable(0.95, 0.8)

    detected = 0
    for _ in range(2_000):
        sample = rng.normal(true, 0.1 * math.sqrt(50), 50)
        detected += stats.ttest_1samp(sample, 0).pvalue < 0.05

    assert detected / 2_000 == pytest.approx(0.8, abs=0.025)
    assert found.power(true, 0.95) == pytest.approx(0.8, abs=0.005)
    assert found.power(0.0, 0.95) == pytest.approx(0.05, abs=1e-9)
