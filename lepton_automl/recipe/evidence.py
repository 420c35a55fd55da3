"""The block that says what is found out about the model, and how sure it is made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lepton_automl.recipe.fields import Block, OpenShare, Share


class CalibrationBlock(Block):
    """Does it happen as often as it is said?"""

    bins: Annotated[int, Field(ge=2, le=100)] = 10
    """Bins of equally many rows."""


class ValueBlock(Block):
    """What the decision is worth, against what could be done instead."""

    payoffs_vary: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share by which each payoff is raised and lowered to show what depends on it."""


class FairnessEvidenceBlock(Block):
    """How do groups of people fare? Needs columns with the role protected."""

    columns: list[str] = Field(default=[])
    """Columns whose groups are compared; all with the role protected if empty."""
    favourable: Literal["positive", "negative"] = "positive"
    """Of two labels, which one is the favourable outcome: getting it is to be selected."""
    min_group: Annotated[int, Field(ge=2, le=100_000)] = 30
    """Judged rows below which a group is shown as too small, and not compared."""
    cuts: dict[str, list[float]] = Field(default={})
    """Column to where its numbers are cut into groups, each cut begins one: `{age: [25, 40, 60]}`; else at the quarters of the
    training rows."""
    intersections: Annotated[int, Field(ge=1, le=3)] = 2
    """Columns whose groups are looked at together, at most."""
    relevant_difference: OpenShare = 0.1
    """Smallest difference of two rates that matters: an interval that holds it and 0 as well is marked as too wide. Of
    predicted numbers, a share of the standard deviation of the target."""
    relevant_ratio: OpenShare = 0.8
    """Largest ratio of two rates that matters."""


class SlicesBlock(Block):
    """Where is the model worse than elsewhere? All slices of one and two columns are looked at."""

    columns: list[str] = Field(default=[])
    """Columns whose slices are shown with their metric; if empty, protected and evaluation-only ones and those with something
    found."""
    cuts: dict[str, list[float]] = Field(default={})
    """Column to where its numbers are cut, each cut begins a slice: `{age: [25, 40, 60]}`; else at the quarters of the training
    rows."""
    pairs: bool = True
    """Also slices of two columns at once."""
    min_rows: Annotated[int, Field(ge=10, le=100_000)] = 30
    """Judged rows that a slice must have."""
    false_share: OpenShare = 0.05
    """Share of the slices found that may be chance, however many are looked at."""
    shown: Annotated[int, Field(ge=1, le=100)] = 10
    """Slices found that are shown, the worst first."""


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
    """Is more data worth it? The best configuration whose fits end in time is fitted on growing shares of the training rows."""

    shares: list[OpenShare] = Field(default_factory=lambda: [0.25, 0.5])
    """Shares of the training rows, those of the whole fold besides; two at least."""
    share: Annotated[float, Field(gt=0, le=0.5, json_schema_extra={"unit": "share"})] = 0.02
    """Share of `budget.seconds` that is set aside for it; fits that are not expected to end in it are left out, and told."""


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
    value: ValueBlock | None = Field(default_factory=ValueBlock)
    """The decision in money against doing without the model; where the recipe gives payoffs or costs."""
    calibration: CalibrationBlock | None = Field(default_factory=CalibrationBlock)
    """Expected calibration error and the parts of the Brier score."""
    fairness: FairnessEvidenceBlock | None = Field(default_factory=FairnessEvidenceBlock)
    """Rates of the groups of protected columns and of their intersections, and the differences between groups."""
    slices: SlicesBlock | None = Field(default_factory=SlicesBlock)
    """Slices in which the model is worse than elsewhere, with care for how many are looked at."""
    ranking: RankingBlock | None = Field(default_factory=RankingBlock)
    """Kolmogorov-Smirnov distance, and precision, recall and lift at the top, of two labels."""
    conformal: ConformalBlock | None = Field(default_factory=ConformalBlock)
    """Intervals of numbers and sets of labels, with the coverage that was measured; delivered with the artefact."""
    robustness: RobustnessBlock | None = Field(default_factory=RobustnessBlock)
    """The metric under noise, missing values, unseen levels, far and late rows and wrong labels."""
    learning_curve: LearningCurveBlock | None = Field(default_factory=LearningCurveBlock)
    """What twice the rows would bring; it takes two short fits, where they fit in the time."""
    explanation: ExplanationBlock | None = Field(default_factory=ExplanationBlock)
    """Shapley values, curves, interactions; stability and fidelity of reasons."""
