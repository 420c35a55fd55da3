"""Which models of folds leave, where fewer may."""

import pytest

from lepton_automl.ensemble import Ensemble, Member, OutOfFold, thinned
from lepton_automl.search import Fit


def ensemble(*members):
    fits = {count: tuple(Fit(i, 0.3, (9,), 1.0, 1.0, 0.1, "nowhere", f"fold{i}") for i in range(count)) for _, count in members}
    found = tuple(Member(None, weight, fits[count]) for weight, count in members)
    return Ensemble(found, OutOfFold(None, None), 0.3, "folds")


def folds(found):
    return [[fit.fold for fit in member.fits] for member in found.members]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (30, [10, 10, 5]),
        (16, [8, 6, 2]),
        (4, [2, 1, 1]),
        (1, [1, 1, 1]),
    ],
)
def test_the_heavier_a_member_the_more_of_its_fits_are_kept_and_each_keeps_one(most, expected):
    found = thinned(ensemble((0.5, 10), (0.38, 10), (0.12, 5)), most)
    assert [len(member.fits) for member in found.members] == expected
    assert [member.weight for member in found.members] == [0.5, 0.38, 0.12]


def test_those_that_stay_are_spread_over_the_folds():
    assert folds(thinned(ensemble((1.0, 8)), 4)) == [[0, 2, 4, 6]]
    assert folds(thinned(ensemble((1.0, 10)), 3)) == [[0, 3, 6]]


def test_an_ensemble_that_is_small_enough_stays_as_it_is():
    small = ensemble((0.6, 5), (0.4, 5))
    assert thinned(small, 10) == thinned(small, 11) == small
