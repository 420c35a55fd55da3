"""GOV023: numbers far outside of where nearly all others lie."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import SAMPLE, as_floats, pick_rows, sample_note

MIN_ROWS = 300
"""Values below which the outer percent begins at too few rows to go by."""
MIN_LEVELS = 20
"""Different values below which a number is a code or a count of few steps."""
TAIL = 0.01


@dataclass(frozen=True)
class Outliers:
    """Numbers far outside of the middle 98 % are counted, put on the limit, or set missing.

    A limit lies `spreads` times as far from the median as the first or the last percent of the training rows begins, on each
    side for itself, so that a long tail is no outlier.

    Args:
        spreads: How many times as far from the median as the outer percent begins.
        action: `note`, `clip` or `missing`.
    """

    spreads: Annotated[float, Field(ge=1, le=1000)] = 4.0
    action: Literal["note", "clip", "missing"] = "note"
    code = "GOV023"
    title = "Numbers far outside of the others are counted, put on the limit, or set missing"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Counts outliers of each feature on training rows."""
        data, findings = subject.data, []
        if len(data) < MIN_ROWS:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=f"fewer than {MIN_ROWS} training rows")]
        pick = pick_rows(len(data))
        for column in data.features:
            if column.kind is not Kind.NUMBER or column.has(Role.TIME):
                continue
            values = data.values(column.name)
            with np.errstate(all="ignore"):
                limits = self._limits(values.iloc[pick])
            if limits is None:
                continue
            numbers = as_floats(values)
            count = int(((numbers < limits[0]) | (numbers > limits[1])).sum())
            if count:
                findings.append(self._finding(column.name, count, len(data), limits))
        return findings

    def _limits(self, values: pd.Series) -> tuple[float, float] | None:
        numbers = as_floats(values)
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) < MIN_ROWS or len(np.unique(numbers)) < MIN_LEVELS:
            return None
        low, median, high = np.quantile(numbers, [TAIL, 0.5, 1 - TAIL])
        below = median - self.spreads * (median - low) if median > low else -math.inf
        above = median + self.spreads * (high - median) if high > median else math.inf
        if pd.api.types.is_integer_dtype(values):
            below, above = np.floor(below), np.ceil(above)
        return float(f"{below:.12g}"), float(f"{above:.12g}")

    def _finding(self, column: str, count: int, n: int, limits: tuple[float, float]) -> Finding:
        where = " or ".join(
            f"{word} {limit:.6g}" for word, limit in zip(("below", "above"), limits, strict=True) if math.isfinite(limit)
        )
        sampled = sample_note(n, SAMPLE).replace(", on", ", limits found on")
        if self.action == "note":
            note = f"values {where}, far from nearly all others; left as they are{sampled}"
            return Finding(self.code, column, Verdict.NOTED, count=count, measured=count / n, unit="share", note=note)
        word, effect, done = {
            "clip": ("clip", "values changed", "put on the limit"),
            "missing": ("outside", "values set missing", "set missing"),
        }[self.action]
        note = f"values {where} are {done}, on test and later rows too{sampled}"
        treatments = (f"{word}:{limits[0]!r},{limits[1]!r}",)
        return Finding(self.code, column, Verdict.ACTED, effect, None, count, count / n, None, "share", note, treatments)
