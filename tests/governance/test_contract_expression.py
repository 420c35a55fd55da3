"""Relations between columns: what holds where, and what is never executed."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind
from lepton_automl.errors import RecipeError
from lepton_automl.governance.contract.expression import read_expression
from lepton_automl.testing import table

DAYS = pd.to_datetime(["2024-01-01", "2024-01-10", None, "2024-03-01"])


def data():
    return table(
        kinds={"note": Kind.TEXT},
        a=[1.0, 2.0, np.nan, -4.0],
        b=[2, 2, 3, 4],
        start=pd.Series(DAYS),
        end=pd.Series(pd.to_datetime(["2024-01-05", "2024-01-09", "2024-02-01", "2024-03-01"])),
        state=["open", "paid", "paid", None],
        other=["open", "open", "paid", "paid"],
        note=["x y", "x", None, "z"],
        is_member=[True, False, True, False],
        **{"credit amount": [10, 20, 30, 40], "金额": [1, 2, 3, 4], "class": [0, 1, 0, 1]},
    )


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("a < b", [1]),
        ("a <= b", []),
        ("start <= end", [1]),
        ("end - start <= 3", [0]),
        ("start + 4 >= end", []),
        ("start >= '2024-01-10'", [0]),
        ("'2024-01-05' <= end <= '2024-02-15'", [3]),
        ("a >= 0", [3]),
        ("not a >= 0", [0, 1]),
        ("-a * 2 + b % 3 > 0", [0, 1]),
        ("a / (b - 2) > 0", [3]),
        ("state == 'paid'", [0]),
        ("state != 'paid'", [1, 2]),
        ("state == other", [1]),
        ("note == 'x'", [0, 3]),
        ("state != 'paid' or a > 5", [1]),
        ("a > 5 and state == 'open'", [0, 1, 2, 3]),
        ("is_member", [1, 3]),
        ("not is_member or b < 3", [2]),
        ("`credit amount` <= 30", [3]),
        ("金额 < 4", [3]),
        ("`class` == 0", [1, 3]),
        ('state == "`open`"', [0, 1, 2]),
        ("1 < 2 and b >= 3", [0, 1]),
        ("b == 2 or 1 > 2", [2, 3]),
    ],
)
def test_a_relation_is_broken_on_the_rows_where_it_is_false_and_missing_values_make_it_neither(text, broken):
    assert np.flatnonzero(read_expression(text).violated(data())).tolist() == broken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("__import__('os').system('true') == 0", "calls a function"),
        ("__import__('os')", "calls a function"),
        ("a.real >= 0", "reads an attribute"),
        ("().__class__ == a", "which a relation can not do"),
        ("a[0] > 1", "reads an item"),
        ("(lambda: 1) == a", "defines a function"),
        ("(x := 1) == a", "sets a name"),
        ("[x for x in a] == 1", "which a relation can not do"),
        ("a == {1: 2}", "holds a Dict"),
        ("a ** 9 > 1", "has a power"),
        ("a << 9 > 1", "which a relation can not do"),
        ("a in (1, 2)", "which a relation can not do"),
        ("a is 1", "has an is"),
        ("f'{a}' == state", "formats a text"),
        ("a > 1 if b else a", "has an if"),
        ("a > True", "neither a number nor a text"),
        ("a > None", "neither a number nor a text"),
        ("a == b'x'", "neither a number nor a text"),
        ("a > 1j", "neither a number nor a text"),
        ("a > 1e999", "neither a number nor a text"),
        ("a > " + "9" * 400, "neither a number nor a text"),
        ("await a", "which a relation can not do"),
        ("a >", "can not be read as a relation"),
        ("a = 1", "can not be read as a relation"),
        ("import os", "can not be read as a relation"),
        ("a > 1; b > 1", "can not be read as a relation"),
        ("", "can not be read as a relation"),
        ("\0", "can not be read as a relation"),
        ("a + b", "compares nothing"),
        ("3", "compares nothing"),
        ("1 < 2", "names no column"),
        ("(" * 300 + "a" + ")" * 300 + " > 1", "can not be read as a relation"),
        ("-" * 300 + "a > 1", "nested too deeply"),
        ("not " * 200 + "a > 1", "nested too deeply"),
        ("a > 1 and " * 200 + "a > 1", "longer than 1000 characters"),
    ],
)
def test_what_is_no_relation_is_refused_before_any_row_is_seen(text, said):
    with pytest.raises(RecipeError) as caught:
        read_expression(text)
    assert said in caught.value.text()
    assert caught.value.problems[0].fix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("amount >= 0", "names 'amount', which is no column here.   Did you mean"),
        ("stat == 'x'", "Did you mean state?"),
        ("state > 3", "compares a text with a number"),
        ("start > 3", "compares a datetime with a number"),
        ("start > 'soon'", "compares a date with 'soon'"),
        ("a > '3'", "compares a number with a text"),
        ("state > 'a'", "puts texts in order"),
        ("state + 'a' == other", "calculates with a category"),
        ("start + end > end", "calculates with dates"),
        ("start * 2 > end", "calculates with dates"),
        ("3 - start > end", "calculates with dates"),
        ("(a > 1) > b", "compares the outcome of a comparison"),
        ("a or b > 1", "takes a number for true or false"),
    ],
)
def test_a_relation_that_does_not_fit_the_columns_is_told(text, said):
    with pytest.raises(RecipeError) as caught:
        read_expression(text).violated(data())
    assert said.split("   ")[0] in caught.value.text()


def test_a_relation_names_its_columns_once_and_in_order():
    assert read_expression("b >= a and `credit amount` > b").columns == ("b", "a", "credit amount")
