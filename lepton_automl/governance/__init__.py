"""Rules that look, act and leave a record."""

from lepton_automl.governance.carry_out import apply_findings, govern, treated_like
from lepton_automl.governance.content import fingerprint_of
from lepton_automl.governance.contract.expression import read_expression
from lepton_automl.governance.protocol import Finding, Rule, Stage, Subject, Verdict
from lepton_automl.governance.stages import Governed, govern_stages
from lepton_automl.governance.waivers import Waiver
from lepton_automl.registry import Registry

RULES = Registry(
    "rule",
    "lepton_automl.rules",
    {
        "target": "lepton_automl.governance.rules.target:Target",
        "contract": "lepton_automl.governance.rules.contract:Contract",
        "roles": "lepton_automl.governance.rules.roles:Roles",
        "constants": "lepton_automl.governance.rules.constants:Constants",
        "duplicate_columns": "lepton_automl.governance.rules.duplicate_columns:DuplicateColumns",
        "missing": "lepton_automl.governance.rules.missing:Missing",
        "identifiers": "lepton_automl.governance.rules.identifiers:Identifiers",
        "post_outcome": "lepton_automl.governance.rules.post_outcome:PostOutcome",
        "row_order": "lepton_automl.governance.rules.row_order:RowOrder",
        "missingness": "lepton_automl.governance.rules.missingness:Missingness",
        "lookups": "lepton_automl.governance.rules.lookups:Lookups",
        "leakage": "lepton_automl.governance.rules.leakage:Leakage",
        "target_copies": "lepton_automl.governance.rules.target_copies:TargetCopies",
        "overlap": "lepton_automl.governance.rules.overlap:Overlap",
        "perfect_score": "lepton_automl.governance.rules.perfect_score:PerfectScore",
        "duplicates": "lepton_automl.governance.rules.duplicates:Duplicates",
        "pii": "lepton_automl.governance.rules.pii:Pii",
        "disguised_missing": "lepton_automl.governance.rules.disguised_missing:DisguisedMissing",
        "retention": "lepton_automl.governance.rules.retention:Retention",
        "forgotten": "lepton_automl.governance.rules.forgotten:ForgottenPeople",
        "consent": "lepton_automl.governance.rules.consent:Consent",
        "licence": "lepton_automl.governance.rules.licence:Licence",
        "purpose": "lepton_automl.governance.rules.purpose:Purpose",
        "outliers": "lepton_automl.governance.rules.outliers:Outliers",
        "rare_levels": "lepton_automl.governance.rules.rare_levels:RareLevels",
        "mixed_types": "lepton_automl.governance.rules.mixed_types:MixedTypes",
        "units": "lepton_automl.governance.rules.units:Units",
        "near_constants": "lepton_automl.governance.rules.near_constants:NearConstants",
        "class_balance": "lepton_automl.governance.rules.class_balance:ClassBalance",
        "label_noise": "lepton_automl.governance.rules.label_noise:LabelNoise",
        "sample_size": "lepton_automl.governance.rules.sample_size:SampleSize",
        "representativeness": "lepton_automl.governance.rules.representativeness:Representativeness",
        "shift": "lepton_automl.governance.rules.shift:Shift",
        "capped_target": "lepton_automl.governance.rules.capped_target:CappedTarget",
        "negatives": "lepton_automl.governance.rules.negatives:Negatives",
        "proxies": "lepton_automl.governance.rules.proxies:Proxies",
    },
)

__all__ = [
    "RULES",
    "Finding",
    "Governed",
    "Rule",
    "Stage",
    "Subject",
    "Verdict",
    "Waiver",
    "apply_findings",
    "fingerprint_of",
    "govern",
    "govern_stages",
    "read_expression",
    "treated_like",
]
