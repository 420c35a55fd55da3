"""The block that says what is done so that groups of people fare alike."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from lepton_automl.recipe.fields import Block, Name, misfit


class Mitigation(Block):
    """What is done to training rows."""

    kind: Literal["none", "reweighing"] = "none"
    """`reweighing`: training rows count so that group and label have nothing to do with each other (Kamiran and Calders 2012);
    labels only. The protected column is looked at in training, never in a prediction."""
    columns: list[str] = Field(default=[])
    """Columns whose groups, taken together, are reweighed; all with the role protected if empty."""


class FairnessConstraint(Block):
    """A limit that the choice of models keeps, out of fold. Gates are judged on test rows."""

    figure: Name
    """The figure, as the fairness chapter calls it: `sex.demographic_parity_difference`."""
    max: float | None = None
    """Largest value that is chosen."""
    min: float | None = None
    """Smallest value that is chosen, for a ratio."""

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if (self.max is None) == (self.min is None):
            raise misfit("needs either max or min.", "Write max: 0.1 for a difference, min: 0.8 for a ratio.")
        return self


class Fairness(Block):
    """What is done so that groups of people fare alike; how they fare is said by `evidence.fairness`."""

    mitigation: Mitigation = Field(default_factory=Mitigation)
    """What is done to training rows."""
    constraint: FairnessConstraint | None = None
    """A limit that the choice of models keeps out of fold: trials that break it are left out of the ensemble."""
