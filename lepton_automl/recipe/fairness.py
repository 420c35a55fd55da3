"""The block that says what is done so that groups of people fare alike."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from lepton_automl.recipe.fields import Block, Name, misfit


class Mitigation(Block):
    """What is done about it: to training rows, or to the line."""

    kind: Literal["none", "reweighing", "thresholds"] = "none"
    """`reweighing`: training rows count so that group and label have nothing to do with each other (Kamiran and Calders 2012);
    the protected column is looked at in training, never in a prediction. `thresholds`: each group has a line of its own (Hardt,
    Price and Srebro 2016); the protected column is then needed to decide each row, which is not lawful everywhere. Labels only;
    of `thresholds` two of them, with payoffs."""
    columns: list[str] = Field(default=[])
    """Columns whose groups, taken together, are reweighed or have lines; all with the role protected if empty."""
    alike: Literal["demographic_parity", "equal_opportunity"] = "demographic_parity"
    """Of `thresholds`: what is made alike. `demographic_parity`: the share of rows that get the label; `equal_opportunity`:
    that share among the rows whose true label is the favourable one (`evidence.fairness.favourable`)."""
    within: float = Field(default=0.0, ge=0, le=1)
    """Of `thresholds`: how far the shares of two groups may lie apart, out of fold."""
    lawful_basis: str = ""
    """Of `thresholds`, required: why it is lawful here to decide by a protected column, and who says so; it is kept in the
    ledger, the artefact and the report."""


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
    """What is done about it: to training rows, or to the line."""
    constraint: FairnessConstraint | None = None
    """A limit that the choice of models keeps out of fold: trials that break it are left out of the ensemble."""
