"""The blocks of the decision in money, and of the limits that figures must keep."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from lepton_automl.recipe.fields import Block, Name, OpenShare, misfit

Cost = Annotated[float, Field(ge=0)]
PositiveShare = Annotated[float, Field(gt=0, le=1, json_schema_extra={"unit": "share"})]


class Worth(Block):
    """Worth that depends on the row's amount."""

    fixed: float = 0.0
    """The same for every row."""
    per_amount: float = 0.0
    """Added for every unit of the row's amount, in the column `data.roles.amount`."""


class Payoff(Block):
    """What each outcome of a decision is worth: a number, or `{fixed: F, per_amount: A}`; costs are negative."""

    true_positive: float | Worth = 0.0
    """The positive label was predicted and is true."""
    false_positive: float | Worth = 0.0
    """The positive label was predicted and is wrong."""
    true_negative: float | Worth = 0.0
    """The other label was predicted and is true."""
    false_negative: float | Worth = 0.0
    """The other label was predicted and is wrong."""


class Refer(Block):
    """A band of rows between two lines that a human judges."""

    cost: Cost
    """What a human's look at a row costs."""
    accuracy: PositiveShare = 1.0
    """Share of those rows that the human decides rightly."""
    max_share: PositiveShare = 1.0
    """Most rows that can be looked at, as a share of all."""


class UnitCost(Block):
    """What a quantity that is ordered costs where it differs from what is needed; per unit."""

    over: Annotated[float, Field(gt=0)]
    """A unit too much."""
    under: Annotated[float, Field(gt=0)]
    """A unit too little."""


class Decision(Block):
    """What is done with a prediction, in money."""

    payoff: Payoff | None = None
    """Worth of each outcome per row; the line is drawn where the sum is highest on out-of-fold predictions."""
    currency: str = "EUR"
    """Currency of all amounts."""
    threshold: OpenShare | None = None
    """A fixed line; without it and without payoffs the line is 0.5."""
    capacity: PositiveShare = 1.0
    """Largest share of the rows that can get the positive label, such as customers that can be called."""
    refer: Refer | None = None
    """Rows for a human: between two lines, drawn where that is worth most."""
    today: Name | None = None
    """What is done without a model: a relation, true for rows that get the positive label, as `age < 21 or debt > 5000`."""
    cost: UnitCost | None = None
    """For numbers and forecasts: the quantity is ordered at which one more unit costs as much as it saves (newsvendor)."""


class Gate(Block):
    """A limit that a figure of the evidence must keep."""

    min: float | None = None
    """Smallest value that passes."""
    max: float | None = None
    """Largest value that passes."""
    confidence: OpenShare | None = None
    """Judge the end of the interval at this confidence instead of the value; it must be `evidence.confidence`."""

    @model_validator(mode="after")
    def _leaves_room(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise misfit(f"has min {self.min:g} above max {self.max:g}: nothing can pass.", "Exchange them.")
        return self


class Gates(Block):
    """Limits that figures of the evidence must keep, by chapter; written down before the run, judged at its end."""

    test: dict[str, Gate] = Field(default={})
    """Metrics on the test rows, and `value_per_row`: `{roc_auc: {min: 0.75}}`."""
    calibration: dict[str, Gate] = Field(default={})
    """Calibration: `{ece: {max: 0.05}}`."""
    ranking: dict[str, Gate] = Field(default={})
    """What stands at the top, of two labels: `{lift_top_10: {min: 2}}`."""
    conformal: dict[str, Gate] = Field(default={})
    """Intervals and sets: `{coverage_90: {min: 0.88}}`."""
    robustness: dict[str, Gate] = Field(default={})
    """Rows that are not as they were: `{noise_drop: {max: 0.02}}`."""
    learning_curve: dict[str, Gate] = Field(default={})
    """What more rows would bring."""
    fairness: dict[str, dict[str, Gate]] = Field(default={})
    """Groups of people, by column: `{sex: {demographic_parity_difference: {max: 0.1}}}`; `A*B` for two columns at once."""
    slices: dict[str, Gate] = Field(default={})
    """Slices: `{worse_slices: {max: 0}}`."""
    value: dict[str, Gate] = Field(default={})
    """The decision in money: `{gain_over_today: {min: 0, confidence: 0.95}}`."""
    artifact: dict[str, Gate] = Field(default={})
    """The artefact itself: `{latency_ms: {max: 5}, size_mb: {max: 50}}`."""
