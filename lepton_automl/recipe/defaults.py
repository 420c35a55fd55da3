"""Asks Hydra which files a command line chooses, and in which order: its groups, defaults lists and grammar of overrides.

This is the one file that uses parts of Hydra that are not public, `create_defaults_list` and what it needs. It leaves out
Hydra's own configuration of logging, sweeps and output, and so takes 14 ms where `hydra.compose` takes 150.
`pyproject.toml` pins Hydra below 1.4.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lepton_automl.errors import Problem, RecipeError
from lepton_automl.registry import did_you_mean

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

PRIMARY = "config"
DefaultsLists = Mapping[tuple[str, str], tuple[Any, str]]
"""Group and name of a file to the defaults list it holds, or none, and where that stands."""


@dataclass(frozen=True)
class Chosen:
    """What a command line chooses.

    Args:
        files: Group, name and the key under which the file's tree stands; in the order in which they are laid over each other.
        choices: Group to the name chosen.
        overrides: The words that set or remove a key, in order.
    """

    files: tuple[tuple[str, str, str], ...]
    choices: Mapping[str, str]
    overrides: tuple[Override, ...]


def choose(lists: DefaultsLists, base: Sequence[Any], overrides: Sequence[Override]) -> Chosen:
    """Resolves the defaults lists.

    Args:
        lists: The defaults list of every file.
        base: The defaults list that everything starts from.
        overrides: The parsed words of the command line.

    Raises:
        RecipeError: If a list names what does not exist, or contradicts another.
    """
    from hydra import version
    from hydra._internal.config_repository import CachingConfigRepository, ConfigRepository
    from hydra._internal.config_search_path_impl import ConfigSearchPathImpl
    from hydra._internal.core_plugins.structured_config_source import StructuredConfigSource
    from hydra._internal.defaults_list import create_defaults_list
    from hydra._internal.sources_registry import SourcesRegistry
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    version.setbase("1.3")
    SourcesRegistry.instance().register(StructuredConfigSource)
    path = ConfigSearchPathImpl()
    path.append("lepton", "structured://")
    try:
        with _stored(lists, base):
            repository = CachingConfigRepository(ConfigRepository(path))
            found = create_defaults_list(repository, PRIMARY, list(overrides), prepend_hydra=False, skip_missing=False)
    except RecursionError:
        problem = Problem("defaults", "go round in a circle: a file starts from itself.", "Take one of them out.")
        raise RecipeError(problem, "the defaults lists") from None
    except (HydraException, OmegaConfBaseException, ValueError, OSError) as error:
        raise RecipeError(_said(error, lists), "the defaults lists") from error
    files = tuple((*str(item.config_path).rpartition("/")[::2], item.package or "") for item in found.defaults)
    known = {group: str(name) for group, name in found.overrides.known_choices.items() if name is not None}
    return Chosen(tuple(file for file in files if file[0]), known, tuple(found.config_overrides))


@contextlib.contextmanager
def _stored(lists: DefaultsLists, base: Sequence[Any]) -> Iterator[None]:
    """Puts only the defaults lists into Hydra's store, and what was there back again."""
    from hydra.core.config_store import ConfigStore

    from lepton_automl.recipe.find import GLOBAL_GROUPS

    store = ConfigStore.instance()
    kept, store.repo = store.repo, {}
    try:
        store.store(name=PRIMARY, node={"defaults": list(base)})
        for (group, name), (entries, _) in lists.items():
            node = {} if entries is None else {"defaults": entries}
            store.store(group=group, name=name, node=node, package="_global_" if group in GLOBAL_GROUPS else group)
        yield
    finally:
        store.repo = kept


def _said(error: Exception, lists: DefaultsLists) -> Problem:
    """Says in our words what Hydra says of a defaults list."""
    text = str(error).strip().splitlines()[0]
    message = re.sub(r"^In '[^']+': ", "", text)
    missing = getattr(error, "missing_cfg_file", None)
    fix, word = "See `lepton recipes` for what there is to choose.", ""
    if missing is not None:
        group, _, word = str(missing).rpartition("/")
        options = [option for known, option in lists if known == group]
        nested = group.rpartition("/")[2]
        message, fix = f"there is no {group or 'file'} named {word!r}.", did_you_mean(word, options)
        if not options and any(known == nested for known, _ in lists):
            message, fix = f"there is nothing at {missing!r}.", f"Write `override /{nested}: {word}`."
    elif (hit := re.search(r"Could not override '([^']+)'", message)) is not None:
        word = hit.group(1)
        message, fix = f"there is no group {word!r} to override.", did_you_mean(word, {group for group, _ in lists})
    where = next((place for entries, place in lists.values() if word and word in _words(entries)), "")
    return Problem("defaults", message if message.endswith(".") else f"{message}.", fix, where)


def _words(entries: Any) -> set[str]:
    """Lists the groups and names that a defaults list speaks of."""
    parts = [entry if isinstance(entry, dict) else {"": entry} for entry in entries or ()]
    texts = [str(text) for part in parts for pair in part.items() for text in pair]
    return {word.strip("/") for text in texts for word in re.split(r"[ @]", text)}
