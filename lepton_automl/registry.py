"""Readable tables from a name to the place of a class, opened to plug-ins by entry points."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from lepton_automl.errors import Problem, RecipeError


def nearest(word: str, options: Iterable[str]) -> str | None:
    """Gives the option most like `word`, or none when nothing is near.

    >>> nearest("num_leafs", ["num_leaves", "max_depth"])
    'num_leaves'
    """
    pool = list(options)
    folded = {option.lower().replace("-", "_"): option for option in pool}
    hits = difflib.get_close_matches(word.lower().replace("-", "_"), folded, n=1, cutoff=0.6)
    return folded[hits[0]] if hits else None


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Gives the sentence that helps after a wrong name.

    >>> did_you_mean("rok_auc", ["roc_auc", "rmse"])
    'Did you mean roc_auc?'
    """
    pool = sorted(options)
    hit = nearest(word, pool)
    if hit is not None:
        return f"Did you mean {hit}?"
    return f"Choose one of: {', '.join(pool)}." if pool else "There is none to choose from."


@dataclass(frozen=True)
class Registry:
    """Names and where their classes live; nothing is imported until `find`.

    Args:
        noun: What the names are, in the singular, for messages: `model`.
        group: Entry-point group that plug-ins use: `lepton_automl.models`.
        table: Name to `"package.module:Class"`.
    """

    noun: str
    group: str
    table: Mapping[str, str]

    def names(self, allow: Iterable[str] = ()) -> list[str]:
        """Gives all names, those of the allowed plug-in packages included, in order."""
        return list(self.places(allow))

    def places(self, allow: Iterable[str] = ()) -> dict[str, str]:
        """Gives name to place; a plug-in never replaces a built-in name."""
        found = dict(self.table)
        allowed = {_normal(package) for package in allow}
        if allowed:
            for point in entry_points(group=self.group):
                if point.dist is not None and _normal(point.dist.name) in allowed:
                    found.setdefault(point.name, point.value)
        return found

    def find(self, name: str, key: str = "", allow: Iterable[str] = ()) -> Any:
        """Imports and gives the class behind `name`.

        Raises:
            RecipeError: If there is no such name, or what a plug-in registered can not be imported.
        """
        places = self.places(allow)
        if name not in places:
            raise RecipeError(Problem(key or name, f"{name!r} is not a {self.noun}.", did_you_mean(name, places)))
        module, _, attribute = places[name].partition(":")
        try:
            return getattr(import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            fix = "Install or repair the package that brings it."
            raise RecipeError(Problem(key or name, f"{name!r} can not be loaded from {places[name]}: {error}.", fix)) from error


def _normal(package: str) -> str:
    """Gives the name of a package as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", package).lower()
