"""Composes a recipe from presets, file and command line, and keeps where each key came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lepton_automl.errors import CommandError, Problem, RecipeError
from lepton_automl.recipe.defaults import Chosen, choose
from lepton_automl.recipe.library import DEFAULTS, Library
from lepton_automl.recipe.origin import COMMAND_LINE, KeyPath, Origins, origins_of
from lepton_automl.recipe.overrides import chooses_nothing, chooses_source, parse_overrides, sets_block, values_of, wrong_with
from lepton_automl.recipe.resolve import resolved
from lepton_automl.recipe.schema import default_tree
from lepton_automl.recipe.tree import at, has, laid_over, nested_gates, plain, under, without
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

__all__ = ["Composed", "compose", "parse_overrides", "prepare_overrides"]

DEFAULT_NAME = "recipe"


@dataclass(frozen=True)
class Composed:
    """A composed recipe, not yet checked.

    Args:
        tree: Plain words and numbers.
        origins: Where each key was written.
        name: Name of the recipe.
        notices: Sentences the user should read before the run.
        overrides: What the command line changed.
        problems: What is wrong with the words of the command line; `check` tells it with all else that is wrong.
        place: The recipe's file, for messages about keys that stand nowhere.
    """

    tree: dict[str, Any]
    origins: Origins
    name: str
    notices: tuple[str, ...]
    overrides: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    place: str = ""


def compose(words: Sequence[str], config_dirs: Iterable[Path] = (), library: Library | None = None) -> Composed:
    """Composes the recipe that the words of a command line name.

    Args:
        words: `recipe=credit`, `search=quick`, `seed=3`, …
        config_dirs: Folders of the user's own recipes and presets.
        library: The files, if they are read already.

    Raises:
        CommandError: If a word names no recipe or preset, or is none.
        RecipeError: If a chosen file can not be read or tries to run code.
    """
    library = library or Library.open(config_dirs)
    overrides = parse_overrides(words)
    problems = [problem for override in overrides for problem in wrong_with(override, library)]
    named = [override.value() for override in overrides if override.key_or_group == "recipe" and not override.is_delete()]
    if not problems and (not named or None in named):
        names = ", ".join(library.options["recipe"])
        problems.append(Problem("recipe", "is not given.", f"Write recipe=NAME; here are: {names}.", COMMAND_LINE))
    if problems:
        raise CommandError(problems, COMMAND_LINE)
    blocks = [override for override in overrides if sets_block(override, library)]
    rest = [override for override in overrides if override not in blocks and not chooses_nothing(override, library)]
    chosen = choose(library.defaults_lists(), DEFAULTS, rest)
    return _composed(chosen, blocks, tuple(words), library)


def _composed(chosen: Chosen, blocks: list[Override], words: tuple[str, ...], library: Library) -> Composed:
    library.refuse_faulty([(group, name) for group, name, _ in chosen.files])
    tree, origins = default_tree(), Origins()
    for group, name, package in chosen.files:
        content, places = library.trees[group, name]
        prefix: KeyPath = tuple(package.split(".")) if package else ()
        tree, origins = laid_over(tree, under(prefix, plain(content))), origins.updated(places.below(prefix))
    problems: list[Problem] = []
    for override in sorted([*blocks, *chosen.overrides], key=lambda override: not chooses_source(override)):
        tree, origins = _applied(override, tree, origins, problems)
    tree.pop("defaults", None)
    tree, unresolved = resolved(tree, origins)
    recipe = chosen.choices.get("recipe", DEFAULT_NAME)
    if not origins.of(("name",)):
        tree = {**tree, "name": recipe}
    place = library.options["recipe"][recipe].shown_as if recipe in library.options["recipe"] else ""
    found = (*problems, *unresolved)
    return Composed(tree, origins, str(tree.get("name", recipe)), library.notices(chosen.choices), words, found, place)


def _applied(override: Override, tree: Any, origins: Origins, problems: list[Problem]) -> tuple[Any, Origins]:
    path = tuple(override.key_or_group.split("."))
    value = override.value()
    if not override.is_delete():
        newer = plain(nested_gates(under(path, value)))
        return laid_over(tree, newer), origins.updated(origins_of(at(newer, path), path, COMMAND_LINE))
    if not has(tree, path):
        siblings = at(tree, path[:-1])
        near = did_you_mean(path[-1], siblings) if isinstance(siblings, dict) else "Leave the word out."
        problems.append(Problem(f"~{override.key_or_group}", "there is no such key to remove.", near, COMMAND_LINE))
        return tree, origins
    if value is not None and value != "" and value != at(tree, path):
        message = f"has another value: {at(tree, path)!r}."
        problems.append(Problem(f"~{override.key_or_group}", message, "Leave out the = and what follows.", COMMAND_LINE))
    return without(tree, path), origins


def prepare_overrides(words: Sequence[str], library: Library) -> list[str]:
    """Checks the words of the command line for Hydra itself (`-m`, `--cfg`, `--info`), and lets it accept unknown keys.

    Each job of a multirun is composed again by `compose`, which tells of unknown keys.

    Raises:
        CommandError: If a recipe or preset does not exist, or a value tries to run code.
        RecipeError: If a file that is named can not be read, or a key that is to be removed is not there.
    """
    overrides = parse_overrides(words)
    problems = [problem for override in overrides for problem in wrong_with(override, library, is_sweep_allowed=True)]
    if problems:
        raise CommandError(problems, COMMAND_LINE)
    for override in overrides:
        if override.key_or_group in library.options and not override.is_delete():
            library.refuse_faulty([(override.key_or_group, str(name)) for name in values_of(override, library)])
    if any(override.is_delete() for override in overrides):
        problems = list(compose(_first_of_each(overrides, library), library=library).problems)
        if problems:
            raise RecipeError(problems, COMMAND_LINE)
    return [_lifted(override, library) for override in overrides]


def _first_of_each(overrides: list[Override], library: Library) -> list[str]:
    """Gives the words of the first job of a multirun."""
    ours = [override for override in overrides if not override.is_hydra_override()]
    return [f"{o.key_or_group}={values_of(o, library)[0]}" if o.is_sweep_override() else str(o.input_line) for o in ours]


def _lifted(override: Override, library: Library) -> str:
    """Gives the word with `++` where Hydra would not know its key."""
    chooses = override.key_or_group in library.options and not sets_block(override, library)
    is_ours = override.is_delete() or override.is_add() or override.is_force_add() or override.is_hydra_override()
    is_known = has(default_tree(), tuple(override.key_or_group.split("."))) and not isinstance(override.value(), dict)
    return str(override.input_line) if chooses or is_ours or is_known else f"++{override.input_line}"
