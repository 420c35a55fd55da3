"""Labels come back in the type they came in."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.tasks import Labels

KINDS = {
    "int64": pd.Series([3, 1, 2, 1], dtype="int64"),
    "int8": pd.Series([3, 1, 2, 1], dtype="int8"),
    "Int64": pd.Series([3, 1, 2, 1], dtype="Int64"),
    "float64": pd.Series([0.5, 1.0, 2.0, 0.5]),
    "bool": pd.Series([True, False, True, True]),
    "boolean": pd.Series([True, False, True, True], dtype="boolean"),
    "str": pd.Series(["good", "bad", "good", "ugly"], dtype="str"),
    "string": pd.Series(["good", "bad", "good", "ugly"], dtype="string"),
    "object": pd.Series(["good", "bad", "good", "ugly"], dtype="object"),
    "category": pd.Series(["good", "bad", "good", "ugly"], dtype="category"),
    "category of numbers": pd.Series([3, 1, 2, 1], dtype="category"),
    "mixed": pd.Series(["good", 2, True, 2], dtype="object"),
}


@pytest.mark.parametrize("raw", KINDS.values(), ids=KINDS)
def test_labels_survive_encoding_storing_and_decoding_with_their_type(raw):
    labels = Labels.of(raw)
    stored = json.loads(json.dumps(labels.to_dict()))
    loaded = Labels(tuple(stored["values"]), stored["dtype"])

    back = loaded.decode(loaded.codes(raw))

    assert list(back) == list(raw)
    assert [type(value) for value in back] == [type(value) for value in raw]
    assert back.dtype == raw.dtype or isinstance(raw.dtype, pd.CategoricalDtype)
    assert isinstance(back.dtype, pd.CategoricalDtype) == isinstance(raw.dtype, pd.CategoricalDtype)


def test_labels_are_sorted_and_mixed_ones_by_type_first():
    assert Labels.of(pd.Series([10, 9, 2])).values == (2, 9, 10)
    assert Labels.of(pd.Series(["b", 2, "a", 1], dtype=object)).values == (1, 2, "a", "b")


def test_the_positive_label_is_the_last_one():
    raw = pd.Series(["bad", "good"])
    assert Labels.of(raw).values == ("bad", "good")
    assert Labels.of(raw, positive="bad").values == ("good", "bad")
    assert Labels.of(raw, positive="worse").values == ("bad", "good")


def test_the_positive_label_keeps_its_own_type():
    labels = Labels.of(pd.Series([True, False]), positive=0)
    assert labels.values == (True, False)
    assert all(isinstance(value, bool) for value in labels.values)


def test_a_missing_or_unknown_label_has_the_code_minus_one():
    labels = Labels.of(pd.Series(["a", "b", None]))
    assert labels.codes(pd.Series(["b", None, "c", "a"])).tolist() == [1, -1, -1, 0]
    assert labels.codes(pd.Series([None, None], dtype=object)).tolist() == [-1, -1]
    assert labels.codes(pd.Series([], dtype=object)).tolist() == []


@pytest.mark.parametrize(
    "raw",
    [
        pd.Series([1.0, 0.0]),
        pd.Series(["1", "0"]),
        pd.Series(["1.0", "0"])[1:],
        pd.Series([True, False]),
        pd.Series([1, 0], dtype="Int8"),
    ],
    ids=["floats", "texts", "one text", "booleans", "small integers"],
)
def test_integer_labels_are_known_by_what_other_types_make_of_them(raw):
    labels = Labels.of(pd.Series([0, 1]))
    assert labels.codes(raw).tolist() == [1, 0][-len(raw) :]


def test_text_labels_are_known_when_they_come_as_numbers():
    labels = Labels.of(pd.Series(["0", "1"]))
    assert labels.codes(pd.Series([1.0, 0.0, np.nan])).tolist() == [1, 0, -1]
