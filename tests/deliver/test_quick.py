"""A few rows are read the quick way, and read the same as many."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.deliver import learn_contract
from lepton_automl.deliver.quick import FEW_ROWS

FEATURE = frozenset({Role.FEATURE})
TOKENS = ("", "?")


@pytest.fixture
def contract():
    frame = pd.DataFrame(
        {
            "age": [31.0, 45.0, 52.0],
            "job": pd.Categorical(["cook", "clerk", "cook"]),
            "is_new": [0.0, 1.0, 1.0],
            "since": pd.to_datetime(["2020-01-01", "2021-05-01", "2022-02-02"]),
            "words": ["a b c", "d e f", "g h i"],
        }
    )
    kinds = (Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT)
    columns = tuple(Column(name, kind, FEATURE, Reading(kind, TOKENS)) for name, kind in zip(frame, kinds, strict=True))
    return learn_contract(Dataset(frame, columns, np.arange(3)), "missing", "missing")


VALUES = {
    "age": [33, 33.5, None, float("inf"), "45", "?", "old", True],
    "job": ["cook", " clerk ", None, "pilot", "?", "", 3, float("nan")],
    "is_new": [True, False, 1, 0.0, "yes", None, 2, "?"],
    "since": ["2020-03-01", None, pd.Timestamp("2021-01-01"), "soon", "?", "2020-03-01", None, "x"],
    "words": ["one", " two ", None, "?", "", "three", 3, "four"],
}


def table(rows):
    return pd.DataFrame({name: [values[row] for row in rows] for name, values in VALUES.items()}, dtype=object)


def said(contract, raw):
    typed, status = contract.read(raw, "new rows")
    values = {name: typed[name].astype(object).where(typed[name].notna(), None).tolist() for name in typed.columns}
    return values, status


@pytest.mark.parametrize("row", range(8))
def test_one_row_is_read_as_the_same_row_among_many(contract, row):
    many = table([row] * (FEW_ROWS + 1))

    alone, status = said(contract, table([row]))
    among, statuses = said(contract, many)

    assert alone == {name: values[:1] for name, values in among.items()}
    assert status == statuses[:1]


@pytest.mark.parametrize(
    "raw",
    [
        {"age": np.array([33], dtype="int64"), "job": ["cook"], "is_new": np.array([True])},
        {"age": np.array([np.inf]), "job": pd.Categorical(["pilot"]), "is_new": np.array([0.0])},
        {"age": np.array([np.nan], dtype="float32"), "job": pd.array(["clerk"], dtype="str"), "is_new": np.array([2])},
    ],
    ids=["plain types", "a category and infinity", "text type and missing"],
)
def test_columns_with_types_of_their_own_are_read_alike(contract, raw):
    one = pd.DataFrame({**raw, "since": pd.to_datetime(["2020-01-01"]), "words": ["a"]})
    many = pd.concat([one] * (FEW_ROWS + 1), ignore_index=True)

    alone, status = said(contract, one)
    among, statuses = said(contract, many)

    assert alone == {name: values[:1] for name, values in among.items()}
    assert status == statuses[:1]
