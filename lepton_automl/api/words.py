"""From what Python gives to the words of a command line: one grammar, one way to compose."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lepton_automl.errors import CommandError, Problem, RecipeError
from lepton_automl.recipe import Composed, Library, compose

GIVEN = "the recipe given as a dict"
ONE_AT_A_TIME = threading.Lock()
"""Hydra keeps what it composes in one place of the process."""
UNQUOTED = re.compile(r"[A-Za-z_][\w.\-]*")
"""What Hydra's grammar reads as a key of a mapping without more ado."""
ESCAPED = re.compile(r"([^\w.\-/+$%*@?|])")
"""What must be escaped in such a key."""


def compose_given(
    recipe: str | Path | Mapping[str, Any],
    overrides: Sequence[str] | Mapping[str, Any],
    config_dirs: Iterable[str | Path] = (),
) -> Composed:
    """Composes a recipe that is named, or is a file, or is given as a tree.

    Args:
        recipe: Name of a recipe (`credit`), path of a YAML file, or the tree itself.
        overrides: `key=value` words, as on a command line; or keys to values.
        config_dirs: Folders of the user's own recipes and presets.

    Raises:
        CommandError: If there is no such recipe, or a word is none.
        RecipeError: If the recipe can not be read.
    """
    folders = [Path(folder) for folder in config_dirs]
    absent = [
        Problem("config_dirs", f"{str(f)!r} is not a folder.", "Give folders of recipes.") for f in folders if not f.is_dir()
    ]
    if absent:
        raise CommandError(absent)
    words = words_of(overrides)
    with ONE_AT_A_TIME:
        return _composed(recipe, words, folders)


def _composed(recipe: str | Path | Mapping[str, Any], words: list[str], folders: list[Path]) -> Composed:
    if isinstance(recipe, Mapping):
        content, name = json_of(recipe), str(recipe.get("name", "recipe"))
        name = name if UNQUOTED.fullmatch(name) else "recipe"
        library = Library.open(folders).with_recipe(name, content.encode(), GIVEN, has_lines=False)
        return compose([f"recipe={name}", *words], library=library)
    if not isinstance(recipe, str | Path):
        fix = "Give the name of a recipe, the path of its file, or a dict."
        raise CommandError(Problem("recipe", f"is a {type(recipe).__name__}.", fix))
    if isinstance(recipe, Path) or recipe.endswith((".yaml", ".yml")):
        return _of_file(Path(recipe), words, folders)
    return compose([f"recipe={recipe}", *words], folders)


def _of_file(path: Path, words: list[str], folders: list[Path]) -> Composed:
    """Composes a file: what its defaults list names is found beside it as with `--config-dir`."""
    if not path.is_file():
        raise CommandError(Problem("recipe", f"{path} is not a file.", "Give the path of a recipe, or the name of one."))
    name = path.stem if UNQUOTED.fullmatch(path.stem) else "recipe"
    library = Library.open([path.parent, *folders]).with_recipe(name, path.read_bytes(), str(path), has_lines=True)
    return compose([f"recipe={name}", *words], library=library)


def words_of(overrides: Sequence[str] | Mapping[str, Any]) -> list[str]:
    """Gives overrides as words.

    >>> words_of({"budget.seconds": 30, "data.ignore": ["a b"], "search.models": {"linear": {}}})
    ['budget.seconds=30', 'data.ignore=["a b"]', 'search.models={linear:{}}']
    """
    if isinstance(overrides, str):
        fix = 'Give a list: ["budget.seconds=30"], or a dict.'
        raise CommandError(Problem("overrides", f"is one text, {overrides!r}.", fix))
    if not isinstance(overrides, Mapping):
        return [str(word) for word in overrides]
    return [f"{key}={value}" if _is_plain(value) else f"{key}={word_of(value, str(key))}" for key, value in overrides.items()]


def _is_plain(value: Any) -> bool:
    """Says whether a text is a name, such as that of a preset."""
    return (
        isinstance(value, str)
        and bool(re.fullmatch(r"[A-Za-z_]\w*", value))
        and value.lower() not in ("null", "true", "false", "nan", "inf")
    )


def word_of(value: Any, key: str) -> str:
    """Gives a value in Hydra's grammar of overrides.

    >>> word_of({"low": 4, "high": None}, "k"), word_of('say "no"', "k"), word_of(True, "k")
    ('{low:4,high:null}', '"say \\\\"no\\\\""', 'true')
    """
    value = plain_value(value, key)
    if isinstance(value, Mapping):
        pairs = (f"{_key(name)}:{word_of(item, f'{key}.{name}')}" for name, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(word_of(item, f"{key}.{place}") for place, item in enumerate(value)) + "]"
    if isinstance(value, str):
        return '"' + re.sub(r'(\\*)("|$)', lambda hit: hit[1] * 2 + ('\\"' if hit[2] else ""), value) + '"'
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _key(name: Any) -> str:
    text = str(name)
    return text if UNQUOTED.fullmatch(text) else ESCAPED.sub(r"\\\1", text)


def plain_value(value: Any, key: str) -> Any:
    """Gives a value as plain words and numbers, mappings and lists.

    Raises:
        RecipeError: If it is none of these.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple | set | frozenset | np.ndarray):
        value = list(value)
    if value is None or isinstance(value, str | int | float | bool | list | Mapping):
        return value
    raise RecipeError(Problem(key, f"is a {type(value).__name__}; a recipe holds words, numbers, lists and blocks.", ""))


def json_of(tree: Mapping[str, Any]) -> str:
    """Gives a tree as JSON, which a reader of YAML understands; texts are quoted, so that none is taken for a number.

    Raises:
        RecipeError: If it holds what no recipe holds; all of it at once.
    """
    problems: list[Problem] = []

    def walk(value: Any, key: str) -> Any:
        try:
            value = plain_value(value, key)
        except RecipeError as error:
            problems.extend(error.problems)
            return None
        if isinstance(value, Mapping):
            return {str(name): walk(item, f"{key}.{name}" if key else str(name)) for name, item in value.items()}
        if isinstance(value, list):
            return [walk(item, f"{key}.{place}") for place, item in enumerate(value)]
        if isinstance(value, float) and not np.isfinite(value):
            problems.append(Problem(key, f"is {value}.", "Give a finite number, or leave the key out."))
        return value

    content = walk(tree, "")
    if problems:
        raise RecipeError(problems, GIVEN)
    return json.dumps(content, ensure_ascii=False)
