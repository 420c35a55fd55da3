"""Takes the words of a command line apart: flags, and `key=value` words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lepton_automl.errors import CommandError, Problem
from lepton_automl.recipe import Composed, Library, compose

HYDRA_FLAGS = {"--hydra-help": 0, "--resolve": 0, "--cfg": 1, "-c": 1, "--package": 1, "-p": 1, "--info": 1, "-i": 1}
COMPLETION = ("-sc", "--shell-completion")


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

    Raises:
        CommandError: If a flag is unknown, or its value absent.
    """
    overrides: list[str] = []
    dirs: list[Path] = []
    hydra: list[str] = []
    multirun = wants_help = False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word in ("-m", "--multirun"):
            multirun = True
        elif word in ("-h", "--help"):
            wants_help = True
        elif name in ("--config-dir", "-cd"):
            dirs.append(_folder(value if equals else _next(rest, word)))
        elif name in COMPLETION:
            hydra.extend(["-sc", value if equals else _next(rest, word)])
        elif name in HYDRA_FLAGS:
            hydra.append(name)
            if HYDRA_FLAGS[name] and (equals or (rest and "=" not in rest[0] and not rest[0].startswith("-"))):
                hydra.append(value if equals else rest.pop(0))
        elif word.startswith("-"):
            raise CommandError(Problem(word, f"is not a flag of `lepton {verb}`.", f"See `lepton {verb} --help`."))
        else:
            overrides.append(word)
    return Words(tuple(overrides), tuple(dirs), multirun, wants_help, tuple(hydra))


def _next(rest: list[str], flag: str) -> str:
    if not rest:
        raise CommandError(Problem(flag, "has no value.", "Write one behind it."))
    return rest.pop(0)


def _folder(name: str) -> Path:
    path = Path(name)
    if not path.is_dir():
        raise CommandError(Problem("--config-dir", f"{name} is not a folder.", "Give the folder that holds your recipes or presets."))
    return path
