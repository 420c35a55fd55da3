"""The block that says how single predictions are explained to people."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lepton_automl.recipe.fields import Block, Name


class PhraseBlock(Block):
    """What is said of a feature that is a reason."""

    up: Name
    """Where the value is above what is usual; of categories: always."""
    down: Name
    """Where it is below."""
    missing: str = ""
    """Where it is not known; `up`, marked so, if empty."""


class Explanation(Block):
    """Reasons, and what would change the answer; `lepton explain`."""

    reasons: Annotated[int, Field(ge=1, le=10)] = 4
    """Reasons that are given at most."""
    phrases: dict[str, Name | PhraseBlock] = Field(default={})
    """Column to what is said of it where it is a reason: one text, or one for values above and one for values below usual."""
    immutable: list[str] = Field(default=[])
    """Columns that nobody can change, such as years of experience: they are no part of what would change the answer."""
    changes: dict[str, Literal["up", "down"]] = Field(default={})
    """Column to the only direction in which it can change."""
    adverse: str | int | float | bool | None = None
    """The label that a decision acts against, or `high` or `low` for numbers; the positive label, or `high`, if absent."""
    background: Annotated[int, Field(ge=0, le=1_000)] = 200
    """Governed training rows that the artefact keeps to compare with; 0: it can not explain itself."""
