"""Outliers, rare levels, mixed types, units and near constants: what stands out among the values of a column."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Role, read_column
from lepton_automl.governance import RULES, Subject, govern, treated_like
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

N = 2000
RNG = np.random.default_rng(0)
NORMAL = RNG.normal(100, 10, N)
CITIES = RNG.choice(["Bern", "Rome", "Oslo"], N)


def applied(name, data, rows=None, **settings):
    """Applies a rule; gives the table that is left, and what was recorded but passes."""

    def subject(seen, stage, test=None):
        return Subject(seen, Goal(Makes.VALUES), np.zeros(len(seen)), np.ones(len(seen), dtype=bool))

    rule, ledger = RULES.find(name)(**settings), Ledger()
    after = govern(data, [(name, rule)], rule.stage, ledger, subject, rows)
    return after, [entry for entry in ledger.entries if entry.effect != "passed"]


def far_out():
    values = NORMAL.copy()
    values[[3, 7, 1999]] = [1e6, -1e6, 1e6]
    return table(a=values, whole=np.where(np.arange(N) == 5, 10**9, RNG.integers(0, 1000, N)), tail=RNG.lognormal(3, 0.7, N))


def test_numbers_far_from_all_others_are_counted_and_left():
    data = far_out()
    after, entries = applied("outliers", data)
    assert [(e.code, e.column, e.effect, e.count) for e in entries] == [
        ("GOV023", "a", "noted", 3),
        ("GOV023", "whole", "noted", 1),
    ]
    assert after.frame.equals(data.frame)


@pytest.mark.parametrize("action", ["clip", "missing"])
def test_outliers_are_put_on_the_limit_or_set_missing_on_test_and_later_rows_too(action):
    data, train = far_out(), np.arange(1500)

    after, entries = applied("outliers", data, train, action=action)
    test = treated_like(data.rows(np.arange(1500, N)), after)
    later = read_column(pd.Series(["100", "5000000"]), after.column("a").reading).values

    assert [(e.column, e.effect, e.count) for e in entries] == [
        ("a", "values changed" if action == "clip" else "values set missing", 2),
        ("whole", "values changed" if action == "clip" else "values set missing", 1),
    ]
    ordinary = data.values("a").abs() < 1e5
    assert after.values("a")[ordinary].equals(data.values("a")[ordinary])
    for values, place in ((after.values("a"), 3), (test.values("a"), 499), (later, 1)):
        if action == "missing":
            assert np.isnan(values[place])
        else:
            assert 130 < values[place] < 250
    if action == "clip":
        assert after.values("whole").dtype == "int64"
        assert after.values("whole")[5] == after.values("whole").max() < 10_000


def test_limits_come_from_training_rows_alone():
    train = np.where(np.arange(N) == 0, 1e6, NORMAL)
    data = table(a=np.concatenate([train, np.full(200, 1e6)]))
    after, (entry,) = applied("outliers", data, np.arange(N), action="clip")
    assert entry.count == 1
    assert after.values("a").max() < 250


def test_how_far_outliers_must_be_can_be_set():
    assert applied("outliers", table(a=NORMAL))[1] == []
    assert applied("outliers", table(a=NORMAL), spreads=1.0)[1][0].count == pytest.approx(0.02 * N, abs=2)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.where(np.arange(N) < 5, 7, RNG.integers(0, 3, N)), id="a code"),
        pytest.param(np.full(N, np.nan), id="nothing"),
        pytest.param(pd.date_range("2000-01-01", periods=N), id="dates"),
        pytest.param(CITIES, id="words"),
    ],
)
def test_codes_and_other_kinds_have_no_outliers(values):
    assert applied("outliers", table(a=values))[1] == []


def test_few_rows_have_no_outliers():
    _, (entry,) = applied("outliers", table(a=[1.0, 2.0, 1e9]))
    assert entry.effect == "not applicable"


def test_rare_levels_are_counted_and_not_named():
    cities = pd.Series(CITIES)
    cities[[1, 2, 3]] = ["Anna Schmidt", "Anna Schmidt", "Li Wei"]
    _, (entry,) = applied("rare_levels", table(city=cities))
    assert (entry.code, entry.column, entry.effect, entry.count) == ("GOV024", "city", "noted", 3)
    assert entry.note == "2 of 5 levels have fewer than 10 rows each"
    assert applied("rare_levels", table(city=cities), min_rows=2)[1][0].count == 1


def test_levels_that_many_rows_have_are_not_rare():
    assert applied("rare_levels", table(city=CITIES))[1] == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        pytest.param(np.char.add(RNG.integers(40, 99, N).astype(str), " kg"), "(kg)", id="one unit"),
        pytest.param(
            [f"{50 + i % 40}kg" if i % 5 else f"{100 + i % 90} lb" for i in range(N)], "(lb, kg); more than one", id="two"
        ),
        pytest.param([f"{i % 90}.5%" for i in range(N)], "(%)", id="percent"),
        pytest.param([f"{i % 90} 公斤" for i in range(N)], "(公斤)", id="Chinese unit"),
        pytest.param([str(i % 60) if i % 3 else "see file" for i in range(N)], "numbers among words", id="numbers among words"),
    ],
)
def test_numbers_that_hide_in_words_are_told(values, says):
    _, (entry,) = applied("mixed_types", table(a=pd.Series(values)))
    assert (entry.code, entry.column, entry.effect) == ("GOV025", "a", "noted")
    assert set(says.removesuffix(")").split("(")[-1]) <= set(entry.note)
    if "lb" not in says:
        assert says in entry.note
    else:
        assert "kg" in entry.note and "lb" in entry.note and "more than one unit in one column" in entry.note


def test_no_word_of_the_data_is_shown():
    values = ["Anna Schmidt" if i % 2 else str(i % 70) for i in range(N)]
    _, (entry,) = applied("mixed_types", table(a=pd.Series(values)))
    assert "Anna" not in entry.note


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(CITIES, id="words"),
        pytest.param(np.char.add("A", RNG.integers(0, 50, N).astype(str)), id="codes"),
        pytest.param(np.char.add(RNG.integers(0, 50, N).astype(str), "XQZ"), id="numbers before what is no unit"),
        pytest.param(np.where(np.arange(N) % 50 == 0, "12", CITIES), id="few numbers"),
    ],
)
def test_ordinary_words_are_not_mixed(values):
    assert applied("mixed_types", table(a=values))[1] == []


@pytest.mark.parametrize(
    ("factor", "says"), [(100, "hundreds"), (1000, "thousands"), (60, "sixties"), (25.4, "inches")], ids=str
)
def test_a_column_in_two_units_is_told(factor, says):
    height = RNG.uniform(1.5, 2.0, N)
    height[:100] *= factor
    _, (entry,) = applied("units", table(height=height))
    assert (entry.code, entry.column, entry.effect) == ("GOV026", "height", "noted")
    assert entry.measured == pytest.approx(0.05)
    assert says in entry.note


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(RNG.lognormal(3, 2, N), id="a long tail"),
        pytest.param(RNG.integers(0, 1000, N), id="whole numbers"),
        pytest.param(RNG.choice([1, 10, 100, 1000], N), id="codes"),
        pytest.param(np.where(RNG.random(N) < 0.5, 0.0, RNG.lognormal(5, 0.5, N)), id="zero or an amount"),
        pytest.param(np.where(np.arange(N) == 0, 180.0, RNG.uniform(1.5, 2, N)), id="one slip"),
    ],
)
def test_a_column_in_one_unit_passes(values):
    assert applied("units", table(a=values))[1] == []


def test_a_feature_of_nearly_one_value_is_told_or_dropped():
    flag = np.where(np.arange(N) < 5, "yes", "no")
    data = table(flag=flag, city=CITIES, one=["x"] * N)
    after, entries = applied("near_constants", data)
    assert after.names == data.names
    assert [(e.code, e.column, e.effect) for e in entries] == [("GOV027", "flag", "noted")]
    assert (entries[0].measured, entries[0].limit) == (0.9975, 0.995)
    after, entries = applied("near_constants", data, action="drop")
    assert after.names == ["city", "one"] and entries[0].effect == "column dropped"
    assert applied("near_constants", data, max_share=0.9975)[1] == []


def test_a_series_of_nearly_one_value_is_kept_as_what_it_is():
    shop = np.where(np.arange(N) < 5, "b", "a")
    after, _ = applied("near_constants", table(roles={"shop": Role.SERIES}, shop=shop, city=CITIES), action="drop")
    assert after.names == ["shop", "city"] and [c.name for c in after.features] == ["city"]
