"""What more rows would bring."""

from dataclasses import replace

import numpy as np
import pytest
from made_judged import made_judged

from lepton_automl.evidence import EXAMINERS, DecisionSettings, Refitted
from lepton_automl.evidence.examiners.learning_curve import drawn_on
from lepton_automl.tasks import Payoff


def refits(rows, error, count=4_000, lost=()):
    """Fits whose error falls with the rows they learned of: `error(rows)` is the standard deviation of a normal noise."""
    noise = np.random.default_rng(3).normal(size=rows.prediction.shape)

    def refit(shares, until):
        sizes = [round(share * count) for share in shares]
        return Refitted([(n, () if n in lost else (rows.prediction + error(n) * noise,)) for n in sizes], model="linear")

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
    assert [point["rows"] for point in falling.content["points"]] == [1_000, 2_000, 4_000]
    assert [point["rows"] for point in falling.content["ahead"]] == [4_000, 6_000, 8_000]


@pytest.mark.parametrize("power", [0.3, 0.5, 1.0])
def test_the_gain_of_twice_the_rows_is_that_of_the_law_the_scores_follow(power):
    sizes, rng = np.array([200.0, 400.0, 700.0, 1_000.0]), np.random.default_rng(0)
    law = lambda rows: 0.9 - 2.0 * rows**-power  # noqa: E731 - a law is a formula

    value, draws, found = drawn_on(sizes, law(sizes), np.tile(law(sizes), (400, 1)), np.array([1_000.0, 2_000.0]), rng)

    assert found == pytest.approx(power)
    true = law(2_000.0) - law(1_000.0)
    assert value[1] - value[0] == pytest.approx(true, rel=1e-6)
    low, high = np.quantile(draws[:, 1] - draws[:, 0], [0.025, 0.975])
    assert low <= true + 1e-9 and true - 1e-9 <= high and low < high, "the power itself is not known"


def test_a_fit_that_did_not_end_is_told_and_with_too_few_there_is_no_curve():
    rows = made_judged("regression", 3_000)
    thorough = EXAMINERS.find("learning_curve")(shares=(0.2, 0.4, 0.7))
    one, two = (
        thorough.examine(made_judged("regression", 3_000, refit=refits(rows, lambda n: 1.0, lost=lost)), float("inf"))
        for lost in ((800,), (800, 1_600))
    )

    assert one.notes == ("1 of 4 fits failed or did not end in time",) and len(one.content["points"]) == 3 and not one.is_whole
    assert not two.figures and two.notes == ("left out: 2 of 4 fits failed or did not end in time",)


def test_where_there_is_no_time_for_fits_the_chapter_says_how_many_and_how_long_they_take():
    why = "left out: 2 fits of each of 3 models do not end in the 0.9 s left; the quickest, linear, takes about 4.0 s"
    rows = made_judged("regression", refit=lambda shares, until: Refitted([(0, ()) for _ in shares], notes=(why,)))
    chapter = EXAMINERS.find("learning_curve")().examine(rows, float("inf"))

    assert chapter.notes == (why,) and not chapter.figures and not chapter.is_whole


def test_what_fits_of_several_folds_differ_by_widens_what_is_drawn_on():
    rows, rng = made_judged("regression", 3_000), np.random.default_rng(1)

    def refit(spread):
        said = lambda n: rows.prediction + 40 * n**-0.5 * rng.normal(size=rows.prediction.shape)  # noqa: E731 - a law is a formula
        whole = [said(4_000) * (1 + spread * k) for k in (-1, 0, 1)]
        return lambda shares, until: Refitted([(1_000, [said(1_000)]), (2_000, [said(2_000)]), (4_000, whole)], 0.75)

    near, far = (
        EXAMINERS.find("learning_curve")().examine(made_judged("regression", 3_000, refit=refit(spread)), float("inf"))
        for spread in (0.0, 0.2)
    )
    wide = [one.figures["doubling_gain"].high - one.figures["doubling_gain"].low for one in (near, far)]

    assert near.content["fits"] == [1, 1, 3] and wide[1] > 1.5 * wide[0]


def test_with_payoffs_the_gain_is_also_told_in_money():
    payoff = Payoff(true_positive=0, false_positive=-1, true_negative=0, false_negative=-5)
    rows = made_judged("binary", 3_000)
    decision = replace(rows.decision, threshold=0.3, payoff=payoff, currency="EUR")

    def mixed(share):
        rng = np.random.default_rng(0)
        lost = rng.permutation(3_000)[: round(share * 3_000)]
        said = rows.prediction.copy()
        said[lost] = said[rng.permutation(lost)]
        return said

    def refit(shares, until):
        return Refitted([(n, (mixed(share),)) for n, share in ((1_000, 0.8), (2_000, 0.4), (4_000, 0.2))])

    examiner = EXAMINERS.find("learning_curve")()
    chapter = examiner.examine(replace(rows, decision=decision, refit=refit), float("inf"))
    worth = chapter.figures["doubling_value"]

    assert set(chapter.figures) == set(examiner.figures(rows.task, DecisionSettings(payoff=payoff)))
    assert worth.unit == "EUR" and worth.value > 0 and worth.low < worth.value < worth.high


def test_without_test_rows_there_is_no_curve():
    chapter = EXAMINERS.find("learning_curve")().examine(made_judged(), float("inf"))

    assert not chapter.is_whole and "no test rows" in chapter.notes[0]
