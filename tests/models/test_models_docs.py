"""docs/models.md says what the registry says."""

from pathlib import Path

import pytest

from lepton_automl.models import MODELS, Shape
from lepton_automl.space import Choice, Fixed, Int
from lepton_automl.tasks import Goal, Makes

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
ROWS, COLUMNS = 1000, 20
LABELS, NUMBERS = Goal(Makes.PROBABILITIES, 2), Goal(Makes.VALUES)


def section(name):
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def shown(value):
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, int | float) else str(value)


def words(dimension):
    if dimension is None:
        return "–"
    if isinstance(dimension, Fixed):
        return shown(dimension.value)
    if isinstance(dimension, Choice):
        return ", ".join(map(shown, dimension.options))
    kind = "whole, " if isinstance(dimension, Int) else ""
    return f"{kind}{shown(dimension.low)} to {shown(dimension.high)}{', log' if dimension.log else ''}"


def parameter_rows(name, goal):
    """One line of the table for each legal parameter: its range, what is searched, what is tried first."""
    model, shape = MODELS.find(name)(), Shape(ROWS, COLUMNS, goal)
    space, start = model.space(shape), model.starts(shape)[0]
    return [
        f"| `{key}` | {words(legal)} | {words(space.get(key))} | {shown(start[key]) if key in start else '–'} |"
        for key, legal in model.legal(goal).items()
    ]


def fact_lines(name):
    model = MODELS.find(name)()
    needs = model.needs
    wanted = [f"categories as {needs.category}", f"missing values {'kept' if needs.missing == 'keep' else 'filled'}"]
    wanted += ["numbers scaled"] if needs.scale else []
    wanted += [f"text as {needs.text}"] if needs.text != "none" else []
    return [
        f"- **Reads** {', '.join(sorted(model.reads))}",
        f"- **Makes** {', '.join(sorted(model.makes))}",
        f"- **Needs** {', '.join(wanted)}",
        f"- **Package** {'part of the core' if model.package is None else f'`lepton-automl[{model.package[1]}]`'}",
        f"- **Devices** {', '.join(sorted(model.devices))}",
        f"- **Rounds** {'yes: stops early, and at a deadline' if model.in_rounds else 'no'}",
    ]


def test_every_family_has_its_section_and_no_other_has_one():
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == MODELS.names()


@pytest.mark.parametrize("name", MODELS.names())
def test_the_facts_of_a_family_are_those_of_the_registry(name):
    for line in fact_lines(name):
        assert line in section(name)
    assert "**Saved** as" in section(name)


@pytest.mark.parametrize("goal", [LABELS, NUMBERS], ids=["labels", "numbers"])
@pytest.mark.parametrize("name", MODELS.names())
def test_the_parameters_of_a_family_are_those_of_the_registry(name, goal):
    for row in parameter_rows(name, goal):
        assert row in section(name).splitlines()
    legal = {key for each in (LABELS, NUMBERS) for key in MODELS.find(name)().legal(each)}
    documented = {line.split("`")[1] for line in section(name).splitlines() if line.startswith("| `")}
    assert documented == legal
