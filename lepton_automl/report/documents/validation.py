"""The validation pack: what an independent person needs to check a run and fit it again, without this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lepton_automl import __version__
from lepton_automl.report.documents.render import _environment
from lepton_automl.report.facts import Facts

COPIED = (
    "recipe.yaml",
    "plan.json",
    "ledger.jsonl",
    "trials.parquet",
    "ensemble.json",
    "evidence.json",
    "decision.json",
    "environment.lock",
    "model_card.md",
    "datasheet.md",
    "data_governance_report.md",
)
"""Files of the run that are in the pack, besides the artefact, `metrics.json`, `fingerprint.json` and its own `README.md`."""


def write_validation_pack(facts: Facts, folder: Path, metrics: Mapping[str, Any]) -> Path:
    """Writes `validation_pack/` into a run's folder; gives its path.

    The artefact's files are linked where the file system allows it, so that a large one costs neither time nor room.

    Args:
        facts: The facts of the run.
        folder: The run's folder; all but `metrics.json` is in it.
        metrics: What `metrics.json` will say.
    """
    pack = folder / "validation_pack"
    shutil.rmtree(pack, ignore_errors=True)  # what a run left that was killed while it wrote it
    pack.mkdir()
    for name in COPIED:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, pack / name)
    shutil.copytree(folder / "artifact", pack / "artifact", copy_function=_linked)
    shutil.copyfile(folder / "artifact" / "manifest.json", pack / "manifest.json")
    _write_json(pack / "metrics.json", metrics)
    fingerprint = {"data": facts.plan["data"]["fingerprint"], "rows": facts.plan["data"]["rows"], "ledger_head": facts.head}
    _write_json(pack / "fingerprint.json", fingerprint)
    content = {"facts": facts, "metrics": metrics, "version": __version__, "place": facts.plan["data"]["place"]}
    text = _environment().get_template("validation_readme.md").render(**content)
    (pack / "README.md").write_text(text, encoding="utf-8", errors="replace")
    sums = [f"{_hash(path)}  {path.name}" for path in sorted(pack.iterdir()) if path.is_file()]
    (pack / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    return pack


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
