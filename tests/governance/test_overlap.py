"""What test rows share with training rows."""

import numpy as np
import pandas as pd
import pytest
from leak_tables import findings, labels_and_features, told

from lepton_automl.data import Role
from lepton_automl.governance.rules.overlap import is_named_so
from lepton_automl.testing import table

N = 900


def both(roles=None, n=N, **columns):
    """Gives training and test rows of one table, two thirds and one, in turn."""
    y, features = labels_and_features(n)
    whole = table(target="y", roles=roles, y=y, **{**features, **columns})
    is_test = np.arange(n) % 3 == 2
    return whole.rows(~is_test), whole.rows(is_test)


def test_without_test_rows_there_is_nothing_to_compare():
    train, _ = both()
    assert told(findings("overlap", train)) == [("GOV014", "", "not applicable")]


def test_rows_that_share_nothing_pass():
    train, test = both()
    assert findings("overlap", train, test=test) == []


def test_test_rows_that_repeat_a_training_row_are_counted_whatever_the_target():
    train, test = both()
    frame = pd.concat([test.frame, train.frame.head(12).assign(y=1 - train.frame["y"].head(12))], ignore_index=True)
    again = table(target="y", **{name: frame[name] for name in frame})
    (found,) = findings("overlap", train, test=again)
    assert (found.column, str(found.verdict), found.count) == ("", "noted", 12)
    assert found.measured == 12 / len(again)
    assert told(findings("overlap", train, test=again, action="stop")) == [("GOV014", "", "stop")]
    assert findings("overlap", train, test=again, max_share=0.1) == []


def test_rows_of_few_coarse_columns_repeat_by_themselves_and_never_stop():
    rng = np.random.default_rng(0)
    whole = table(target="y", y=rng.integers(0, 2, 300), a=rng.integers(0, 3, 300), b=rng.choice(list("xy"), 300))
    found = findings("overlap", whole.rows(np.arange(200)), test=whole.rows(np.arange(200, 300)), action="stop")
    assert told(found) == [("GOV014", "", "noted")]
    assert "repeat among themselves" in found[0].note


@pytest.mark.parametrize("role", [Role.ID, Role.GROUP, Role.USER])
def test_people_of_a_declared_column_on_both_sides_are_counted(role):
    train, test = both(roles={"who": role}, who=np.arange(N) // 3)
    (found,) = findings("overlap", train, test=test)
    assert (found.column, found.count, found.measured) == ("who", len(test), 1.0)
    assert "split.group=who" in found.note
    assert told(findings("overlap", train, test=test, action="stop")) == [("GOV014", "who", "stop")]


def test_a_column_that_the_rule_is_told_of_counts_as_declared():
    train, test = both(who=np.random.default_rng(0).integers(0, 6, N))
    assert findings("overlap", train, test=test) == []
    assert told(findings("overlap", train, test=test, columns=["who"])) == [("GOV014", "who", "noted")]


def test_people_of_a_column_that_nobody_declares_are_found_by_its_name():
    train, test = both(customer_id=[f"c{i // 3}" for i in range(N)])
    assert told(findings("overlap", train, test=test)) == [("GOV014", "customer_id", "noted")]


def test_numbers_of_people_are_found_as_their_rows_agree():
    person = np.arange(N) // 3
    rng = np.random.default_rng(0)
    sex, place = rng.choice(["m", "f"], N // 3)[person], rng.choice(list("abcdefgh"), N // 3)[person]
    train, test = both(number=person * 17 + 4, sex=sex, place=place)
    assert told(findings("overlap", train, test=test)) == [("GOV014", "number", "noted")]


def test_numbers_that_repeat_by_chance_name_nobody():
    train, test = both(income=np.random.default_rng(0).integers(0, 400, N), sex=np.random.default_rng(1).choice(["m", "f"], N))
    assert findings("overlap", train, test=test) == []


def test_people_are_found_in_a_column_that_an_earlier_rule_took_out():
    train, test = both()
    names = [f"p{i}" for i in range(len(train))]
    aside = table(person=names)
    again = table(person=[*names[:40], *(f"q{i}" for i in range(len(test) - 40))])
    (found,) = findings("overlap", train, test=test, aside=aside, test_aside=again)
    assert (found.column, found.count) == ("person", 40)


def test_numbers_that_count_rows_in_both_tables_name_nobody():
    train, test = both()
    found = findings(
        "overlap", train, test=test, aside=table(row=np.arange(len(train))), test_aside=table(row=np.arange(len(test)))
    )
    assert found == []


def test_missing_names_are_nobody():
    who = pd.Series([f"p{i}" for i in range(N)])
    who[np.arange(N) % 3 > 0] = None
    train, test = both(roles={"who": Role.ID}, who=who)
    assert findings("overlap", train, test=test) == []


def test_random_rows_of_a_table_with_a_date_are_told_and_never_stop():
    day = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(N), unit="D")
    train, test = both(day=day)
    found = findings("overlap", train, test=test, action="stop")
    assert told(found) == [("GOV014", "day", "noted")]
    assert "split.time=day" in found[0].note


def test_later_rows_do_not_overlap_in_time():
    day = pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(N), unit="D")
    y, features = labels_and_features(N)
    whole = table(target="y", roles={"day": Role.TIME}, y=y, **features, day=day)
    assert findings("overlap", whole.rows(np.arange(600)), test=whole.rows(np.arange(600, N))) == []


@pytest.mark.parametrize(
    ("name", "is_so"), [("customer_id", True), ("PatientNumber", True), ("SSN", True), ("idle_hours", False), ("width", False)]
)
def test_a_name_says_whether_people_are_named(name, is_so):
    assert is_named_so(name) is is_so


def test_levels_that_only_one_table_has_are_compared_by_their_text():
    train = table(target="y", y=[0, 1, 0], c=["a", "b", "c"], v=[1.5, 2.5, 3.5])
    test = table(target="y", y=[0, 1], c=["c", "z"], v=[3.5, 1.5])
    (found,) = findings("overlap", train, test=test)
    assert found.count == 1
