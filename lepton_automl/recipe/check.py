"""Checks a composed tree against the schema and says everything that is wrong, at once, in the user's words."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from lepton_automl.errors import Problem, RecipeError
from lepton_automl.recipe.compose import Composed
from lepton_automl.recipe.describe import branches, dereferenced, keys_of, kinds_of, options_of, shown, walk, wanted
from lepton_automl.recipe.fields import MISFIT
from lepton_automl.recipe.origin import KeyPath, Origins
from lepton_automl.recipe.schema import Recipe
from lepton_automl.recipe.tree import at, has
from lepton_automl.registry import did_you_mean, nearest

SURE = 0.8
"""Likeness from which a neighbour is meant rather than a key of that very name elsewhere; 0.83 for one wrong letter of six."""
UNIONS = ("union_tag_not_found", "union_tag_invalid")


def check(composed: Composed) -> Recipe:
    """Turns a composed tree into a `Recipe`.

    Raises:
        RecipeError: With every mistake in it.
    """
    problems = list(composed.problems)
    told = {problem.key for problem in problems}
    try:
        recipe = Recipe.model_validate(composed.tree)
    except ValidationError as error:
        found = explain(error, composed.tree, _schema(), composed.origins, place=composed.place)
        problems.extend(problem for problem in found if problem.key not in told)
    if problems:
        raise RecipeError(problems, f"recipe {composed.name!r}")
    return recipe


@functools.cache
def _schema() -> dict[str, Any]:
    return Recipe.model_json_schema()


def explain(
    error: ValidationError, tree: Any, schema: dict[str, Any], origins: Origins, prefix: KeyPath = (), place: str = ""
) -> list[Problem]:
    """Turns pydantic's errors into problems: one for each key, in the order of the schema.

    Args:
        error: What pydantic says.
        tree: What it was given.
        schema: JSON Schema of what it expects.
        origins: Where each key was written.
        prefix: Key under which `tree` stands in the recipe.
        place: The file to name for a key that stands nowhere.
    """
    found: dict[KeyPath, Any] = {}
    for item in error.errors(include_url=False):
        found.setdefault(_real_path(item["loc"], tree, item["type"]), item)
    problems = []
    for path, item in found.items():
        is_about_a_branch = any(len(other) > len(path) and other[: len(path)] == path for other in found)
        if is_about_a_branch and isinstance(at(tree, path), Mapping) and item["type"] != MISFIT:
            continue
        written = (*prefix, *path, "kind") if item["type"] in UNIONS else (*prefix, *path)
        where = origins.of(written) or place
        problems.append(_Fault(item, path, ".".join((*prefix, *path)), tree, schema, where).problem())
    return problems


def _real_path(location: tuple[str | int, ...], tree: Any, kind: str) -> KeyPath:
    """Drops the parts of pydantic's location that name a branch of a union instead of a key."""
    path: list[str] = []
    for position, part in enumerate(location):
        is_last = position == len(location) - 1
        if has(tree, (str(part),)):
            tree = at(tree, (str(part),))
        elif not (is_last and kind == "missing"):
            continue
        path.append(str(part))
    return tuple(path)


class _Fault:
    """One error of pydantic, and what is known of its key."""

    def __init__(self, item: Any, path: KeyPath, name: str, tree: Any, schema: dict[str, Any], where: str) -> None:
        self.kind, self.context = item["type"], item.get("ctx", {})
        self.path, self.name, self.where, self.schema = path, name, where, schema
        self.value = at(tree, path)
        self.around = _part(schema, schema, path[:-1], tree) if path else schema
        self.union = _part(schema, schema, path[:-1], tree, is_union_wanted=True) if path else schema
        self.expected = _part(schema, schema, path, tree, is_union_wanted=True)

    def problem(self) -> Problem:
        """Gives the problem."""
        if self.kind == MISFIT:
            return self._said(self.context["said"], self.context["fix"])
        if self.kind == "extra_forbidden":
            return self._unknown()
        if self.kind == "missing":
            return self._missing()
        if self.kind in UNIONS:
            return self._wrong_kind()
        if self.path and self.path[-1] == "kind" and isinstance(self.value, str):
            options = kinds_of(self.schema, self.union)
            return self._said(
                f"is {self.value!r}, which is not one of: {', '.join(options)}.", did_you_mean(self.value, options)
            )
        if self.path and self.path[-1] != self.around.get("propertyNames", {}).get("const", self.path[-1]):
            return self._said("is not a key here.", did_you_mean(self.path[-1], [self.around["propertyNames"]["const"]]))
        return self._said(f"must be {wanted(self.schema, self.expected)}, got {shown(self.value)}.", self._hint())

    def _said(self, message: str, fix: str = "") -> Problem:
        return Problem(self.name, message, fix, self.where)

    def _unknown(self) -> Problem:
        """Says that there is no such key: near ones first, then the same name elsewhere, then all there are."""
        word, siblings = self.path[-1], keys_of(self.around)
        near = nearest(word, siblings)
        if near is not None and difflib.SequenceMatcher(None, word.lower(), near).ratio() >= SURE:
            return self._said("is not a key here.", did_you_mean(word, siblings))
        owners = [b for b in branches(self.schema, self.union) if b is not self.around and word in keys_of(b)]
        if owners:
            kinds = " or ".join(kind for owner in owners for kind in kinds_of(self.schema, owner)[:1])
            block = self.name.rpartition(".")[0]
            return self._said(f"is a key of another kind: {kinds}.", f"Remove it (~{self.name}), or set {block}.kind.")
        same = sorted({".".join(path) for path, _ in walk(self.schema) if path[-1] == word and "*" not in path})
        if 0 < len(same) <= 3:
            return self._said("is not a key here.", f"Did you mean {' or '.join(same)}?")
        return self._said("is not a key here.", did_you_mean(word, siblings))

    def _missing(self) -> Problem:
        kinds = kinds_of(self.schema, self.expected)
        if kinds:
            return self._said("is required and absent.", f"Write {self.name}.kind=KIND; kinds are {', '.join(kinds)}.")
        return self._said("is required and absent.", f"Write {self.name}: {wanted(self.schema, self.expected)}.")

    def _wrong_kind(self) -> Problem:
        options = kinds_of(self.schema, self.expected)
        if not isinstance(self.value, Mapping):
            return self._said(
                f"must be a block of keys, got {shown(self.value)}.", f"Write {self.name}.kind=KIND and its other keys."
            )
        name, given = f"{self.name}.kind", self.value.get("kind")
        if given is None:
            return Problem(name, "is required and absent.", f"Choose one of: {', '.join(options)}.", self.where)
        message = f"is {given!r}, which is not one of: {', '.join(options)}."
        return Problem(name, message, did_you_mean(str(given), options), self.where)

    def _hint(self) -> str:
        value, parts = self.value, branches(self.schema, self.expected)
        options = [str(option) for option in options_of(self.schema, self.expected)]
        if isinstance(value, str) and _is_number(value) and any(part.get("type") in ("number", "integer") for part in parts):
            return f"Write {value} without quotes."
        if isinstance(value, str) and options:
            return did_you_mean(value, options)
        is_percent = isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100
        if is_percent and any(part.get("unit") == "share" for part in parts):
            return f"Write {value / 100:g} for {value:g} %."
        if any(part.get("type") == "array" for part in parts) and isinstance(value, str):
            return f"Write [{value}]."
        if any(part.get("type") == "boolean" for part in parts):
            return "Write true or false, without quotes."
        if all("properties" in part for part in parts):
            return f"Its keys are: {', '.join(key for part in parts[:1] for key in keys_of(part))}."
        return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _part(
    root: dict[str, Any], part: dict[str, Any], path: KeyPath, tree: Any, is_union_wanted: bool = False
) -> dict[str, Any]:
    """Finds the schema of a key; on the way through unions of blocks, the branch that the tree's `kind` names."""
    if not path:
        return dereferenced(root, part) if is_union_wanted else _branch(root, part, tree)
    part, head = _branch(root, part, tree), path[0]
    below = at(tree, (head,))
    for found in (part.get("properties", {}).get(head), part.get("additionalProperties"), part.get("items")):
        if isinstance(found, dict):
            return _part(root, found, path[1:], below, is_union_wanted)
    return {}


def _branch(root: dict[str, Any], part: dict[str, Any], tree: Any) -> dict[str, Any]:
    """Chooses the branch of a union that a tree is meant for."""
    options = branches(root, part)
    given = tree.get("kind") if isinstance(tree, Mapping) else None
    named = [option for option in options if given is not None and given in kinds_of(root, option)]
    blocks = [option for option in options if "properties" in option]
    maps = [option for option in options if isinstance(option.get("additionalProperties"), dict)]
    lists = [option for option in options if "items" in option]
    fitting = lists if isinstance(tree, list) else [*named, *blocks, *maps]
    return next(iter(fitting), options[0])
