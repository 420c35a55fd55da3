"""Takes the words of a command line apart: flags, and `key=value` words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lepton_automl.errors import CommandError, Problem
from lepton_automl.recipe import Composed, Library, compose
from lepton_automl.registry import did_you_mean

COMPLETION = {"-sc": "-sc", "--shell-completion": "-sc"}
SHORT = {"-c": "--cfg", "-i": "--info", "-p": "--package", "-m": "--multirun", "-h": "--help", "-cd": "--config-dir"}
HYDRA_FLAGS: dict[str, tuple[str, ...]] = {
    "--cfg": ("job", "hydra", "all"),
    "--info": ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
    "--package": (),
    "--resolve": (),
    "--hydra-help": (),
}
"""Flags that Hydra answers itself, and the values they take."""
WITHOUT_VALUE = ("--resolve", "--hydra-help")
OURS = ("--multirun", "--help", "--config-dir")


@dataclass(frozen=True)
class Words:
    """A command line taken apart.

    Args:
        overrides: `key=value` words.
        config_dirs: Folders of the user's own recipes and presets.
        multirun: Whether every combination is run.
        help: Whether help was asked for.
        hydra: Flags that Hydra answers itself, and their values.
    """

    overrides: tuple[str, ...]
    config_dirs: tuple[Path, ...] = ()
    multirun: bool = False
    help: bool = False
    hydra: tuple[str, ...] = ()

    def composed(self) -> Composed:
        """Composes the recipe that the words name."""
        return compose(self.overrides, self.config_dirs)

    def library(self) -> Library:
        """Opens the recipes and presets that can be chosen."""
        return Library.open(self.config_dirs)


def take_apart(words: Sequence[str], verb: str = "run") -> Words:
    """Takes a command line apart.

    Args:
        words: The words behind the verb.
        verb: The verb, for messages; only `run` takes `-m` and the flags of Hydra.

    Raises:
        CommandError: If a flag is unknown, or its value absent or unknown.
    """
    overrides: list[str] = []
    dirs: list[Path] = []
    hydra: list[str] = []
    multirun = wants_help = False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        flag = SHORT.get(name, name)
        if not word.startswith("-"):
            overrides.append(word)
        elif flag == "--help":
            wants_help = True
        elif flag == "--config-dir":
            dirs.append(_folder(value if equals else _next(rest, word)))
        elif verb == "run" and flag == "--multirun":
            multirun = True
        elif verb == "run" and flag in COMPLETION:
            hydra.extend([COMPLETION[flag], value if equals else _next(rest, word)])
        elif verb == "run" and flag in HYDRA_FLAGS:
            hydra.extend(_hydra_flag(flag, [value] if equals else rest))
        else:
            raise CommandError(_unknown_flag(word, flag, verb))
    return Words(tuple(overrides), tuple(dirs), multirun, wants_help, tuple(hydra))


def _hydra_flag(flag: str, rest: list[str]) -> list[str]:
    """Gives a flag of Hydra and its value, which it takes from the words behind it."""
    if flag in WITHOUT_VALUE:
        return [flag]
    options = HYDRA_FLAGS[flag]
    is_value = bool(rest) and "=" not in rest[0] and rest[0][:1] not in ("-", "~", "+")
    if not is_value:
        if flag == "--info":
            return [flag, "all"]
        raise CommandError(Problem(flag, "has no value.", f"Write {flag} {options[0] if options else 'KEY'} behind it."))
    value = rest.pop(0)
    if options and value not in options:
        raise CommandError(Problem(flag, f"can not be {value!r}.", did_you_mean(value, options)))
    return [flag, value]


def _unknown_flag(word: str, flag: str, verb: str) -> Problem:
    if flag in (*OURS, *HYDRA_FLAGS, *COMPLETION):
        return Problem(word, f"is a flag of `lepton run`, not of `lepton {verb}`.", "Leave it out.")
    known = [*OURS, *HYDRA_FLAGS, "--shell-completion"] if verb == "run" else ["--help", "--config-dir"]
    near = did_you_mean(flag, known) if flag.startswith("--") else ""
    return Problem(word, f"is not a flag of `lepton {verb}`.", f"{near} See `lepton {verb} --help`.".strip())


def _next(rest: list[str], flag: str) -> str:
    if not rest:
        raise CommandError(Problem(flag, "has no value.", "Write one behind it."))
    return rest.pop(0)


def _folder(name: str) -> Path:
    path = Path(name)
    if not path.is_dir():
        fix = "Give the folder that holds your recipes or presets."
        raise CommandError(Problem("--config-dir", f"{name!r} is not a folder.", fix))
    return path
