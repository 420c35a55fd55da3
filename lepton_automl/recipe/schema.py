"""The whole recipe, its defaults as a tree, and its JSON Schema for editors."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic_core import PydanticUndefined

from lepton_automl.recipe import blocks
from lepton_automl.recipe.fields import Block, FileName


class Recipe(Block):
    """One engagement, as composed by Hydra and checked: nothing in it is optional in meaning, nothing is code."""

    name: FileName = "recipe"
    """Name of the recipe and of its folder below `outputs/`; its file's name if absent."""
    engagement: blocks.Engagement = Field(default_factory=blocks.Engagement)
    """What the business wants."""
    data: blocks.Data = Field(default_factory=blocks.Data)
    """Where the rows are and how they are read."""
    split: blocks.Split = Field(default_factory=blocks.Split)
    """How rows are set aside."""
    governance: blocks.Governance = Field(default_factory=blocks.Governance)
    """The rules the data must obey."""
    policy: blocks.Policy = Field(default_factory=blocks.Policy)
    """What a law or a guideline asks of the recipe: rules, keys, gates, documents; `docs/policy.md`."""
    task: blocks.Task
    """What is predicted."""
    features: blocks.Features = Field(default_factory=blocks.Features)
    """What is made of columns before a model sees them."""
    search: blocks.Search = Field(default_factory=blocks.Search)
    """Which models are tried, and how."""
    ensemble: blocks.Ensemble = Field(default_factory=blocks.Ensemble)
    """How finished trials are joined."""
    budget: blocks.BudgetBlock = Field(default_factory=blocks.BudgetBlock)
    """What the run may spend."""
    hardware: blocks.HardwareBlock = Field(default_factory=blocks.HardwareBlock)
    """What the run may use."""
    decision: blocks.Decision = Field(default_factory=blocks.Decision)
    """What is done with a prediction, in money."""
    gates: blocks.Gates = Field(default_factory=blocks.Gates)
    """Limits the evidence must keep: `gates: {test: {roc_auc: {min: 0.75}}}`."""
    fairness: blocks.Fairness = Field(default_factory=blocks.Fairness)
    """What is done so that groups of people fare alike; `docs/evidence.md`."""
    evidence: blocks.EvidenceBlock = Field(default_factory=blocks.EvidenceBlock)
    """How sure the figures are made."""
    tracking: blocks.Tracking = Field(default_factory=blocks.Tracking)
    """How a run is watched while it trains."""
    delivery: blocks.Delivery = Field(default_factory=blocks.Delivery)
    """What the artefact promises."""
    report: blocks.Report = Field(default_factory=blocks.Report)
    """The report."""
    plugins: list[str] = Field(default=[])
    """Installed packages whose models, rules, tasks, sources and metrics this recipe may name."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Seed of everything random."""
    resume: bool = False
    """Go on with the latest run of this recipe that was stopped midway, or with the one in `run.dir`; else begin anew."""
    run: blocks.RunBlock = Field(default_factory=blocks.RunBlock)
    """Where the run's folder is."""


def default_tree(model: type[BaseModel] = Recipe) -> dict[str, Any]:
    """Gives every default of the schema as a plain tree: Hydra's base node. Required keys are absent."""
    tree: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        value = field.get_default(call_default_factory=True)
        if value is PydanticUndefined:
            continue
        tree[name] = default_tree(type(value)) if isinstance(value, BaseModel) else value
    return tree


def json_schema() -> dict[str, Any]:
    """Gives the JSON Schema (draft 2020-12) of a recipe file.

    Nothing is required there, as presets, other recipes and the command line may bring it.
    """
    schema = _optional(Recipe.model_json_schema())
    schema["title"] = "Lepton AutoML recipe"
    schema["properties"]["defaults"] = {
        "type": "array",
        "description": "What this recipe starts from, as Hydra's defaults list: `- override /search: quick`, `- other_recipe`.",
        "items": {"anyOf": [{"type": "string"}, {"type": "object", "maxProperties": 1}]},
    }
    gates = schema["$defs"]["Gates"]
    gates["patternProperties"] = {
        rf"^{name}\.": chapter["additionalProperties"] for name, chapter in gates["properties"].items()
    }
    _allow_ranges(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _optional(part: Any) -> Any:
    """Leaves out what is required, and lets several branches of a union fit, as a part of a block may fit them all."""
    if isinstance(part, list):
        return [_optional(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {
        key: _optional(value) for key, value in part.items() if key not in ("required", "discriminator") or "type" not in part
    }
    kept.pop("discriminator", None)
    if "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    return kept


def _allow_ranges(schema: dict[str, Any]) -> None:
    """Says in the schema what a model's parameter may be."""
    value = {"anyOf": [{"type": ["number", "string", "boolean", "null"]}, {"type": "array"}, {"$ref": "#/$defs/Range"}]}
    schema["$defs"]["Range"] = {
        "type": "object",
        "description": "A range to search.",
        "properties": {
            "low": {"type": "number", "description": "Smallest value."},
            "high": {"type": "number", "description": "Largest value."},
            "log": {"type": "boolean", "description": "Whether it is searched on a logarithmic scale.", "default": False},
        },
        "required": ["low", "high"],
        "additionalProperties": False,
    }
    models = schema["$defs"]["Search"]["properties"]["models"]
    models["additionalProperties"] = {"anyOf": [{"type": "object", "additionalProperties": value}, {"type": "null"}]}
