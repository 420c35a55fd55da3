"""`lepton recipes`: the recipes, presets and example data that can be chosen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from lepton_automl.cli.words import take_apart
from lepton_automl.errors import CommandError, Problem
from lepton_automl.recipe import Library, find_examples
from lepton_automl.recipe.find import Option

HELP = """\
usage: lepton recipes [--config-dir DIR]

Lists the recipes (./recipes first, then those of the package), the presets of each group, and the example data.
The command is the first line of the recipe's file."""
WIDTH = 118


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    parts = take_apart(words, "recipes")
    if parts.help:
        print(HELP)
        return 0
    if parts.overrides:
        word = parts.overrides[0]
        raise CommandError(Problem(word, "is not understood: `lepton recipes` takes no words.", "See `lepton recipes --help`."))
    print("\n".join(_lines(parts.library())))
    return 0


def _lines(library: Library) -> Iterator[str]:
    """Gives the lines of the list."""
    recipes = library.options["recipe"]
    width = max((len(name) for options in library.options.values() for name in options), default=0) + 2
    yield "recipes"
    for name, option in recipes.items():
        yield _line(name, _said(library, option), width)
    for group, options in library.options.items():
        if group != "recipe" and options:
            yield f"\n{group}=PRESET"
            yield from (_line(name, _said(library, option), width) for name, option in options.items())
    yield "\nexample data: data.source={kind: example, name: NAME}"
    examples = ", ".join(find_examples())
    yield from textwrap.wrap(examples, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def _said(library: Library, option: Option) -> str:
    """Gives what one line says of a file: its command, what it is for, and what it hides."""
    comments = option.comments()
    command = comments.pop(0) if comments and comments[0].startswith("lepton ") else ""
    about = comments[0] if comments else ""
    if option.group == "recipe" and not command:
        command = f"lepton recipe={option.name}"
    marks = []
    if (option.group, option.name) in library.faults:
        marks.append("can not be read: " + library.faults[option.group, option.name].problems[0].line().strip())
    if option.hides is not None:
        marks.append(f"{option.shown_as} hides the {option.hides.kind} one")
    parts = [f"{command:<22}" if about else command, about, *(f"[{mark}]" for mark in marks)]
    return "  ".join(part for part in parts if part.strip())


def _line(name: str, said: str, width: int) -> str:
    return f"  {name:<{width}}{said}".rstrip()
