"""Rules that look, act and leave a record."""

from lepton_automl.governance.carry_out import apply_findings, govern, treated_like
from lepton_automl.governance.protocol import Finding, Rule, Stage, Subject, Verdict
from lepton_automl.governance.waivers import Waiver
from lepton_automl.registry import Registry

RULES = Registry(
    "rule",
    "lepton_automl.rules",
    {
        "target": "lepton_automl.governance.rules.target:Target",
        "roles": "lepton_automl.governance.rules.roles:Roles",
        "constants": "lepton_automl.governance.rules.constants:Constants",
        "duplicate_columns": "lepton_automl.governance.rules.duplicate_columns:DuplicateColumns",
        "missing": "lepton_automl.governance.rules.missing:Missing",
        "identifiers": "lepton_automl.governance.rules.identifiers:Identifiers",
        "leakage": "lepton_automl.governance.rules.leakage:Leakage",
        "duplicates": "lepton_automl.governance.rules.duplicates:Duplicates",
        "pii": "lepton_automl.governance.rules.pii:Pii",
    },
)

__all__ = ["RULES", "Finding", "Rule", "Stage", "Subject", "Verdict", "Waiver", "apply_findings", "govern", "treated_like"]
