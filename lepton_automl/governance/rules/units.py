"""GOV026: one column in two units."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import SAMPLE, as_floats, pick_rows, sample_note

FACTORS = {
    10.0: "tens (mm and cm)",
    100.0: "hundreds (cm and m, cents and euros, shares and percent)",
    1000.0: "thousands (mm and m, g and kg)",
    1e6: "millions",
    60.0: "sixties (seconds and minutes)",
    3600.0: "3,600 (seconds and hours)",
    25.4: "25.4 (mm and inches)",
}
NEAR = 0.25
MIN_LEVELS = 10
MIN_GAP = 2.0
"""How many times as large the first value of the upper part must be as the last one of the lower."""
MAX_WIDTH = 0.5
"""How wide each part may be, as a share of the distance between them: its middle 90 % on a logarithmic scale."""


@dataclass(frozen=True)
class Units:
    """A number whose values fall into two parts a usual factor of units apart is told.

    Args:
        min_share: Share of the values that each part must hold.
    """

    min_share: Annotated[float, Field(gt=0, le=0.5, json_schema_extra={"unit": "share"})] = 0.01
    code = "GOV026"
    title = "A column that seems to hold two units is told"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Looks for a jump of scale in each number."""
        data, findings = subject.data, []
        pick = pick_rows(len(data))
        for column in data.features:
            if column.kind is not Kind.NUMBER or column.has(Role.TIME):
                continue
            found = self._jump(as_floats(data.values(column.name).iloc[pick]))
            if found is not None:
                share, factor = found
                note = f"values in two parts whose middles are {factor:.3g} apart, near {FACTORS[_nearest(factor)]}"
                note += f": two units in one column?{sample_note(len(data), SAMPLE)}"
                facts = (Verdict.NOTED, "", None, round(share * len(data)), share, self.min_share, "share", note)
                findings.append(Finding(self.code, column.name, *facts))
        return findings

    def _jump(self, numbers: np.ndarray) -> tuple[float, float] | None:
        """Gives the share of the smaller part, and how many times as large the middle of the upper part is."""
        numbers = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
        if len(numbers) < 2 * MIN_LEVELS:
            return None
        scale = np.sort(np.log10(numbers))
        edge = max(1, int(np.ceil(self.min_share * len(scale))))
        steps = np.diff(scale)[edge - 1 : len(scale) - edge]
        if not len(steps):
            return None
        cut = edge + int(steps.argmax())
        low, high = scale[:cut], scale[cut:]
        apart = float(np.median(high) - np.median(low))
        if scale[cut] - scale[cut - 1] < np.log10(MIN_GAP) or min(len(np.unique(low)), len(np.unique(high))) < MIN_LEVELS:
            return None
        widths = [float(np.subtract(*np.quantile(part, [0.95, 0.05]))) for part in (low, high)]
        factor = 10**apart if apart < 12 else np.inf
        is_near = np.isfinite(factor) and abs(np.log(factor / _nearest(factor))) < np.log(1 + NEAR)
        if not is_near or max(widths) > MAX_WIDTH * apart:
            return None
        return min(len(low), len(high)) / len(scale), factor


def _nearest(factor: float) -> float:
    return min(FACTORS, key=lambda known: abs(np.log(known / factor)))
