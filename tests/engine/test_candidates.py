"""Which models are tried, and in which representations of the table."""

import pytest

from lepton_automl.engine.candidates import choose_candidates
from lepton_automl.models import Shape
from lepton_automl.tasks import Goal, Makes

NUMBER, BINARY = Goal(Makes.VALUES), Goal(Makes.PROBABILITIES, 2)


def views(shape, **params):
    choices = choose_candidates({"lightgbm": params}, shape, None, "cpu", ())
    assert choices.problems == ()
    return choices.candidates[0].views


def test_many_levels_are_tried_as_numbers_first_and_few_as_sets():
    assert [view["categories"] for view in views(Shape(300, 4, BINARY, levels=500))] == ["ordinal", "native", "target"]
    assert [view["categories"] for view in views(Shape(300, 4, BINARY, levels=4))] == ["native", "ordinal"]


def test_a_table_of_numbers_without_a_long_tail_is_seen_with_and_without_made_columns_alone():
    assert views(Shape(300, 4, NUMBER, numbers=4)) == ({"made": False}, {"made": True})
    assert views(Shape(300, 1, NUMBER, numbers=1)) == ({},)


def test_a_target_with_a_long_tail_is_tried_on_a_logarithmic_scale():
    assert views(Shape(300, 1, NUMBER, is_skewed=True)) == ({"target_scale": "raw"}, {"target_scale": "log"})


@pytest.mark.parametrize(("given", "tried"), [("target", ["target"]), (["native", "target"], ["native", "target"])])
def test_what_the_recipe_says_of_a_representation_is_all_that_is_tried(given, tried):
    assert [view["categories"] for view in views(Shape(300, 4, BINARY, levels=500), categories=given)] == tried


def test_a_representation_that_a_family_does_not_know_is_a_problem_with_its_key():
    choices = choose_candidates({"linear": {"categories": "native"}}, Shape(300, 4, BINARY, levels=5), None, "cpu", ())
    assert [problem.key for problem in choices.problems] == ["search.models.linear.categories"]
