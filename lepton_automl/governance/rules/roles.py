"""GOV002: columns with a role of their own never enter a model."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from lepton_automl.data import Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

KEPT_OUT = (Role.PROTECTED, Role.EVALUATION_ONLY, Role.ID, Role.GROUP, Role.WEIGHT)


@dataclass(frozen=True)
class Roles:
    """Protected, evaluation-only, identifier, group and weight columns are kept out of every model, and named."""

    code = "GOV002"
    title = "Columns with a role of their own are kept out of every model"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Names the columns that are kept out."""
        findings = []
        for column in subject.data.columns:
            kept = [str(role) for role in KEPT_OUT if column.has(role)]
            if kept and not column.has(Role.FEATURE):
                note = f"kept out of every model: {', '.join(kept)}"
                findings.append(Finding(self.code, column.name, Verdict.NOTED, note=note))
        return findings
