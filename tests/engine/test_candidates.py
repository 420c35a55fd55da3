"""Which models are tried, and what a recipe may say of them."""

from lepton_automl.engine.candidates import choose_candidates
from lepton_automl.models import Shape
from lepton_automl.tasks import Goal, Makes

BINARY = Goal(Makes.PROBABILITIES, 2)


def test_a_representation_that_a_family_does_not_know_is_a_problem_with_its_key():
    choices = choose_candidates({"linear": {"categories": "native"}}, Shape(300, 4, BINARY, levels=5), None, "cpu", ())
    assert [problem.key for problem in choices.problems] == ["search.models.linear.categories"]


def test_nets_come_before_more_boosting_where_there_are_many_classes():
    models = {"tabm": {}, "xgboost": {}, "lightgbm": {}, "linear": {}}

    def order(classes):
        shape = Shape(300, 4, Goal(Makes.PROBABILITIES, classes))
        return [candidate.name for candidate in choose_candidates(models, shape, None, "cpu", ()).candidates]

    assert order(2) == ["lightgbm", "linear", "xgboost", "tabm"]
    assert order(26) == ["lightgbm", "linear", "tabm", "xgboost"]
