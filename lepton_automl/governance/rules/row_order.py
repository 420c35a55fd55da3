"""GOV015: the order of the rows, or of an identifier, follows the target."""

from __future__ import annotations

import re
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Column, Kind, Role
from lepton_automl.governance.actions import Action, verdict_of
from lepton_automl.governance.power import Sample, correlation_alone, draw_sample
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

MIN_ROWS = 50
UNIQUE = 0.98
"""Share of different values from which a column may be an identifier."""
DENSE = 0.05
"""Part of the whole numbers between the smallest and the largest that an identifier without a telling name uses at least."""
NUMBERING = re.compile("id|ids|no|nr|num|number|index|idx|key|row|seq|sequence|uid|code|ref|serial")
"""Words in the name of a column that numbers rows."""


@dataclass(frozen=True)
class RowOrder:
    """The target is sorted along the file's rows, or along an identifier.

    Measured by the power of the order alone, and by how much oftener neighbours in it share a label than by chance (1: always).
    Identifiers are columns of the role id, and whole numbers and categories, taken out by earlier rules or not, that differ in
    nearly every row; such numbers must rise with the rows, be dense, or be named so.

    Args:
        max_auc: Largest area that an order may reach.
        max_correlation: Largest rank correlation, without sign, that an order may have with numbers.
        max_sorted: Largest excess of neighbours that share a label, 0 to 1.
        action: `drop`, `stop` or `note`; the order of the file is told, as no model sees it.
    """

    max_auc: Annotated[float, Field(gt=0.5, le=1)] = 0.8
    max_correlation: Annotated[float, Field(gt=0, le=1)] = 0.8
    max_sorted: Annotated[float, Field(gt=0, le=1)] = 0.8
    action: Action = "drop"
    code = "GOV015"
    title = "Neither the order of rows nor an identifier follows the target"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Measures how the target follows the order of rows and identifiers, on training rows."""
        sample = draw_sample(subject)
        if sample is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="features are known a whole horizon ahead")]
        if len(sample.y) < MIN_ROWS:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=f"fewer than {MIN_ROWS} rows")]
        findings = []
        own = self._followed(subject.data.row_ids[sample.rows].astype("float64"), sample)
        if own is not None:
            note = f"the file is sorted by the target: {own[1]}; no model sees it, but a split by position would be wrong"
            findings.append(Finding(self.code, "", Verdict.NOTED, "", None, 0, own[0], *own[2:], note))
        for name, values, is_used in _identifiers(subject, sample):
            found = self._followed(values, sample)
            if found is not None:
                findings.append(self._finding(name, found, is_used))
        return findings

    def _finding(self, name: str, found: tuple[float, str, float, str], is_used: bool) -> Finding:
        verdict, effect = verdict_of(self.action) if is_used else (Verdict.NOTED, "")
        note = f"names rows and follows the target: {found[1]}" + ("" if is_used else "; it is no feature")
        return Finding(self.code, name, verdict, effect, None, 0, found[0], *found[2:], note)

    def _followed(self, keys: np.ndarray, sample: Sample) -> tuple[float, str, float, str] | None:
        """Gives figure, words, limit and unit where the target follows an order; else none."""
        power = sample.power(pd.Series(keys))
        limit = self.max_auc if sample.is_label else self.max_correlation
        if power > limit:
            return power, f"its order alone reaches {power:.3f} {sample.unit}", limit, sample.unit
        order = np.argsort(keys, kind="stable")
        share = together(sample.y[order]) if sample.is_label else 0.0
        if share > self.max_sorted:
            return share, f"neighbours share a label {share:.1%} oftener than by chance", self.max_sorted, "excess"
        return None


def together(labels: np.ndarray) -> float:
    """Gives how much oftener neighbours share a label than by chance: 0 as by chance, 1 always.

    >>> together(np.array([0, 0, 0, 1, 1, 1]))
    0.6
    """
    if len(labels) < 2:
        return 0.0
    chance = float(np.sum((np.bincount(labels) / len(labels)) ** 2))
    return 0.0 if chance == 1 else round((float(np.mean(labels[1:] == labels[:-1])) - chance) / (1 - chance), 12)


def _identifiers(subject: Subject, sample: Sample) -> list[tuple[str, np.ndarray, bool]]:
    """Gives identifiers as numbers in their order, shape `(n,)` each, and whether a model would see them."""
    found = []
    for table in (subject.data, subject.aside):
        for column in () if table is None else table.columns:
            is_used = table is subject.data and column.has(Role.FEATURE)
            if not column.has(Role.ID) and not column.has(Role.FEATURE):
                continue
            values = table.values(column.name).iloc[sample.rows].reset_index(drop=True)  # type: ignore[union-attr]
            keys = _keys(values)
            if keys is None:
                continue
            if column.has(Role.ID) or _numbers_rows(column, values, keys, subject.data.row_ids[sample.rows], sample.of):
                found.append((column.name, keys, is_used))
    return found


def _keys(values: pd.Series) -> np.ndarray | None:
    """Gives whole numbers, or the number in texts such as `C00123`, else the texts' order, shape `(n,)`."""
    if pd.api.types.is_integer_dtype(values):
        return values.to_numpy(dtype="float64")
    if not isinstance(values.dtype, pd.CategoricalDtype) or not len(values.cat.categories):
        return None
    levels = pd.Series(values.cat.categories.astype("str"))
    digits = levels.str.extract(r"(\d{1,15})\D*$", expand=False)
    keys = digits.astype("float64") if digits.notna().all() else levels.rank()
    return np.append(keys.to_numpy(dtype="float64"), -1.0)[values.cat.codes.to_numpy()]


def _numbers_rows(column: Column, values: pd.Series, keys: np.ndarray, row_ids: np.ndarray, of: int) -> bool:
    if values.nunique() < UNIQUE * len(values):
        return False
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", column.name)
    if column.kind is Kind.CATEGORY or any(NUMBERING.fullmatch(word.lower()) for word in words):
        return True
    width = float(np.ptp(keys)) + 1
    return of / width >= DENSE or correlation_alone(pd.Series(keys), row_ids.astype("float64")) > 0.99
