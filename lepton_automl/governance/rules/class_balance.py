"""GOV028: how many rows each class has."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.tasks import Makes


@dataclass(frozen=True)
class ClassBalance:
    """The rows of the smallest class are told; fewer than a floor stop the run.

    Args:
        min_rows: Training rows of a class below which the run stops.
        min_share: Share of the smallest class below which classes are called unbalanced, in the note.
    """

    min_rows: Annotated[int, Field(ge=0, le=1_000_000, json_schema_extra={"unit": "rows"})] = 0
    min_share: Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})] = 0.05
    code = "GOV028"
    title = "Every class has enough rows, and the smallest is told"
    stage = Stage.TRAIN

    def check(self, subject: Subject) -> list[Finding]:
        """Counts the training rows of each class."""
        y = subject.target
        assert y is not None
        if subject.goal.makes is not Makes.PROBABILITIES:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="the target is no label")]
        codes = y[y >= 0].astype("int64")
        sizes = np.bincount(codes, minlength=subject.goal.width)
        smallest, share = int(sizes.min()), float(sizes.min() / max(1, sizes.sum()))
        note = f"the smallest of {len(sizes)} classes has {smallest:,} of {sizes.sum():,} training rows"
        note += f", the largest {sizes.max():,}"
        few = int((sizes < self.min_rows).sum())
        if few:
            note = f"{few} of {len(sizes)} classes have fewer than {self.min_rows} training rows; {note}"
            facts = (Verdict.STOP, "", None, smallest, float(smallest), float(self.min_rows), "rows", note)
            return [Finding(self.code, "", *facts)]
        if share < self.min_share:
            note = f"unbalanced: {note}; judge by more than accuracy"
        facts = (Verdict.NOTED, "", None, smallest, share, self.min_share, "share", note)
        return [Finding(self.code, "", *facts)]
