"""The block that says what is found out about the model, and how sure it is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lepton_automl.recipe.fields import Block, OpenShare


class CalibrationBlock(Block):
    """Does it happen as often as it is said?"""

    bins: Annotated[int, Field(ge=2, le=100)] = 10
    """Bins of equally many rows."""


class ExplanationBlock(Block):
    """What moves the predictions, how, and whether the reasons of single rows hold?"""

    rows: Annotated[int, Field(ge=20, le=5_000)] = 60
    """Test rows that are explained."""
    rounds: Annotated[int, Field(ge=1, le=1_000)] = 24
    """Training rows that each of them is compared with."""
    curves: Annotated[int, Field(ge=0, le=20)] = 6
    """Features that get a curve, the most important ones."""
    pairs: Annotated[int, Field(ge=0, le=12)] = 5
    """Features whose pairs are looked at, the most important ones."""
    checked: Annotated[int, Field(ge=5, le=2_000)] = 10
    """Adverse rows whose reasons are checked."""
    max_scored: Annotated[int, Field(ge=10_000)] = 300_000
    """Rows that the artefact is asked to score for it at most, where trials are counted and no clock ends it: wide tables."""


class EvidenceBlock(Block):
    """What is found out about the model on rows it has not seen; a chapter is left out by `null`."""

    confidence: OpenShare = 0.95
    """Confidence of the intervals."""
    resamples: Annotated[int, Field(ge=50, le=10_000)] = 500
    """Bootstrap resamples of the test rows; whole groups or stretches of time, where the split is by those."""
    importance: bool = True
    """Permutation importance of the features on test rows."""
    calibration: CalibrationBlock | None = Field(default_factory=CalibrationBlock)
    """Expected calibration error and the parts of the Brier score."""
    explanation: ExplanationBlock | None = Field(default_factory=ExplanationBlock)
    """Shapley values, curves, interactions; stability and fidelity of reasons."""
