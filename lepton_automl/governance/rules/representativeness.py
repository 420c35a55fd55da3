"""GOV031: whether the rows are like the people they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.registry import did_you_mean

TRUTH = {"true": "1", "yes": "1", "false": "0", "no": "0"}


@dataclass(frozen=True)
class Representativeness:
    """Shares of groups are held against those of a declared population; small groups of protected columns are told.

    A share that differs is measured by the standardised difference: the difference over the mean standard deviation of both.

    Args:
        population: Column to its groups and the share of each in the population.
        max_difference: Largest standardised difference of a group, without sign.
        min_rows: Rows of a group below which it is told as small.
        action: `note`, or `stop` where a group differs by more.
    """

    population: Mapping[str, Mapping[str, Annotated[float, Field(ge=0, le=1)]]] = field(default_factory=dict)
    max_difference: Annotated[float, Field(gt=0, le=2)] = 0.2
    min_rows: Annotated[int, Field(ge=0, le=1_000_000, json_schema_extra={"unit": "rows"})] = 50
    action: Literal["note", "stop"] = "note"
    code = "GOV031"
    title = "Groups are there as often as in the population"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Compares each declared column with the population, and counts the groups of protected ones."""
        data = subject.data
        findings = [finding for name, shares in self.population.items() for finding in self._compared(data, name, shares)]
        for column in data.with_role(Role.PROTECTED):
            if column.name not in self.population and column.kind in (Kind.CATEGORY, Kind.BOOLEAN):
                findings += self._small(column.name, _sizes(data.values(column.name)))
        if not findings and not self.population and not data.with_role(Role.PROTECTED):
            return [
                Finding(self.code, "", Verdict.NOT_APPLICABLE, note="no population is declared, and no column is protected")
            ]
        return findings

    def _compared(self, data: Dataset, name: str, shares: Mapping[str, float]) -> list[Finding]:
        if name not in data.names:
            note = f"there is no column {name!r} to compare with the population. {did_you_mean(name, data.names)}".strip()
            return [Finding(self.code, name, Verdict.STOP, note=note)]
        if abs(sum(shares.values()) - 1) > 0.011:
            note = f"the shares of the population add up to {sum(shares.values()):.3g}, not to 1"
            return [Finding(self.code, name, Verdict.STOP, note=note)]
        sizes = _sizes(data.values(name))
        truth = TRUTH if data.column(name).kind is Kind.BOOLEAN else {}
        counts = np.array([sizes.get(truth.get(group.lower(), group), 0) for group in shares], dtype="float64")
        other = sum(sizes.values()) - int(counts.sum())
        if not counts.sum():
            return [Finding(self.code, name, Verdict.STOP, note="no row belongs to a group of the declared population")]
        findings = [self._judged(name, list(shares), counts, np.array(list(shares.values())))]
        if other:
            note = "rows belong to no group of the declared population, and are left out of the comparison"
            findings.append(
                Finding(self.code, name, Verdict.NOTED, count=other, measured=other / len(data), unit="share", note=note)
            )
        return findings + self._small(name, {group: int(count) for group, count in zip(shares, counts, strict=True)})

    def _judged(self, name: str, groups: list[str], counts: np.ndarray, wanted: np.ndarray) -> Finding:
        from scipy.special import chdtrc

        n, wanted = counts.sum(), wanted / wanted.sum()
        found = counts / n
        spread = np.sqrt((found * (1 - found) + wanted * (1 - wanted)) / 2)
        difference = np.divide(found - wanted, spread, out=np.zeros_like(found), where=spread > 0)
        worst = int(np.abs(difference).argmax())
        measured = float(abs(difference[worst]))
        asked = wanted > 0
        statistic = float((((counts - n * wanted) ** 2)[asked] / (n * wanted)[asked]).sum())
        chance = float(chdtrc(max(1, int(asked.sum()) - 1), statistic))
        is_off = measured > self.max_difference
        verdict = Verdict.STOP if is_off and self.action == "stop" else Verdict.NOTED
        word = "are not there as in the population" if is_off else "are there about as in the population"
        note = f"groups {word}: {groups[worst]} has {found[worst]:.1%} of the rows and {wanted[worst]:.1%} of the population; "
        note += f"a chi-square of {statistic:.1f} has a chance of {chance:.2g}"
        facts = (verdict, "", None, int(n), measured, self.max_difference, "standardised difference", note)
        return Finding(self.code, name, *facts)

    def _small(self, name: str, sizes: Mapping[str, int]) -> list[Finding]:
        small = [size for size in sizes.values() if size < self.min_rows]
        if not small:
            return []
        note = f"{len(small)} of {len(sizes)} groups have fewer than {self.min_rows} rows, the smallest {min(small)}"
        facts = (Verdict.NOTED, "", None, sum(small), float(min(small)), float(self.min_rows), "rows", note)
        return [Finding(self.code, name, *facts)]


def _sizes(values: pd.Series) -> dict[str, int]:
    """Gives the rows of each group; missing values belong to none."""
    counted = values.value_counts()
    return {_spelt(level): int(count) for level, count in counted.items() if count}


def _spelt(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
