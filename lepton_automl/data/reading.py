"""Finds what a raw column holds, and turns raw values into values of a kind. Nothing is changed without a count."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lepton_automl.data.dataset import Kind, Reading

CURRENCY = "$€£¥₹₽₩"
NUMBER = re.compile(r"^[+-]?(\d+([.,'\u00a0\u202f ]\d+)*|[.,]\d+)([eE][+-]?\d+)?$")
DATE_FORMATS = (
    "ISO8601",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d %b %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
)
TEXT_MEAN_WORDS = 3.0
TEXT_UNIQUE_SHARE = 0.3
TEXT_MEAN_IDEOGRAPHS = 6.0
IDEOGRAPH = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")


@dataclass(frozen=True)
class Look:
    """What was found in a raw column.

    Args:
        reading: How it is to be read.
        reason: Why, in a sentence.
    """

    reading: Reading
    reason: str


@dataclass(frozen=True)
class Read:
    """A column read as its kind.

    Args:
        values: The values, shape `(n,)`, stored as `Column` says.
        is_missing_token: Rows whose text stood for a missing value, shape `(n,)`.
        is_unreadable: Rows whose value could not be read and became missing, shape `(n,)`.
        is_infinite: Rows whose infinite value became missing, shape `(n,)`.
        rewritten: Number of values whose text was rewritten to be read (currency, thousands, percent marks).
    """

    values: pd.Series
    is_missing_token: np.ndarray
    is_unreadable: np.ndarray
    is_infinite: np.ndarray
    rewritten: int = 0


def is_texty(raw: pd.Series) -> bool:
    """Says whether pandas holds the column as text or as mixed objects."""
    return bool(pd.api.types.is_object_dtype(raw) or pd.api.types.is_string_dtype(raw))


def look(raw: pd.Series, tokens: tuple[str, ...], max_unreadable: float, date_order: str, kind: Kind | None = None) -> Look:
    """Finds how a raw column is to be read.

    Args:
        raw: Values as the source gave them, shape `(n,)`.
        tokens: Texts that stand for a missing value.
        max_unreadable: Share of text values that may fail to read as numbers or dates.
        date_order: `auto`, `day_first` or `month_first`.
        kind: The kind the recipe asks for, if it does.
    """
    if isinstance(raw.dtype, pd.CategoricalDtype):
        return Look(Reading(kind or Kind.CATEGORY, tokens), "the source calls it a category")
    if pd.api.types.is_bool_dtype(raw):
        return Look(Reading(kind or Kind.BOOLEAN, tokens), "the source calls it true or false")
    if pd.api.types.is_datetime64_any_dtype(raw):
        return Look(Reading(kind or Kind.DATETIME, tokens), "the source calls it a date")
    if pd.api.types.is_numeric_dtype(raw):
        return _look_at_numbers(raw, tokens, kind)
    texts = as_texts(raw)
    counts = texts[~texts.isin(tokens) & texts.notna()].value_counts()
    return _look_at_texts(counts, tokens, max_unreadable, date_order, kind)


def _look_at_numbers(raw: pd.Series, tokens: tuple[str, ...], kind: Kind | None) -> Look:
    if kind is Kind.DATETIME:
        largest = float(np.nanmax(np.abs(raw.to_numpy(dtype="float64", na_value=np.nan))))
        unit = "s" if largest < 1e11 else "ms" if largest < 1e14 else "us" if largest < 1e17 else "ns"
        return Look(Reading(Kind.DATETIME, tokens, epoch_unit=unit), f"the recipe says so; read as {unit} since 1970")
    if kind is not None:
        return Look(Reading(kind, tokens), "the recipe says so")
    return Look(Reading(Kind.NUMBER, tokens), "the source calls it a number")


def _look_at_texts(
    counts: pd.Series, tokens: tuple[str, ...], max_unreadable: float, date_order: str, kind: Kind | None
) -> Look:
    levels = [str(level) for level in counts.index]
    weights = counts.to_numpy(dtype="float64")
    if not levels:
        return Look(Reading(kind or Kind.CATEGORY, tokens), "every value is missing")
    if kind in (None, Kind.NUMBER):
        found = _number_reading(levels, weights, tokens, max_unreadable if kind is None else 1.0)
        if found is not None:
            return Look(found, "the recipe says so" if kind else "its text reads as numbers")
    if kind in (None, Kind.DATETIME):
        found = _date_reading(levels, weights, tokens, max_unreadable if kind is None else 1.0, date_order)
        if found is not None:
            return Look(found, "the recipe says so" if kind else f"its text reads as dates ({found.date_format})")
    if kind is not None:
        return Look(Reading(kind, tokens), "the recipe says so")
    if {level.lower() for level in levels} == {"true", "false"}:
        return Look(Reading(Kind.BOOLEAN, tokens), "its text is true or false")
    return _category_or_text(levels, weights, tokens)


def _category_or_text(levels: list[str], weights: np.ndarray, tokens: tuple[str, ...]) -> Look:
    total = weights.sum()
    sample = levels[:2000]
    words = float(np.mean([len(level.split()) for level in sample]))
    ideographs = float(np.mean([len(IDEOGRAPH.findall(level)) for level in sample]))
    unique_share = len(levels) / total
    if unique_share >= TEXT_UNIQUE_SHARE and (words >= TEXT_MEAN_WORDS or ideographs >= TEXT_MEAN_IDEOGRAPHS):
        length = f"{words:.1f} words" if words >= TEXT_MEAN_WORDS else f"{ideographs:.0f} characters"
        return Look(Reading(Kind.TEXT, tokens), f"{length} a value, {unique_share:.0%} of them unlike all others")
    return Look(Reading(Kind.CATEGORY, tokens), f"{len(levels)} levels of text")


def as_texts(raw: pd.Series) -> pd.Series:
    """Gives the values as stripped text; missing stays missing. Whole numbers lose a trailing `.0`."""
    if isinstance(raw.dtype, pd.CategoricalDtype):
        levels = as_texts(pd.Series(raw.cat.categories))
        return pd.Series(levels.to_numpy(dtype=object)[raw.cat.codes.to_numpy()], dtype=object).where(raw.cat.codes.to_numpy() >= 0)
    if pd.api.types.is_bool_dtype(raw):
        return raw.astype(object).map({True: "true", False: "false"})
    if pd.api.types.is_numeric_dtype(raw):
        return raw.astype(object).where(raw.notna(), None).map(_plain_number, na_action="ignore")
    if pd.api.types.is_datetime64_any_dtype(raw):
        return raw.dt.strftime("%Y-%m-%dT%H:%M:%S").astype(object)
    raw = raw.reset_index(drop=True).astype(object)
    codes, levels = pd.factorize(raw, use_na_sentinel=True)
    shown = np.array([_plain_text(level) for level in levels], dtype=object)
    if len(shown) == 0:
        return pd.Series([None] * len(raw), dtype=object)
    return pd.Series(np.where(codes >= 0, shown[codes], None), dtype=object)


def _plain_text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return _plain_number(value) if isinstance(value, int | float | np.number) else str(value).strip()


def _plain_number(value: object) -> str:
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _number_reading(levels: list[str], weights: np.ndarray, tokens: tuple[str, ...], allowed: float) -> Reading | None:
    """Finds the decimal and thousands marks that read most of the text; none when too much is left."""
    if all(len(level) > 1 and level.startswith("0") and level.isdigit() for level in levels):
        return None
    best: tuple[float, Reading] | None = None
    for decimal, thousands in ((".", ","), (",", "."), (".", "'"), (",", " ")):
        reading = Reading(Kind.NUMBER, tokens, decimal=decimal, thousands=thousands)
        fails = float(weights[[parse_number(level, reading) is None for level in levels]].sum() / weights.sum())
        if best is None or fails < best[0]:
            best = (fails, reading)
        if fails == 0:
            break
    assert best is not None
    return best[1] if best[0] <= allowed and (best[0] < 1 or allowed == 1) else None


def parse_number(text: str, reading: Reading) -> float | None:
    """Reads one text as a number; currency, thousands marks, percent and accounting brackets are understood.

    >>> parse_number("$1,234.50", Reading(Kind.NUMBER, thousands=","))
    1234.5
    >>> parse_number("(3 %)", Reading(Kind.NUMBER))
    -3.0
    """
    text = text.strip()
    sign = 1.0
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1].strip(), -1.0
    text = text.strip(CURRENCY).strip().removesuffix("%").strip()
    text = re.sub(r"^(USD|EUR|GBP|CHF|CNY|JPY)\s*|\s*(USD|EUR|GBP|CHF|CNY|JPY)$", "", text)
    if not NUMBER.match(text):
        return float(text) * sign if text.lower() in ("inf", "-inf", "+inf", "infinity", "-infinity") else None
    if reading.thousands:
        mark = "\u00a0\u202f " if reading.thousands == " " else reading.thousands
        body = text.lstrip("+-").split(reading.decimal)[0]
        if any(m in text for m in mark) and not re.fullmatch(rf"\d{{1,3}}([{re.escape(mark)}]\d{{3}})+", body):
            return None
        text = re.sub(f"[{re.escape(mark)}]", "", text)
    if reading.decimal != ".":
        if "." in text:
            return None
        text = text.replace(reading.decimal, ".")
    try:
        return float(text) * sign
    except ValueError:
        return None


def _date_reading(
    levels: list[str], weights: np.ndarray, tokens: tuple[str, ...], allowed: float, date_order: str
) -> Reading | None:
    digits = np.array([sum(char.isdigit() for char in level) >= 3 and len(level) >= 6 for level in levels])
    if not digits.any() or weights[~digits].sum() / weights.sum() > allowed:
        return None
    best: tuple[float, str] | None = None
    for date_format in _ordered_formats(date_order):
        fails = float(weights[_to_dates(pd.Series(levels, dtype=object), date_format).isna().to_numpy()].sum() / weights.sum())
        if best is None or fails < best[0]:
            best = (fails, date_format)
        if fails == 0:
            break
    if best is None or best[0] > allowed or best[0] == 1:
        return None
    return Reading(Kind.DATETIME, tokens, date_format=best[1])


def _ordered_formats(date_order: str) -> list[str]:
    formats = list(DATE_FORMATS)
    if date_order == "month_first":
        formats = [f for f in formats if not f.startswith("%d")] + [f for f in formats if f.startswith("%d")]
    elif date_order == "day_first":
        formats = [f for f in formats if not f.startswith("%m")]
    return formats


def _to_dates(texts: pd.Series, date_format: str) -> pd.Series:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dates = pd.to_datetime(texts, format=date_format, errors="coerce", utc=True)
    return dates.dt.tz_localize(None).astype("datetime64[us]")


def read_column(raw: pd.Series, reading: Reading, levels: list[str] | None = None) -> Read:
    """Reads raw values as the kind of `reading`.

    Args:
        raw: Values as the source gave them, shape `(n,)`.
        reading: How to read them.
        levels: Category levels to keep; others stay visible as new levels. All found, in order, if absent.
    """
    raw = raw.reset_index(drop=True)
    if reading.kind in (Kind.NUMBER, Kind.BOOLEAN):
        return _read_numbers(raw, reading)
    if reading.kind is Kind.DATETIME:
        return _read_dates(raw, reading)
    texts = as_texts(raw)
    is_token = texts.isin(reading.missing_tokens).to_numpy()
    texts = texts.where(~is_token, None)
    nothing = np.zeros(len(raw), dtype=bool)
    if reading.kind is Kind.TEXT:
        return Read(texts.astype("str"), is_token, nothing, nothing)
    found = sorted(set(texts.dropna()) - set(levels or ()))
    return Read(pd.Series(pd.Categorical(texts, categories=[*(levels or ()), *found])), is_token, nothing, nothing)


def _read_numbers(raw: pd.Series, reading: Reading) -> Read:
    n = len(raw)
    is_token, is_unreadable, rewritten = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), 0
    if is_texty(raw) or isinstance(raw.dtype, pd.CategoricalDtype):
        values, is_token, is_unreadable, rewritten = _numbers_from_text(as_texts(raw), reading)
    elif pd.api.types.is_datetime64_any_dtype(raw):
        values = np.full(n, np.nan)
        is_unreadable = raw.notna().to_numpy()
    else:
        values = raw.to_numpy(dtype="float64", na_value=np.nan)
    is_infinite = np.isinf(values)
    if is_infinite.any():
        values = np.where(is_infinite, np.nan, values)
    whole = pd.api.types.is_integer_dtype(raw) and not np.isnan(values).any()
    return Read(pd.Series(raw.to_numpy(dtype="int64") if whole else values), is_token, is_unreadable, is_infinite, rewritten)


def _numbers_from_text(texts: pd.Series, reading: Reading) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    codes, levels = pd.factorize(texts, use_na_sentinel=True)
    tokens = set(reading.missing_tokens)
    words = {"true": 1.0, "false": 0.0} if reading.kind is Kind.BOOLEAN else {}
    parsed = [None if level in tokens else words.get(str(level).lower(), parse_number(str(level), reading)) for level in levels]
    table = np.array([np.nan if number is None else number for number in parsed] + [np.nan], dtype="float64")
    token = np.array([level in tokens for level in levels] + [False])
    failed = np.array([number is None and level not in tokens for number, level in zip(parsed, levels, strict=True)] + [False])
    touched = np.array([number is not None and not _is_plain(str(level)) for number, level in zip(parsed, levels, strict=True)] + [False])
    return table[codes], token[codes], failed[codes], int(touched[codes].sum())


def _is_plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_dates(raw: pd.Series, reading: Reading) -> Read:
    nothing = np.zeros(len(raw), dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(raw):
        naive = raw.dt.tz_convert("UTC").dt.tz_localize(None) if raw.dt.tz is not None else raw
        return Read(naive.astype("datetime64[us]"), nothing, nothing, nothing)
    if pd.api.types.is_numeric_dtype(raw) and not pd.api.types.is_bool_dtype(raw):
        unit = reading.epoch_unit or "s"
        values = pd.to_datetime(raw.astype("float64"), unit=unit, errors="coerce").astype("datetime64[us]")
        return Read(values, nothing, (values.isna() & raw.notna()).to_numpy(), nothing)
    texts = as_texts(raw)
    is_token = texts.isin(reading.missing_tokens).to_numpy()
    values = _to_dates(texts.where(~is_token, None), reading.date_format or "ISO8601")
    is_unreadable = (values.isna() & texts.notna()).to_numpy() & ~is_token
    return Read(values, is_token, is_unreadable, nothing)

