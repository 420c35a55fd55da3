"""All that a report shows: finished facts, nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lepton_automl.deliver import Latency
from lepton_automl.ensemble import Ensemble, Trialled
from lepton_automl.evidence import Decision, Evidence, Verdict
from lepton_automl.ledger import Entry
from lepton_automl.report.heard import heard
from lepton_automl.report.language import say
from lepton_automl.report.wording import number
from lepton_automl.search import ALL_ROWS, Trial
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
        searched: What the search found out about itself; `search.json`.
        latency: Time for one row, where it was measured.
        calibrated: What became of the calibration, where there was one to try.
        profile: What the data looks like; `profile.json`.
        lineage: What became of every column; `lineage.json`.
        head: Hash of the ledger's last entry; empty where it is not on disk.
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
    searched: Mapping[str, Any] = field(default_factory=dict)
    latency: Latency | None = None
    calibrated: Trialled | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)
    lineage: Mapping[str, Any] = field(default_factory=dict)
    head: str = ""

    @property
    def is_score(self) -> bool:
        """Whether higher is better for the metric."""
        metric = METRICS.get(self.evidence.metric)
        return metric is not None and metric.is_score

    @property
    def engagement(self) -> Mapping[str, Any]:
        """What the business wants, as the recipe says it."""
        return self.recipe.get("engagement") or {}

    @property
    def is_out_of_fold(self) -> bool:
        """Whether the evidence rests on rows that took part in the search, as no test rows were set aside."""
        return self.evidence.kind != "test"

    @property
    def evidence_word(self) -> str:
        """What the evidence rests on: `test` or `out of fold`."""
        return self.evidence.kind

    @property
    def time_warning(self) -> str:
        """What the check in the order of time found against random folds; empty where they agree, or nothing was checked."""
        return next((entry.note for entry in self.entries if (entry.code, entry.effect) == ("SPLIT002", "disagrees")), "")

    @property
    def target(self) -> str:
        """Column that is predicted."""
        return str(self.plan["task"].get("target", ""))

    @property
    def labels(self) -> list[str]:
        """The labels as text, the positive one of two last; empty where numbers are predicted."""
        return [str(label) for label in (self.plan["task"].get("labels") or {}).get("values", ())]

    @property
    def positive_label(self) -> str:
        """The label the probabilities are about; empty where there are not two."""
        return self.labels[1] if len(self.labels) == 2 else ""

    @property
    def other_label(self) -> str:
        """The label that is not positive; empty where there are not two."""
        return self.labels[0] if len(self.labels) == 2 else ""

    @property
    def fold_count(self) -> int:
        """Folds a complete trial has."""
        return int(self.plan["split"]["folds"])

    @property
    def delivered(self) -> str:
        """What the members of the ensemble are, in a sentence."""
        again = sum(all(fit.fold == ALL_ROWS for fit in member.fits) for member in self.ensemble.members)
        if again == 0 or self.ensemble.final != "refit":
            return say("Each member is the mean of its models, one for each fold.")
        if again == len(self.ensemble.members):
            return say("Each member was fitted again on all training rows.")
        return say(
            "{n} of the members were fitted again on all training rows; the others are the mean of their folds’ models.",
            n=again,
        )

    @property
    def price(self) -> float | None:
        """Price of the run so far, in the currency of the machine's price; none if that is not known."""
        price = self.plan["hardware"].get("price_per_hour")
        return None if price is None else self.seconds * float(price) / 3600

    @property
    def decided(self) -> str:
        """What is done with a prediction, in a sentence without a full stop; empty where nothing is decided."""
        decision, positive, other = self.decision, self.positive_label, self.other_label
        if decision.level is not None:
            return say("The quantile {level} is ordered", level=number(decision.level, 3))
        if decision.threshold is None:
            return ""
        if decision.by_group is not None:
            lines = [number(line.line, 3) for line in sorted(decision.by_group.lines, key=lambda line: line.line)]
            return say(
                "Each group of {columns} has its own line, from {low} to {high}: rows at or above it get “{positive}”, the "
                "others “{other}”",
                columns=" × ".join(decision.by_group.names),
                low=lines[0],
                high=lines[-1],
                positive=positive,
                other=other,
            )
        line = number(decision.threshold, 3)
        if decision.rule.amount is None:
            held = say("a probability of “{positive}” of at least {line}", positive=positive, line=line)
        else:
            held = say(
                "“{positive}” expected to be worth at least {line} {currency} more than “{other}”",
                positive=positive,
                line=line,
                currency=decision.currency,
                other=other,
            )
        low = decision.refer_from
        if low is None:
            return say("Rows with {held} get that label, the others “{other}”", held=held, other=other)
        return say(
            "Rows with {held} get that label, between {low} and that a human judges, the others “{other}”",
            held=held,
            low=number(low, 3),
            other=other,
        )

    @property
    def decided_why(self) -> str:
        """Why the decision is as it is, in a phrase."""
        return heard(self.decision.reason)

    @property
    def value_without_model(self) -> dict[str, float]:
        """Mean worth of a judged row if all got one label: `all_positive`, `all_negative`; empty without payoffs."""
        chapter = self.evidence.chapters.get("value")
        ways = {} if chapter is None else chapter.content.get("ways", {})
        return {name: ways[name] for name in ("all_positive", "all_negative") if name in ways}
