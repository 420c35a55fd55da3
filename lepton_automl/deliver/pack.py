"""Writes the folder that leaves: models, preparations, contract, context, and a manifest with the hash of every file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lepton_automl import __version__
from lepton_automl.data import Dataset, save_dataset
from lepton_automl.deliver.contract import Contract
from lepton_automl.deliver.scorer import FORMAT, Scorer, file_hash
from lepton_automl.ensemble import Conformal, Ensemble, Member
from lepton_automl.features import Domain
from lepton_automl.models import pack_arrays
from lepton_automl.search import load_preparation
from lepton_automl.tasks import DecisionRule, Task


@dataclass(frozen=True)
class Artifact:
    """A packed artefact.

    Args:
        folder: Where it is.
        scorer: It, loaded back from that folder: what will be served.
        size_mb: Size of all its files.
    """

    folder: Path
    scorer: Scorer
    size_mb: float


def pack(
    folder: Path,
    work: Path,
    task: Task,
    ensemble: Ensemble,
    contract: Contract,
    rule: DecisionRule,
    train: Dataset,
    plugins: Sequence[str] = (),
    conformal: Conformal | None = None,
    domain: Domain | None = None,
) -> Artifact:
    """Packs an ensemble and loads it back.

    Args:
        folder: Where to write; new.
        work: The search's working folder, with fits and preparations.
        task: What is predicted.
        ensemble: What is delivered.
        contract: What tables must look like.
        rule: What is done with a prediction.
        train: Training rows, for the past of series.
        plugins: Packages whose models or tasks are in it.
        conformal: The intervals or sets it makes, or none.
        domain: Where the training rows lie, or none.
    """
    for part in ("models", "preparations"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    members = [_copied_member(member, folder, work) for member in ensemble.members]
    has_context = _save_context(folder, task, train)
    model: dict[str, Any] = {
        "task": task.state(),
        "decision_rule": rule.to_dict(),
        "contract": contract.to_dict(),
        "members": members,
        "calibration": None if ensemble.calibration is None else ensemble.calibration.to_dict(),
        "conformal": None if conformal is None else conformal.to_dict(),
        "domain": _save_domain(folder, domain),
        "has_context": has_context,
        "plugins": list(plugins),
    }
    (folder / "model.json").write_text(json.dumps(model, ensure_ascii=False, indent=1), encoding="utf-8")
    write_manifest(folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    return Artifact(folder, Scorer.load(folder), size)


def _copied_member(member: Member, folder: Path, work: Path) -> dict[str, Any]:
    fits = []
    for fit in member.fits:
        name = fit.preparation
        for ending in (".json", ".npz"):
            shutil.copyfile((work / "table" / name).with_suffix(ending), (folder / "preparations" / name).with_suffix(ending))
        source = Path(fit.files)
        files = sorted(path.name[len(source.name) + 1 :] for path in source.parent.glob(f"{source.name}.*"))
        files = [ending for ending in files if ending != "oof.npy"]
        for ending in files:
            shutil.copyfile(f"{fit.files}.{ending}", folder / "models" / f"{source.name}.{ending}")
        fits.append({"name": source.name, "files": files, "preparation": name})
    return {"model": member.trial.candidate, "weight": member.weight, "fits": fits}


def _save_domain(folder: Path, domain: Domain | None) -> dict[str, Any] | None:
    """Writes the arrays of the domain; gives the rest of it."""
    if domain is None:
        return None
    meta, arrays = domain.state()
    (folder / "domain.npz").write_bytes(pack_arrays(arrays))
    return meta


def _save_context(folder: Path, task: Task, train: Dataset) -> bool:
    """Keeps the last rows of every series, as far back as the models look."""
    history = task.history
    if history is None:
        return False
    reach = max(load_preparation(path.with_suffix("")).reach for path in (folder / "preparations").glob("*.json"))
    keep = {*history.series, history.time, task.target}
    past = train.without([name for name in train.names if name not in keep])
    times = past.values(history.time)
    steps = sorted(times.unique())[-(reach + 1) :]
    save_dataset(past.rows((times >= steps[0]).to_numpy()), folder / "context.arrow")
    return True


def write_manifest(folder: Path) -> None:
    """Writes the hash of every file of the artefact; a place for a signature is left."""
    files = {str(path.relative_to(folder)): file_hash(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    files.pop("manifest.json", None)
    manifest = {"format": FORMAT, "version": __version__, "files": files, "signature": None}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
