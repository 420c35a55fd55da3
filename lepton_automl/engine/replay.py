"""Fits a finished run again as it was recorded, and says whether the predictions are the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from lepton_automl.deliver import Scorer
from lepton_automl.engine.compile import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.resume import day_of
from lepton_automl.engine.run import Result, run
from lepton_automl.engine.watching import Progress
from lepton_automl.ensemble import Calibration, RecordedEnsemble
from lepton_automl.errors import ArtifactError, DataError, Problem
from lepton_automl.limits import Budget, Clock
from lepton_automl.recipe import Composed
from lepton_automl.recipe.origin import Origins
from lepton_automl.search import Recorded
from lepton_automl.tracking import TrackingSettings


@dataclass(frozen=True)
class Replayed:
    """What a replay found.

    Args:
        result: The new run.
        rows: Rows that both models predicted.
        difference: Largest difference of their predictions, without sign.
        is_identical: Whether the predictions agree to the last bit.
    """

    result: Result
    rows: int
    difference: float
    is_identical: bool


def replay(folder: Path, out: Path, started: float, progress: Progress | None = None, in_process: bool = False) -> Replayed:
    """Fits a run again: the same trials, folds, rounds and weights; no clock decides anything.

    Args:
        folder: Folder of a finished run.
        out: Folder of the new one.
        started: When the process started, in seconds since the epoch.
        progress: Is told what happens.
        in_process: Whether fits run in this process, without limits of time and memory, instead of in workers.

    Raises:
        ArtifactError: If the folder is not a finished run.
        DataError: If the data is not what it was.
    """
    plan = replay_plan(folder, out)
    result = run(plan, Clock(started, plan.budget), progress, read_ensemble(folder), in_process)
    before, after = Scorer.load(folder / "artifact"), result.artifact.scorer
    rows = plan.data.test if plan.data.test is not None else plan.data.source
    old, new = (scorer.score_typed(rows.frame, plan.hardware.threads) for scorer in (before, after))
    difference = float(np.abs(old - new).max()) if len(old) else 0.0
    return Replayed(result, len(old), difference, old.tobytes() == new.tobytes())


def replay_plan(folder: Path, out: Path) -> Plan:
    """Compiles the run's own recipe again, its recorded trials in place of a search; no tool but CSV is told."""
    for name in ("metrics.json", "recipe.yaml", "trials.parquet", "ensemble.json"):
        if not (folder / name).is_file():
            raise ArtifactError(
                Problem(str(folder), f"is not a finished run: it has no {name}.", "Give the folder of a finished run.")
            )
    tree = yaml.safe_load((folder / "recipe.yaml").read_text(encoding="utf-8"))
    tree["search"].update(storage=None, warm_start=None)  # nothing is sampled again
    plan = compile(Composed(tree, Origins(), tree["name"], (), ()), out, day_of(folder))
    was = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    if was["fingerprint"] != plan.data.source.fingerprint:
        now, then = plan.data.source.fingerprint[:12], was["fingerprint"][:12]
        message = f"{plan.data.place} is not what it was: fingerprint {now}, was {then}."
        raise DataError(Problem("data.source", message, "Give back the data of that run."))
    recorded = read_recorded(folder)
    search, budget = replace(plan.search, recorded=recorded, trials=None), Budget(trials=len(recorded))
    return replace(plan, search=search, budget=budget, tracking=TrackingSettings(csv=plan.tracking.csv))


def read_members(folder: Path) -> dict[int, dict[str, Any]]:
    """Gives trial number to its entry in the ensemble of a finished run: its weight, and whether it was refitted."""
    ensemble = json.loads((folder / "ensemble.json").read_text(encoding="utf-8"))
    return {member["trial"]: member for member in ensemble["members"]}


def read_ensemble(folder: Path) -> RecordedEnsemble:
    """Reads how a finished run joined its trials."""
    members = read_members(folder)
    content = json.loads((folder / "ensemble.json").read_text(encoding="utf-8"))
    cuts = {number: {int(fold): r for fold, r in member.get("cut_rounds", {}).items()} for number, member in members.items()}
    return RecordedEnsemble(
        {number: member["weight"] for number, member in members.items()},
        {number: rounds for number, rounds in cuts.items() if rounds},
        Calibration.load(content.get("calibration")),
        tuple(content.get("folds", ())),
    )


def read_recorded(folder: Path) -> tuple[Recorded, ...]:
    """Reads the trials that carry weight in a finished run."""
    import pandas as pd

    members = read_members(folder)
    found = []
    for row in pd.read_parquet(folder / "trials.parquet").to_dict("records"):
        if row["number"] in members:
            rounds = {int(fold): tuple(value) for fold, value in json.loads(row["fold_rounds"]).items()}
            refit = bool(members[row["number"]]["refit"])
            found.append(Recorded(int(row["number"]), row["model"], json.loads(row["params"]), rounds, refit))
    return tuple(found)
