"""Rows in groups: what is cut where, what is named, and what is not shown."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Reading, Role
from lepton_automl.evidence.groups import cross, group_by_columns, group_rows, joint_names
from lepton_automl.testing import table


def grouped(data, name, train=None, cuts=()):
    return group_rows(data.column(name), data, train, cuts)


def test_numbers_are_cut_where_the_recipe_says_and_each_cut_begins_a_group():
    data = table(age=[24, 25, 39, 40, 60, 99, 20] * 10)

    found = grouped(data, "age", cuts=[40, 25])

    assert found.names == ("up to 24", "25 to 39", "40 and more")
    assert found.codes[:7].tolist() == [0, 1, 1, 2, 2, 2, 0]
    assert found.how == "cut as the recipe says"


def test_numbers_without_cuts_are_cut_at_the_quarters_of_training_rows():
    train, rows = table(age=np.arange(100.0) + 0.5), table(age=[0.0, 30.0, 60.0, 1000.0, np.nan] * 5)

    found = grouped(rows, "age", train)

    assert found.codes[:5].tolist() == [0, 1, 2, 3, -1]
    assert found.names == ("below 25.25", "25.25 to below 50", "50 to below 74.75", "74.75 and more")


def test_few_different_numbers_are_levels_and_truth_values_have_names():
    data = table(worker=[1, 2] * 20, owns=[True, False] * 20)

    assert grouped(data, "worker").names == ("1", "2")
    assert sorted(grouped(data, "owns").names) == ["false", "true"]


def test_a_level_of_fewer_than_ten_rows_is_not_named():
    data = table(city=["Bern"] * 30 + ["Thun"] * 20 + ["Ascona"] * 3)

    found = grouped(data, "city")

    assert found.names == ("Bern", "Thun", "other")
    assert found.sizes.tolist() == [30, 20, 3]


def test_a_level_that_is_an_address_is_not_shown():
    data = table(who=["ann@example.com"] * 30 + ["nobody"] * 30)

    assert set(grouped(data, "who").names) == {"[email]", "nobody"}


def test_groups_of_two_columns_are_those_that_occur_and_missing_ones_are_in_none():
    sex = grouped(table(sex=["f", "f", "m", None] * 10), "sex")
    job = grouped(table(job=["a", "b", "a", "a"] * 10), "job")

    both = cross([sex, job])

    assert both.name == "sex*job"
    assert set(both.names) == {"f × a", "f × b", "m × a"}
    assert both.codes[3] == -1
    assert [both.names[k] for k in both.codes[:3]] == ["f × a", "f × b", "m × a"]


@pytest.mark.parametrize(
    ("column", "why"),
    [
        ("note", "texts give no groups"),
        ("born", "dates give no groups"),
        ("masked", "its values are personal"),
        ("who", "it names rows or persons"),
        ("gone", "a rule took it out of the table"),
    ],
)
def test_columns_whose_values_are_not_to_be_shown_give_no_groups(column, why):
    data = table(
        kinds={"note": Kind.TEXT},
        roles={"who": Role.USER},
        note=["a text"] * 40,
        born=pd.date_range("1980-01-01", periods=40),
        masked=["[name]"] * 40,
        who=["u1", "u2"] * 20,
    )
    reading = Reading(Kind.CATEGORY, treatments=("mask:mentions",))
    masked = data.column("masked")
    data = data.with_column(type(masked)(masked.name, masked.kind, masked.roles, reading), data.values("masked"))

    found, left_out = group_by_columns([column], data, None, {}, 2)

    assert found == []
    assert left_out == [(column, why)]


def test_all_groupings_are_known_by_name_before_there_are_rows():
    data = table(a=["x", "y"] * 20, b=["p", "q"] * 20, c=["u"] * 40)

    found, _ = group_by_columns(["a", "b", "c"], data, None, {}, 3)

    assert [grouping.name for grouping in found] == joint_names(["a", "b", "c"], 3)
    assert joint_names(["a", "b", "c"], 3)[-1] == "a*b*c"
