"""One fit of an estimator: a recipe made of its parameters, compiled and run by the engine, its files kept."""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from lepton_automl import engine
from lepton_automl.api.files import Kept
from lepton_automl.api.progress import shown
from lepton_automl.api.results import Run
from lepton_automl.api.running import check_in_process
from lepton_automl.api.tables import drop_tables, keep_table
from lepton_automl.api.words import compose_given
from lepton_automl.engine import Plan
from lepton_automl.errors import DataError, OutputError, Problem, RecipeError
from lepton_automl.limits import Clock

SMALL_CELLS = 100_000
"""Rows times columns up to which fits that are counted run in this process: starting workers takes 2 s, fitting less."""
MOST_FOLDS, ENOUGH = 5, 10
"""Folds of a small table, and rows of the rarest label from which on the engine settles their number."""
LEAK_CODES = ("GOV007", "GOV011", "GOV012", "GOV013", "GOV015", "GOV016")
"""Rules about leaks: `docs/rules.md`."""
MOST_NAMED = 3
"""Features that a warning names; the ledger has all."""
NAMES = {"binary": "lepton_classifier", "multiclass": "lepton_classifier", "regression": "lepton_regressor"}


@dataclass(frozen=True)
class Rows:
    """What is learned from.

    Args:
        table: Features and target.
        target: Column of the target.
        weights: Shape `(n,)`, or none.
        smallest: Rows of the rarest label; of a number, a quarter of the rows.
    """

    table: pd.DataFrame
    target: str
    weights: np.ndarray | None
    smallest: int


def seed_of(random_state: Any) -> int:
    """Gives the seed of a run: 0 for none, a whole number itself, and a draw of a generator."""
    if random_state is None:
        return 0
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def fit_run(estimator: Any, rows: Rows, task: Mapping[str, Any], seed: int) -> Run:
    """Runs the recipe of an estimator, and warns of features that may give the target away.

    Args:
        estimator: With its parameters.
        rows: What is learned from.
        task: The recipe's block `task`, without the target.
        seed: Seed of everything random.

    Raises:
        ValueError: If a parameter is wrong, or the data can not be learned from; with the engine's own words.
        GovernanceStop: If a rule forbids going on.
        RunError: If no model could be fitted.
    """
    started, folder = time.time(), estimator.folder
    try:
        with tempfile.TemporaryDirectory(prefix="lepton_") if folder is None else nullcontext(folder) as root:
            run = _run(estimator, rows, task, seed, Path(root), started, stays=folder is not None)
        warn_of_leaks(run)
        return run
    except (RecipeError, DataError) as error:
        raise ValueError(error.text()) from error


class LeakWarning(UserWarning):
    """A rule doubts a feature: it may hold the target, or be known only afterwards."""


def warn_of_leaks(run: Run) -> None:
    """Warns of what the rules about leaks found beyond their limits and left in the table."""
    ledger = run.ledger
    is_told = ledger["code"].isin(LEAK_CODES) & (ledger["effect"] == "noted") & (ledger["column"] != "")
    found = ledger[is_told & ~(ledger["measured"].astype("float64") <= ledger["limit"].astype("float64"))]
    if len(found):
        first = found.drop_duplicates("column").head(MOST_NAMED)
        said = "; ".join(f"{column}: {note}" for column, note in zip(first["column"], first["note"], strict=True))
        warnings.warn(f"{said}. See run_.ledger; governance='standard' drops what is beyond doubt.", LeakWarning, stacklevel=4)


def _run(estimator: Any, rows: Rows, task: Mapping[str, Any], seed: int, root: Path, started: float, stays: bool) -> Run:
    out = new_folder(root)
    table, weight = rows.table, None
    if rows.weights is not None:
        weight = next(name for name in _names("weight") if name not in table)
        table = table.assign(**{weight: rows.weights})
    tree = _tree(estimator, rows, {**task, "target": rows.target}, seed)
    fresh: list[Path] = []
    try:
        path, is_new = keep_table(table, root, "X")
        fresh += [path] if is_new else []
        tree["data"] = {"source": {"kind": "parquet", "path": str(path)}, "roles": {"weight": weight}}
        plan = engine.compile(compose_given(tree, estimator.overrides or ()), out)
        is_inside = is_in_process(estimator.in_process, plan)
        check_in_process(is_inside, plan)
    except BaseException:
        out.rmdir()  # nothing was written into it
        drop_tables(fresh)
        raise
    clock = Clock(started, plan.budget)
    with shown(bool(estimator.verbose), plan, clock) as display:
        engine.run(plan, clock, display, in_process=is_inside)
    return Run(Kept.of(out, stays))


def _names(word: str) -> Any:
    while True:
        yield word
        word += "_"


def is_in_process(asked: bool | str, plan: Plan) -> bool:
    """Says whether fits run in this process: as asked; by itself where trials are counted and the table is small.

    Raises:
        RecipeError: If it is asked for otherwise.
    """
    if asked not in (True, False, "auto"):
        raise RecipeError(Problem("in_process", f"is {asked!r}.", "Write True, False or 'auto'."))
    data, counts = plan.data.source, plan.budget.trials is not None
    return bool(asked) if asked != "auto" else counts and len(data) * len(data.columns) <= SMALL_CELLS


def _tree(estimator: Any, rows: Rows, task: dict[str, Any], seed: int) -> dict[str, Any]:
    presets, blocks = [], dict[str, Any]()
    for group in ("search", "governance"):
        asked = getattr(estimator, group)
        if isinstance(asked, Mapping):
            blocks[group] = dict(asked)
        elif asked is not None:
            presets.append({f"override /{group}": asked})
    if estimator.metric is not None:
        task["metric"] = estimator.metric
    return {
        "name": NAMES[task["kind"]],
        "defaults": presets,
        **blocks,
        "task": task,
        "split": {"test_share": estimator.test_share, "folds": folds_for(rows.smallest)},
        "budget": {"seconds": estimator.seconds, "trials": estimator.trials},
        "hardware": {"threads": "auto" if estimator.threads is None else estimator.threads},
        "seed": seed,
    }


def folds_for(smallest: int) -> int | str:
    """Gives the number of folds that so many rows of the rarest label allow.

    >>> folds_for(3), folds_for(7), folds_for(100)
    (3, 5, 'auto')
    """
    return "auto" if smallest >= ENOUGH else max(2, min(MOST_FOLDS, smallest))


def new_folder(root: Path) -> Path:
    """Makes a new folder for a run, also where several processes do so at once.

    Raises:
        OutputError: If none can be made.
    """
    name, number = datetime.now().strftime("%Y-%m-%d_%H-%M-%S"), 1
    while True:
        folder = root / (name if number == 1 else f"{name}_{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError as error:
            if not root.is_dir():
                raise OutputError(Problem("folder", f"{root} is a file.", "Give a folder.")) from error
            number += 1
        except OSError as error:
            problem = Problem("folder", f"{folder} can not be made: {error.strerror}.", "Give another folder.")
            raise OutputError(problem) from error
