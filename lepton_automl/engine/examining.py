"""Makes the examiners that the recipe asks for, and holds the gates against the figures they will make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lepton_automl.engine.deciding import decision_settings
from lepton_automl.engine.explaining import read_explaining
from lepton_automl.engine.protected import protected_groups
from lepton_automl.ensemble import Promise
from lepton_automl.errors import Problem
from lepton_automl.evidence import EXAMINERS, EvidenceSettings, Examiner
from lepton_automl.recipe import Recipe
from lepton_automl.recipe import blocks as block
from lepton_automl.registry import did_you_mean
from lepton_automl.tasks import METRICS, Task

ARTIFACT_FIGURES = ("artifact.latency_ms", "artifact.size_mb")
"""Figures that are measured on the artefact itself."""
SHARES = frozenset(
    {
        "demographic_parity_difference",
        "disparate_impact_ratio",
        "equal_opportunity_difference",
        "equalised_odds_difference",
        "predictive_parity_difference",
        "calibration_gap",
        "ece",
        "share_positive",
        "share_referred",
        "share_covered",
        "reason_stability",
        "reason_fidelity",
    }
)
"""Figures of chapters that lie between 0 and 1."""


def make_examiners(recipe: Recipe) -> tuple[Examiner, ...]:
    """Gives the examiners of the chapters that are on, in the order of the table."""
    found: list[Examiner] = []
    for name in EXAMINERS.names():
        asked = getattr(recipe.evidence, name)
        if asked is not None:
            found.append(EXAMINERS.find(name)(**{**asked.model_dump(), **_also(name, recipe)}))
    return tuple(found)


def _also(name: str, recipe: Recipe) -> dict[str, Any]:
    """Gives what a chapter goes by that stands elsewhere in the recipe."""
    if name == "fairness" and recipe.evidence.fairness is not None:
        limit = recipe.fairness.constraint
        return {"columns": protected_groups(recipe).columns, "front_figure": "" if limit is None else limit.figure}
    return {"explaining": read_explaining(recipe)} if name == "explanation" else {}


def evidence_settings(recipe: Recipe) -> EvidenceSettings:
    """Gives what the evidence goes by."""
    asked = recipe.evidence
    return EvidenceSettings(asked.confidence, asked.resamples, asked.importance, recipe.seed, make_examiners(recipe))


def promise_of(recipe: Recipe) -> Promise | None:
    """Gives the intervals or sets that the artefact is to make; none where it makes none."""
    asked = recipe.evidence.conformal
    return (
        None
        if asked is None or not asked.delivered or not asked.levels
        else Promise(tuple(asked.levels), asked.sets, asked.bins)
    )


def gates_of(recipe: Recipe) -> dict[str, block.Gate]:
    """Gives each figure that has a gate and the gate: metrics by their name, others by `CHAPTER.FIGURE`."""
    found: dict[str, block.Gate] = {}
    for group in block.Gates.model_fields:
        for name, asked in getattr(recipe.gates, group).items():
            place = name if group == "test" else f"{group}.{name}"
            inner = {place: asked} if isinstance(asked, block.Gate) else {f"{place}.{figure}": g for figure, g in asked.items()}
            found.update(inner)
    return found


def figures_of(recipe: Recipe, task: Task) -> list[str]:
    """Gives the names of all figures that gates can limit."""
    asked = decision_settings(recipe)
    metrics = [metric.name for metric in task.metrics]
    value = ["value_per_row"] if asked.payoff is not None or asked.cost is not None else []
    chapters = [f"{examiner.name}.{figure}" for examiner in make_examiners(recipe) for figure in examiner.figures(task, asked)]
    return [*dict.fromkeys([*metrics, *value]), *chapters, *ARTIFACT_FIGURES]


def gate_problems(recipe: Recipe, figures: Sequence[str] | None) -> list[Problem]:
    """Says whether the gates are about figures that will be there.

    Args:
        recipe: The recipe.
        figures: Names of all figures; none if the task is not known.
    """
    problems: list[Problem] = []
    for figure, gate in gates_of(recipe).items():
        group, _, rest = figure.partition(".")
        key = f"gates.{figure}" if rest else f"gates.test.{figure}"
        if figures is not None and figure not in figures:
            problems.append(Problem(key, "is not a figure of this recipe's evidence.", _nearest(figure, figures)))
        problems += _unreachable(key, gate, *_range_of(figure))
        if gate.min is None and gate.max is None:
            problems.append(Problem(key, "has neither min nor max.", "Write one of them."))
        if gate.confidence is not None and group == "artifact":
            problems.append(Problem(f"{key}.confidence", "is measured, and has no interval.", "Remove it."))
        elif gate.confidence is not None and gate.confidence != recipe.evidence.confidence:
            message = f"is {gate.confidence:g}; intervals are made at {recipe.evidence.confidence:g}."
            problems.append(Problem(f"{key}.confidence", message, "Write the same in evidence.confidence."))
    return problems


def _range_of(figure: str) -> tuple[float, float]:
    """Gives the least and the largest value that a figure can have; infinite where that is not known."""
    metric = METRICS.get(figure)
    if metric is not None and metric.perfect is not None:
        return (-math.inf, metric.perfect) if metric.is_score else (metric.perfect, math.inf)
    low = 0.0 if figure in ARTIFACT_FIGURES else -math.inf
    return (0.0, 1.0) if figure.rpartition(".")[2] in SHARES else (low, math.inf)


def _unreachable(key: str, gate: block.Gate, low: float, high: float) -> list[Problem]:
    """Says which limits no model can keep."""
    found = []
    if gate.min is not None and gate.min > high:
        message = f"is {gate.min:g}, and the figure is never above {high:g}: no model can pass."
        found.append(Problem(f"{key}.min", message, f"Write a limit below {high:g}."))
    if gate.max is not None and gate.max < low:
        message = f"is {gate.max:g}, and the figure is never below {low:g}: no model can pass."
        found.append(Problem(f"{key}.max", message, f"Write a limit above {low:g}."))
    return found


def _nearest(figure: str, figures: Sequence[str]) -> str:
    """Says which figure of the same chapter may be meant, or what makes the chapter."""
    group, _, rest = figure.partition(".")
    if not rest:
        return did_you_mean(figure, [name for name in figures if "." not in name])
    mine = [name for name in figures if name.startswith(f"{group}.")]
    if not mine:
        return f"This recipe's evidence has no chapter {group!r}, or it makes no figures for this task."
    return did_you_mean(rest, [name.partition(".")[2] for name in mine])
