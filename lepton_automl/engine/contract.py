"""A contract in a file of its own: read into the recipe, so that hash, plan and run hold all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from lepton_automl.errors import Problem, RecipeError
from lepton_automl.recipe import Composed, Recipe
from lepton_automl.recipe.origin import COMMAND_LINE
from lepton_automl.recipe.reading import read_recipe_file
from lepton_automl.recipe.tree import laid_over

CONTRACT_FILE = ("contract", "file")
"""Rule and key that are read here, and are no setting of the rule itself."""
PATH = ("governance", "rules", "contract")
KEY = ".".join((*PATH, "file"))


def with_contract(recipe: Recipe, composed: Composed) -> tuple[Recipe, Composed]:
    """Gives the recipe with what stands in the file of its contract; keys of the recipe itself are laid over it.

    Raises:
        RecipeError: If the file is not there or can not be read.
    """
    settings = recipe.governance.rules.get("contract")
    if not settings or "file" not in settings:
        return recipe, composed
    path = _found(settings["file"], composed)
    tree, origins = read_recipe_file(path, str(path))
    own = {key: value for key, value in settings.items() if key != "file"}
    rules = {**recipe.governance.rules, "contract": _bare(laid_over(_bare(tree), own))}
    governance = recipe.governance.model_copy(update={"rules": rules})
    notice = f"The contract is read from {path}."
    places = origins.below(PATH).updated(composed.origins)
    composed = replace(composed, origins=places, notices=(*composed.notices, notice))
    return recipe.model_copy(update={"governance": governance}), composed


def _bare(tree: dict[str, Any]) -> dict[str, Any]:
    """Gives the terms of a contract, whether the file holds them alone or in their place in a recipe."""
    for key in PATH:
        if set(tree) == {key} and isinstance(tree[key], dict):
            tree = tree[key]
    return tree


def _found(name: object, composed: Composed) -> Path:
    """Finds the file: in the working folder, else next to the recipe."""
    where = composed.origins.of((*PATH, "file"))
    if not isinstance(name, str) or not name:
        raise RecipeError(Problem(KEY, f"must be the name of a file, got {name!r}.", "Write file: contract.yaml.", where))
    recipe = Path((where if where and where != COMMAND_LINE else composed.place).rpartition(":")[0] or composed.place)
    for path in dict.fromkeys((Path(name), recipe.parent / name)):
        if path.is_file():
            return path
    places = f"in {Path.cwd()} or next to {recipe}"
    fix = f"Propose one with: lepton contract DATA --out {name}"
    raise RecipeError(Problem(KEY, f"{name!r} is not there, neither {places}.".replace(" or ", " nor "), fix, where))
