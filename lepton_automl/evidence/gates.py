"""Limits that figures of the evidence must keep. Written in the recipe before the run; judged once, at the end."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lepton_automl.evidence.examine import Evidence
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.measure import Measure


@dataclass(frozen=True)
class Gate:
    """A limit.

    Args:
        figure: What it limits: a metric, `value_per_row`, or `CHAPTER.FIGURE`.
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


def judge_gates(
    evidence: Evidence, gates: Sequence[Gate], ledger: Ledger, artifact: Mapping[str, float] | None = None
) -> list[Verdict]:
    """Judges all gates, and records each; one on a figure that could not be made fails.

    Args:
        evidence: What the test rows say.
        gates: The limits.
        ledger: Where each verdict is recorded.
        artifact: Figures of the artefact itself, by the name of their gate.
    """
    verdicts = []
    for gate in gates:
        measured = (artifact or {}).get(gate.figure)
        measure = evidence.figure(gate.figure) if measured is None else Measure(measured, measured, measured, 1)
        if measure is None or not math.isfinite(measure.value):
            verdicts.append(Verdict(gate, math.nan, math.nan, False))
            note = "the figure could not be made"
            ledger.add(Entry("gate", "GATE001", gate.figure, "gate failed", note=note))
            continue
        for limit, end, is_min in ((gate.min, measure.low, True), (gate.max, measure.high, False)):
            if limit is None:
                continue
            judged = end if gate.by_interval else measure.value
            passed = judged >= limit if is_min else judged <= limit
            verdicts.append(Verdict(gate, measure.value, judged, passed))
            effect = "gate passed" if passed else "gate failed"
            ledger.add(Entry("gate", "GATE001", gate.figure, effect, measured=judged, limit=limit))
    return verdicts


def gate_entries(gates: Sequence[Gate]) -> list[Entry]:
    """Records the limits before the run by their SHA-256, to prove that they were not set after it."""
    if not gates:
        return []
    digest = hashlib.sha256(json.dumps([dict(vars(gate)) for gate in gates], sort_keys=True).encode()).hexdigest()
    return [Entry("gate", "GATE000", "gates", "noted", count=len(gates), note=f"set before the run; SHA-256 {digest}")]
