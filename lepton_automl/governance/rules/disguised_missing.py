"""GOV018: a value that stands for a missing one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field
from pydantic.dataclasses import dataclass

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict
from lepton_automl.governance.sample import SAMPLE, as_floats, pick_rows, sample_note
from lepton_automl.registry import did_you_mean

MIN_COUNT = 5
"""Rows that a number or a date must fill before it is suspected."""
SURE = (
    "unknown,unk,unspecified,undefined,missing,not available,not known,not specified,not provided,null,nan,?,-,--,n.a.,#n/a,"
    "未知,不详,缺失,未填写,未提供"
)
SURE_TEXTS = frozenset(SURE.split(","))
DOUBTFUL_TEXTS = frozenset({"none", "nil", "no data", "na", "n/a", ".", "无", "空"})
DAYS = (
    "0001-01-01 1753-01-01 1800-01-01 1899-12-30 1899-12-31 1900-01-01 1900-01-02 1901-01-01 1970-01-01 "
    "2099-12-31 2100-01-01 2199-12-31 2200-01-01 2999-12-31 9999-01-01 9999-12-31"
)
KNOWN_DATES = frozenset(map(date.fromisoformat, DAYS.split()))
"""First and last days of calendars and databases, and days that people write for none."""
SURE_GAP, NINES_GAP, OTHER_GAP, OTHER_SHARE = 2.0, 1.0, 3.0, 0.01
"""Distance from all other values, in widths of those, from which on a number is beyond doubt or suspected."""
SURE_YEARS, DOUBTFUL_YEARS = 10.0, 2.0
DAYS_OF_A_YEAR = 365.25
MOST_PER_SIDE = 3
FEW_LEVELS = 10
ZERO_GAP, ZERO_LEVEL, MOST_ZEROS = 3.0, 0.1, 0.6
"""How far zero must lie from the next value, in usual steps; and how large the smallest percent is, in medians."""


class Suspect(NamedTuple):
    """A value that may stand for a missing one: as a treatment names it, whether it is beyond doubt, and why.

    A value that is no usual one for missing could name a person: it is shown as `told` says.
    """

    value: str
    is_sure: bool
    why: str
    told: str = ""


@dataclass(frozen=True)
class DisguisedMissing:
    """Values such as -999, 9999-12-31 or `unknown` that stand for a missing one are told, or set missing.

    Values that the recipe declares are always set missing. Others are found by standing apart from all other values of their
    column and being frequent, or by being words for nothing; where the action is `missing`, those beyond doubt are set missing:
    numbers of nines far from the rest, the last day of a calendar, words such as `unknown`.

    Args:
        values: Column to its values that stand for missing ones.
        action: `note`, or `missing` to set those that are found beyond doubt missing.
        min_share: Share of the rows that a number or a date must fill to be suspected, 0 to 1.
    """

    values: Mapping[str, tuple[int | float | str, ...]] = field(default_factory=dict)
    action: Literal["note", "missing"] = "note"
    min_share: Annotated[float, Field(ge=0, le=1, json_schema_extra={"unit": "share"})] = 0.001
    code = "GOV018"
    title = "A value that stands for a missing one is told, or set missing"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Counts declared values, and looks for others."""
        data = subject.data
        findings = [finding for name in self.values for finding in self._declared(data, name)]
        pick = pick_rows(len(data))
        for column in data.features:
            if column.name in self.values or column.kind is Kind.BOOLEAN or column.has(Role.TIME):
                continue
            values = data.values(column.name)
            for suspect in self._suspects(column.kind, values.iloc[pick]):
                findings.append(self._found(column.name, values, suspect, sample_note(len(data), SAMPLE)))
        return findings

    def _declared(self, data: Dataset, name: str) -> list[Finding]:
        if name not in data.names:
            note = f"its missing values are declared, but there is no such column any more. {did_you_mean(name, data.names)}"
            return [Finding(self.code, name, Verdict.NOT_APPLICABLE, note=note.strip())]
        findings = []
        for value in self.values[name]:
            values = data.values(name)
            count = _count(values, str(value))
            if count is None:
                note = f"a value is declared missing that can not be read as a {data.column(name).kind}"
                findings.append(Finding(self.code, name, Verdict.STOP, note=note))
            elif count:
                findings.append(self._set_missing(name, values, str(value), count, "the recipe says so"))
        return findings

    def _set_missing(self, name: str, values: pd.Series, value: str, count: int, why: str) -> Finding:
        share, note = count / max(1, len(values)), f"{value!r} stands for missing: {why}"
        facts = (Verdict.ACTED, "values set missing", None, count, share, None, "share", note, (f"missing:{value}",))
        return Finding(self.code, name, *facts)

    def _found(self, name: str, values: pd.Series, suspect: Suspect, sampled: str) -> Finding:
        count = _count(values, suspect.value) or 0
        if suspect.is_sure and self.action == "missing":
            return self._set_missing(name, values, suspect.value, count, suspect.why)
        may = "stands for missing beyond doubt" if suspect.is_sure else "may stand for missing"
        note = f"{suspect.told or repr(suspect.value)} {may}: {suspect.why}{sampled}"
        note += "; governance.rules.disguised_missing.values sets it missing"
        return Finding(
            self.code, name, Verdict.NOTED, count=count, measured=count / max(1, len(values)), unit="share", note=note
        )

    def _suspects(self, kind: Kind, values: pd.Series) -> Iterator[Suspect]:
        if kind in (Kind.CATEGORY, Kind.TEXT):
            yield from _words(values, kind is Kind.CATEGORY)
        elif kind in (Kind.NUMBER, Kind.DATETIME):
            numbers = as_floats(values)
            numbers = numbers[~np.isnan(numbers)]
            levels, counts = np.unique(numbers, return_counts=True)
            floor = max(MIN_COUNT, self.min_share * len(numbers))
            with np.errstate(all="ignore"):
                yield from (_numbers if kind is Kind.NUMBER else _dates)(levels, counts, floor)


def _count(values: pd.Series, value: str) -> int | None:
    """Counts a value as the treatment reads it; none if it can not be one of the column."""
    try:
        if isinstance(values.dtype, pd.CategoricalDtype):
            return int((values == value).sum()) if value in values.cat.categories else 0
        if pd.api.types.is_datetime64_any_dtype(values):
            return int((values == pd.Timestamp(value)).sum())
        return int((values == (float(value) if pd.api.types.is_numeric_dtype(values) else value)).sum())
    except ValueError:
        return None


def _words(values: pd.Series, may_be_sure: bool) -> Iterator[Suspect]:
    counted = values.value_counts()
    levels = [level for level in counted.index[counted.to_numpy() > 0] if isinstance(level, str)]
    for level in levels:
        word = level.strip().lower()
        if word in SURE_TEXTS or word in DOUBTFUL_TEXTS:
            yield Suspect(level, may_be_sure and word in SURE_TEXTS, "a word for nothing")


def _numbers(levels: np.ndarray, counts: np.ndarray, floor: float) -> Iterator[Suspect]:
    total = counts.sum()
    low, high = 0, len(levels) - 1
    for is_low in (True, False):
        for _ in range(MOST_PER_SIDE):
            if high - low < 3:
                break
            place = low if is_low else high
            suspect = _extreme(levels[low : high + 1], is_low, counts[place], floor, counts[place] / total)
            if suspect is None:
                break
            yield suspect
            low, high = (low + 1, high) if is_low else (low, high - 1)
    left, left_counts = levels[low : high + 1], counts[low : high + 1]
    if len(left) > 2 * FEW_LEVELS and left[0] == 0 and floor <= left_counts[0] <= MOST_ZEROS * total:
        rest, weights = left[1:], left_counts[1:].cumsum()
        smallest, median = (rest[np.searchsorted(weights, share * weights[-1])] for share in (0.01, 0.5))
        if rest[0] >= ZERO_GAP * np.median(np.diff(rest)) and smallest >= ZERO_LEVEL * median:
            yield Suspect("0", False, "far below all other values, and frequent")


def _extreme(levels: np.ndarray, is_low: bool, count: int, floor: float, share: float) -> Suspect | None:
    """Judges the lowest or the highest of sorted levels."""
    value, nearest = (levels[0], levels[1]) if is_low else (levels[-1], levels[-2])
    rest = levels[1:] if is_low else levels[:-1]
    if count < floor:
        return None
    if value == -1 and nearest >= 0 and len(rest) >= FEW_LEVELS:
        return Suspect("-1", False, "the only negative value, and frequent")
    gap = abs(value - nearest) / max(float(rest[-1] - rest[0]), 1e-300)
    digits = f"{abs(value):.0f}" if value == np.round(value) else ""
    if len(digits) >= 2 and set(digits) == {"9"} and gap >= NINES_GAP:
        return Suspect(f"{value:.0f}", bool(gap >= SURE_GAP), f"nines, {gap:.1f} widths of all other values away from them")
    if gap >= OTHER_GAP and share >= OTHER_SHARE and len(rest) >= FEW_LEVELS:
        why = f"{gap:.1f} widths of all other values away from them, and frequent"
        return Suspect(repr(float(value)), False, why, f"the {'lowest' if is_low else 'highest'} value")
    return None


def _dates(levels: np.ndarray, counts: np.ndarray, floor: float) -> Iterator[Suspect]:
    """Looks at the first and the last days of sorted days since 1970."""
    low, high = 0, len(levels) - 1
    for is_low in (True, False):
        for _ in range(MOST_PER_SIDE):
            if high - low < 1:
                return
            place = low if is_low else high
            stamp = pd.Timestamp(np.datetime64(round(levels[place] * 86_400), "s"))
            years = abs(levels[place] - levels[low + 1 if is_low else high - 1]) / DAYS_OF_A_YEAR
            if counts[place] < floor or stamp.date() not in KNOWN_DATES or years < DOUBTFUL_YEARS:
                break
            yield Suspect(stamp.isoformat(), bool(years >= SURE_YEARS), f"{years:.0f} years away from all other dates")
            low, high = (low + 1, high) if is_low else (low, high - 1)
