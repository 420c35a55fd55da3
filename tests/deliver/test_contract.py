"""What an artefact expects of a table, and what it says of rows that are otherwise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.deliver import Contract, learn_contract
from lepton_automl.errors import DataError

FEATURE = frozenset({Role.FEATURE})


@pytest.fixture
def train():
    frame = pd.DataFrame({"age": [31.0, 45.0, 52.0], "job": pd.Categorical(["cook", "clerk", "cook"]), "owed": [1.0, 2.0, 3.0]})
    columns = (
        Column("age", Kind.NUMBER, FEATURE, Reading(Kind.NUMBER, ("", "?"))),
        Column("job", Kind.CATEGORY, FEATURE, Reading(Kind.CATEGORY, ("", "?"))),
        Column("owed", Kind.NUMBER, frozenset({Role.TARGET}), Reading(Kind.NUMBER)),
    )
    return Dataset(frame, columns, np.arange(3))


def test_only_features_are_expected_and_their_levels_and_ranges_are_kept(train):
    contract = learn_contract(train, "missing", "missing")

    assert [(e.column.name, e.levels, e.low, e.high) for e in contract.columns] == [
        ("age", (), 31.0, 52.0),
        ("job", ("clerk", "cook"), None, None),
    ]


@pytest.mark.parametrize(
    ("age", "job", "status"),
    [
        (33, "cook", "ok"),
        ("?", "cook", "ok"),
        ("thirty", "cook", "unreadable: age"),
        (33, "pilot", "unseen: job"),
        (float("inf"), "pilot", "unreadable: age; unseen: job"),
    ],
    ids=["as in training", "missing", "no number", "new level", "both"],
)
def test_every_row_says_what_was_not_as_in_training(train, age, job, status):
    contract = learn_contract(train, "missing", "missing")

    _, said = contract.read(pd.DataFrame({"age": [age], "job": [job]}), "new.csv")

    assert said == [status]


def test_numbers_that_come_as_text_are_read_as_in_training(train):
    typed, said = learn_contract(train, "missing", "missing").read(pd.DataFrame({"job": ["clerk"], "age": ["45"]}), "new.csv")

    assert typed["age"].tolist() == [45.0]
    assert said == ["ok"]


def test_missing_columns_are_told_all_at_once_with_the_nearest_name(train):
    with pytest.raises(DataError) as error:
        learn_contract(train, "missing", "missing").read(pd.DataFrame({"agee": [1], "work": ["cook"]}), "new.csv")

    assert "age   is not a column of new.csv; the model needs it.   Did you mean agee?" in str(error.value)
    assert "job" in str(error.value)


@pytest.mark.parametrize(
    ("policies", "raw", "word"),
    [
        (("error", "missing"), {"age": [1], "job": ["pilot"]}, "unseen"),
        (("missing", "error"), {"age": ["x"], "job": ["cook"]}, "unreadable"),
    ],
    ids=["unseen level", "unreadable value"],
)
def test_a_recipe_can_refuse_rows_that_are_otherwise(train, policies, raw, word):
    with pytest.raises(DataError, match=f"has 1 {word} values"):
        learn_contract(train, *policies).read(pd.DataFrame(raw), "new.csv")


def test_a_contract_survives_being_written_down(train):
    contract = learn_contract(train, "missing", "error")

    assert Contract.load(contract.to_dict()) == contract


def test_a_whole_number_as_a_level_is_the_same_however_it_is_written():
    frame = pd.DataFrame({"rooms": pd.Categorical(["1", "3"])})
    data = Dataset(frame, (Column("rooms", Kind.CATEGORY, FEATURE, Reading(Kind.CATEGORY)),), np.arange(2))

    _, said = learn_contract(data, "missing", "missing").read(pd.DataFrame({"rooms": ["3.0", "1", "2"]}), "new.csv")

    assert said == ["ok", "ok", "unseen: rooms"]


def test_few_rows_are_treated_as_many_are(train):
    age = replace(train.columns[0], reading=replace(train.columns[0].reading, treatments=("missing:31",)))
    contract = learn_contract(replace(train, columns=(age, *train.columns[1:])), "missing", "missing")
    rows = pd.DataFrame({"age": [31.0, 45.0], "job": ["cook", "cook"]})
    few, _ = contract.read(rows, "two rows")
    many, _ = contract.read(pd.concat([rows] * 20, ignore_index=True), "forty rows")
    assert np.isnan(few.numbers("age")).tolist() == [True, False]
    assert np.isnan(many.numbers("age")).tolist() == [True, False] * 20
