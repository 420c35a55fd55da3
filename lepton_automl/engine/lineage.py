"""From source column over rule and preparation to model: what became of every column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lepton_automl.data import Dataset, Role
from lepton_automl.engine.plan import Plan
from lepton_automl.ensemble import Ensemble
from lepton_automl.features import traced
from lepton_automl.ledger import Entry
from lepton_automl.search import load_preparation

CHANGED = ("column dropped", "values set missing", "values changed")


def trace(plan: Plan, train: Dataset, ensemble: Ensemble, work: Path, entries: Sequence[Entry]) -> dict[str, Any]:
    """Gives `lineage.json`: what each column of the source became, by which rule, and which models read it.

    Args:
        plan: The plan.
        train: Training rows as the rules left them.
        ensemble: What is delivered.
        work: The search's working folder, with the preparations.
        entries: The ledger so far.
    """
    prepared, models = _read_by(ensemble, work)
    source = plan.data.source
    read = {name for kinds in prepared.values() for columns in kinds.values() for name in columns}
    columns = []
    for column in source.columns:
        acts = [_act(entry) for entry in entries if entry.column == column.name and entry.effect in CHANGED]
        name = column.name
        mine = {
            view: {kind: found[name] for kind, found in kinds.items() if name in found}
            for view, kinds in prepared.items()
            if any(name in found for found in kinds.values())
        }
        columns.append(
            {
                "name": name,
                "kind": str(column.kind),
                "roles": sorted(map(str, column.roles)),
                "fate": _fate(name, column.roles, train, acts, read),
                "rules": acts,
                "prepared": mine,
                "models": [model["trial"] for model in models if model["view"] in mine],
            }
        )
    return {
        "source": {"place": plan.data.place, "rows": len(source), "fingerprint": source.fingerprint},
        "rows_dropped": [{**_act(entry), "rows": entry.count} for entry in entries if entry.effect == "rows dropped"],
        "columns": columns,
        "views": {view: {kind: sum(found.values()) for kind, found in kinds.items()} for view, kinds in prepared.items()},
        "models": models,
    }


def _act(entry: Entry) -> dict[str, str]:
    return {"code": entry.code, "rule": entry.rule, "stage": entry.stage, "effect": entry.effect, "note": entry.note}


def _fate(name: str, roles: frozenset[Role], train: Dataset, acts: Sequence[dict[str, str]], read: set[str]) -> str:
    """Says in a word or two what became of a column."""
    if Role.TARGET in roles:
        return "target"
    if any(act["effect"] == "column dropped" for act in acts):
        return "dropped" if name not in train.names else "kept, no feature"
    if name in read:
        return "read"
    return "not read" if name in train.names and train.column(name).has(Role.FEATURE) else "kept out"


def _read_by(ensemble: Ensemble, work: Path) -> tuple[dict[str, dict[str, dict[str, int]]], list[dict[str, Any]]]:
    """Gives view to kind of prepared column to the columns it reads, over all folds; and the models with their view."""
    views: dict[str, dict[str, dict[str, int]]] = {}
    models, seen = [], set[str]()
    for member in ensemble.members:
        for fit in member.fits:
            view = fit.preparation.rpartition("_")[0]
            if fit.preparation in seen:
                continue
            seen.add(fit.preparation)
            for kind, found in traced(load_preparation(work / "table" / fit.preparation)).items():
                known = views.setdefault(view, {}).setdefault(kind, {})
                for name, count in found.items():
                    known[name] = max(known.get(name, 0), count)
        view = member.fits[0].preparation.rpartition("_")[0]
        head = {"trial": member.trial.number, "model": member.trial.candidate, "weight": member.weight}
        models.append({**head, "fits": len(member.fits), "view": view})
    return views, models
