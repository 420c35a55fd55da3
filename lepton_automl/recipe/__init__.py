"""The schema of a recipe; how it is found, composed by Hydra and checked. Read only by `engine/` and `cli/`."""

from lepton_automl.recipe.check import check, explain
from lepton_automl.recipe.compose import Composed, compose
from lepton_automl.recipe.find import find_examples
from lepton_automl.recipe.library import Library, packaged_preset
from lepton_automl.recipe.schema import Recipe, default_tree, json_schema

__all__ = [
    "Composed",
    "Library",
    "Recipe",
    "check",
    "compose",
    "default_tree",
    "explain",
    "find_examples",
    "json_schema",
    "packaged_preset",
]
