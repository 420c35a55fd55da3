"""The block that says what is found out about the model, and how sure it is made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lepton_automl.recipe.fields import Block, OpenShare, Share


class CalibrationBlock(Block):
    """Does it happen as often as it is said?"""

    bins: Annotated[int, Field(ge=2, le=100)] = 10
    """Bins of equally many rows."""


class RankingBlock(Block):
    """How much of what is looked for stands at the top, of two labels?"""

    shares: list[OpenShare] = Field(default_factory=lambda: [0.05, 0.1, 0.2, 0.5])
    """Shares of the rows, the most probable ones, whose precision, recall and lift are told."""


class ConformalBlock(Block):
    """Intervals and sets of labels that hold the truth in a promised share of rows."""

    levels: list[OpenShare] = Field(default_factory=lambda: [0.8, 0.9])
    """Shares of rows to hold the truth."""
    sets: Literal["lac", "aps"] = "lac"
    """How sets of labels are made. `lac`: as small as can be, empty where no label is probable enough; `aps`: never empty,
    larger."""
    bins: Annotated[int, Field(ge=1, le=50)] = 5
    """Most bins of predicted values, each with a width of its own, where numbers are predicted; a bin has about 200 out-of-fold
    rows at least."""
    delivered: bool = True
    """Whether the artefact carries the thresholds, so that `lepton predict` writes intervals or sets."""


class RobustnessBlock(Block):
    """What becomes of the metric when the rows are not as they were? A strength of 0 leaves a way out."""

    noise: Annotated[float, Field(ge=0, le=10)] = 0.1
    """Normal noise on every number, as a share of its standard deviation."""
    missing: Share = 0.1
    """Share of the cells that is blanked."""
    unseen: Share = 0.1
    """Share of the cells of categories that gets a level that no training row had."""
    far: Annotated[float, Field(ge=0, lt=1, json_schema_extra={"unit": "share"})] = 0.2
    """Share of the test rows, those farthest from the training rows, that is judged apart."""
    wrong_labels: Share = 0.05
    """Share of the truths that is replaced by another."""
    over_time: bool = True
    """Judge stretches of time, and the later half of the rows against the earlier one, where there is a time."""
    rows: Annotated[int, Field(ge=100)] = 2_000
    """Most test rows that are scored again for each way."""


class LearningCurveBlock(Block):
    """Is more data worth it? The best configuration is fitted again on growing shares of the training rows."""

    shares: list[OpenShare] = Field(default_factory=lambda: [0.2, 0.4, 0.7])
    """Shares of the training rows, those of the whole fold besides; two at least."""


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
    ranking: RankingBlock | None = Field(default_factory=RankingBlock)
    """Kolmogorov-Smirnov distance, and precision, recall and lift at the top, of two labels."""
    conformal: ConformalBlock | None = Field(default_factory=ConformalBlock)
    """Intervals of numbers and sets of labels, with the coverage that was measured; delivered with the artefact."""
    robustness: RobustnessBlock | None = Field(default_factory=RobustnessBlock)
    """The metric under noise, missing values, unseen levels, far and late rows and wrong labels."""
    learning_curve: LearningCurveBlock | None = None
    """What twice the rows would bring; it takes fits, and 8 % of the seconds. `{}` turns it on, as `evidence=thorough` does."""
