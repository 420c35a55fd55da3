"""Composes a recipe from presets, file and command line with Hydra, and keeps where each key came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lepton_automl.errors import CommandError, Problem, RecipeError
from lepton_automl.recipe.find import GLOBAL_GROUPS, PRESET_GROUPS, Option, find_options
from lepton_automl.recipe.origin import Origins, forbidden_value, full_ranges, read_recipe_file
from lepton_automl.recipe.schema import default_tree
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

COMMAND_LINE = "command line"
DEFAULT_PRESETS = {"governance": "standard", "search": "balanced", "hardware": "auto", "evidence": "standard"}


@dataclass(frozen=True)
class Composed:
    """A composed recipe, not yet checked.

    Args:
        tree: Plain words and numbers.
        origins: Where each key was written.
        name: Name of the recipe.
        notices: Sentences the user should read before the run.
        overrides: What the command line changed.
    """

    tree: dict[str, Any]
    origins: Origins
    name: str
    notices: tuple[str, ...]
    overrides: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """All recipes and presets that can be chosen, each read once.

    Args:
        options: Group to name to file.
        trees: What each file says, `(group, name)` to tree and origins; origins start at the root of the recipe.
        faults: What is wrong with those that can not be read; told only when one of them is chosen.
    """

    options: dict[str, dict[str, Option]]
    trees: dict[tuple[str, str], tuple[dict[str, Any], Origins]]
    faults: dict[tuple[str, str], RecipeError]

    @classmethod
    def open(cls, config_dirs: Iterable[Path] = ()) -> Library:
        """Finds and reads the files."""
        library = cls(find_options(config_dirs), {}, {})
        for group, options in library.options.items():
            for name, option in options.items():
                try:
                    library.trees[group, name] = _read(option)
                except RecipeError as error:
                    library.faults[group, name] = error
        return library

    def register(self) -> None:
        """Hands everything to Hydra."""
        from hydra.core.config_store import ConfigStore

        store = ConfigStore.instance()
        for group in (*self.options, "config.yaml"):
            store.repo.pop(group, None)
        for (group, name), (tree, _) in self.trees.items():
            store.store(group=group, name=name, node=tree, package="_global_" if group in GLOBAL_GROUPS else group)
        for group, name in self.faults:
            store.store(group=group, name=name, node={})
        store.store(name="config", node=_base_node())


def _read(option: Option) -> tuple[dict[str, Any], Origins]:
    tree, origins = read_recipe_file(option.path, option.shown_as)
    if option.group == "recipe":
        tree = {"name": option.name, **tree}
    if option.group not in GLOBAL_GROUPS:
        origins = Origins({(option.group, *path): place for path, place in origins.places.items()})
    return tree, origins


def _base_node() -> dict[str, Any]:
    presets = [{group: name} for group, name in DEFAULT_PRESETS.items()]
    quiet = [{"override hydra/job_logging": "disabled"}, {"override hydra/hydra_logging": "disabled"}]
    return {
        "defaults": ["_self_", *presets, {"recipe": None}, {"profile": None}, *quiet],
        **default_tree(),
        "hydra": {
            "run": {"dir": "."},
            "output_subdir": None,
            "job": {"name": "lepton"},
            "sweep": {"dir": "outputs/sweeps/${now:%Y-%m-%d}_${now:%H-%M-%S}", "subdir": "${hydra:job.override_dirname}"},
        },
    }


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
            parsed.append(parser.parse_override(word))
        except HydraException as error:
            reason = str(error).splitlines()[0]
            problems.append(Problem(word, f"is not `key=value`: {reason}.", "Quote a value that has spaces or commas: 'key=\"a, b\"'."))
    if problems:
        raise CommandError(problems, COMMAND_LINE)
    return parsed


def prepare_overrides(words: Sequence[str], library: Library) -> list[str]:
    """Checks the words of the command line, and rewrites them so that an unknown key reaches the schema.

    Raises:
        CommandError: If a recipe or preset does not exist, or a value tries to run code.
    """
    problems: list[Problem] = []
    base, ready = default_tree(), []
    for override in parse_overrides(words):
        key = override.key_or_group
        if key in library.options and not override.is_delete() and not isinstance(override.value(), dict):
            problems.extend(_unknown_options(override, library))
            ready.append(override.input_line)
            continue
        problems.extend(forbidden_value(override.value() if isinstance(override.value(), str) else None, (key,), COMMAND_LINE))
        if any(part.startswith("_") and part.endswith("_") for part in key.split(".")):
            problems.append(Problem(key, "is not allowed: a recipe can not run code.", "Name a registered model, rule or task."))
        ready.append(_lifted(override, base))
    if problems:
        raise CommandError(problems, COMMAND_LINE)
    return ready


def _unknown_options(override: Override, library: Library) -> list[Problem]:
    group, problems = override.key_or_group, []
    value = override.value()
    names = [part.strip() for part in str(override.input_line.partition("=")[2]).split(",")] if override.is_sweep_override() else [value]
    for name in names:
        if name is None or name in ("null", ""):
            continue
        if (group, name) in library.faults:
            raise library.faults[group, name]
        if name not in library.options[group]:
            fix = did_you_mean(str(name), library.options[group])
            problems.append(Problem(f"{group}={name}", f"there is no {group} of that name.", fix))
    return problems


def _lifted(override: Override, base: dict[str, Any]) -> str:
    """Gives the word with `++` where the key is not in the base node; a range written out in full."""
    line, key, value = override.input_line, override.key_or_group, override.value()
    if not override.is_add() and not override.is_delete() and not override.is_force_add() and not _known(key, base):
        line = f"++{line}"
    if isinstance(value, dict) and not override.is_sweep_override():
        full = full_ranges({str(name): item for name, item in value.items()})
        if full != value:
            line = f"{line.partition('=')[0]}={{low:{full['low']},high:{full['high']},log:{str(full['log']).lower()}}}"
    return line


def _known(key: str, base: dict[str, Any]) -> bool:
    place: Any = base
    for part in key.split("."):
        if not isinstance(place, dict) or part not in place:
            return False
        place = place[part]
    return True


def compose(words: Sequence[str], config_dirs: Iterable[Path] = (), library: Library | None = None) -> Composed:
    """Composes the recipe that the words of a command line name.

    Args:
        words: `recipe=credit`, `search=quick`, `seed=3`, …
        config_dirs: Folders of the user's own recipes and presets.
        library: The files, if they are read already.

    Raises:
        CommandError: If a word is wrong.
        RecipeError: If a chosen file is.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    library = library or Library.open(config_dirs)
    ready = prepare_overrides(words, library)
    if not any(word.startswith("recipe=") for word in ready):
        names = ", ".join(library.options["recipe"])
        raise CommandError(Problem("recipe", "is not given.", f"Write recipe=NAME; here are: {names}."), COMMAND_LINE)
    library.register()
    try:
        with initialize(version_base="1.3", config_path=None):
            config = hydra_compose("config", overrides=ready, return_hydra_config=True)
        choices = dict(config.hydra.runtime.choices)
        OmegaConf.set_struct(config, False)
        config.pop("hydra")
        tree = OmegaConf.to_container(config, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise CommandError(_hydra_problem(error), COMMAND_LINE) from error
    assert isinstance(tree, dict)
    return _composed({str(key): value for key, value in tree.items()}, choices, words, library)


def _composed(tree: dict[str, Any], choices: dict[str, str], words: Sequence[str], library: Library) -> Composed:
    origins, notices = Origins(), []
    for group in (*PRESET_GROUPS[:-1], "recipe", "profile"):
        name = choices.get(group)
        if name is None or name == "null":
            continue
        if (group, name) in library.faults:
            raise library.faults[group, name]
        origins = origins.updated(library.trees[group, name][1])
        option = library.options[group][name]
        if option.hides is not None:
            notices.append(f"{option.shown_as} is used; it stands in front of the packaged {group} {name!r}.")
    for override in parse_overrides(words):
        if override.key_or_group not in library.options:
            origins.places[tuple(override.key_or_group.split("."))] = COMMAND_LINE
    return Composed(tree, origins, str(tree.get("name", "recipe")), tuple(notices), tuple(words))


def _hydra_problem(error: Exception) -> Problem:
    """Turns an error of Hydra into one of ours."""
    text = str(error).splitlines()[0]
    cause = error.__cause__
    if cause is not None and str(cause):
        text = f"{text} ({str(cause).splitlines()[0]})"
    return Problem("", text, "See `lepton run --help` for what can be written on the command line.")
