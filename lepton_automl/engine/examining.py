"""Makes the examiners that the recipe asks for."""

from __future__ import annotations

from lepton_automl.engine.explaining import read_explaining
from lepton_automl.evidence import EXAMINERS, EvidenceSettings, Examiner
from lepton_automl.recipe import Recipe


def make_examiners(recipe: Recipe) -> tuple[Examiner, ...]:
    """Gives the examiners of the chapters that are on, in the order of the table."""
    found: list[Examiner] = []
    for name in EXAMINERS.names():
        asked = getattr(recipe.evidence, name)
        if asked is not None:
            extra = {"explaining": read_explaining(recipe)} if name == "explanation" else {}
            found.append(EXAMINERS.find(name)(**asked.model_dump(), **extra))
    return tuple(found)


def evidence_settings(recipe: Recipe) -> EvidenceSettings:
    """Gives what the evidence goes by."""
    asked = recipe.evidence
    return EvidenceSettings(asked.confidence, asked.resamples, asked.importance, recipe.seed, make_examiners(recipe))
