"""GOV006: a column that names rows teaches a model nothing about new ones."""

from __future__ import annotations

import re
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

MIN_ROWS = 50
NAMING = re.compile("id|ids|uid|uuid|guid|identifier|key")
"""Last word in the name of a column that names rows, such as `PassengerId` or `case_id`."""


@dataclass(frozen=True)
class Identifiers:
    """Categories that differ in nearly every row, and whole numbers that count or name rows, are dropped.

    Args:
        min_unique_share: Share of different values from which a category, or a whole number named so, is an identifier.
    """

    min_unique_share: Annotated[float, Field(gt=0, le=1, json_schema_extra={"unit": "share"})] = 0.98
    code = "GOV006"
    title = "A feature that only names rows is dropped"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds categories that differ in nearly every row, and numbers that count rows, or are named so and differ as well."""
        if len(subject.data) < MIN_ROWS:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note=f"fewer than {MIN_ROWS} rows")]
        findings = []
        for column in subject.data.features:
            values = subject.data.values(column.name)
            if column.kind is Kind.CATEGORY or (pd.api.types.is_integer_dtype(values) and _is_named_so(column.name)):
                share = values.nunique() / max(1, int(values.notna().sum()))
                is_identifier = share >= self.min_unique_share and values.notna().sum() >= MIN_ROWS
            else:
                share, is_identifier = 1.0, not column.has(Role.TIME) and _counts_rows(values)
            if is_identifier:
                figures = (len(values), share, self.min_unique_share, "share", "names rows")
                findings.append(Finding(self.code, column.name, Verdict.ACTED, "column dropped", None, *figures))
        return findings


def _is_named_so(name: str) -> bool:
    """Says whether the last word of a name says that it names rows.

    >>> _is_named_so("PassengerId"), _is_named_so("case_id"), _is_named_so("id:token"), _is_named_so("paid")
    (True, True, True, False)
    """
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name.partition(":")[0])
    return bool(words) and NAMING.fullmatch(words[-1].lower()) is not None


def _counts_rows(values: pd.Series) -> bool:
    """Says whether whole numbers run through the rows, each once, with few gaps."""
    if not pd.api.types.is_integer_dtype(values):
        return False
    numbers = values.to_numpy()
    width = int(numbers.max()) - int(numbers.min()) + 1
    return width <= 1.5 * len(numbers) and len(np.unique(numbers)) == len(numbers)
