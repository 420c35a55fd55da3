"""The run's folder: what is written, when, and in which form."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import yaml

from lepton_automl import __version__
from lepton_automl.data.personal import said_safely
from lepton_automl.deliver import Contract
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.resume import WORK, is_finished, is_unfinished, spent_before
from lepton_automl.errors import LeptonError
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.limits import Clock
from lepton_automl.report import Facts, write_validation_pack
from lepton_automl.search import ALL_ROWS, Trial, TrialState, objective_values


def open_folder(plan: Plan) -> Ledger:
    """Makes the run's folder, and writes what is known before the run; goes on with the ledger of a run that was killed."""
    if is_unfinished(plan.out) and (plan.out / "ledger.jsonl").is_file():
        (plan.out / "failed.txt").unlink(missing_ok=True)
        shutil.rmtree(plan.out / WORK / "artifact", ignore_errors=True)
        ledger = Ledger.reopen(plan.out)
        note = f"went on after {spent_before(plan.out):.1f} s"
        ledger.add(Entry("run", "RUN001", "resume", "noted", note=note))
        return ledger
    (plan.out / "run.log").touch()
    write_json(plan.out / "plan.json", plan.to_dict())  # before the recipe: a folder that has that can be resumed
    head = f"# Resolved recipe {plan.name!r}; SHA-256 {plan.recipe_hash}\n"
    (plan.out / "recipe.yaml").write_text(
        head + yaml.safe_dump(dict(plan.recipe), sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    lines = sorted({f"{d.metadata['Name']}=={d.version}" for d in distributions() if d.metadata["Name"]}, key=str.lower)
    (plan.out / "environment.lock").write_text("\n".join(lines) + "\n")
    return Ledger.open(plan.out)


@contextlib.contextmanager
def marked_if_it_fails(folder: Path) -> Iterator[None]:
    """Leaves `failed.txt` in the folder of a run that did not finish, so that it can not be taken for one that did."""
    try:
        yield
    except BaseException as error:
        if not is_finished(folder):
            said = str(error) if isinstance(error, LeptonError) else said_safely(error)
            said = said or "the user ended the run"
            (folder / "failed.txt").write_text(f"{type(error).__name__}: {said}\n", encoding="utf-8")
        raise


def write_json(path: Path, content: Any) -> None:
    """Writes plain data as JSON; figures that are not finite become null."""
    path.write_text(json.dumps(_finite(content), ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def write_facts(plan: Plan, facts: Facts, cut: Mapping[int, Mapping[int, int]], contract: Contract) -> None:
    """Writes what the run found, but for its summary.

    Args:
        plan: The plan.
        facts: What was found.
        cut: Trial number to the rounds that the boosters of its folds were cut to.
        contract: What the artefact expects of a table: of the columns that are left, values as the rules left them.
    """
    write_json(plan.out / "leaderboard.json", leaderboard(facts))
    write_json(plan.out / "evidence.json", facts.evidence.to_dict())
    write_json(plan.out / "decision.json", facts.decision.to_dict())
    write_json(plan.out / "ensemble.json", ensemble_content(facts, cut))
    write_json(plan.out / "data_contract.json", contract.to_dict())
    write_json(plan.out / "search.json", facts.searched)
    write_json(plan.out / "profile.json", facts.profile)
    write_json(plan.out / "lineage.json", facts.lineage)
    write_trials(plan.out / "trials.parquet", facts.trials)


def ensemble_content(facts: Facts, cut: Mapping[int, Mapping[int, int]]) -> dict[str, Any]:
    """Gives the ensemble as plain data: enough to make it again of the same trials."""
    ensemble, latency = facts.ensemble, facts.latency
    members = [
        {
            "trial": member.trial.number,
            "model": member.trial.candidate,
            "weight": member.weight,
            "refit": member.fits[0].fold == ALL_ROWS,
            "cut_rounds": {str(fold): rounds for fold, rounds in cut.get(member.trial.number, {}).items()},
            "loss": member.loss,
            "prefix_loss": loss,
            "row_ms": latency.members[place] if latency is not None else None,
        }
        for place, (member, loss) in enumerate(zip(ensemble.members, ensemble.prefix_losses, strict=True))
    ]
    calibration = None if ensemble.calibration is None else ensemble.calibration.to_dict()
    head = {"final": ensemble.final, "loss": ensemble.loss, "folds": list(ensemble.folds)}
    return {**head, "calibration": calibration, "members": members}


def write_trials(path: Path, trials: list[Trial]) -> None:
    """Writes every trial as a row: enough to fit it again."""
    import pandas as pd

    rows = [
        {
            "number": trial.number,
            "model": trial.candidate,
            "state": str(trial.state),
            "origin": trial.origin,
            "loss": trial.loss if math.isfinite(trial.loss) else None,
            "seconds": trial.seconds,
            "predict_seconds": objective_values(trial, ("predict_seconds",))[0],
            "model_mb": objective_values(trial, ("model_mb",))[0],
            "error": trial.error,
            "params": json.dumps(dict(trial.params), sort_keys=True),
            "fold_losses": json.dumps({fold: fit.loss for fold, fit in sorted(trial.fits.items())}),
            "fold_rounds": json.dumps({fold: list(fit.rounds) for fold, fit in sorted(trial.fits.items())}),
        }
        for trial in trials
    ]
    pd.DataFrame(rows).to_parquet(path)


def leaderboard(facts: Facts) -> list[dict[str, Any]]:
    """Gives all trials, the best first, with the figure in the metric's own sense."""
    weights = {m.trial.number: m.weight for m in facts.ensemble.members}
    sign = -1.0 if facts.is_score else 1.0
    order = {TrialState.DONE: 0, TrialState.PRUNED: 1, TrialState.SKIPPED: 2, TrialState.FAILED: 3, TrialState.RUNNING: 4}
    front = set(facts.searched.get("front", ()))
    ranked = sorted(facts.trials, key=lambda t: (order[t.state], t.loss, t.number))
    return [
        {
            "trial": trial.number,
            "model": trial.candidate,
            "state": str(trial.state),
            facts.evidence.metric: sign * trial.loss if trial.fits else None,
            "folds": len(trial.fits),
            "weight": weights.get(trial.number, 0.0),
            "seconds": round(trial.seconds, 3),
            **({"pareto": trial.number in front} if front else {}),
            "rounds": [list(fit.rounds) for _, fit in sorted(trial.fits.items())],
            "params": dict(trial.params),
            "error": trial.error,
        }
        for trial in ranked
    ]


def metrics(plan: Plan, facts: Facts, stages: dict[str, float], clock: Clock) -> dict[str, Any]:
    """Gives the small, stable summary for programs; `docs/operate.md` describes it."""
    evidence = facts.evidence
    states = {
        str(state): sum(t.state is state for t in facts.trials) for state in TrialState if state is not TrialState.RUNNING
    }
    return {
        "version": __version__,
        "recipe": plan.name,
        "recipe_hash": plan.recipe_hash,
        "task": plan.task.state()["kind"],
        "metric": evidence.metric,
        "evidence": evidence.kind,
        "test": {name: {"value": m.value, "low": m.low, "high": m.high} for name, m in evidence.scores.items()},
        "baseline": {name: m.value for name, m in evidence.baseline.items()},
        "value_per_row": None if evidence.value is None else evidence.value.to_dict(),
        "seconds": {**stages, "total": round(clock.spent(), 3)},
        "peak_memory_mb": round(facts.peak_mb, 1),
        "rows": {"source": len(plan.data.source), "judged": evidence.n},
        "trials": states,
        "artifact_mb": round(facts.artifact_mb, 3),
        "latency_ms": None if facts.latency is None else round(facts.latency.total, 3),
        "gates_failed": [verdict.gate.figure for verdict in facts.verdicts if not verdict.passed],
        "seed": plan.seed,
        "fingerprint": plan.data.source.fingerprint,
    }


def seal(plan: Plan, facts: Facts, work: Path, stages: dict[str, float], clock: Clock) -> dict[str, Any]:
    """Moves the artefact to its place and writes the summary, the last file: a folder that has it is a finished run.

    Gives the summary.
    """
    shutil.move(work / "artifact", plan.out / "artifact")
    figures = metrics(plan, facts, stages, clock)
    if "validation_pack" in plan.policy.documents:
        write_validation_pack(facts, plan.out, _finite(figures))
    write_json(plan.out / "metrics.json", figures)
    return figures
