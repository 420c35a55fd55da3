"""What the untouched test rows say: scores with intervals, importance; gates; the decision in money."""

from lepton_automl.evidence.decision import Decision, Payoff, decide
from lepton_automl.evidence.examine import Evidence, EvidenceSettings, examine, has_line, judge
from lepton_automl.evidence.gates import Gate, Verdict, judge_gates, judge_promise

__all__ = [
    "Decision",
    "Evidence",
    "EvidenceSettings",
    "Gate",
    "Payoff",
    "Verdict",
    "decide",
    "examine",
    "has_line",
    "judge",
    "judge_gates",
    "judge_promise",
]
