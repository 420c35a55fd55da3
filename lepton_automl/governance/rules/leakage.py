"""GOV007: a feature that alone gives the target away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.power import SCORED, draw_sample
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class Leakage:
    """A feature whose power alone is beyond belief is dropped, or stops the run.

    For labels the power is the area under the ROC curve of the feature alone, each class against the rest; of several classes
    it is the area that those reach which hold a quarter of the rows, as one of many classes may well be told by one feature.
    Categories are scored by the share of the class at their level on the other half of the training rows. For numbers it is
    the rank correlation.

    Args:
        max_auc: Largest area that is believed.
        max_correlation: Largest rank correlation, without sign, that is believed.
        action: `drop`, `stop` or `note`.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.985
    max_correlation: Annotated[float, Field(gt=0, le=1)] = 0.995
    action: Literal["drop", "stop", "note"] = "drop"
    code = "GOV007"
    title = "No feature alone gives the target away"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Measures the power of each feature on training rows."""
        sample = draw_sample(subject)
        if sample is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        limit = self.max_auc if sample.is_label else self.max_correlation
        findings = []
        for column in subject.data.features:
            if column.kind not in SCORED:
                continue
            power = sample.power(sample.values(subject, column.name))
            if power > limit:
                findings.append(self._finding(column.name, power, limit, sample.unit))
        return findings

    def _finding(self, column: str, power: float, limit: float, unit: str) -> Finding:
        verdict = {"drop": Verdict.ACTED, "stop": Verdict.STOP, "note": Verdict.NOTED}[self.action]
        effect = "column dropped" if self.action == "drop" else ""
        note = f"alone reaches {power:.3f} {unit} on training rows; more than {limit:g} is not believed"
        return Finding(self.code, column, verdict, effect, measured=power, limit=limit, unit=unit, note=note)
