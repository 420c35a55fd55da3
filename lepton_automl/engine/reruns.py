"""A recipe that is run again, on another split or from another origin in time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lepton_automl import __version__
from lepton_automl.engine.comparing import ComparedRun, language_of, read_run
from lepton_automl.engine.compile import compile, recipe_hash  # noqa: A004 - the name of what it does
from lepton_automl.engine.origins import goes_by_time
from lepton_automl.engine.resume import is_finished
from lepton_automl.engine.run import run
from lepton_automl.errors import DataError, Problem
from lepton_automl.evidence.comparing import Side
from lepton_automl.limits import Clock
from lepton_automl.recipe import Composed
from lepton_automl.recipe.origin import Origins

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rerun:
    """A recipe that is run again on fresh splits.

    Args:
        name: Its name in the comparison.
        tree: The resolved recipe, its seed left out of what identifies it.
    """

    name: str
    tree: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """SHA-256 of the recipe without its seed and its origin in time."""
        split = {key: value for key, value in self.tree["split"].items() if key != "origin"}
        return recipe_hash({**{key: value for key, value in self.tree.items() if key != "seed"}, "split": split})

    @property
    def is_in_time(self) -> bool:
        """Whether its test rows are the latest ones."""
        return goes_by_time(self.tree) and self.tree["data"].get("test") is None

    def folder(self, place: Path) -> Path:
        """Gives the folder of its runs: another for another recipe, other data or another version of this program."""
        data = compile(self.composed(1), place / "none").data.source.fingerprint
        return place / hashlib.sha256(f"{self.identity} {data} {__version__}".encode()).hexdigest()[:12]

    def composed(self, seed: int, origin: int | None = None) -> Composed:
        """Gives the recipe with another seed, and another origin in time, which writes nothing but its own folder."""
        tree = deepcopy(dict(self.tree))
        if origin is not None:
            tree["split"] = {**tree["split"], "origin": origin}
        tree["seed"], tree["resume"], tree["tracking"] = seed, True, {"progress": "none"}
        tree["run"] = {"dir": None}
        tree["data"] = {**tree["data"], "save_cleaned": None}
        tree["search"] = {**tree["search"], "storage": None}
        return Composed(tree, Origins(), str(tree.get("name", self.name)), (), ())


def rerun_of(run_: ComparedRun) -> Rerun:
    """Gives the recipe of a finished run, to be run again."""
    return Rerun(run_.name, run_.recipe)


def run_again(name: str, composed: Composed, folder: Path, place: str, say: Say) -> ComparedRun:
    """Runs a recipe, unless that was done before; gives the run.

    Args:
        name: The recipe's name in the comparison.
        composed: The recipe.
        folder: The run's folder.
        place: The split or origin, in words.
        say: Is told what happens.
    """
    started = time.time()
    if not is_finished(folder):
        say(f"{place}: running {name}")
        plan = compile(composed, folder)
        run(plan, Clock(started, plan.budget))
    found = read_run(folder)
    metric = found.metrics["metric"]
    value = found.metrics["test"][metric]["value"]
    say(f"{place}: {name}   {metric} {value:.4f}   {folder}")
    return found


def side_of(rerun: Rerun, made: ComparedRun) -> Side:
    """Gives a recipe that was run again as a side of a comparison; `made` is one of its runs."""
    metrics = made.metrics
    return Side(rerun.name, str(metrics["recipe"]), rerun.identity, str(metrics["version"]), language_of(rerun.tree))


def check_pairs(name: str, one: Sequence[ComparedRun], other: Sequence[ComparedRun], places: str = "seeds") -> None:
    """Makes sure that the runs of two recipes were judged on the same rows, one by one.

    Raises:
        DataError: If not.
    """
    wrong = [seed for seed, pair in enumerate(zip(one, other, strict=True), 1) if not _is_pair(*pair)]
    if wrong:
        message = f"sets other rows aside than the baseline on {len(wrong)} of {len(one)} {places}, number {wrong[0]} first."
        raise DataError(Problem(name, message, "Give both recipes the same data, split and task."))


def _is_pair(one: ComparedRun, other: ComparedRun) -> bool:
    return bool(one.rows.about["rows_hash"] == other.rows.about["rows_hash"] and one.task.target == other.task.target)
