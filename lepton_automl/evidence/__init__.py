"""What the untouched test rows say: scores with intervals, importance; gates; the decision in money."""

from lepton_automl.evidence.chapter import Chapter, Examiner, HeldOut, Judged, Refitted, Rival
from lepton_automl.evidence.decision import RESAMPLES, Decision, DecisionSettings, Refer, decide, order, order_cost
from lepton_automl.evidence.examine import Evidence, EvidenceSettings, examine, has_line
from lepton_automl.evidence.examiners import EXAMINERS
from lepton_automl.evidence.gates import Gate, Verdict, gate_entries, judge_gates, judge_promise
from lepton_automl.evidence.profile import Allowance, Profile, Profiled, make_profile

__all__ = [
    "EXAMINERS",
    "RESAMPLES",
    "Allowance",
    "Chapter",
    "Decision",
    "DecisionSettings",
    "Evidence",
    "EvidenceSettings",
    "Examiner",
    "Gate",
    "HeldOut",
    "Judged",
    "Profile",
    "Profiled",
    "Refer",
    "Refitted",
    "Rival",
    "Verdict",
    "decide",
    "examine",
    "gate_entries",
    "has_line",
    "judge_gates",
    "judge_promise",
    "make_profile",
    "order",
    "order_cost",
]
