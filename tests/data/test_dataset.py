"""The typed table: roles, labels, fingerprints, another table of the same make."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import (
    Kind,
    RawTable,
    ReadingRules,
    Role,
    build_dataset,
    load_dataset,
    read_labels,
    reread_dataset,
    save_dataset,
)
from lepton_automl.errors import DataError

TOKENS = ("", "?")


def raw(has_types=True, **columns):
    frame = pd.DataFrame({name: pd.Series(values, dtype="str" if not has_types else None) for name, values in columns.items()})
    return RawTable(frame, (), "table.csv", has_types)


def test_a_column_is_a_feature_unless_its_role_forbids_it():
    roles = {
        "y": frozenset({Role.TARGET}),
        "who": frozenset({Role.ID}),
        "at": frozenset({Role.TIME}),
        "sex": frozenset({Role.PROTECTED}),
    }

    data, entries = build_dataset(
        raw(y=[1], who=[1], at=[1], sex=["f"], x=[1], z=[1]), ReadingRules(roles=roles, ignore=frozenset({"z"}))
    )

    assert [column.name for column in data.features] == ["at", "x"] and data.names == ["y", "who", "at", "sex", "x"]
    assert data.name_of(Role.TARGET) == "y" and data.name_of(Role.WEIGHT) is None
    assert [(e.code, e.column, e.effect) for e in entries] == [("LOAD020", "z", "column dropped")]


def test_all_columns_that_the_recipe_names_and_the_table_lacks_are_told_at_once():
    rules = ReadingRules(
        kinds={"agee": Kind.NUMBER},
        roles={"yy": frozenset({Role.TARGET})},
        ignore=frozenset({"zip"}),
        keys={"yy": "task.target"},
    )

    with pytest.raises(DataError) as caught:
        build_dataset(raw(age=[1], y=[1]), rules)

    assert [(problem.key, problem.message) for problem in caught.value.problems] == [
        ("data.ignore", "'zip' is not a column of table.csv."),
        ("data.kinds", "'agee' is not a column of table.csv."),
        ("task.target", "'yy' is not a column of table.csv."),
    ]
    assert caught.value.problems[1].fix == "Did you mean age?"


@pytest.mark.parametrize(
    ("values", "has_types", "found", "dtype"),
    [
        pytest.param([0, 1, 1], True, [0, 1, 1], "int64", id="whole numbers"),
        pytest.param([True, False, True], True, [True, False, True], "bool", id="truth values"),
        pytest.param(["no", "yes", "?"], True, ["no", "yes", None], "str", id="text, one stands for missing"),
        pytest.param(["0", "1", "1"], True, ["0", "1", "1"], "str", id="text of a source that knows types stays text"),
        pytest.param(["0", "1", "1"], False, [0, 1, 1], "int64", id="whole numbers of CSV"),
        pytest.param(["0", "?", None], False, [0, None, None], "Int64", id="whole numbers of CSV with gaps"),
        pytest.param(["1.0", "2.0", "1.0"], False, [1.0, 2.0, 1.0], "float64", id="numbers of CSV"),
        pytest.param(["01", "02", "10"], False, ["01", "02", "10"], "str", id="codes of CSV"),
        pytest.param([" yes", "yes", "no "], False, ["yes", "yes", "no"], "str", id="blanks around go"),
        pytest.param([1, None, 0], True, [1, None, 0], "float64", id="whole numbers of pandas with a gap"),
    ],
)
def test_labels_keep_the_type_they_came_in(values, has_types, found, dtype):
    read = read_labels(pd.Series(values, dtype=None if has_types else "str"), TOKENS, has_types)

    assert [None if pd.isna(value) else value for value in read.values] == found
    assert str(read.values.dtype) == dtype


def test_labels_that_stand_for_missing_and_blanks_around_labels_are_counted():
    rules = ReadingRules(roles={"y": frozenset({Role.TARGET})}, missing_tokens=TOKENS, label_targets=True)

    _, entries = build_dataset(raw(False, y=["a", "?", "b "], x=["1", "2", "3"]), rules)

    assert [(e.code, e.column, e.count) for e in entries] == [("LOAD021", "y", 1), ("LOAD026", "y", 1)]


def test_mixed_labels_become_text():
    assert read_labels(pd.Series([1, "a", 2], dtype=object), TOKENS).values.tolist() == ["1", "a", "2"]


def test_another_table_is_read_as_the_first_was():
    first, _ = build_dataset(raw(False, price=["1,5", "2,25"], c=["a", "b"]), ReadingRules())

    other, entries = reread_dataset(raw(False, c=["b", "z"], extra=["1", "2"], price=["3,5", "4.5"]), first, False, "data.test")

    assert other.names == ["price", "c"] and other.values("price").tolist()[0] == 3.5
    assert other.values("c").cat.categories.tolist() == ["a", "b", "z"]
    assert [(e.code, e.column, e.count) for e in entries] == [
        ("LOAD028", "", 1),
        ("LOAD022", "price", 1),
        ("LOAD024", "price", 1),
    ]


def test_levels_of_a_csv_file_stay_as_written_whatever_else_the_file_holds():
    first, _ = build_dataset(raw(False, c=["1.0", "007", "1.10", "x"]), ReadingRules())

    for level in ("1.0", "007", "1.10"):
        other, _ = reread_dataset(raw(False, c=[level]), first, False, "data.test")
        assert other.values("c").tolist() == [level]


def test_labels_of_another_csv_file_are_text_where_those_of_the_first_are():
    rules = ReadingRules(roles={"y": frozenset({Role.TARGET})}, label_targets=True)
    first, _ = build_dataset(raw(False, y=["1", "2", "many"], x=["1", "2", "3"]), rules)

    other, _ = reread_dataset(raw(False, y=["2", "1"], x=["1", "2"]), first, True, "data.test")

    assert other.values("y").tolist() == ["2", "1"]


def test_another_table_without_a_column_of_the_first_is_refused_with_all_of_them_but_the_optional():
    first, _ = build_dataset(raw(age=[1], city=["a"], id=[1]), ReadingRules())

    with pytest.raises(DataError) as caught:
        reread_dataset(raw(agee=[1]), first, False, "data.test", optional=frozenset({"id"}))

    assert [(p.key, p.message) for p in caught.value.problems] == [
        ("data.test", "'age' is a column of the training data, but not of table.csv."),
        ("data.test", "'city' is a column of the training data, but not of table.csv."),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"a": [1, 2]}, {"a": [1, 3]}, id="a number"),
        pytest.param({"a": ["x", "y"]}, {"a": ["x", "z"]}, id="a level"),
        pytest.param({"a": ["x", "y"]}, {"a": ["y", "x"]}, id="the order"),
        pytest.param({"a": ["ab", "c"]}, {"a": ["a", "bc"]}, id="where text is cut"),
        pytest.param({"a": [1.0, None]}, {"a": [1.0, 0.0]}, id="a missing value"),
        pytest.param({"a": [1]}, {"b": [1]}, id="a name"),
        pytest.param({"a": ["one two three x", "b c d e"]}, {"a": ["one two three x", "b c d f"]}, id="text"),
    ],
)
def test_the_fingerprint_changes_with_any_value(one, other):
    prints = [build_dataset(raw(**columns), ReadingRules())[0].fingerprint for columns in (one, one, other)]

    assert prints[0] == prints[1] != prints[2]


def test_a_dataset_written_and_read_is_the_same(tmp_path):
    columns = {
        "n": [1, 2],
        "x": [0.5, None],
        "c": ["a", None],
        "none": [None, None],
        "day": pd.to_datetime(["2024-01-31", None]),
    }
    roles = {"y": frozenset({Role.TARGET})}
    data, _ = build_dataset(
        raw(**columns, y=["yes", "no"], s=["a b c d", "e f g h"]), ReadingRules(roles=roles, label_targets=True)
    )

    save_dataset(data.rows(np.array([1])), tmp_path / "d.arrow")
    back = load_dataset(tmp_path / "d.arrow")

    pd.testing.assert_frame_equal(back.frame, data.rows(np.array([1])).frame, check_categorical=False)
    assert back.columns == data.columns and back.row_ids.tolist() == [1] and back.fingerprint == data.fingerprint


def test_rows_keep_their_ids_and_columns_their_roles_when_some_are_taken():
    data, _ = build_dataset(raw(a=[1, 2, 3], b=[4, 5, 6]), ReadingRules())

    some = data.rows(np.array([True, False, True])).without(["a"]).with_roles({"b": frozenset({Role.WEIGHT})})

    assert some.row_ids.tolist() == [0, 2] and some.names == ["b"] and some.column("b").has(Role.WEIGHT)
