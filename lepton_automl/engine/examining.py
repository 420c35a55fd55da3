"""Makes the examiners that the recipe asks for."""

from __future__ import annotations

from collections.abc import Sequence

from lepton_automl.ensemble import Promise
from lepton_automl.evidence import EXAMINERS, EvidenceSettings, Examiner
from lepton_automl.recipe import Recipe

KEPT = {"robustness": 0.03, "learning_curve": 0.08}
"""Chapter to the share of a run's seconds that is kept for it: those that score rows again, and that fit again."""


def kept_share(examiners: Sequence[Examiner]) -> float:
    """Gives the share of a run's seconds that is kept for chapters which take more than a look at the predictions."""
    return sum(KEPT.get(examiner.name, 0.0) for examiner in examiners)


def make_examiners(recipe: Recipe) -> tuple[Examiner, ...]:
    """Gives the examiners of the chapters that are on, in the order of the table."""
    found: list[Examiner] = []
    for name in EXAMINERS.names():
        asked = getattr(recipe.evidence, name)
        if asked is not None:
            found.append(EXAMINERS.find(name)(**asked.model_dump()))
    return tuple(found)


def evidence_settings(recipe: Recipe) -> EvidenceSettings:
    """Gives what the evidence goes by."""
    asked = recipe.evidence
    return EvidenceSettings(asked.confidence, asked.resamples, asked.importance, recipe.seed, make_examiners(recipe))


def promise_of(recipe: Recipe) -> Promise | None:
    """Gives the intervals or sets that the artefact is to make; none where it makes none."""
    asked = recipe.evidence.conformal
    return (
        None
        if asked is None or not asked.delivered or not asked.levels
        else Promise(tuple(asked.levels), asked.sets, asked.bins)
    )
