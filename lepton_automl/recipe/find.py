"""Where recipes, presets and example data are: the one file that knows a checkout from an installed wheel."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent
PRESET_GROUPS = ("governance", "policy", "search", "hardware", "evidence", "profile")
GLOBAL_GROUPS = ("recipe", "profile")


def _shipped(folder: str, marker: str) -> Path:
    in_checkout = CHECKOUT / folder
    if (CHECKOUT / "pyproject.toml").is_file() and (in_checkout / marker).exists():
        return in_checkout
    return PACKAGE / "shipped" / folder


CONF = _shipped("conf", "search")
RECIPES = _shipped("recipes", "credit.yaml")


@dataclass(frozen=True)
class Option:
    """One file that can be chosen: a recipe, or a preset of a group.

    Args:
        group: `recipe`, `search`, ….
        name: What is written behind `=`.
        path: The file.
        hides: The file of the same name that this one stands in front of, if any.
    """

    group: str
    name: str
    path: Path
    hides: Option | None = None

    @property
    def kind(self) -> str:
        """Says whether it is `packaged`, or whose it is."""
        return "packaged" if self.path.is_relative_to(RECIPES) or self.path.is_relative_to(CONF) else f"{self.shown_as},"

    @property
    def shown_as(self) -> str:
        """The file's name in messages: relative to the working folder where that is shorter."""
        try:
            return str(self.path.relative_to(Path.cwd()))
        except ValueError:
            return str(self.path)

    def comments(self) -> list[str]:
        """Gives the lines of the comment at the head of the file without their marks; none if it can not be read."""
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                lines = [line.strip() for line in itertools.takewhile(lambda line: line.startswith("#"), file)]
        except OSError:
            return []
        return [line.lstrip("# ") for line in lines if "yaml-language-server" not in line]


def find_options(config_dirs: Iterable[Path] = ()) -> dict[str, dict[str, Option]]:
    """Gives group to name to file: the user's own folders first, then what is packaged.

    A user's recipe of a packaged name stands in front of it; its `hides` tells so.
    """
    found: dict[str, dict[str, Option]] = {group: {} for group in (*PRESET_GROUPS, "recipe")}
    for group, path in _candidates(config_dirs):
        name = path.stem
        first = found[group].get(name)
        if first is None:
            found[group][name] = Option(group, name, path)
        elif first.path.resolve() != path.resolve() and first.hides is None:
            found[group][name] = Option(group, name, first.path, hides=Option(group, name, path))
    return {group: dict(sorted(options.items())) for group, options in found.items()}


def _candidates(config_dirs: Iterable[Path]) -> Iterable[tuple[str, Path]]:
    for folder in config_dirs:
        for group in (*PRESET_GROUPS, "recipe"):
            yield from ((group, path) for path in sorted((folder / group).glob("*.yaml")))
        for recipes in (folder / "recipes", folder):
            yield from (("recipe", path) for path in sorted(recipes.glob("*.yaml")))
    yield from (("recipe", path) for path in sorted(Path("recipes").glob("*.yaml")))
    yield from (("recipe", path) for path in sorted(RECIPES.glob("*.yaml")))
    for group in PRESET_GROUPS:
        yield from ((group, path) for path in sorted((CONF / group).glob("*.yaml")))


def find_examples() -> dict[str, Path]:
    """Gives the name and file of every example data set that comes with the package."""
    folder = RECIPES / "data"
    return {path.stem: path for path in sorted(folder.glob("*.*")) if path.suffix in (".csv", ".parquet")}
