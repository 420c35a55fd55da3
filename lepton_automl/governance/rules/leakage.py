"""GOV007: a feature that alone gives the target away."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind
from lepton_automl.governance.actions import Action, verdict_of
from lepton_automl.governance.beside import Beside, balanced, look_beside
from lepton_automl.governance.power import SCORED, Sample, areas_alone, draw_sample
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

SURE = 0.9995
"""Power from which a feature is taken for the target whatever else is in it."""
MOST_COLUMNS = 300
MIN_ROWS = 30
"""Rows of a label from which it is told that a category gives it away, where it does not give away a quarter of the rows."""


@dataclass(frozen=True)
class Leakage:
    """A feature whose power alone is beyond belief is dropped, or stops the run.

    For labels the power is the area under the ROC curve of the feature alone, each class against the rest; of several classes
    it is the area that those reach which hold a quarter of the rows, as one of many classes may well be told by one feature.
    Categories are scored by the share of the class at their level on the other half of the training rows. For numbers it is
    the rank correlation. A feature of less than 0.9995 that goes with other features among rows of the same target holds more
    than the target: it is told where others are dropped.

    Args:
        max_auc: Largest area that is believed.
        max_correlation: Largest rank correlation, without sign, that is believed.
        action: `drop`, `stop` or `note`.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.985
    max_correlation: Annotated[float, Field(gt=0, le=1)] = 0.995
    action: Action = "drop"
    code = "GOV007"
    title = "No feature alone gives the target away"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Measures the power of each feature on a sample of training rows, and what is beyond belief there on all of them."""
        sample = draw_sample(subject)
        if sample is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        limit = self.max_auc if sample.is_label else self.max_correlation
        names = [column.name for column in subject.data.features if column.kind in SCORED]
        powers = {name: sample.power(sample.values(subject, name)) for name in names}
        whole = draw_sample(subject, len(subject.data)) or sample
        if len(whole.rows) > len(sample.rows):
            powers |= {name: whole.power(whole.values(subject, name)) for name in names if powers[name] > limit}
        doubtful = [name for name in names if limit < powers[name] < SURE]
        rows = balanced(whole) if doubtful else sample
        beside = look_beside(subject, rows, names[:MOST_COLUMNS], [name for name in doubtful if name in names[:MOST_COLUMNS]])
        findings = [
            self._finding(name, powers[name], limit, sample.unit, beside.get(name) is not Beside.SOMETHING)
            for name in names
            if powers[name] > limit
        ]
        if sample.width > 2:
            rest = [column.name for column in subject.data.features if column.kind in (Kind.CATEGORY, Kind.BOOLEAN)]
            findings += [found for name in rest if powers[name] <= limit for found in self._one_label(subject, sample, name)]
        return findings

    def _one_label(self, subject: Subject, sample: Sample, column: str) -> list[Finding]:
        """Tells of a category that tells some label from all others without error."""
        areas, shares = areas_alone(sample.values(subject, column), sample.y, sample.width)
        rows = [round(share * sample.of) for area, share in zip(areas, shares, strict=True) if area >= SURE]
        rows = [count for count in rows if count >= MIN_ROWS]
        if not rows:
            return []
        note = f"tells {len(rows)} of {sample.width} labels, of {sum(rows):,} training rows, from all others without error"
        facts = (max(areas), SURE, sample.unit, f"{note}{sample.words}: is it known only afterwards?")
        return [Finding(self.code, column, Verdict.NOTED, "", None, sum(rows), *facts)]

    def _finding(self, column: str, power: float, limit: float, unit: str, is_certain: bool) -> Finding:
        verdict, effect = verdict_of(self.action, is_certain)
        note = f"alone reaches {power:.3f} {unit} on training rows; more than {limit:g} is not believed"
        if not is_certain:
            note += ". Among rows of the same target it goes with other features, as a copy of the target would not"
        return Finding(self.code, column, verdict, effect, measured=power, limit=limit, unit=unit, note=note)
