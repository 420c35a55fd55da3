"""Every error says what is wrong, where, and what to do; and has its exit code."""

import pytest

from lepton_automl import errors
from lepton_automl.errors import LeptonError, Problem, RecipeError

CODES = {
    "RecipeError": 2,
    "CommandError": 2,
    "HardwareError": 2,
    "OutputError": 2,
    "DataError": 3,
    "GovernanceStop": 3,
    "ArtifactError": 3,
    "ShapeError": 4,
    "RunError": 4,
}


def test_the_tree_of_errors_is_the_one_that_is_drawn():
    kinds = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, LeptonError)}
    assert {name: kind.exit_code for name, kind in kinds.items() if kind is not LeptonError} == CODES
    for name, code in CODES.items():
        (line,) = [line for line in errors.__doc__.splitlines() if f" {name} " in line]
        assert str(code) in line.split(name)[1].split()[0]


def test_a_problem_is_one_line_with_key_message_fix_and_place():
    problem = Problem("task.metric", "is wrong.", "Mend it.", "recipes/a.yaml:3")
    assert problem.line() == "task.metric   is wrong.   Mend it.   [recipes/a.yaml:3]"
    assert Problem("a", "is wrong.").line(5) == "a       is wrong."


def test_problems_are_listed_under_one_head_in_columns():
    error = RecipeError([Problem("a", "is wrong."), Problem("long.key", "is wrong too.")], "recipes/credit.yaml")
    assert str(error) == ("RecipeError: 2 problems in recipes/credit.yaml\n  a          is wrong.\n  long.key   is wrong too.")


@pytest.mark.parametrize("given", ["nothing worked.", [Problem("", "nothing worked.")]])
def test_an_error_without_a_key_is_one_line(given):
    assert str(LeptonError(given)) == "LeptonError: nothing worked."


def test_one_problem_is_told_in_the_singular():
    assert str(RecipeError(Problem("a", "is wrong."))).startswith("RecipeError: 1 problem\n")
