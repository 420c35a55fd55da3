"""Limits that figures of the evidence must keep. Written in the recipe before the run; judged once, at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lepton_automl.evidence.examine import Evidence
from lepton_automl.ledger import Entry, Ledger


@dataclass(frozen=True)
class Gate:
    """A limit.

    Args:
        figure: What it limits: a metric, or `value_per_row`.
        min: Smallest value that passes.
        max: Largest value that passes.
        by_interval: Whether the end of the interval must keep it instead of the value.
    """

    figure: str
    min: float | None
    max: float | None
    by_interval: bool


@dataclass(frozen=True)
class Verdict:
    """What became of a gate."""

    gate: Gate
    value: float
    judged: float
    passed: bool

    def to_dict(self) -> dict[str, Any]:
        """Gives the verdict as plain JSON data."""
        return {**vars(self.gate), "value": self.value, "judged": self.judged, "passed": self.passed}


def judge_promise(figure: str, value: float, most: float, ledger: Ledger) -> Verdict:
    """Judges a limit on the artefact itself, as a gate is judged, and records it."""
    passed = value <= most
    effect = "gate passed" if passed else "gate failed"
    ledger.add(Entry("gate", "GATE002", figure, effect, measured=value, limit=most))
    return Verdict(Gate(figure, None, most, False), value, value, passed)


def judge_gates(evidence: Evidence, gates: Sequence[Gate], ledger: Ledger) -> list[Verdict]:
    """Judges all gates, and records each."""
    verdicts = []
    for gate in gates:
        measure = evidence.figure(gate.figure)
        assert measure is not None, "gates are checked when the recipe is compiled"
        for limit, end, is_min in ((gate.min, measure.low, True), (gate.max, measure.high, False)):
            if limit is None:
                continue
            judged = end if gate.by_interval else measure.value
            passed = judged >= limit if is_min else judged <= limit
            verdicts.append(Verdict(gate, measure.value, judged, passed))
            effect = "gate passed" if passed else "gate failed"
            ledger.add(Entry("gate", "GATE001", gate.figure, effect, measured=judged, limit=limit))
    return verdicts
