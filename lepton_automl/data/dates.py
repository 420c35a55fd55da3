"""Text and numbers that are meant as dates: formats, day or month first, time stamps, calendar numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.dataset import Kind, Reading
from lepton_automl.data.texts import as_mask

DAY_FIRST = tuple(
    f"%d{mark}%m{mark}{year}{clock}"
    for year in ("%Y", "%y")
    for mark in "/-."
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)
MONTH_FIRST = tuple(date_format.replace("%d", "*").replace("%m", "%d").replace("*", "%m") for date_format in DAY_FIRST)
OTHER = (
    "ISO8601",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
DIGIT_PARTS = {"%d": r"(\d{1,2})", "%m": r"(\d{1,2})", "%Y": r"(\d{4})", "%H": r"(\d{1,2})", "%M": r"(\d\d)", "%S": r"(\d\d)"}
"""Parts of a format that are digits, as regular expressions."""
BETWEEN = " | "
"""Stands between the formats of a column that was written in several."""
MOST_FORMATS = 3
SAMPLE_LEVELS = 5000
"""Different texts, evenly spaced, that formats are tried on; and those that settle the order of day and month."""
SETTLING_LEVELS = 100
SLICE_LEVELS = 50_000
PROBE_LEVELS = 200
"""Texts of which a format must read one before it is tried on all."""
CALENDAR = (19000101, 21001231)
"""Whole numbers within these bounds, all of them days of the calendar, are dates; of other numbers 1 in 1,000 would be."""
EPOCH_UNITS = ((1e11, "s"), (1e14, "ms"), (1e17, "us"), (np.inf, "ns"))
"""Largest number of a time stamp in each unit: 1e11 seconds is the year 5138."""


@dataclass(frozen=True)
class FoundDates:
    """How a column is read as dates.

    Args:
        reading: The reading.
        is_ambiguous: Whether no value settles if the day or the month comes first.
    """

    reading: Reading
    is_ambiguous: bool = False


def to_dates(texts: Any, date_format: str) -> pd.Series:
    """Reads texts as dates without zone (UTC), shape `(n,)`; NaT where a text can not be read.

    Args:
        texts: Arrow array or list of text, shape `(n,)`, null where missing.
        date_format: A `strptime` format or `ISO8601`; several with ` | ` between them are tried in order.

    >>> to_dates(["31/01/2024", "2024-02-30"], "%d/%m/%Y | ISO8601").isna().tolist()
    [False, True]
    """
    import pyarrow as pa

    texts = pa.array(texts, pa.large_string()) if isinstance(texts, list) else texts
    found = pd.Series(np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[us]"))
    for one in date_format.split(BETWEEN):
        left = found.isna().to_numpy()
        if left.all():
            found = _one_format(texts, one)
        elif left.any():
            found[left] = _one_format(texts.filter(pa.array(left)), one).to_numpy()
    return found


def _one_format(texts: Any, date_format: str) -> pd.Series:
    """Reads texts of one format; formats of digits alone are turned into ISO first, which is ten times as fast."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = re.findall("%.", date_format)
    if set(parts) <= set(DIGIT_PARTS) and len(parts) > 2 and date_format != "%Y%m%d":
        pattern = "^" + re.sub("%.", lambda part: DIGIT_PARTS[part[0]], re.sub(r"[-./]", r"\\\g<0>", date_format)) + "$"
        place = {part: number for number, part in enumerate(parts, start=1)}
        iso = " ".join(
            mark.join(f"\\{place[part]}" for part in order if part in place)
            for mark, order in (("-", ("%Y", "%m", "%d")), (":", ("%H", "%M", "%S")))
        )
        found = pc.replace_substring_regex(texts, pattern, iso.strip())
        texts, date_format = pc.if_else(pc.equal(found, texts), pa.scalar(None, pa.large_string()), found), "ISO8601"
    dates = pd.to_datetime(texts.to_pandas(), format=date_format, errors="coerce", utc=True)
    return dates.dt.tz_localize(None).astype("datetime64[us]")


def date_reading(
    levels: Any, weights: np.ndarray, tokens: tuple[str, ...], allowed: float, date_order: str
) -> FoundDates | None:
    """Finds the formats that read most of the text as dates.

    Args:
        levels: Arrow array of the different texts, shape `(k,)`.
        weights: How many rows hold each, shape `(k,)`.
        tokens: Texts that stand for a missing value, for the reading.
        allowed: Share of rows that may fail.
        date_order: `auto`, `day_first` or `month_first`.

    Returns:
        The reading; none when too much is left.
    """
    sample, counts = _sample(levels, weights)
    is_possible = _may_be_dates(sample)
    if not is_possible.any() or counts[~is_possible].sum() / counts.sum() > allowed:
        return None
    texts = sample.filter(is_possible)
    chosen, is_left = _best_formats(_readable_by_format(texts, date_order), counts[is_possible])
    failing = counts[~is_possible].sum() + counts[is_possible][is_left].sum()
    if not chosen or failing / counts.sum() > allowed:
        return None
    return FoundDates(Reading(Kind.DATETIME, tokens, date_format=BETWEEN.join(chosen)), _is_open(chosen, texts, date_order))


def _may_be_dates(texts: Any) -> np.ndarray:
    """Says which texts have six characters, three digits and a mark or a month between them, shape `(k,)`."""
    import pyarrow.compute as pc

    digits = pc.count_substring_regex(texts, r"\d").to_numpy(zero_copy_only=False)
    is_marked = as_mask(pc.match_substring_regex(texts, r"\d[-/. :T].*\d|\d.*\pL|\pL.*\d"))
    return (digits >= 3) & is_marked & as_mask(pc.greater_equal(pc.utf8_length(texts), 6))


def _spaced(texts: Any, most: int) -> Any:
    """Gives so many texts at most, evenly spaced."""
    return texts if len(texts) <= most else texts.take(np.linspace(0, len(texts) - 1, most).astype("int64"))


def _sample(levels: Any, weights: np.ndarray) -> tuple[Any, np.ndarray]:
    """Gives at most so many texts that each format can be tried, those that settle the order of day and month among them."""
    if len(levels) <= SAMPLE_LEVELS:
        return levels, weights
    spaced = np.linspace(0, len(levels) - 1, SAMPLE_LEVELS).astype("int64")
    positions = np.unique(np.concatenate([spaced, _settling(levels)]))
    return levels.take(positions), weights[positions]


def _settling(levels: Any) -> np.ndarray:
    """Gives positions of some texts that settle the order of day and month: one of the first two numbers is above 12."""
    import pyarrow.compute as pc

    for start in range(0, len(levels), SLICE_LEVELS):
        part = levels.slice(start, SLICE_LEVELS)
        hits = as_mask(pc.match_substring_regex(part, r"^(\d\d?[-./])?(1[3-9]|2\d|3[01])[-./]"))
        if hits.any():
            return start + np.flatnonzero(hits)[:SETTLING_LEVELS]
    return np.empty(0, dtype="int64")


def _best_formats(is_read: dict[str, np.ndarray], counts: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Chooses the format that reads most rows, then the next for what is left; gives them and what is left, shape `(k,)`."""
    chosen: list[str] = []
    is_left = np.ones(len(counts), dtype=bool)
    while is_read and is_left.any() and len(chosen) < MOST_FORMATS:
        best = max(is_read, key=lambda one: float(counts[is_left & is_read[one]].sum()))
        if not (is_left & is_read[best]).any():
            break
        chosen.append(best)
        is_left &= ~is_read[best]
        is_read = {one: mask for one, mask in is_read.items() if not _contradicts(one, chosen)}
    return chosen, is_left


def _readable_by_format(texts: Any, date_order: str) -> dict[str, np.ndarray]:
    """Gives for each format that reads some which texts it reads, shape `(k,)`; that one alone which reads all."""
    by_order = {"day_first": (*OTHER, *DAY_FIRST), "month_first": (*OTHER, *MONTH_FIRST)}
    found: dict[str, np.ndarray] = {}
    few = _spaced(texts, PROBE_LEVELS)
    for date_format in by_order.get(date_order, (*OTHER, *DAY_FIRST, *MONTH_FIRST)):
        if not _is_likely(to_dates(few, date_format)).any():
            continue
        is_read = _is_likely(to_dates(texts, date_format))
        if is_read.all():
            return {date_format: is_read}
        if is_read.any():
            found[date_format] = is_read
    return found


def _is_likely(dates: pd.Series) -> np.ndarray:
    """Says which are dates that a table is likely to hold; before 1600 it is a code that looks like one."""
    return (dates.notna() & (dates.dt.year >= 1600)).to_numpy()


def _twin(date_format: str) -> str | None:
    """Gives the same format with day and month the other way round, if there is one.

    >>> _twin("%d/%m/%Y"), _twin("ISO8601")
    ('%m/%d/%Y', None)
    """
    for here, there in ((DAY_FIRST, MONTH_FIRST), (MONTH_FIRST, DAY_FIRST)):
        if date_format in here:
            return there[here.index(date_format)]
    return None


def _contradicts(date_format: str, chosen: list[str]) -> bool:
    """Says whether a format has day and month in another order than those chosen, or is one of them."""
    orders = {one in DAY_FIRST for one in chosen if _twin(one) is not None}
    return date_format in chosen or (
        _twin(date_format) is not None and bool(orders) and (date_format in DAY_FIRST) not in orders
    )


def _is_open(chosen: list[str], texts: Any, date_order: str) -> bool:
    """Says whether the other order of day and month would have read every text just as well."""
    twins = BETWEEN.join(_twin(one) or one for one in chosen)
    return date_order == "auto" and twins != BETWEEN.join(chosen) and bool(to_dates(texts, twins).notna().all())


def calendar_reading(values: np.ndarray, tokens: tuple[str, ...]) -> Reading | None:
    """Finds whole numbers that are days of the calendar, such as 20240131; at least three different ones.

    Args:
        values: The different numbers, without missing ones, shape `(k,)`.
        tokens: Texts that stand for a missing value, for the reading.
    """
    if len(values) < 3 or values.min() < CALENDAR[0] or values.max() > CALENDAR[1] or (values % 1 != 0).any():
        return None
    is_day = to_dates([str(int(value)) for value in values], "%Y%m%d").notna()
    return Reading(Kind.DATETIME, tokens, date_format="%Y%m%d") if is_day.all() else None


def stamp_reading(values: np.ndarray, tokens: tuple[str, ...]) -> tuple[Reading, str]:
    """Finds how numbers are read as dates when the recipe says that they are.

    Args:
        values: The numbers, missing ones as nan, shape `(n,)`.
        tokens: Texts that stand for a missing value, for the reading.

    Returns:
        The reading, and what it is in words.
    """
    present = np.unique(values[np.isfinite(values)])
    found = calendar_reading(present, tokens)
    if found is not None:
        return found, "whole numbers that are days (%Y%m%d)"
    if len(present) and present.min() >= 1000 and present.max() < 3000 and not (present % 1).any():
        return Reading(Kind.DATETIME, tokens, date_format="%Y"), "whole numbers that are years"
    largest = float(np.abs(present).max()) if len(present) else 0.0
    unit = next(unit for limit, unit in EPOCH_UNITS if largest < limit)
    return Reading(Kind.DATETIME, tokens, epoch_unit=unit), f"numbers read as {unit} since 1970"


def stamps_to_dates(values: np.ndarray, unit: str) -> pd.Series:
    """Reads numbers as time since 1970, shape `(n,)`; NaT where missing, infinite or past the end of time."""
    finite = np.where(np.isfinite(values) & (np.abs(values) < 9.2e18), values, np.nan)
    return pd.to_datetime(pd.Series(finite), unit=unit, errors="coerce").astype("datetime64[us]")
