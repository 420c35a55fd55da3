"""The block that says what a law or a guideline asks of a recipe: a policy pack."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lepton_automl.recipe.fields import Block, Day, Name

Document = Literal["technical_documentation", "instructions_for_use", "monitoring_plan", "validation_pack"]
"""Documents that are written only where they are asked for."""


class PolicySource(Block):
    """A text that a policy goes back to."""

    text: Name
    """Its title, and the part that is meant."""
    date: Day
    """The date of the text that was read."""
    url: str = ""
    """Where it is published."""


class PolicyGate(Block):
    """A gate that must be there, on one of several figures."""

    one_of: list[Name]
    """Figures of which one must have a gate, `*` for any part; those that the evidence does not have are passed over."""
    limit: Literal["min", "max"] | None = None
    """The side on which a figure of a chapter is limited, for the message; `max` if absent; metrics know their own."""
    why: Name
    """What it is for."""


class PolicySetting(Block):
    """A key of the recipe, and what must stand there."""

    one_of: list[bool | int | float | str] = Field(default=[])
    """Values of which one must stand there; any that is not empty where none is named."""
    why: Name
    """What it is for."""


class Policy(Block):
    """What a law or a guideline asks of the recipe. It is no legal advice; `docs/policy.md` lists the packs."""

    name: Name = "none"
    """Name of the pack."""
    title: str = ""
    """What it is about, in a few words."""
    sources: list[PolicySource] = Field(default=[])
    """The texts it goes back to, with their dates."""
    notice: str = ""
    """What it is not: legal advice."""
    rules: dict[str, Name] = Field(default={})
    """Rule that must be in `governance.rules` to the reason."""
    fields: dict[str, Name] = Field(default={})
    """Key of the recipe that must be filled in, from the top, to the reason: `engagement.owner`."""
    settings: dict[str, PolicySetting] = Field(default={})
    """Key of the recipe that must have one of some values, or any: `governance.rules.leakage.action`."""
    gates: dict[str, PolicyGate] = Field(default={})
    """Name to a gate that must be under `gates.test`."""
    documents: list[Document] = Field(default=[])
    """Documents that are written besides model card, datasheet and data governance report."""
