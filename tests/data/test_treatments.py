"""What is done to values: hashed with a key, masked, generalised; twice is as once."""

import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Reading, read_column, treat
from lepton_automl.errors import DataError

KEY = "a key of the tests"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("LEPTON_PII_KEY", KEY)


def digest(text):
    return "h_" + hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def listed(values):
    return [None if value != value else value for value in values.astype(object).tolist()]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pd.Series(["张伟", None, "b"], dtype="category"), ["张伟", None, "b"]),
        (pd.Series(["one two", None, "b"], dtype="str"), ["one two", None, "b"]),
        (pd.Series([13812345678, 7, 7]), ["13812345678", "7", "7"]),
        (pd.Series([13812345678.0, np.nan, 7.0]), ["13812345678", None, "7"]),
    ],
    ids=["category", "text", "whole numbers", "numbers with a gap"],
)
def test_a_hash_is_the_hmac_of_the_value_as_text_and_missing_stays(values, texts):
    assert listed(treat(values, ("hash:LEPTON_PII_KEY",))) == [None if text is None else digest(text) for text in texts]


def test_another_key_gives_other_hashes_and_no_key_is_an_error_that_says_so(monkeypatch):
    values = pd.Series(["a"], dtype="category")
    first = treat(values, ("hash:LEPTON_PII_KEY",))
    monkeypatch.setenv("LEPTON_PII_KEY", "another")
    assert listed(treat(values, ("hash:LEPTON_PII_KEY",))) != listed(first)
    monkeypatch.delenv("LEPTON_PII_KEY")
    with pytest.raises(DataError, match=r"the environment has no LEPTON_PII_KEY.*export LEPTON_PII_KEY=") as caught:
        treat(values, ("hash:LEPTON_PII_KEY",))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("treatment", "before", "after"),
    [
        ("mask", ["a@b.com", None, "x"], ["***", None, "***"]),
        ("mask:mentions", ["ask a@b.com", None, "x"], ["ask [email]", None, "x"]),
        ("generalise:place", ["1 Main St, Reno, NV 89501", None, "湖南省长沙市芙蓉路12号"], ["NV", None, "湖南省长沙市"]),
        ("generalise:place", ["1 Main St", None, "NV"], ["***", None, "NV"]),
        ("generalise:network", ["203.0.113.77", "2001:db8:1::5", "?"], ["203.0.0.0/16", "2001:db8::/32", "***"]),
        ("generalise:start", ["94110-1234", None, "510000"], ["941", None, "510"]),
    ],
)
@pytest.mark.parametrize("dtype", ["category", "str"])
def test_values_are_masked_and_generalised(treatment, before, after, dtype):
    once = treat(pd.Series(before, dtype=dtype), (treatment,))
    assert listed(once) == after
    assert listed(treat(once, (treatment,))) == after


def test_a_hash_of_a_hash_is_the_hash():
    once = treat(pd.Series(["a"], dtype="category"), ("hash:LEPTON_PII_KEY",))
    assert listed(treat(once, ("hash:LEPTON_PII_KEY",))) == listed(once)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(pd.to_datetime(["1980-05-06", None])),
        pd.Series(["1980-05-06", None], dtype="category"),
        pd.Series(["06.05.1980", None], dtype="str"),
    ],
    ids=["dates", "category", "text"],
)
def test_of_a_date_the_year_is_left(values):
    years = treat(values, ("generalise:year",))
    assert years.dtype == "float64"
    assert listed(years) == [1980.0, None]


def test_a_level_that_is_not_there_leaves_no_trace():
    values = pd.Series(pd.Categorical(["a"], categories=["a", "secret"]))
    assert treat(values, ("mask:mentions",)).cat.categories.tolist() == ["a"]


def test_an_unknown_treatment_is_named():
    with pytest.raises(DataError, match="'hsah' is no treatment of values"):
        treat(pd.Series(["a"]), ("hsah:X",), "name")


def test_later_rows_are_treated_as_they_are_read():
    read = read_column(pd.Series(["13812345678", ""]), Reading(Kind.NUMBER, ("",), treatments=("hash:LEPTON_PII_KEY",)))
    assert listed(read.values) == [digest("13812345678"), None]
