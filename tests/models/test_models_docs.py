"""docs/models.md says what the registry says."""

from pathlib import Path

import pytest

from lepton_automl.models import MODELS
from lepton_automl.models.document import write_models_page

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_the_page_is_in_step_with_the_registry():
    models = {name: MODELS.find(name)() for name in MODELS.names()}
    assert write_models_page(PAGE, models) == PAGE, "run scripts/make_docs"


def test_every_family_has_its_section_and_no_other_has_one():
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == MODELS.names()


@pytest.mark.parametrize("name", MODELS.names())
def test_a_section_says_what_a_family_is_and_what_it_is_saved_as(name):
    said, _, facts = section(name).partition("- **Reads**")
    assert len(said.split()) >= 10
    assert len(facts.partition("- **Saved** as")[2].split("\n\n")[0].split()) >= 2


@pytest.mark.parametrize("name", MODELS.names())
def test_every_legal_parameter_of_a_family_has_a_row(name):
    from lepton_automl.models.document import GOALS

    legal = {key for goal in GOALS.values() for key in MODELS.find(name)().legal(goal)}
    assert {line.split("`")[1] for line in section(name).splitlines() if line.startswith("| `")} == legal
