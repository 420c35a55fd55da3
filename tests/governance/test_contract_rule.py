"""The contract: each check on frames with planted violations, what is done about them, and what is said."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from lepton_automl.data import Kind, read_column
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Stage, Subject, govern, treated_like
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

GOAL = Goal(Makes.PROBABILITIES, 2)
CITIES = ["Rome", "Oslo", "Bern", "Graz"]
SECRET = "Ottokar Weissenfels"


def clean(n=1000):
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n),
            "amount": rng.gamma(2, 500, n),
            "city": rng.choice(CITIES, n),
            "key": [f"AB{i:06d}" for i in range(n)],
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 60, n), unit="D"),
            "is_member": rng.random(n) < 0.4,
            "y": rng.integers(0, 2, n),
        }
    )


def data(frame, **kinds):
    return table(target="y", kinds={"start": Kind.DATETIME, "end": Kind.DATETIME, **kinds}, **dict(frame.items()))


def subject(rows, stage, test=None):
    shown = None if test is None else test.without(["y"])
    return Subject(rows.without(["y"]), GOAL, None, rows.values("y").notna().to_numpy(), shown, hidden=("y",))


def enforce(frame, test=None, **terms):
    """Enforces a contract; gives the table that is left, and what was recorded."""
    ledger = Ledger()
    rows = frame if not isinstance(frame, pd.DataFrame) else data(frame)
    test = None if test is None else data(test)
    return govern(rows, [("contract", RULES.find("contract")(**terms))], Stage.DATA, ledger, subject, test=test), ledger.entries


def stopped(frame, **terms):
    """Gives the problems of a contract that stops."""
    with pytest.raises(GovernanceStop) as caught:
        enforce(frame, **terms)
    assert caught.value.exit_code == 3
    return caught.value.problems


PROMISED = {
    "min_rows": 500,
    "max_rows": 2000,
    "strict": True,
    "columns": {
        "age": {"kind": "number", "min": 18, "max": 90, "whole": True, "max_missing_share": 0},
        "amount": {"kind": "number", "min": 0},
        "city": {"kind": "category", "values": CITIES},
        "key": {"pattern": "AB[0-9]{6}", "unique": True},
        "start": {"kind": "datetime", "min": "2024-01-01", "max": "2024-12-31"},
        "end": None,
        "is_member": {"kind": "boolean", "values": [True, False]},
        "y": {"values": [0, 1]},
    },
    "relations": {"ends after it starts": "start <= end", "kept": {"expression": "amount >= 0 or is_member"}},
    "freshness": {"column": "start", "max_age_days": 30, "at": "2024-11-01"},
}


def test_a_table_that_keeps_its_contract_passes_and_the_target_is_told_to_be_out_of_sight():
    kept, entries = enforce(clean(), **PROMISED)
    assert len(kept) == 1000
    assert [(e.code, e.column, e.effect) for e in entries] == [("GOV009", "y", "noted")]
    assert "no rule sees its values" in entries[0].note


def planted(column, rows, value):
    frame = clean()
    if frame[column].dtype != object and not isinstance(value, pd.Timestamp):
        frame[column] = frame[column].astype("object" if isinstance(value, str) else "float64")
    frame.loc[rows, column] = value
    return frame


ROWS = [7, 40, 41, 300, 301, 999]


@pytest.mark.parametrize(
    ("column", "terms", "value", "expected"),
    [
        ("age", {"min": 18}, 17, "expected at least 18"),
        ("age", {"max": 90.5}, 91, "expected at most 90.5"),
        ("age", {"whole": True}, 20.5, "expected whole numbers"),
        ("age", {"values": list(range(18, 90))}, 200, "expected one of 18, 19,"),
        ("age", {"max_missing_share": 0}, np.nan, "expected no missing value"),
        ("age", {"max_missing_share": 0.005}, np.nan, "expected at most 0.50% missing"),
        ("city", {"values": CITIES}, SECRET, "expected one of Rome, Oslo, Bern, Graz"),
        ("city", {"pattern": "[A-Z][a-z]{3}"}, SECRET, "expected text like [A-Z][a-z]{3}"),
        ("city", {"references": {"values": CITIES}}, SECRET, "expected one of 4 listed values"),
        ("start", {"min": "2024-01-01"}, pd.Timestamp("1900-01-01"), "expected at least 2024-01-01"),
        ("start", {"max": "2025-01-01"}, pd.Timestamp("2999-01-01"), "expected at most 2025-01-01"),
    ],
)
def test_a_broken_promise_of_a_column_stops_with_column_rows_share_and_the_way_out(column, terms, value, expected):
    (problem,) = stopped(planted(column, ROWS, value), columns={column: terms})

    check = next(iter(terms))
    assert problem.key == f"governance.rules.contract {column}"
    assert problem.message.startswith(f"columns.{column}.{check}: {expected}")
    assert "6 rows are not so (0.60%), counted from 0: 7, 40, 41, 300, 301, …" in problem.message
    assert f"Change columns.{column}.{check} of the contract, or set columns.{column}.action: {{{check}: " in problem.message
    assert SECRET not in problem.message
    assert "governance.waivers.contract" in problem.fix


def test_values_that_repeat_are_told_by_the_later_rows():
    frame = clean()
    frame.loc[[5, 9], "key"] = "AB000002"
    (problem,) = stopped(frame, columns={"key": {"unique": True}})
    assert "expected each value once; 2 rows are not so (0.20%), counted from 0: 5, 9" in problem.message


def test_missing_values_repeat_nothing_and_break_no_bound():
    frame = planted("age", ROWS, np.nan)
    frame.loc[ROWS, ["city", "key"]] = None
    frame.loc[ROWS, "start"] = pd.NaT
    terms = {
        **PROMISED["columns"],
        "age": {"min": 18, "max": 90, "whole": True, "values": list(range(18, 91)), "unique": False},
    }
    _, entries = enforce(frame, columns=terms, relations=PROMISED["relations"])
    assert [e.effect for e in entries] == ["noted"]


def test_values_must_be_found_in_the_column_of_a_file(tmp_path):
    pd.DataFrame({"name": [*CITIES, "Wien"]}).to_csv(tmp_path / "cities.csv", index=False)
    terms = {"references": {"file": str(tmp_path / "cities.csv"), "column": "name"}}
    (problem,) = stopped(planted("city", ROWS, SECRET), columns={"city": terms})
    assert "expected a value of the column name of" in problem.message and "6 rows" in problem.message
    assert enforce(clean(), columns={"city": terms})[1][0].effect == "passed"


def test_references_by_number_and_day_are_read_as_the_column_is(tmp_path):
    frame = clean()
    known = tmp_path / "known.csv"
    days = pd.Series(pd.date_range("2024-01-01", "2024-12-31")).dt.strftime("%Y-%m-%d")
    pd.DataFrame({"age": np.resize(np.arange(18, 90), 366), "start": days}).to_csv(known, index=False)
    rows = data(frame)
    terms = {name: {"references": {"file": str(known)}} for name in ("age", "start")}
    assert enforce(rows, columns=terms)[1][0].effect == "passed"
    frame.loc[3, "age"] = 91
    assert ["1 row is not so" in p.message for p in stopped(frame, columns=terms)] == [True]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"file": "nowhere.csv"}, "does not exist"),
        ({"file": "recipes/data/german_credit.csv", "column": "purpos"}, "Did you mean purpose?"),
    ],
)
def test_a_file_of_references_that_is_not_right_is_told(terms, said):
    (problem,) = stopped(clean(), columns={"city": {"references": terms}})
    assert said in problem.message


def test_relations_that_do_not_hold_are_told_by_name():
    frame = planted("end", [3, 4], pd.Timestamp("2020-01-01"))
    frame.loc[10, "amount"] = -5.0
    problems = stopped(frame, relations={"ends after it starts": "start <= end", "paid": "amount >= 0"})
    assert [p.message.partition(";")[0] for p in problems] == [
        "relations.ends after it starts: expected start <= end",
        "relations.paid: expected amount >= 0",
    ]
    assert "2 rows are not so (0.20%), counted from 0: 3, 4" in problems[0].message
    assert "relations.paid.action: drop or note" in problems[1].message


@pytest.mark.parametrize(
    ("terms", "column", "said"),
    [
        ({"min_rows": 1001}, "", "min_rows: expected at least 1001 rows, there are 1000"),
        ({"max_rows": 999}, "", "max_rows: expected at most 999 rows, there are 1000"),
        ({"columns": {"agee": {}}}, "agee", "the column is not there (or data.ignore leaves it out). Did you mean age?"),
        ({"columns": {"age": {"kind": "category"}}}, "age", "expected a category, its values read as a number"),
        ({"columns": {"city": {"min": 3}}}, "city", "expected numbers, the column is a category"),
        ({"columns": {"age": {"min": "2024-01-01"}}}, "age", "expected dates from 2024-01-01, the column is a number"),
        ({"columns": {"city": {"whole": True}}}, "city", "expected whole numbers, the column is a category"),
        ({"columns": {"age": {"pattern": "1"}}}, "age", "expected text, the column is a number"),
        ({"columns": {"age": {"values": ["a"]}}}, "age", "expected declared values that are no texts"),
        ({"columns": {"start": {"values": ["soon"]}}}, "start", "expected declared dates"),
        ({"relations": {"r": "amout > 0"}}, "", "names 'amout', which is no column here. Did you mean amount?"),
        ({"relations": {"r": "city > 0"}}, "", "compares a text with a number"),
        (
            {"freshness": {"column": "start", "max_age_days": 30, "at": "2025-01-01"}},
            "start",
            "expected a newest value at most 30 days old on 2025-01-01, it is 67.0 days old",
        ),
        ({"freshness": {"column": "star", "max_age_days": 30}}, "star", "is not there. Did you mean start?"),
        ({"freshness": {"column": "age", "max_age_days": 30}}, "age", "expected dates, the column is a number"),
    ],
)
def test_what_is_wrong_with_the_whole_table_stops(terms, column, said):
    (problem,) = stopped(clean(), **terms)
    assert problem.key == "governance.rules.contract" + (f" {column}" if column else "")
    assert said in problem.message


def test_the_age_of_the_newest_row_counts_from_today_where_no_day_is_given():
    frame = clean()
    terms = {"freshness": {"column": "start", "max_age_days": 1}}
    assert len(stopped(frame, **terms)) == 1
    frame.loc[3, "start"] = pd.Timestamp.today().normalize()
    assert enforce(frame, **terms)[1][0].effect == "passed"


def test_columns_that_the_contract_does_not_name_are_refused_only_where_it_is_strict():
    columns = {name: {} for name in clean().columns if name not in ("city", "y")}
    assert enforce(clean(), columns=columns)[1][0].effect == "passed"
    (problem,) = stopped(clean(), columns=columns, strict=True)
    assert problem.key == "governance.rules.contract city"
    assert "the contract does not know this column" in problem.message


def test_a_column_that_need_not_be_there_may_be_absent():
    assert enforce(clean(), columns={"income": {"required": False, "min": 0}})[1][0].effect == "passed"


def test_everything_that_is_broken_is_told_at_once_in_the_order_of_the_contract():
    frame = clean(400)
    frame.loc[[1, 2], "age"] = 5
    frame.loc[3, "city"] = SECRET
    frame.loc[4, "key"] = "AB000000"
    frame["more"] = 1
    problems = stopped(frame.drop(columns="amount"), **{**PROMISED, "relations": {"r": "start > end"}})
    terms = [p.message.partition(":")[0] for p in problems]
    assert terms == [
        "min_rows",
        "strict",
        "columns.amount",
        "columns.age.min",
        "columns.city.values",
        "columns.key.unique",
        "relations.r",
    ]
    assert SECRET not in " ".join(p.message for p in problems)


def test_a_contract_that_only_notes_stops_nothing():
    frame = planted("age", ROWS, 5)
    kept, entries = enforce(frame, action="note", columns={"age": {"min": 18}, "gone": {}, "city": {"min": 1}}, min_rows=5000)
    assert len(kept) == 1000
    assert [(e.column, e.effect, e.count) for e in entries] == [
        ("", "noted", 0),
        ("gone", "noted", 0),
        ("city", "noted", 0),
        ("age", "noted", 6),
    ]
    age = next(e for e in entries if e.column == "age")
    assert (age.measured, age.limit, age.unit, age.count) == (0.006, 0.0, "share", 6)
    assert "of the contract" not in age.note


def test_bad_rows_are_dropped_and_counted_once_where_two_terms_find_them():
    frame = planted("age", [3, 4], 5)
    frame.loc[[4, 5], "city"] = SECRET
    frame.loc[[8, 9], "start"] = pd.Timestamp("2999-01-01")
    columns = {"age": {"min": 18, "action": "drop"}, "city": {"values": CITIES, "action": {"values": "drop"}}}
    relations = {"order": {"expression": "start <= end", "action": "drop"}}
    kept, entries = enforce(frame, columns=columns, relations=relations)
    assert sorted(set(range(1000)) - set(kept.row_ids.tolist())) == [3, 4, 5, 8, 9]
    assert [(e.effect, e.count, e.rows_after) for e in entries] == [
        ("rows dropped", 2, 998),
        ("rows dropped", 1, 997),
        ("rows dropped", 2, 995),
    ]


@pytest.mark.parametrize(
    ("column", "terms", "bad", "later"),
    [
        ("age", {"min": 18}, 5, ["17", "18"]),
        ("age", {"max": 90}, 500, ["91", "90"]),
        ("age", {"whole": True}, 20.5, ["0.25", "3"]),
        ("age", {"values": list(range(18, 91))}, -999, ["17.5", "20"]),
        ("city", {"values": CITIES}, "Atlantis", ["Utopia", "Rome"]),
        ("city", {"pattern": "[A-Z][a-z]{3}"}, "Atlantis", ["rome", "Wien"]),
        ("start", {"min": "2024-01-01"}, pd.Timestamp("1900-01-01"), ["1899-12-31", "2024-06-01"]),
        ("start", {"max": "2025-01-01"}, pd.Timestamp("9999-12-31"), ["2999-12-31", "2024-06-01"]),
        (
            "start",
            {"values": [f"2024-{m:02d}-{d:02d}" for m in range(1, 13) for d in range(1, 29)]},
            None,
            ["2024-01-31", "2024-01-05"],
        ),
    ],
)
def test_bad_values_made_missing_are_so_on_test_rows_and_on_rows_that_are_read_later(column, terms, bad, later):
    frame = clean() if bad is None else planted(column, ROWS, bad)
    whole = data(frame)
    kept, entries = enforce(whole, columns={column: {**terms, "action": "missing"}})

    gone = kept.values(column).isna().to_numpy()
    assert len(kept) == 1000
    assert [(e.column, e.effect) for e in entries] == [(column, "values set missing")]
    assert entries[0].count == gone.sum() > 0
    if bad is not None:
        assert np.flatnonzero(gone).tolist() == ROWS
    kept_values = kept.values(column)[~gone]
    assert kept_values.astype(str).tolist() == whole.values(column)[~gone].astype(kept_values.dtype).astype(str).tolist()
    test = treated_like(whole.rows(np.arange(50)), kept)
    assert test.values(column).isna().tolist() == gone[:50].tolist()
    levels = list(kept.values(column).cat.categories) if column == "city" else None
    assert read_column(pd.Series(later), kept.column(column).reading, levels).values.isna().tolist() == [True, False]


def test_a_text_column_keeps_only_what_its_pattern_fits():
    frame = clean()
    frame.loc[ROWS, "key"] = "no code at all"
    rows = data(frame, key=Kind.TEXT)
    kept, entries = enforce(rows, columns={"key": {"kind": "text", "pattern": "AB[0-9]{6}", "action": "missing"}})
    assert np.flatnonzero(kept.values("key").isna()).tolist() == ROWS
    assert entries[0].count == 6


def test_a_column_wide_action_holds_for_the_checks_that_allow_it_and_the_others_stop():
    frame = clean()
    frame.loc[[1, 2], "key"] = ["bad code", "AB000000"]
    (problem,) = stopped(frame, columns={"key": {"pattern": "AB[0-9]{6}", "unique": True, "action": "missing"}})
    assert problem.message.startswith("columns.key.unique")


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"columns": {"a": {"minimum": 3}}}, "extra_forbidden"),
        ({"columns": {"a": {"min": "18"}}}, "is '18', which is no date"),
        ({"columns": {"a": {"min": 3, "max": 2}}}, "has a min of 3.0 above its max of 2.0"),
        ({"columns": {"a": {"min": "2024-02-01", "max": "2024-01-01"}}}, "above its max"),
        ({"columns": {"a": {"min": 3, "max": "2024-01-01"}}}, "of which one is a date"),
        ({"columns": {"a": {"pattern": "[a"}}}, "is no pattern: missing \\]"),
        ({"columns": {"a": {"pattern": "(?=a)"}}}, "is no pattern"),
        ({"columns": {"a": {"action": {"unique": "missing"}}}}, "can not answer unique by 'missing'"),
        ({"columns": {"a": {"action": {"required": "drop"}}}}, "can not answer required by 'drop'"),
        ({"columns": {"a": {"max_missing_share": 5}}}, "less than or equal to 1"),
        ({"columns": {"a": {"references": {}}}}, "needs either values or file"),
        ({"columns": {"a": {"values": []}}}, "at least 1 item"),
        ({"relations": {"r": "__import__('os').system('x') == 0"}}, "calls a function"),
        ({"relations": {"r": {"expression": "a.b > 1"}}}, "reads an attribute"),
        ({"relations": {"r": {"expression": "a > 1", "action": "missing"}}}, "'stop', 'note' or 'drop'"),
        ({"freshness": {"column": "d", "max_age_days": 3, "at": "monday"}}, "is 'monday', which is no date"),
        ({"freshness": {"column": "d", "max_age_days": -3}}, "greater than or equal to 0"),
        ({"action": "drop"}, "'stop' or 'note'"),
        ({"strict": "yes"}, "valid boolean"),
        ({"min_rows": -1}, "greater than or equal to 0"),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused_before_any_row_is_seen(terms, said):
    with pytest.raises(ValidationError, match=said.replace("(", r"\(")) as caught:
        RULES.find("contract")(**terms)
    assert caught.value.error_count() >= 1


def test_an_empty_contract_does_not_apply():
    assert [e.effect for e in enforce(clean())[1]] == ["not applicable"]


def test_a_contract_is_held_against_a_million_rows():
    n = 1_000_000
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"n{i}": rng.normal(size=n) for i in range(10)})
    frame["city"] = pd.Categorical.from_codes(rng.integers(0, 4, n), CITIES)
    frame["y"] = 0
    rows = table(target="y", **dict(frame.items()))
    columns = {name: {"min": -3, "max": 3, "max_missing_share": 0} for name in frame if name.startswith("n")}
    columns["city"] = {"values": CITIES, "pattern": "[A-Z][a-z]+"}
    _, entries = enforce(rows, action="note", columns=columns, relations={f"r{i}": f"n{i} < n{i + 1} + 9" for i in range(5)})
    assert [e.count > 1000 for e in entries if ".min" in e.note] == [True] * 10


def broken(n=50):
    """Gives a test table that breaks a term of each kind, and knows no other people than the training rows."""
    test = clean(n)
    test.loc[[1, 2], "age"] = 5
    test.loc[3, "city"] = SECRET
    test.loc[4, "key"] = SECRET
    test.loc[[5, 6], "amount"] = np.nan
    test.loc[7, "end"] = test.loc[7, "start"] - pd.Timedelta(days=1)
    return test


TERMS = {
    "columns": {
        "age": {"min": 18, "whole": True},
        "amount": {"max_missing_share": 0},
        "city": {"values": CITIES},
        "key": {"pattern": "AB[0-9]{6}", "unique": True},
    },
    "relations": {"in order": "start <= end"},
    "min_rows": 500,
    "freshness": {"column": "start", "max_age_days": 70, "at": "2025-01-01"},
}


def test_values_of_a_test_table_are_held_against_the_contract_and_stop_with_the_rows():
    with pytest.raises(GovernanceStop) as caught:
        enforce(clean(), broken(), **TERMS)
    told = {p.key.partition(" ")[2]: p.message.partition("test table: ")[2].split(". Change")[0] for p in caught.value.problems}
    assert told == {
        "age": "columns.age.min: expected at least 18; 2 rows are not so (4.00%), counted from 0: 1, 2",
        "amount": "columns.amount.max_missing_share: expected no missing value; "
        "2 rows are not so (4.00%), counted from 0: 5, 6",
        "city": "columns.city.values: expected one of Rome, Oslo, Bern, Graz; 1 row is not so (2.00%), counted from 0: 3",
        "key": "columns.key.pattern: expected text like AB[0-9]{6}; 1 row is not so (2.00%), counted from 0: 4",
        "": "relations.in order: expected start <= end; 1 row is not so (2.00%), counted from 0: 7",
    }
    assert SECRET not in str(caught.value)


def test_a_test_table_of_few_old_rows_that_repeat_breaks_nothing():
    test = pd.concat([clean(20), clean(20)], ignore_index=True)
    test["start"], test["end"] = test["start"] - pd.Timedelta(days=900), test["end"] - pd.Timedelta(days=900)
    assert [e.effect for e in enforce(clean(), test, **TERMS)[1]] == ["passed"]


@pytest.mark.parametrize("action", ["note", "missing", "drop"])
def test_what_does_not_stop_is_told_of_a_test_table_and_changes_no_row(action):
    frame, test = clean(), broken()
    columns = {"age": {"min": 18, "action": action}}
    after, entries = enforce(frame, test, columns=columns)
    assert [(e.effect, e.column, e.count) for e in entries] == [("noted", "age", 2)]
    assert entries[0].note.startswith("test table: columns.age.min") and entries[0].note.endswith(
        "; test rows are never dropped"
    )
    assert len(after) == len(frame)


def test_the_target_of_a_test_table_is_not_read():
    test = clean(50)
    test["y"] = 7
    terms = {"columns": {"y": {"max": 1}}, "relations": {"known": "y <= 1"}}
    once, twice = (enforce(clean(), rows, **terms)[1] for rows in (test, clean(50)))
    assert [(e.column, e.effect, e.note) for e in once] == [(e.column, e.effect, e.note) for e in twice]
    assert all(e.effect == "noted" and not e.note.startswith("test table") for e in once)


def test_a_column_that_a_test_table_lacks_is_told():
    with pytest.raises(GovernanceStop, match=r"test table: columns\.city: the column is not there"):
        enforce(clean(), clean(9).drop(columns="city"), columns={"city": {}})
