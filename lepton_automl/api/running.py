"""`run(recipe)`: composes, compiles and runs as the command line does, and gives the finished run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from lepton_automl import engine
from lepton_automl.api.progress import shown
from lepton_automl.api.results import Run, load
from lepton_automl.api.tables import drop_tables, keep_table
from lepton_automl.api.words import compose_given
from lepton_automl.engine import Plan, Progress
from lepton_automl.errors import Problem, RecipeError
from lepton_automl.limits import Clock
from lepton_automl.recipe import Composed


def run(
    recipe: str | Path | Mapping[str, Any],
    overrides: Sequence[str] | Mapping[str, Any] = (),
    data: pd.DataFrame | None = None,
    *,
    test: pd.DataFrame | None = None,
    out: str | Path | None = None,
    config_dirs: Iterable[str | Path] = (),
    progress: bool | Progress | None = None,
    in_process: bool = False,
) -> Run:
    """Runs a recipe, as `lepton run` does; a gate that fails is a result, not an error.

    Args:
        recipe: Name of a recipe (`credit`), path of its YAML file, or the recipe itself as a dict.
        overrides: `key=value` words as on the command line, or keys to values: `{"budget.seconds": 30, "search": "quick"}`.
        data: The table to learn from, in place of the recipe's source; see `keep_table` for where it is kept.
        test: Rows of their own for the evidence, in place of `data.test`.
        out: Folder of the run; the recipe's own, or `outputs/<recipe>/<date>_<time>`, if absent.
        config_dirs: Folders of your own recipes and presets, as `--config-dir`.
        progress: Whether a line shows how the run stands; if absent, in a terminal and in a notebook. Or a display of your own.
        in_process: Whether fits run in this process instead of in workers: begins sooner, and has no limits of time and memory.

    Raises:
        RecipeError: If the recipe is wrong; with all mistakes.
        CommandError: If an override is none, or there is no such recipe.
        HardwareError: If the recipe asks for what is not here.
        OutputError: If the folder can not be used.
        DataError: If the data can not be read, or does not fit the recipe.
        GovernanceStop: If a rule forbids going on.
        RunError: If no model could be fitted.
        KeyboardInterrupt: If the user ended the run before there was a result; it says how to go on.
    """
    started = time.time()
    composed = compose_given(recipe, overrides, config_dirs)
    folder = None if out is None else Path(out)
    tables = Path("outputs") / composed.name if folder is None else folder.parent
    fresh: list[Path] = []
    try:
        for name, frame in (("source", data), ("test", test)):
            if frame is not None:
                path, is_new = keep_table(frame, tables, "data" if name == "source" else name)
                fresh += [path] if is_new else []
                composed = with_table(composed, name, path)
        plan = engine.compile(composed, folder)
        check_in_process(in_process, plan)
    except BaseException:
        drop_tables(fresh)
        raise
    clock = Clock(started, plan.budget)
    with shown(progress, plan, clock) as display:
        engine.run(plan, clock, display, in_process=in_process)
    return load(plan.out)


def check_in_process(in_process: bool, plan: Plan) -> None:
    """Makes sure that the fits of a run may be in this process.

    Raises:
        RecipeError: If the budget counts seconds: only a worker can be stopped in time.
    """
    if in_process and plan.budget.trials is None:
        fix = "Count trials (budget.trials), or leave in_process out."
        raise RecipeError(Problem("in_process", "is True, and the budget counts seconds.", fix))


def with_table(composed: Composed, name: str, path: Path) -> Composed:
    """Gives a recipe whose `data.source` or `data.test` is a Parquet file."""
    data = composed.tree.get("data")
    block = {**(data if isinstance(data, Mapping) else {}), name: {"kind": "parquet", "path": str(path)}}
    return replace(composed, tree={**composed.tree, "data": block})
