"""Column names: never blank, never twice."""

import pytest

from lepton_automl.errors import DataError


def test_columns_without_a_name_get_one_and_the_ledger_says_so(csv):
    table = csv("a,,b, \n1,2,3,4\n")

    assert table.data.names == ["a", "column_2", "b", "column_4"]
    assert table.counts() == [("LOAD008", "column_2", 1), ("LOAD008", "column_4", 1)]


def test_a_made_up_name_does_not_hide_a_column_of_that_name(csv):
    table = csv("column_2,,b\n1,2,3\n")

    assert table.data.names == ["column_2", "column_2.2", "b"]


def test_a_separator_at_the_end_of_every_line_gives_a_named_column_of_missing_values(csv):
    table = csv("id,age,\n1,31,\n2,40,\n")

    assert table.values("column_3") == [None, None] and table.reason("column_3") == "every value is missing"


def test_blanks_around_names_go_and_are_counted(csv):
    table = csv(" a ,b\n1,2\n")

    assert table.data.names == ["a", "b"] and table.counts() == [("LOAD005", "", 1)]


def test_two_columns_of_one_name_and_the_same_values_are_one(csv):
    table = csv("a,b,a\n1,2,1\n3,4,3\n")

    assert table.data.names == ["a", "b"] and table.counts() == [("LOAD006", "a", 1)]


def test_two_columns_of_one_name_and_other_values_are_an_error_that_names_both(csv):
    with pytest.raises(DataError) as caught:
        csv("a,b,a\n1,2,5\n3,4,6\n")

    (problem,) = caught.value.problems
    assert problem.key == "data.source"
    assert problem.message.endswith("has columns of one name with different values: 'a' (columns 1, 3).")
    assert problem.fix.endswith("set data.duplicate_names: rename (they become a.2).")


def test_two_columns_of_one_name_are_renamed_if_the_recipe_says_so(csv):
    table = csv("a,a,a.2,a\n1,2,3,1\n", duplicate_names="rename")

    assert table.data.names == ["a", "a.2.2", "a.2"]
    assert table.counts() == [("LOAD006", "a", 1), ("LOAD007", "a.2.2", 1)]


def test_types_behind_all_names_are_told_and_the_names_stay(csv):
    table = csv("user_id:token\trating:float\n7\t3\n8\t4\n", name="table.tsv")

    assert table.data.names == ["user_id:token", "rating:float"] and table.counts() == [("LOAD014", "", 2)]
    assert "user_id:token" in table.entries[0].note


def test_a_colon_in_some_names_is_no_type(csv):
    assert csv("user_id:token,a:b\n7,3\n8,4\n").counts() == []
