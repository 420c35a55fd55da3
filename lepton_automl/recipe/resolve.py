"""Replaces plain references, `${seed}`, by the values they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lepton_automl.errors import Problem
from lepton_automl.recipe.origin import KeyPath, Origins


def resolved(tree: dict[str, Any], origins: Origins) -> tuple[dict[str, Any], list[Problem]]:
    """Gives the tree with every reference replaced, and what is wrong with those that lead nowhere."""
    paths = list(_references(tree, ()))
    if not paths:
        return tree, []
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    config: Any = OmegaConf.create(tree)
    problems = []
    for path in paths:
        try:
            place = config
            for part in path[:-1]:
                place = place[int(part) if OmegaConf.is_list(place) else part]
            last = int(path[-1]) if OmegaConf.is_list(place) else path[-1]
            value = place[last]
            place[last] = OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
        except (OmegaConfBaseException, RecursionError) as error:
            reason = "it leads to itself" if isinstance(error, RecursionError) else str(error).splitlines()[0]
            fix = "Write the path of a key from the top: ${task.target}."
            problems.append(Problem(".".join(path), f"refers to what is not there: {reason}.", fix, origins.of(path)))
            place[last] = None
    content: dict[str, Any] = OmegaConf.to_container(config)  # type: ignore[assignment]
    return content, problems


def _references(tree: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _references(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _references(value, (*path, str(index)))
    elif isinstance(tree, str) and "${" in tree:
        yield path
