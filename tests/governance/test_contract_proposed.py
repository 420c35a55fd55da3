"""A proposed contract: what it says of a table, and that the table it was proposed from keeps it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from lepton_automl.data import Kind, ReadingRules, Role, build_dataset
from lepton_automl.data.sources.file import FileSource
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Stage, Subject, govern
from lepton_automl.governance.contract import propose, written
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

PUBLIC = Path(os.environ.get("LEPTON_DATA", "../shared/data"))
SETS = {
    "german_credit": "creditability",
    "credit_catalonia": "Status",
    "titanic": "Survived",
    "stroke": "stroke",
    "insurance_charges": "charges",
    "employee_salaries": "current_annual_salary",
    "midwest_survey": "Census_Region",
    "bikeshare_hourly": "bikers",
    "chicago_ridership": "ridership",
    "telco_churn": "churn",
}
OURS = {"german_credit.csv": "creditability", "intent_snips.parquet": "intent", "pizza_sales.csv": None}


def read(path, target):
    roles = {target: frozenset({Role.TARGET})} if target else {}
    tokens = ("", "?", "NA", "N/A", "NaN", "null")
    return build_dataset(
        FileSource("DATA", str(path)).read(), ReadingRules(roles=roles, missing_tokens=tokens, label_targets=True)
    )[0]


def enforce(data, terms):
    hidden = tuple(column.name for column in data.with_role(Role.TARGET))

    def subject(rows, stage, test=None):
        return Subject(rows.without(hidden), Goal(Makes.VALUES), None, np.ones(len(rows), dtype=bool), hidden=hidden)

    ledger = Ledger()
    govern(data, [("contract", RULES.find("contract")(**terms))], Stage.DATA, ledger, subject)
    return [entry.effect for entry in ledger.entries]


def keeps_what_is_proposed(data):
    terms = propose(data)
    text = written(terms, data, "the table", "contract.yaml")
    assert {**yaml.safe_load(text), "action": "stop"} == {"action": "stop", **terms}
    assert enforce(data, yaml.safe_load(text)) == ["passed"]
    assert enforce(data, {**terms, "strict": True}) == ["passed"]
    return terms


@pytest.mark.parametrize("name", OURS)
def test_an_example_keeps_the_contract_proposed_from_it(name):
    terms = keeps_what_is_proposed(read(Path("recipes/data") / name, OURS[name]))
    assert OURS[name] not in terms["columns"]


@pytest.mark.parametrize("name", SETS)
def test_a_public_set_keeps_the_contract_proposed_from_it_and_a_planted_fault_does_not(name):
    if not PUBLIC.is_dir():
        pytest.skip("the public sets are not here; LEPTON_DATA names their folder")
    data = read(PUBLIC / name / "train.parquet", SETS[name])
    terms = keeps_what_is_proposed(data)

    assert len(terms["columns"]) == len(data.columns) - 1
    broken = next(column for column in data.columns if column.kind is Kind.NUMBER and not column.has(Role.TARGET))
    values = data.values(broken.name).astype("float64").copy()
    values.iloc[[3, 8]] = terms["columns"][broken.name]["max"] + 1
    with pytest.raises(GovernanceStop) as caught:
        enforce(data.with_column(broken, values), terms)
    assert any(
        problem.key == f"governance.rules.contract {broken.name}" and "2 rows are not so" in problem.message
        for problem in caught.value.problems
    )


def test_bounds_have_a_little_room_in_round_numbers_and_stay_on_their_side_of_zero():
    n = 200
    rng = np.random.default_rng(0)
    data = table(
        price=np.concatenate([[3.25, 977.5], rng.uniform(4, 900, n - 2)]),
        grade=np.resize([1, 2, 3, 4], n),
        change=np.concatenate([[-12.0, 31.0], rng.uniform(-10, 30, n - 2)]),
        debt=np.concatenate([[-500.0, -1.0], rng.uniform(-400, -2, n - 2)]),
        gaps=np.where(np.arange(n) < 20, np.nan, 1.5),
    )
    columns = propose(data)["columns"]
    assert columns["price"] == {"kind": "number", "min": 0, "max": 1080, "max_missing_share": 0.0}
    assert columns["grade"] == {"kind": "number", "min": 0, "max": 5, "whole": True, "max_missing_share": 0.0}
    assert columns["change"] == {"kind": "number", "min": -17, "max": 36, "max_missing_share": 0.0}
    assert columns["debt"] == {"kind": "number", "min": -550, "max": 0, "max_missing_share": 0.0}
    assert columns["gaps"] == {"kind": "number", "min": 1.3, "max": 1.7, "max_missing_share": 0.15}


def test_levels_are_listed_where_they_are_few_and_keys_are_unique():
    n = 300
    data = table(
        kinds={"note": Kind.TEXT},
        city=np.resize(["Rome", "Oslo", "yes", "1"], n),
        street=[f"s{i % 100}" for i in range(n)],
        key=[f"k{i}" for i in range(n)],
        number=np.arange(n) * 7,
        amount=np.arange(n) / 7,
        note=[f"some words of row {i}" for i in range(n)],
        is_member=np.arange(n) % 2 == 0,
        day=pd.Timestamp("2024-03-01 12:00") + pd.to_timedelta(np.arange(n), unit="D"),
    )
    columns = keeps_what_is_proposed(data)["columns"]
    assert columns["city"]["values"] == ["1", "Oslo", "Rome", "yes"]
    assert "values" not in columns["street"]
    assert [name for name, terms in columns.items() if terms.get("unique")] == ["key", "number"]
    assert columns["day"] == {"kind": "datetime", "min": "2024-03-01", "max_missing_share": 0.0}
    assert columns["is_member"] == {"kind": "boolean", "max_missing_share": 0.0}


@pytest.mark.parametrize(
    "values",
    [
        [np.nan] * 6,
        [None] * 5 + ["x"],
        [0, 0, 0, 0, 0, 0],
        [1e300, -1e300, 0, 1, 2, 3],
        [1e-300, 2e-300, 0, 1e-299, 0, 0],
        [2**62, 2**62 + 1, 5, 6, 7, 8],
        [0.1 + 0.2, 0.3, 0.1, 0.7, 0.1, 1e-17],
        [-1e-9, 3e9, 1.5, 2.5, np.nan, 4],
        ["a: b", "'", '"', "#", "\n", "\x00"],
        ["true", "null", "1e3", "~", "- x", "{a}"],
        ["${x}", "[", "!!python", "&a", "*a", "é"],
        np.array(["0001-01-01", "9999-12-31", "NaT", "2024-01-01", "2024-01-01", "2024-01-01"], dtype="datetime64[us]"),
        [True, False, True, True, True, False],
    ],
    ids=str,
)
def test_a_column_of_any_content_keeps_its_own_contract(values):
    repeated = list(values) * 5
    keeps_what_is_proposed(
        table(**{"a": pd.Series(repeated, dtype=getattr(values, "dtype", None)), "b: c": range(30), "ü'x": range(30)})
    )


@pytest.mark.parametrize("n", [1, 2, 9, 49, 51, 1000])
def test_half_of_the_rows_is_the_fewest_in_a_round_number(n):
    rows = propose(table(a=np.arange(n)))["min_rows"]
    assert 0.4 * n - 1 <= rows <= n / 2
