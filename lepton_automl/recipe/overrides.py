"""The words of a command line, by Hydra's grammar, and what is wrong with one before anything is composed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lepton_automl.errors import CommandError, Problem
from lepton_automl.recipe.library import Library
from lepton_automl.recipe.origin import COMMAND_LINE, KeyPath
from lepton_automl.recipe.refuse import forbidden_in, forbidden_key
from lepton_automl.recipe.tree import is_source
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override


def parse_overrides(words: Sequence[str]) -> list[Override]:
    """Parses `key=value` words by Hydra's grammar.

    Raises:
        CommandError: If a word is none; all of them at once.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser, parsed, problems = OverridesParser.create(), [], []
    for word in words:
        try:
            override = parser.parse_override(word)
            if not override.key_or_group:
                raise HydraException("there is no key before the =")
            parsed.append(override)
        except HydraException as error:
            reason = str(error).splitlines()[0].replace("missing EQUAL at '<EOF>'", "there is no = in it")
            fix = "Quote a value that has blanks, commas or brackets: 'key=\"a, b\"'."
            problems.append(Problem(word, f"is not `key=value`: {reason}.", fix, COMMAND_LINE))
    if problems:
        raise CommandError(problems, COMMAND_LINE)
    return parsed


def chooses_source(override: Override) -> bool:
    """Says whether a word sets the kind of a source: such words go first, so that their order does not matter."""
    path = tuple(override.key_or_group.split("."))
    return path[-1] == "kind" and is_source(path[:-1])


def sets_block(override: Override, library: Library) -> bool:
    """Says whether a word sets a block, `search={…}`, that shares its name with a group of presets."""
    return override.key_or_group in library.options and isinstance(override.value(), dict)


def chooses_nothing(override: Override, library: Library) -> bool:
    """Says whether a word is `profile=null`, which is what holds without it."""
    return override.key_or_group in library.options and not override.is_delete() and override.value() is None


def wrong_with(override: Override, library: Library, is_sweep_allowed: bool = False) -> list[Problem]:
    """Says what is wrong with a word before anything is composed.

    Args:
        override: The word.
        library: The recipes and presets there are.
        is_sweep_allowed: Whether the word is for Hydra itself (`-m`, `--cfg`, `--info`).
    """
    key, line = override.key_or_group, str(override.input_line)
    path = tuple(key.replace("/", ".").split("."))
    problems = [problem for i, part in enumerate(path) for problem in _forbidden_part(part, path[: i + 1])]
    values = values_of(override, library)
    for value in values:
        problems.extend(forbidden_in(value, path, COMMAND_LINE))
    if not problems and override.is_sweep_override() and not (is_sweep_allowed and values):
        problems.append(_sweep(key, line, is_sweep_allowed))
    if problems:
        return problems
    if path[0] == "hydra":
        return [] if is_sweep_allowed and key != "hydra.searchpath" else [_hydra_setting(key)]
    if key in library.options and not override.is_delete():
        return [problem for value in values for problem in _unknown_option(key, value, library)]
    return []


def values_of(override: Override, library: Library) -> list[Any]:
    """Lists the values of a word: one, or those of a sweep; none for a sweep without an end."""
    from hydra.core.override_parser.types import Glob

    value: Any = override.value()
    if isinstance(value, Glob):
        return list(value.filter(list(library.options.get(override.key_or_group, ()))))
    if not override.is_sweep_override():
        return [value]
    return [getattr(item, "text", item) for item in override.sweep_iterator()] if override.is_discrete_sweep() else []


def _forbidden_part(part: str, path: KeyPath) -> Iterator[Problem]:
    return iter(()) if path == ("hydra",) else forbidden_key(part, path, COMMAND_LINE)


def _sweep(key: str, line: str, is_multirun: bool) -> Problem:
    value = line.partition("=")[2]
    if is_multirun:
        return Problem(key, f"{value} gives no values to run.", "Write them out, parted by commas.", COMMAND_LINE)
    fix = f"Add -m to run each; quote a text that has commas or brackets: '{key}=\"{value}\"'."
    return Problem(key, f"has several values, {value}; a run takes one.", fix, COMMAND_LINE)


def _hydra_setting(key: str) -> Problem:
    if key == "hydra.searchpath":
        return Problem(key, "is not allowed: what it finds could run code.", "Write --config-dir DIR.", COMMAND_LINE)
    return Problem(key, "is a setting of Hydra, which counts only with -m, --cfg and --info.", "Leave it out.", COMMAND_LINE)


def _unknown_option(group: str, value: Any, library: Library) -> list[Problem]:
    if isinstance(value, dict) or (value is None and group in ("recipe", "profile")):
        return []
    problems = []
    for name in value if isinstance(value, list) else [value]:
        if name is None:
            problems.append(Problem(group, "is null.", f"Write ~{group} to start without a preset.", COMMAND_LINE))
        elif name not in library.options[group]:
            fix = did_you_mean(str(name), library.options[group])
            if str(name) in library.options[group]:
                fix = f"Quote it: {group}=\"'{name}'\"."
            problems.append(Problem(f"{group}={name}", f"there is no {group} of that name.", fix, COMMAND_LINE))
    return problems
