"""Keeps `docs/models.md` in step with the registry: facts and parameters are made, what is said about a family is written."""

from __future__ import annotations

from typing import Any

from lepton_automl.models.protocol import Model, Shape
from lepton_automl.space import Choice, Dimension, Fixed, Int
from lepton_automl.tasks import Goal, Makes

ROWS, COLUMNS = 1000, 20
GOALS = {"labels": Goal(Makes.PROBABILITIES, 2), "numbers": Goal(Makes.VALUES)}
SAVED = "- **Saved** as"


def write_models_page(page: str, models: dict[str, Model]) -> str:
    """Gives the page with the facts and tables of every family made anew.

    Of a section it keeps the paragraphs before the facts, and what a family is saved as.

    Args:
        page: The page as it is.
        models: Name to model, in order.
    """
    head = page.partition("\n## ")[0].rstrip("\n")
    return "\n\n".join([head, *(_section(name, model, page) for name, model in models.items())]) + "\n"


def _section(name: str, model: Model, page: str) -> str:
    old = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0].strip("\n")
    said = old.partition("\n\n- **Reads**")[0]
    saved = old.partition(SAVED)[2].split("\n\n")[0].strip()
    parts = [f"## {name}\n\n{said}", "\n".join([*_facts(model), f"{SAVED} {saved}"])]
    tables = {label: _table(model, goal) for label, goal in GOALS.items() if model.legal(goal)}
    if len(set(tables.values())) == 1:
        tables = {"labels and numbers": next(iter(tables.values()))}
    return "\n\n".join([*parts, *(f"For {label}:\n\n{table}" for label, table in tables.items())])


def _facts(model: Model) -> list[str]:
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


def _table(model: Model, goal: Goal) -> str:
    """Gives the table of parameters: the legal range, what is searched, what is tried first."""
    shape = Shape(ROWS, COLUMNS, goal)
    space, start = model.space(shape), model.starts(shape)[0]
    rows = [
        f"| `{key}` | {_words(legal)} | {_words(space.get(key))} | {_shown(start[key]) if key in start else '–'} |"
        for key, legal in model.legal(goal).items()
    ]
    return "\n".join(["| parameter | legal | searched by default | first tried |", "| --- | --- | --- | --- |", *rows])


def _words(dimension: Dimension | None) -> str:
    if dimension is None:
        return "–"
    if isinstance(dimension, Fixed):
        return _shown(dimension.value)
    if isinstance(dimension, Choice):
        return ", ".join(map(_shown, dimension.options))
    kind = "whole, " if isinstance(dimension, Int) else ""
    return f"{kind}{_shown(dimension.low)} to {_shown(dimension.high)}{', log' if dimension.log else ''}"


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, int | float) else str(value)
