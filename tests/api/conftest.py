"""Finished runs that many tests look at; each is made once."""

import pytest
from people_table import RECIPE, people

from lepton_automl import run


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Gives a finished run of labels."""
    return run(RECIPE, data=people(), out=tmp_path_factory.mktemp("api") / "runs" / "labels", in_process=True)


@pytest.fixture(scope="session")
def numbers(tmp_path_factory):
    """Gives a finished run of numbers, of which no test rows were set aside."""
    recipe = {**RECIPE, "task": {"kind": "regression", "target": "debt"}, "split": {"test_share": 0}}
    recipe = {key: value for key, value in recipe.items() if key not in ("decision", "gates")}
    return run(recipe, data=people(), out=tmp_path_factory.mktemp("api") / "runs" / "numbers", in_process=True)
