"""Representativeness and shift: whether rows are like the population, and test rows like training rows."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Role
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Subject, govern
from lepton_automl.governance.rules.shift import stability_index
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

POPULATION = {"sex": {"f": 0.51, "m": 0.49}}
N = 3000


def applied(name, data, test=None, **settings):
    """Gives what a rule records, but passes."""

    def subject(rows, stage, shown=None):
        return Subject(rows, Goal(Makes.VALUES), np.zeros(len(rows)), np.ones(len(rows), dtype=bool), shown)

    rule, ledger = RULES.find(name)(**settings), Ledger()
    govern(data, [(name, rule)], rule.stage, ledger, subject, test=test)
    return [entry for entry in ledger.entries if entry.effect != "passed"]


def people(share, n=1000, **roles):
    return table(roles={"sex": Role.PROTECTED}, sex=np.where(np.arange(n) < share * n, "f", "m"), age=np.arange(n))


def test_groups_that_are_there_less_often_than_in_the_population_are_told():
    (entry,) = applied("representativeness", people(0.31), population=POPULATION)
    assert (entry.code, entry.column, entry.effect, entry.unit) == ("GOV031", "sex", "noted", "standardised difference")
    assert entry.measured == pytest.approx(0.20 / np.sqrt((0.31 * 0.69 + 0.51 * 0.49) / 2))
    assert "groups are not there as in the population: f has 31.0% of the rows and 51.0% of the population" in entry.note


def test_the_chance_of_the_counts_is_that_of_the_chi_square_test():
    from scipy.stats import chisquare

    (entry,) = applied("representativeness", people(0.49), population=POPULATION)
    found = chisquare([490, 510], [510, 490])
    assert f"a chi-square of {found.statistic:.1f} has a chance of {found.pvalue:.2g}" in entry.note


def test_groups_as_in_the_population_do_not_stop_the_run_and_others_do():
    assert "about as in" in applied("representativeness", people(0.5), population=POPULATION, action="stop")[0].note
    with pytest.raises(GovernanceStop, match="not there as in the population"):
        applied("representativeness", people(0.31), population=POPULATION, action="stop")


def test_truth_values_and_rows_of_no_group_are_compared_too():
    known = pd.Series([True] * 60 + [False] * 40)
    (entry,) = applied("representativeness", table(old=known), population={"old": {"true": 0.6, "false": 0.4}}, min_rows=0)
    assert entry.measured == pytest.approx(0)
    rows = table(sex=["f"] * 50 + ["m"] * 40 + ["x"] * 7 + [None] * 3)
    entries = applied("representativeness", rows, population={"sex": {"f": 0.5, "m": 0.5}}, min_rows=0)
    assert [(e.effect, e.count) for e in entries] == [("noted", 90), ("noted", 7)]


def test_small_groups_of_protected_columns_are_told_without_a_population():
    (entry,) = applied("representativeness", people(0.01))
    assert (entry.column, entry.effect, entry.count) == ("sex", "noted", 10)
    assert entry.note == "1 of 2 groups have fewer than 50 rows, the smallest 10"


@pytest.mark.parametrize(
    ("population", "says"),
    [
        ({"sx": {"f": 0.5, "m": 0.5}}, "Did you mean sex?"),
        ({"sex": {"f": 0.5, "m": 0.4}}, "add up to 0.9, not to 1"),
        ({"sex": {"woman": 0.5, "man": 0.5}}, "no row belongs to a group of the declared population"),
    ],
)
def test_a_population_that_does_not_fit_stops_the_run(population, says):
    with pytest.raises(GovernanceStop) as caught:
        applied("representativeness", people(0.5), population=population)
    assert says in str(caught.value)


def sides(shifted=0.0, n=N, **roles):
    """Training and test rows of two features, the first of them shifted in the test rows, and a date."""
    rng = np.random.default_rng(0)
    train, test = (
        table(
            roles=roles,
            a=rng.normal(move, 1, rows),
            b=rng.choice(["x", "y"], rows),
            day=pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows) + 300 * is_test, unit="D"),
        )
        for move, rows, is_test in ((0.0, n, 0), (shifted, n // 3, 1))
    )
    return train, test


def test_test_rows_like_training_rows_are_told_as_such():
    train, test = sides(day=Role.TIME)
    (entry,) = applied("shift", train, test)
    assert (entry.code, entry.column, entry.effect, entry.unit) == ("GOV032", "", "noted", "AUC")
    assert entry.measured == pytest.approx(0.5, abs=0.05)


def test_a_column_that_shifts_is_told_and_the_model_names_it():
    train, test = sides(1.5, day=Role.TIME)
    column, whole = applied("shift", train, test)
    assert (column.column, column.effect, column.unit) == ("a", "noted", "PSI")
    assert column.measured > 0.25
    assert whole.measured > 0.8
    assert ", by a " in whole.note
    assert "split by time, and a shift is expected" in whole.note and "expected" in column.note


def test_a_date_that_is_no_time_of_the_split_shifts_too():
    assert "day" in {entry.column for entry in applied("shift", *sides())}


def test_a_shift_can_stop_the_run():
    train, test = sides(1.5, day=Role.TIME)
    with pytest.raises(GovernanceStop, match=r"tells test rows from training rows with an AUC of 0\.[89]"):
        applied("shift", train, test, max_auc=0.8)


def test_levels_that_only_test_rows_have_are_a_shift():
    train = table(city=np.array(["Bern", "Rome"] * 500))
    test = table(city=np.array(["Oslo", "Rome"] * 200))
    column, whole = applied("shift", train, test)
    assert column.column == "city" and column.measured > 1
    assert whole.measured > 0.7


def test_more_missing_values_in_test_rows_are_a_shift():
    a = np.random.default_rng(0).normal(size=N)
    column, _ = applied("shift", table(a=a), table(a=np.where(np.arange(N) % 2, np.nan, a)))
    assert "missing 0.0% and 50.0%" in column.note


@pytest.mark.parametrize("test", [None, table(a=[1.0])], ids=["none", "few"])
def test_without_test_rows_there_is_no_shift(test):
    (entry,) = applied("shift", table(a=np.arange(500.0)), test)
    assert entry.effect == "not applicable"


def test_the_stability_index_is_that_of_shares_of_parts():
    left, right = np.repeat([0.0, 1.0], [5000, 5000]), np.repeat([0.0, 1.0], [2000, 8000])
    known = (0.2 - 0.5) * np.log(0.2 / 0.5) + (0.8 - 0.5) * np.log(0.8 / 0.5)
    assert stability_index(left, right, is_category=True) == pytest.approx(known, abs=0.002)
    assert stability_index(left, left, is_category=True) == 0
    assert stability_index(np.arange(1000.0), np.arange(1000.0)) == 0
