"""Text that is meant as numbers: thousands marks, decimal commas, currency, percent, brackets; and codes, which are not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from lepton_automl.data.dataset import Kind, Reading
from lepton_automl.data.texts import as_mask

MARKS = ((".", ","), (",", "."), (".", "'"), (",", " "), (".", " "))
"""Decimal and thousands marks that are tried, in this order."""
SYMBOLS = "$€£¥₹₽₩₺₫₴₦฿"
CURRENCY = rf"[{SYMBOLS}]|USD|EUR|GBP|CHF|CNY|JPY|SEK|NOK|DKK|PLN|INR|CAD|AUD"
PLAIN = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
PLAIN_WHOLE = r"^[+-]?\d+([eE][+-]?\d+)?$"
INFINITE = r"(?i)^[+-]?inf(inity)?$"
BLANKS = "\u00a0\u202f\u2009 "
SAMPLE_LEVELS = 2000
MANY_LEVELS = 20_000
CODE_WIDTH = 5
"""Digits from which whole numbers of one width, some of them with letters, are codes: `536379`, `C536379`."""
EXACT_DIGITS = 16
"""Digits from which a float no longer tells all whole numbers apart (2**53 has 16)."""


@dataclass(frozen=True)
class Numbers:
    """Texts read as numbers, each array of shape `(n,)`.

    Args:
        values: The numbers; nan where a text could not be read.
        is_readable: Whether the text is a number.
        is_rewritten: Whether marks had to be taken away to read it.
    """

    values: np.ndarray
    is_readable: np.ndarray
    is_rewritten: np.ndarray


def parse_numbers(texts: Any, decimal: str = ".", thousands: str = "") -> Numbers:
    """Reads stripped texts as numbers.

    Args:
        texts: Arrow array of text, shape `(n,)`, null where missing.
        decimal: Mark before the decimals.
        thousands: Mark between thousands; empty if none is allowed.

    >>> import pyarrow as pa
    >>> parse_numbers(pa.array(["$1,234.50", "(3 %)", "1,23"]), thousands=",").values.tolist()
    [1234.5, -3.0, nan]
    """
    import pyarrow.compute as pc

    quick = _quick_floats(texts) if decimal == "." else None
    if quick is not None:
        return Numbers(quick, as_mask(texts.is_valid()), np.zeros(len(texts), dtype=bool))
    is_plain = as_mask(pc.match_substring_regex(texts, PLAIN if decimal == "." else PLAIN_WHOLE))
    values = np.full(len(texts), np.nan)
    is_rewritten = np.zeros(len(texts), dtype=bool)
    values[is_plain] = _floats(texts if is_plain.all() else texts.filter(is_plain))
    rest = np.flatnonzero(~is_plain & as_mask(texts.is_valid()))
    is_readable = is_plain
    if len(rest):
        odd, is_odd_readable = _parse_marked(texts.take(rest), decimal, thousands)
        values[rest] = odd
        is_readable = is_plain.copy()
        is_readable[rest] = is_odd_readable
        is_rewritten[rest] = is_odd_readable & np.isfinite(odd)
    return Numbers(values, is_readable, is_rewritten)


def _quick_floats(texts: Any) -> np.ndarray | None:
    """Casts texts that are all plain finite numbers, which is most columns; none if one is not."""
    import pyarrow as pa

    try:
        values = texts.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None
    return values if np.isfinite(values).sum() == len(texts) - texts.null_count else None


def _parse_marked(texts: Any, decimal: str, thousands: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads texts with marks; a pair of values and of masks, shape `(n,)`."""
    import pyarrow.compute as pc

    bare, is_bracketed = _bare(pc.replace_substring(texts, "\u2212", "-"))
    mark = f"[{re.escape(BLANKS)}]" if thousands == " " else re.escape(thousands)
    whole = rf"\d+|\d{{1,3}}(?:{mark}\d{{3}})+" if thousands else r"\d+"
    point = re.escape(decimal)
    valid = as_mask(pc.match_substring_regex(bare, rf"^[+-]?(?:(?:{whole})(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?$"))
    infinite = as_mask(pc.match_substring_regex(bare, INFINITE))
    if thousands == " ":
        bare = pc.replace_substring_regex(bare, mark, "")
    elif thousands:
        bare = pc.replace_substring(bare, thousands, "")
    if decimal != ".":
        bare = pc.replace_substring(bare, decimal, ".")
    is_readable = valid | infinite
    values = np.full(len(texts), np.nan)
    values[is_readable] = _floats(bare.filter(is_readable))
    values[is_bracketed] *= -1
    return values, is_readable


def _bare(texts: Any) -> tuple[Any, np.ndarray]:
    """Takes currency, percent and brackets away; gives the rest and which were in brackets, shape `(n,)`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    bare = pc.utf8_rtrim(pc.utf8_trim(texts, characters=SYMBOLS + BLANKS), characters="%" + BLANKS)
    is_bracketed = np.zeros(len(texts), dtype=bool)
    is_done = as_mask(pc.match_substring_regex(bare, r"^[+-]?[\d.,](.*[\d.,])?$"))
    if is_done.all():
        return bare, is_bracketed
    odd = texts.filter(pa.array(~is_done))
    is_bracketed[~is_done] = as_mask(pc.match_substring_regex(odd, r"^\([^()+-]*\)$"))
    odd = pc.replace_substring_regex(odd, r"^\(([^()+-]*)\)$", r"\1")
    odd = pc.replace_substring_regex(odd, rf"^[{BLANKS}]*([+-]?)(?:{CURRENCY})?[{BLANKS}]*([+-]?)", r"\1\2")
    odd = pc.replace_substring_regex(odd, rf"[{BLANKS}]*(?:{CURRENCY}|%)?[{BLANKS}]*$", "")
    return pc.replace_with_mask(bare, pa.array(~is_done), odd), is_bracketed


def _floats(texts: Any) -> np.ndarray:
    """Casts texts of the form `PLAIN` or `INFINITE`; one too large for a float becomes infinite."""
    import pyarrow as pa

    try:
        return texts.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return np.array([float(text) for text in texts.to_pylist()], dtype="float64")


def whole_numbers(texts: Any) -> np.ndarray | None:
    """Gives texts that are all plain whole numbers as int64, shape `(n,)`; none if one is missing or is not."""
    import pyarrow as pa

    values = None if texts.null_count else _quick_floats(texts)
    if values is None or (values % 1).any():
        return None
    try:
        return texts.cast(pa.int64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return None


def number_reading(levels: Any, weights: np.ndarray, tokens: tuple[str, ...], allowed: float) -> Reading | None:
    """Finds the decimal and thousands marks that read most of the text.

    Args:
        levels: Arrow array of the different texts, shape `(k,)`.
        weights: How many rows hold each, shape `(k,)`.
        tokens: Texts that stand for a missing value, for the reading.
        allowed: Share of rows that may fail.

    Returns:
        The reading; none when too much is left.
    """
    if allowed < 1 and not _worth_trying(levels):
        return None
    best: tuple[float, Reading] | None = None
    for decimal, thousands in MARKS:
        fails = float(weights[~parse_numbers(levels, decimal, thousands).is_readable].sum() / weights.sum())
        if best is None or fails < best[0]:
            best = (fails, Reading(Kind.NUMBER, tokens, decimal=decimal, thousands=thousands))
        if fails == 0:
            break
    return best[1] if best is not None and best[0] <= allowed else None


def _worth_trying(levels: Any) -> bool:
    """Says whether half of a sample of the texts reads as numbers, or whether there are so few that it costs nothing."""
    if len(levels) <= MANY_LEVELS:
        return True
    sample = levels.take(np.linspace(0, len(levels) - 1, SAMPLE_LEVELS).astype("int64"))
    return any(parse_numbers(sample, *marks).is_readable.mean() >= 0.5 for marks in MARKS)


def code_reason(levels: Any, weights: np.ndarray, allowed: float) -> str:
    """Says why texts that read as numbers are codes, on which a number would lose something; empty if they are numbers.

    Codes are: numbers with leading zeros, of one width or in more than the allowed share of rows; whole numbers with more
    digits than a float keeps; and whole numbers of one width of which some carry letters (`536379`, `C536379`).
    """
    import pyarrow.compute as pc

    is_digits = as_mask(pc.ascii_is_decimal(levels))
    if not is_digits.any():
        return ""
    digits = levels.filter(is_digits)
    widths = pc.utf8_length(digits).to_numpy(zero_copy_only=False)
    counts = weights[is_digits]
    is_padded = as_mask(pc.starts_with(digits, "0")) & (widths > 1)
    if is_padded.any() and (len(set(widths)) == 1 or counts[is_padded].sum() / weights.sum() > allowed):
        return "numbers with leading zeros are codes"
    if counts[widths >= EXACT_DIGITS].sum() > 0.5 * weights.sum():
        return f"whole numbers of {EXACT_DIGITS} and more digits are codes"
    shares = np.bincount(widths, weights=counts) / counts.sum()
    width = int(shares.argmax())
    rest = levels.filter(~is_digits)
    if width >= CODE_WIDTH and shares[width] >= 0.9 and len(rest):
        lettered = as_mask(
            pc.match_substring_regex(rest, rf"^(?:\pL{{1,3}}[-_/ ]?\d{{{width}}}|\d{{{width}}}[-_/ ]?\pL{{1,3}})$")
        )
        if weights[~is_digits][lettered].sum() > 0.5 * weights[~is_digits].sum():
            return f"codes of {width} digits, some with letters"
    return ""
