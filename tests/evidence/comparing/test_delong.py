"""DeLong's test by midranks against the definition, pair by pair."""

import math

import numpy as np
import pytest

from lepton_automl.errors import ShapeError
from lepton_automl.evidence.comparing import area_difference, areas


def by_pairs(positive, scores):
    """Areas and covariance by the definition: every positive row beside every other one."""
    found, of_positive, of_negative = [], [], []
    for score in scores:
        up, down = score[positive][:, None], score[~positive][None, :]
        won = (up > down) + 0.5 * (up == down)
        found.append(won.mean())
        of_positive.append(won.mean(axis=1))
        of_negative.append(won.mean(axis=0))
    ups, downs = positive.sum(), (~positive).sum()
    return np.array(found), np.cov(of_positive) / ups + np.cov(of_negative) / downs


@pytest.mark.parametrize("seed", range(20))
def test_areas_and_their_covariance_are_those_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 400))
    positive = rng.random(n) < rng.uniform(0.1, 0.6)
    positive[:4] = [True, True, False, False]
    signal = positive + rng.normal(0, 1, n)
    scores = np.stack([signal + rng.normal(0, 1, n), signal.round(int(seed % 3)), rng.normal(0, 1, n).round(1)])

    found, covariance = areas(positive, scores)

    expected, spread = by_pairs(positive, scores)
    assert np.allclose(found, expected, atol=1e-12)
    assert np.allclose(covariance, spread, atol=1e-12)


def test_the_difference_is_judged_by_its_own_standard_error():
    rng = np.random.default_rng(1)
    positive = np.arange(200) % 2 == 0
    a, b = (positive + rng.normal(0, s, 200) for s in (1.0, 1.5))

    found = area_difference(positive, a, b)

    areas_found, spread = by_pairs(positive, np.stack([a, b]))
    assert found.value == pytest.approx(areas_found[1] - areas_found[0])
    assert found.error == pytest.approx(math.sqrt(spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]))
    assert found.p_value == pytest.approx(math.erfc(abs(found.value) / found.error / math.sqrt(2)))


def test_the_same_score_twice_is_no_difference_at_all():
    positive, score = np.arange(60) % 3 == 0, np.random.default_rng(0).random(60)

    found = area_difference(positive, score, 2 * score - 1)

    assert (found.value, found.error, found.p_value) == (0.0, 0.0, 1.0)


def test_one_class_alone_has_no_area():
    found = area_difference(np.zeros(20, dtype=bool), np.arange(20.0), np.arange(20.0))

    assert math.isnan(found.value) and found.p_value == 1.0


def test_rows_that_do_not_agree_are_refused():
    with pytest.raises(ShapeError, match=r"\(2, 5\), and there are 6 rows"):
        areas(np.ones(6, dtype=bool), np.ones((2, 5)))
