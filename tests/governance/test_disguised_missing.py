"""Values that stand for missing ones: declared ones are set missing everywhere, others are found and told."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Role, read_column
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import Stage, Subject, govern, treated_like
from lepton_automl.governance.rules.disguised_missing import DisguisedMissing
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

N = 2000
RNG = np.random.default_rng(0)
AGE = RNG.integers(18, 90, N).astype("float64")
DAYS = pd.Timestamp("2015-01-01") + pd.to_timedelta(RNG.integers(0, 3000, N), unit="D")


def subject(data, stage, test=None):
    return Subject(data, Goal(Makes.VALUES), None, np.ones(len(data), dtype=bool))


def applied(data, **settings):
    ledger = Ledger()
    after = govern(data, [("disguised_missing", DisguisedMissing(**settings))], Stage.DATA, ledger, subject)
    return after, [entry for entry in ledger.entries if entry.effect != "passed"]


def with_value(values, value, count):
    out = pd.Series(values).copy()
    out.iloc[np.random.default_rng(1).choice(len(out), count, replace=False)] = value
    return out


def numbers(low, high, value, count):
    return with_value(np.random.default_rng(2).integers(low, high, N), value, count)


def test_declared_values_are_set_missing_on_training_on_test_and_on_later_rows():
    data = table(age=with_value(AGE, -999, 40), city=with_value(np.array(["Bern", "Rome"] * (N // 2)), "nobody knows", 7))

    after, entries = applied(data, values={"age": [-999], "city": ["nobody knows"]})
    test = treated_like(data.rows(np.arange(500)), after)

    assert [(e.code, e.column, e.effect, e.count) for e in entries] == [
        ("GOV018", "age", "values set missing", 40),
        ("GOV018", "city", "values set missing", 7),
    ]
    assert entries[0].measured == 40 / N
    assert after.values("age").isna().sum() == 40 and after.values("city").isna().sum() == 7
    assert test.values("age").isna().tolist() == (data.values("age")[:500] == -999).tolist()
    later = read_column(pd.Series(["31", "-999"]), after.column("age").reading).values
    assert later.isna().tolist() == [False, True]


def test_a_declared_date_is_set_missing():
    after, _ = applied(table(until=with_value(DAYS, pd.Timestamp("9999-12-31"), 9)), values={"until": ["9999-12-31"]})
    assert after.values("until").isna().sum() == 9


def test_a_declared_value_that_does_not_occur_changes_nothing():
    after, entries = applied(table(age=AGE), values={"age": [-999]})
    assert entries == [] and after.values("age").equals(pd.Series(AGE))


def test_values_of_a_column_that_is_gone_are_told():
    _, (entry,) = applied(table(age=AGE), values={"agee": [-999]})
    assert entry.effect == "not applicable" and "Did you mean age?" in entry.note


def test_a_declared_value_of_another_kind_stops_the_run():
    with pytest.raises(GovernanceStop, match=r"disguised_missing age .*can not be read as a number"):
        applied(table(age=AGE), values={"age": ["unknown"]})


@pytest.mark.parametrize(
    ("values", "shown", "is_sure"),
    [
        pytest.param(numbers(0, 700, -999, 30), "-999", False, id="nines a width and a half away"),
        pytest.param(numbers(0, 100, -999, 30), "-999", True, id="nines far below"),
        pytest.param(numbers(0, 60, 99999, 30), "99999", True, id="nines far above"),
        pytest.param(numbers(0, 60, -1, 200), "-1", False, id="the only negative value"),
        pytest.param(numbers(40, 140, 0, 90), "0", False, id="zero far below"),
        pytest.param(
            with_value(DAYS, pd.Timestamp("9999-12-31"), 30), "9999-12-31T00:00:00", True, id="last day of a calendar"
        ),
        pytest.param(with_value(DAYS, pd.Timestamp("1900-01-01"), 30), "1900-01-01T00:00:00", True, id="first day"),
        pytest.param(with_value(["a", "b"] * (N // 2), "Unknown", 1), "Unknown", True, id="a word for nothing"),
        pytest.param(with_value(["a", "b"] * (N // 2), "未知", 3), "未知", True, id="a Chinese word for nothing"),
        pytest.param(with_value(["a", "b"] * (N // 2), "-", 3), "-", True, id="a dash"),
        pytest.param(with_value(["a", "b"] * (N // 2), "none", 3), "none", False, id="a word that may mean none of it"),
    ],
)
def test_a_value_that_stands_for_missing_is_found_and_set_missing_only_beyond_doubt(values, shown, is_sure):
    as_written = str(pd.Timestamp(shown).date()) if "T00" in shown else shown
    count = int((pd.Series(values).astype(str) == as_written).sum())
    assert count

    after, (told,) = applied(table(a=values))
    cleaned, (done,) = applied(table(a=values), action="missing")

    assert told.effect == "noted" and told.note.startswith(f"{shown!r} ") and told.count == count
    assert after.values("a").notna().all()
    assert done.effect == ("values set missing" if is_sure else "noted")
    assert cleaned.values("a").isna().sum() == (count if is_sure else 0)


def test_a_frequent_number_far_away_that_is_no_usual_one_is_told_and_not_shown():
    _, (told,) = applied(table(customer=numbers(0, 60, 14277, 90)), action="missing")
    assert (told.effect, told.count) == ("noted", 90)
    assert told.note.startswith("the highest value may stand for missing") and "14277" not in told.note


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(AGE, id="ages"),
        pytest.param(RNG.integers(0, 100, N), id="0 to 99"),
        pytest.param(RNG.integers(-5, 6, N), id="-5 to 5"),
        pytest.param(RNG.choice([-1.0, 0.0, 1.0], N), id="codes"),
        pytest.param(RNG.poisson(3, N), id="counts"),
        pytest.param(np.where(RNG.random(N) < 0.9, 0.0, RNG.lognormal(6, 1.5, N)), id="amounts, mostly zero"),
        pytest.param(RNG.lognormal(3, 2, N), id="a long tail"),
        pytest.param(RNG.normal(size=N), id="normal"),
        pytest.param(np.where(np.arange(N) == 5, 1e9, RNG.normal(size=N)), id="one outlier"),
        pytest.param(DAYS, id="dates"),
        pytest.param(pd.Timestamp("1900-01-01") + pd.to_timedelta(np.arange(N) % 900, unit="D"), id="dates from 1900 on"),
        pytest.param(RNG.choice(["yes", "no", "other"], N), id="words"),
        pytest.param(RNG.random(N) < 0.01, id="truth"),
    ],
)
def test_ordinary_columns_pass(values):
    assert applied(table(a=values))[1] == []


def test_the_time_of_a_series_is_left_alone():
    data = table(roles={"day": Role.TIME}, day=with_value(DAYS, pd.Timestamp("1900-01-01"), 30))
    assert applied(data, action="missing")[1] == []
