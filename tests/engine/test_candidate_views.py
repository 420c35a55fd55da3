"""Which representations of a table are tried follows its shape; what the recipe says stands above it."""

import pytest

from lepton_automl.engine.candidates import _views
from lepton_automl.models import MODELS, Shape
from lepton_automl.space import Choice, Fixed
from lepton_automl.tasks import Goal, Makes

NUMBERS = Goal(Makes.VALUES)


def views(given=None, model="lightgbm", **shape):
    return _views(MODELS.find(model)(), given or {}, Shape(shape.pop("rows", 10_000), 10, NUMBERS, **shape))


@pytest.mark.parametrize(
    ("shape", "usual"),
    [
        ({}, {}),
        ({"levels": 4}, {"categories": "native"}),
        ({"levels": 42}, {"categories": "native"}),
        ({"levels": 3980}, {"categories": "ordinal"}),
        ({"phrases": 2, "levels": 400}, {"categories": "ordinal", "texts": "target"}),
        ({"numbers": 5, "is_skewed": True}, {"made": False, "target_scale": "raw"}),
    ],
    ids=["nothing to choose", "few levels", "some levels", "many levels", "phrases", "numbers"],
)
def test_the_usual_view_comes_first(shape, usual):
    assert views(**shape)[0] == usual


def test_each_other_view_changes_one_thing():
    found = views(levels=12, numbers=5)
    usual = {"categories": "native", "made": False}
    assert found == (
        usual,
        {**usual, "categories": "ordinal"},
        {**usual, "categories": "target"},
        {**usual, "made": True},
    )


def test_columns_are_made_where_there_are_rows_enough_to_judge_them():
    assert [view["made"] for view in views(numbers=5)] == [False, True]
    assert views(numbers=5, rows=3_000) == ({},)


def test_few_levels_are_not_encoded_by_their_target():
    assert [view["categories"] for view in views(levels=4)] == ["native", "ordinal"]


def test_what_the_recipe_says_is_all_that_is_tried():
    given = {"categories": Fixed("target"), "made": Choice((True,)), "texts": Choice(("topics", "drop"))}
    assert views(given, levels=12, numbers=5, rows=100) == (
        {"categories": "target", "made": True, "texts": "topics"},
        {"categories": "target", "made": True, "texts": "drop"},
    )


def test_a_family_is_shown_what_it_can_take():
    assert views(model="linear", levels=12, numbers=5, phrases=1) == ({"made": False}, {"made": True})
