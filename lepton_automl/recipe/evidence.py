"""The block that says what is found out about the model, and how sure it is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lepton_automl.recipe.fields import Block, OpenShare


class CalibrationBlock(Block):
    """Does it happen as often as it is said?"""

    bins: Annotated[int, Field(ge=2, le=100)] = 10
    """Bins of equally many rows."""


class ValueBlock(Block):
    """What the decision is worth, against what could be done instead."""

    payoffs_vary: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share by which each payoff is raised and lowered to show what depends on it."""


class EvidenceBlock(Block):
    """What is found out about the model on rows it has not seen; a chapter is left out by `null`."""

    confidence: OpenShare = 0.95
    """Confidence of the intervals."""
    resamples: Annotated[int, Field(ge=50, le=10_000)] = 500
    """Bootstrap resamples of the test rows; whole groups or stretches of time, where the split is by those."""
    importance: bool = True
    """Permutation importance of the features on test rows."""
    value: ValueBlock | None = Field(default_factory=ValueBlock)
    """The decision in money against doing without the model; where the recipe gives payoffs or costs."""
    calibration: CalibrationBlock | None = Field(default_factory=CalibrationBlock)
    """Expected calibration error and the parts of the Brier score."""
