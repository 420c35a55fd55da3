"""Makes the examiners that the recipe asks for."""

from __future__ import annotations

from typing import Any

from lepton_automl.evidence import EXAMINERS, EvidenceSettings, Examiner
from lepton_automl.evidence.fairness import GroupSettings
from lepton_automl.recipe import Recipe
from lepton_automl.recipe import evidence as block


def make_examiners(recipe: Recipe) -> tuple[Examiner, ...]:
    """Gives the examiners of the chapters that are on, in the order of the table."""
    found: list[Examiner] = []
    for name in EXAMINERS.names():
        asked = getattr(recipe.evidence, name)
        if asked is not None:
            found.append(EXAMINERS.find(name)(**{**asked.model_dump(), **_also(name, recipe)}))
    return tuple(found)


def _also(name: str, recipe: Recipe) -> dict[str, Any]:
    """Gives what a chapter goes by that stands elsewhere in the recipe."""
    if name == "fairness" and recipe.evidence.fairness is not None:
        limit = recipe.fairness.constraint
        return {"columns": protected_groups(recipe).columns, "front_figure": "" if limit is None else limit.figure}
    return {}


def protected_groups(recipe: Recipe) -> GroupSettings:
    """Gives how the groups of protected columns are made."""
    asked = recipe.evidence.fairness or block.FairnessEvidenceBlock()
    columns = tuple(asked.columns or recipe.data.roles.protected)
    return GroupSettings(columns, asked.favourable, asked.min_group, asked.cuts, asked.intersections)


def evidence_settings(recipe: Recipe) -> EvidenceSettings:
    """Gives what the evidence goes by."""
    asked = recipe.evidence
    return EvidenceSettings(asked.confidence, asked.resamples, asked.importance, recipe.seed, make_examiners(recipe))
