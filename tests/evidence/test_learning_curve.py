"""What more rows would bring."""

import numpy as np
import pytest
from made_judged import made_judged

from lepton_automl.evidence import EXAMINERS, DecisionSettings
from lepton_automl.evidence.examiners.learning_curve import drawn_on


def refits(rows, error, count=4_000, lost=()):
    """Fits whose error falls with the rows they learned of: `error(rows)` is the standard deviation of a normal noise."""
    noise = np.random.default_rng(3).normal(size=rows.prediction.shape)

    def refit(shares, until):
        sizes = [round(share * count) for share in shares]
        return [(n, None if n in lost else rows.prediction + error(n) * noise) for n in sizes]

    return refit


def examined(error, **settings):
    rows = made_judged("regression", 3_000)
    return EXAMINERS.find("learning_curve")().examine(
        made_judged("regression", 3_000, refit=refits(rows, error, **settings)), float("inf")
    )


def test_a_curve_that_still_falls_promises_a_gain_and_one_that_is_flat_none():
    falling, flat = examined(lambda n: 40 * n**-0.5), examined(lambda n: 0.5)

    assert set(falling.figures) == set(EXAMINERS.find("learning_curve")().figures(made_judged().task, DecisionSettings()))
    assert falling.figures["doubling_gain"].low > 0 and falling.figures["last_gain"].low > 0
    assert flat.figures["doubling_gain"].value == pytest.approx(0, abs=1e-9)
    assert [point["rows"] for point in falling.content["points"]] == [800, 1_600, 2_800, 4_000]
    assert [point["rows"] for point in falling.content["ahead"]] == [4_000, 6_000, 8_000]


@pytest.mark.parametrize("power", [0.3, 0.5, 1.0])
def test_the_gain_of_twice_the_rows_is_that_of_the_law_the_scores_follow(power):
    sizes, rng = np.array([200.0, 400.0, 700.0, 1_000.0]), np.random.default_rng(0)
    law = lambda rows: 0.9 - 2.0 * rows**-power  # noqa: E731 - a law is a formula

    value, draws = drawn_on(sizes, law(sizes), np.tile(law(sizes), (400, 1)), np.array([1_000.0, 2_000.0]), rng)

    true = law(2_000.0) - law(1_000.0)
    assert value[1] - value[0] == pytest.approx(true, rel=1e-6)
    low, high = np.quantile(draws[:, 1] - draws[:, 0], [0.025, 0.975])
    assert low <= true + 1e-9 and true - 1e-9 <= high and low < high, "the power itself is not known"


def test_a_fit_that_did_not_end_is_told_and_with_too_few_there_is_no_curve():
    one, two = examined(lambda n: 1.0, lost=(800,)), examined(lambda n: 1.0, lost=(800, 1_600))

    assert one.notes == ("1 of 4 fits did not end in time",) and len(one.content["points"]) == 3 and not one.is_whole
    assert not two.figures and two.notes == ("left out: 2 of 4 fits did not end in time",)


def test_without_test_rows_there_is_no_curve():
    chapter = EXAMINERS.find("learning_curve")().examine(made_judged(), float("inf"))

    assert not chapter.is_whole and "no test rows" in chapter.notes[0]
