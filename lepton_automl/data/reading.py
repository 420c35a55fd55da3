"""Finds what a raw column holds, and turns raw values into values of a kind. Nothing is changed without a count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.dataset import Kind, Reading
from lepton_automl.data.dates import calendar_reading, date_reading, stamp_reading, stamps_to_dates, to_dates
from lepton_automl.data.numbers import code_reason, number_reading, parse_numbers, whole_numbers
from lepton_automl.data.texts import as_mask, is_in, is_texty, strip_texts
from lepton_automl.data.treatments import treat

SAMPLE_LEVELS = 5000
TEXT_MEAN_WORDS = 3.0
TEXT_UNIQUE_SHARE = 0.3
TEXT_MEAN_IDEOGRAPHS = 6.0
IDEOGRAPH = r"[\x{3400}-\x{9fff}\x{3040}-\x{30ff}\x{ac00}-\x{d7af}]"
TRUTH = {"true": 1.0, "yes": 1.0, "y": 1.0, "t": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "n": 0.0, "f": 0.0, "0": 0.0}
MOST_SPELLINGS = 6
"""Ways that true and false are spelled in one column: `True`, `TRUE`, `true`."""
BY_RECIPE = "the recipe says so"


@dataclass(frozen=True)
class Look:
    """What was found in a raw column.

    Args:
        reading: How it is to be read.
        reason: Why, in a sentence.
        doubt: What could not be settled, in a sentence; empty if nothing is open.
    """

    reading: Reading
    reason: str
    doubt: str = ""


@dataclass(frozen=True)
class Read:
    """A column read as its kind; each array has the shape `(n,)`.

    Args:
        values: The values, stored as `Column` says.
        is_missing_token: Rows whose text stood for a missing value.
        is_unreadable: Rows whose value could not be read and became missing.
        is_infinite: Rows whose infinite value became missing.
        is_rewritten: Rows whose text was rewritten to be read: currency, thousands and percent marks, blanks around it.
    """

    values: pd.Series
    is_missing_token: np.ndarray
    is_unreadable: np.ndarray
    is_infinite: np.ndarray
    is_rewritten: np.ndarray


def look(raw: pd.Series, tokens: tuple[str, ...], max_unreadable: float, date_order: str, kind: Kind | None = None) -> Look:
    """Finds how a raw column is to be read.

    Args:
        raw: Values as the source gave them, shape `(n,)`.
        tokens: Texts that stand for a missing value.
        max_unreadable: Share of text values that may fail to read as numbers or dates.
        date_order: `auto`, `day_first` or `month_first`.
        kind: The kind the recipe asks for, if it does.
    """
    if isinstance(raw.dtype, pd.CategoricalDtype) and kind in (None, Kind.CATEGORY):
        return Look(Reading(Kind.CATEGORY, tokens), "the source calls it a category")
    if pd.api.types.is_bool_dtype(raw) and not is_texty(raw):
        return Look(Reading(kind or Kind.BOOLEAN, tokens), BY_RECIPE if kind else "the source calls it true or false")
    if pd.api.types.is_datetime64_any_dtype(raw):
        return Look(Reading(kind or Kind.DATETIME, tokens), BY_RECIPE if kind else "the source calls it a date")
    if pd.api.types.is_timedelta64_dtype(raw):
        return Look(
            Reading(kind or Kind.NUMBER, tokens), BY_RECIPE if kind else "the source calls it a duration; read in seconds"
        )
    if pd.api.types.is_numeric_dtype(raw):
        return _look_at_numbers(raw, tokens, kind)
    return _look_at_texts(raw, tokens, max_unreadable, date_order, kind)


def _look_at_numbers(raw: pd.Series, tokens: tuple[str, ...], kind: Kind | None) -> Look:
    if kind is Kind.DATETIME:
        reading, words = stamp_reading(_floats(raw), tokens)
        return Look(reading, f"{BY_RECIPE}; {words}")
    if kind is not None:
        return Look(Reading(kind, tokens), BY_RECIPE)
    days = calendar_reading(raw.dropna().unique().astype("float64"), tokens) if pd.api.types.is_integer_dtype(raw) else None
    if days is not None:
        return Look(days, "its whole numbers are days (%Y%m%d)")
    return Look(Reading(Kind.NUMBER, tokens), "the source calls it a number")


def _look_at_texts(raw: pd.Series, tokens: tuple[str, ...], allowed: float, date_order: str, kind: Kind | None) -> Look:
    texts, _ = strip_texts(raw)
    counts = texts.filter(~is_in(texts, tokens) & as_mask(texts.is_valid())).value_counts()
    levels, weights = counts.field("values"), counts.field("counts").to_numpy(zero_copy_only=False).astype("float64")
    if not len(levels):
        return Look(Reading(kind or Kind.CATEGORY, tokens), BY_RECIPE if kind else "every value is missing")
    if kind is None:
        return (
            _number_look(levels, weights, tokens, allowed)
            or _date_look(levels, weights, tokens, allowed, date_order)
            or _word_look(levels, weights, tokens)
        )
    if kind is Kind.NUMBER:
        return Look(number_reading(levels, weights, tokens, 1.0) or Reading(kind, tokens), BY_RECIPE)
    if kind is Kind.DATETIME:
        return _asked_date_look(levels, weights, tokens, date_order)
    return Look(Reading(kind, tokens), BY_RECIPE)


def _number_look(levels: Any, weights: np.ndarray, tokens: tuple[str, ...], allowed: float) -> Look | None:
    found = number_reading(levels, weights, tokens, allowed)
    if found is None:
        return None
    code = code_reason(levels, weights, allowed)
    if code:
        return Look(Reading(Kind.CATEGORY, tokens), code)
    values = parse_numbers(levels, found.decimal, found.thousands)
    days = calendar_reading(values.values, tokens) if values.is_readable.all() else None
    return Look(days, "its whole numbers are days (%Y%m%d)") if days else Look(found, "its text reads as numbers")


def _date_look(levels: Any, weights: np.ndarray, tokens: tuple[str, ...], allowed: float, date_order: str) -> Look | None:
    found = date_reading(levels, weights, tokens, allowed, date_order)
    if found is None:
        return None
    doubt = "no value settles whether the day or the month comes first; set data.date_order" if found.is_ambiguous else ""
    return Look(found.reading, f"its text reads as dates ({found.reading.date_format})", doubt)


def _asked_date_look(levels: Any, weights: np.ndarray, tokens: tuple[str, ...], date_order: str) -> Look:
    numbers = parse_numbers(levels)
    if numbers.is_readable.all():
        reading, words = stamp_reading(numbers.values, tokens)
        return Look(reading, f"{BY_RECIPE}; {words}")
    found = _date_look(levels, weights, tokens, 1.0, date_order)
    return Look(found.reading, BY_RECIPE, found.doubt) if found else Look(Reading(Kind.DATETIME, tokens), BY_RECIPE)


def _word_look(levels: Any, weights: np.ndarray, tokens: tuple[str, ...]) -> Look:
    """Tells truth values, categories and text apart."""
    import pyarrow.compute as pc

    if len(levels) <= MOST_SPELLINGS and {level.lower() for level in levels.to_pylist()} == {"true", "false"}:
        return Look(Reading(Kind.BOOLEAN, tokens), "its text is true or false")
    sample = levels.take(np.unique(np.linspace(0, len(levels) - 1, SAMPLE_LEVELS).astype("int64")))
    words = pc.mean(pc.count_substring_regex(sample, r"\S+")).as_py()
    ideographs = pc.mean(pc.count_substring_regex(sample, IDEOGRAPH)).as_py()
    unique_share = len(levels) / weights.sum()
    if unique_share >= TEXT_UNIQUE_SHARE and (words >= TEXT_MEAN_WORDS or ideographs >= TEXT_MEAN_IDEOGRAPHS):
        length = f"{words:.1f} words" if words >= TEXT_MEAN_WORDS else f"{ideographs:.0f} characters"
        return Look(Reading(Kind.TEXT, tokens), f"{length} a value, {unique_share:.0%} of them unlike all others")
    return Look(Reading(Kind.CATEGORY, tokens), f"{len(levels)} level{'s' if len(levels) != 1 else ''} of text")


def read_column(raw: pd.Series, reading: Reading, levels: list[str] | None = None) -> Read:
    """Reads raw values as the kind of `reading`, and does to them what its treatments say.

    Args:
        raw: Values as the source gave them, shape `(n,)`.
        reading: How to read them.
        levels: Category levels to keep; others stay visible as new levels. All found, in order, if absent.
    """
    read = _read(raw.reset_index(drop=True), reading, levels)
    return replace(read, values=treat(read.values, reading.treatments)) if reading.treatments else read


def _read(raw: pd.Series, reading: Reading, levels: list[str] | None) -> Read:
    if reading.kind in (Kind.NUMBER, Kind.BOOLEAN):
        return _read_numbers(raw, reading)
    if reading.kind is Kind.DATETIME:
        return _read_dates(raw, reading)
    texts, is_rewritten = strip_texts(raw)
    is_token = is_in(texts, reading.missing_tokens)
    texts = _without(texts, is_token)
    nothing = np.zeros(len(raw), dtype=bool)
    values = texts.to_pandas() if reading.kind is Kind.TEXT else _categories(texts, levels or [])
    return Read(values, is_token, nothing, nothing, is_rewritten & ~is_token)


def _without(texts: Any, is_gone: np.ndarray) -> Any:
    """Makes the marked texts missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(is_gone), pa.scalar(None, pa.large_string()), texts) if is_gone.any() else texts


def _categories(texts: Any, levels: list[str]) -> pd.Series:
    encoded = texts.dictionary_encode()
    present = encoded.dictionary.to_pylist()
    known = [*levels, *sorted(set(present) - set(levels))]
    position = {level: code for code, level in enumerate(known)}
    codes = np.array([*(position[level] for level in present), -1], dtype="int64")
    indices = encoded.indices.fill_null(len(present)).to_numpy(zero_copy_only=False)
    return pd.Series(pd.Categorical.from_codes(codes[indices], categories=pd.Index(known, dtype="str")))


def _floats(raw: pd.Series) -> np.ndarray:
    """Gives a column of numbers, truth values or durations (in seconds) as float64, shape `(n,)`; missing is nan."""
    if pd.api.types.is_timedelta64_dtype(raw):
        return raw.dt.total_seconds().to_numpy(dtype="float64")
    return raw.to_numpy(dtype="float64", na_value=np.nan)


def _read_numbers(raw: pd.Series, reading: Reading) -> Read:
    is_token = is_rewritten = np.zeros(len(raw), dtype=bool)
    whole = None
    if is_texty(raw) or isinstance(raw.dtype, pd.CategoricalDtype):
        texts, _ = strip_texts(raw)
        is_token = is_in(texts, reading.missing_tokens)
        texts = _without(texts, is_token)
        if reading.kind is Kind.BOOLEAN:
            values = _truths(texts)
        else:
            whole = whole_numbers(texts)
            numbers = parse_numbers(texts, reading.decimal, reading.thousands)
            values, is_rewritten = numbers.values, numbers.is_rewritten
        is_unreadable = np.isnan(values) & as_mask(texts.is_valid())
    elif pd.api.types.is_numeric_dtype(raw) or pd.api.types.is_timedelta64_dtype(raw):
        values = _floats(raw)
        is_unreadable = np.zeros(len(raw), dtype=bool)
        if pd.api.types.is_integer_dtype(raw) and not raw.isna().any():
            whole = raw.to_numpy(dtype="int64")
        if reading.kind is Kind.BOOLEAN:
            is_unreadable = np.isfinite(values) & ~np.isin(values, (0, 1))
            whole, values = None, np.where(is_unreadable, np.nan, values)
    else:
        values, is_unreadable = np.full(len(raw), np.nan), raw.notna().to_numpy()
    is_infinite = np.isinf(values)
    values = np.where(is_infinite, np.nan, values) if is_infinite.any() else values
    return Read(pd.Series(values if whole is None else whole), is_token, is_unreadable, is_infinite, is_rewritten)


def _truths(texts: Any) -> np.ndarray:
    encoded = texts.dictionary_encode()
    numbers = [TRUTH.get(word.lower(), np.nan) for word in encoded.dictionary.to_pylist()]
    indices = encoded.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)
    return np.array([*numbers, np.nan], dtype="float64")[indices]


def _read_dates(raw: pd.Series, reading: Reading) -> Read:
    import pyarrow as pa

    nothing = np.zeros(len(raw), dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(raw):
        naive = raw.dt.tz_convert("UTC").dt.tz_localize(None) if raw.dt.tz is not None else raw
        return Read(naive.astype("datetime64[us]"), nothing, nothing, nothing, nothing)
    if pd.api.types.is_numeric_dtype(raw) and not pd.api.types.is_bool_dtype(raw) and not reading.date_format:
        values = stamps_to_dates(_floats(raw), reading.epoch_unit or "s")
        return Read(values, nothing, (values.isna() & raw.notna()).to_numpy(), nothing, nothing)
    texts, _ = strip_texts(raw)
    is_token = is_in(texts, reading.missing_tokens)
    texts = _without(texts, is_token)
    if reading.epoch_unit:
        values = stamps_to_dates(parse_numbers(texts).values, reading.epoch_unit)
    else:
        encoded = texts.dictionary_encode()
        dates = to_dates(
            pa.concat_arrays([encoded.dictionary, pa.nulls(1, pa.large_string())]), reading.date_format or "ISO8601"
        )
        indices = encoded.indices.fill_null(len(dates) - 1).to_numpy(zero_copy_only=False)
        values = dates.iloc[indices].reset_index(drop=True)
    is_unreadable = values.isna().to_numpy() & as_mask(texts.is_valid())
    is_rewritten = values.notna().to_numpy() if is_texty(raw) else nothing
    return Read(values, is_token, is_unreadable, nothing, is_rewritten)
