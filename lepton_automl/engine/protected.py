"""Reads how groups of protected columns are made, and whether they have lines of their own."""

from __future__ import annotations

from lepton_automl.evidence.fairness import AlikeSettings, GroupSettings
from lepton_automl.recipe import Recipe
from lepton_automl.recipe.evidence import FairnessEvidenceBlock


def protected_groups(recipe: Recipe) -> GroupSettings:
    """Gives how the groups of protected columns are made."""
    asked = recipe.evidence.fairness or FairnessEvidenceBlock()
    columns = tuple(asked.columns or recipe.data.roles.protected)
    return GroupSettings(columns, asked.favourable, asked.min_group, asked.cuts, asked.intersections)


def alike_settings(recipe: Recipe) -> AlikeSettings | None:
    """Gives how each group gets a line of its own; none where all rows have one line."""
    asked, groups = recipe.fairness.mitigation, protected_groups(recipe)
    if asked.kind != "thresholds":
        return None
    columns = tuple(asked.columns or recipe.data.roles.protected)
    facts = (asked.alike, asked.within, asked.lawful_basis.strip(), groups.favourable, groups.min_group, groups.cuts)
    return AlikeSettings(columns, *facts)
