"""All that a report shows: finished facts, nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_automl.ensemble import Ensemble
from lepton_automl.evidence import Decision, Evidence, Verdict
from lepton_automl.ledger import Entry
from lepton_automl.search import Trial
from lepton_automl.tasks import METRICS


@dataclass(frozen=True)
class Facts:
    """The facts of a run.

    Args:
        plan: The plan as plain data.
        recipe: The resolved recipe.
        title: Title of the report.
        trials: All trials.
        ensemble: What is delivered.
        decision: The line.
        evidence: What the test rows say.
        verdicts: What became of the gates.
        entries: The ledger.
        stages: Stage to seconds.
        artifact_mb: Size of the artefact.
        seconds: Wall clock so far.
        peak_mb: Peak memory of all processes together.
    """

    plan: Mapping[str, Any]
    recipe: Mapping[str, Any]
    title: str
    trials: list[Trial]
    ensemble: Ensemble
    decision: Decision
    evidence: Evidence
    verdicts: Sequence[Verdict]
    entries: Sequence[Entry]
    stages: Mapping[str, float]
    artifact_mb: float
    seconds: float
    peak_mb: float

    @property
    def is_score(self) -> bool:
        """Whether higher is better for the metric."""
        metric = METRICS.get(self.evidence.metric)
        return metric is not None and metric.is_score
