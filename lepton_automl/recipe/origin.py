"""Where each key of a composed recipe was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KeyPath = tuple[str, ...]
COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Origins:
    """Where each key of the composed tree was written last.

    Args:
        places: Path of a key to `file:line`, or `command line`.
    """

    places: Mapping[KeyPath, str] = field(default_factory=dict)

    def of(self, path: KeyPath) -> str:
        """Gives `file:line` of the key, else of a key in it, else of the nearest block around it; empty if it is a default."""
        if path in self.places:
            return self.places[path]
        if inner := next((place for other, place in self.places.items() if path and other[: len(path)] == path), ""):
            return inner
        return next((self.places[path[:depth]] for depth in range(len(path) - 1, 0, -1) if path[:depth] in self.places), "")

    def updated(self, other: Origins) -> Origins:
        """Gives these origins with newer ones laid over them."""
        return Origins({**self.places, **other.places})

    def below(self, prefix: KeyPath) -> Origins:
        """Gives the same places for a tree that stands under `prefix`."""
        return Origins({(*prefix, *path): place for path, place in self.places.items()}) if prefix else self


def origins_of(tree: Any, path: KeyPath, place: str) -> Origins:
    """Says that the key at `path` and every key below it were written at `place`."""
    places = {path: place}
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            places.update(origins_of(value, (*path, str(key)), place).places)
    return Origins(places)
