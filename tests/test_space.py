"""What a parameter may be, as a recipe writes it."""

import pytest

from lepton_automl.errors import RecipeError
from lepton_automl.space import Choice, Fixed, Float, Int, inside, parse_dimension, typed_as


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (31, Fixed(31)),
        ("gini", Fixed("gini")),
        (True, Fixed(True)),
        ([1], Fixed(1)),
        ([1, 2], Choice((1, 2))),
        ({"low": 4, "high": 64}, Int(4, 64)),
        ({"low": 4, "high": 64, "log": True}, Int(4, 64, True)),
        ({"low": 0.1, "high": 1}, Float(0.1, 1.0)),
        ({"low": 2, "high": 2}, Fixed(2)),
    ],
)
def test_a_value_a_list_and_a_range_are_read(written, expected):
    assert parse_dimension(written, "key") == expected


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([], "is an empty list of choices."),
        ({"low": 1}, "is not a range: {low: 1}."),
        ({"low": 1, "high": 2, "step": 1}, "is not a range"),
        ({"low": 2, "high": 1}, "has low 2 above high 1."),
        ({"low": "a", "high": 1}, "has an end that is not a number"),
        ({"low": True, "high": 1}, "has an end that is not a number"),
        ({"low": float("nan"), "high": 1}, "has an end that is not a number"),
        ({"low": 0, "high": float("inf")}, "has an end that is not a number"),
        ({"low": 0, "high": 1, "log": True}, "has log: true and low 0."),
        ({"low": 1, "high": 2, "log": "yes"}, "has log: 'yes'."),
    ],
)
def test_a_range_that_is_none_is_refused_with_its_key(written, said):
    with pytest.raises(RecipeError) as caught:
        parse_dimension(written, "search.models.lightgbm.num_leaves")
    assert said in str(caught.value)
    assert "search.models.lightgbm.num_leaves" in str(caught.value)


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (Fixed(3), Int(1, 5), True),
        (Fixed(3.0), Int(1, 5), True),
        (Fixed(3.5), Int(1, 5), False),
        (Fixed(6), Int(1, 5), False),
        (Fixed(True), Int(0, 5), False),
        (Fixed("3"), Int(1, 5), False),
        (Fixed(float("inf")), Int(1, 5), False),
        (Fixed(float("nan")), Float(0, 1), False),
        (Fixed(1), Float(0, 1), True),
        (Int(1, 5), Int(1, 5), True),
        (Int(0, 5), Int(1, 5), False),
        (Float(1, 5), Int(1, 5), False),
        (Int(0, 1), Float(0, 1), True),
        (Float(0.1, 0.2), Float(0, 1), True),
        (Float(0.1, 1.2), Float(0, 1), False),
        (Choice((1, 9)), Int(1, 5), False),
        (Choice(("a",)), Choice(("a", "b")), True),
        (Fixed(1), Choice((True, False)), False),
        (Fixed(False), Choice((True, False)), True),
        (Int(0, 1), Choice((0, 1)), True),
        (Float(0, 1), Choice((0.0, 1.0)), False),
        (Fixed(2), Fixed(2), True),
        (Fixed(3), Fixed(2), False),
    ],
)
def test_a_dimension_is_inside_of_the_legal_one_or_not(inner, outer, expected):
    assert inside(inner, outer) is expected


def test_a_legal_value_takes_the_type_of_its_dimension():
    assert typed_as(Fixed(1), Float(0, 1)) == Fixed(1.0) and isinstance(typed_as(Fixed(1), Float(0, 1)).value, float)
    assert isinstance(typed_as(Fixed(3.0), Int(1, 5)).value, int)
    assert typed_as(Int(0, 1), Float(0, 1)) == Float(0.0, 1.0)
    assert typed_as(Choice((0, 1)), Float(0, 1)).options == (0.0, 1.0)
    assert typed_as(Fixed("a"), Choice(("a",))) == Fixed("a")
