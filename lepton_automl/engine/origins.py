"""Origins in time: the same recipe, judged on an earlier window, by models that know only what was before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lepton_automl.engine.plan import Loaded
from lepton_automl.errors import DataError, Problem, RecipeError
from lepton_automl.ledger import Entry
from lepton_automl.recipe import Recipe
from lepton_automl.tasks import RollingSplitter, Splitter, TimeSplitter


def goes_by_time(tree: Mapping[str, Any]) -> bool:
    """Says whether a resolved recipe sets the latest rows aside."""
    return tree["split"].get("time") is not None or tree["task"]["kind"] == "forecast"


def at_origin(found: Loaded, recipe: Recipe, splitter: Splitter) -> Loaded:
    """Leaves out what lies after the test window of the recipe's origin: origin 0 is the present.

    The window of an origin is what the splitter sets aside of the rows before the window of the origin after it: the horizon of
    a forecast, else `split.test_share` of them. Rows without a target (days to come) are no part of a window.

    Args:
        found: The tables as they were read.
        recipe: The recipe.
        splitter: What sets the test rows aside.

    Raises:
        RecipeError: If rows do not go by time, or the test rows are a table of their own.
        DataError: If there are too few rows or moments before the origin.
    """
    origin = recipe.split.origin
    if not origin:
        return found
    if not isinstance(splitter, TimeSplitter | RollingSplitter) or found.test is not None or not recipe.split.test_share:
        why = "rows do not go by time" if found.test is None else "data.test is a table of its own"
        why = why if recipe.split.test_share or found.test is not None else "split.test_share is 0"
        raise RecipeError(Problem("split.origin", f"is {origin}, and {why}.", "Leave split.origin out."))
    data, time = found.source, splitter.time
    left = data.rows(np.flatnonzero(data.values(recipe.task.target).notna().to_numpy()))
    for number in range(origin):
        try:
            left = left.rows(splitter.holdout(left, recipe.split.test_share, recipe.seed).train)
        except DataError as error:
            message = f"is {origin}, and only {number} windows can be set aside: {error.problems[0].message}"
            raise DataError(Problem("split.origin", message, f"Write {max(0, number - 1)} or less.")) from error
    if not len(left):
        raise DataError(Problem("split.origin", f"is {origin}: no row is left.", "Write a smaller number."))
    keep = (data.values(time) <= left.values(time).max()).to_numpy(dtype=bool)
    note = f"origin {origin}: what lies after its test window is left out"
    gone = int((~keep).sum())
    entry = Entry("load", "LOAD015", "origin", "rows left out", time, gone, len(data), len(data) - gone, note=note)
    return replace(found, source=data.rows(keep), entries=(*found.entries, entry))
