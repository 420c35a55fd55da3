"""The values of a raw column as text: one spelling for each value, the same for every source."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

import numpy as np
import pandas as pd

HASHABLE = {
    "string",
    "integer",
    "floating",
    "mixed-integer-float",
    "boolean",
    "decimal",
    "datetime64",
    "datetime",
    "date",
    "empty",
}
"""Answers of `pandas.api.types.infer_dtype` for objects of one type, of which equal ones are written alike."""


def is_texty(raw: pd.Series) -> bool:
    """Says whether pandas holds the column as text or as mixed objects."""
    return bool(pd.api.types.is_object_dtype(raw) or pd.api.types.is_string_dtype(raw))


def as_texts(raw: pd.Series) -> pd.Series:
    """Gives the values as stripped text; missing stays missing. Whole numbers have no trailing `.0`.

    Args:
        raw: Values of any type, shape `(n,)`.

    Returns:
        Python text or None, shape `(n,)`, with a fresh index.

    >>> as_texts(pd.Series([1.0, None, 2.5])).tolist()
    ['1', None, '2.5']
    """
    return pd.Series(strip_texts(raw)[0].to_numpy(zero_copy_only=False), dtype=object)


def strip_texts(raw: pd.Series) -> tuple[Any, np.ndarray]:
    """Gives the values as an Arrow array of text without blanks around it, and which values had some.

    Args:
        raw: Values of any type, shape `(n,)`.

    Returns:
        An Arrow `large_string` array, null where missing; and a mask, both of shape `(n,)`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    written = _written(raw)
    texts = pc.utf8_trim_whitespace(written)
    if isinstance(texts, pa.ChunkedArray):
        texts, written = texts.combine_chunks(), written.combine_chunks()
    return texts, as_mask(pc.not_equal(texts, written))


def as_mask(found: Any) -> np.ndarray:
    """Gives an Arrow array of truth values as NumPy's; null is false."""
    return np.asarray(found.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)


def is_in(texts: Any, words: tuple[str, ...]) -> np.ndarray:
    """Says which texts are among the words; missing ones are not. Shape `(n,)`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return as_mask(pc.is_in(texts, value_set=pa.array(words, pa.large_string()), skip_nulls=True))


def _written(raw: pd.Series) -> Any:
    import pyarrow as pa

    if isinstance(raw.dtype, pd.StringDtype):
        return pa.array(raw.array, type=pa.large_string())
    codes, levels = _coded(raw)
    shown = pa.array([_spell(level) for level in levels], pa.large_string())
    return shown.take(pa.array(codes, mask=codes < 0, type=pa.int64()))


def _coded(raw: pd.Series) -> tuple[np.ndarray, Any]:
    if isinstance(raw.dtype, pd.CategoricalDtype):
        return raw.cat.codes.to_numpy(dtype="int64"), raw.cat.categories
    if pd.api.types.is_object_dtype(raw) and pd.api.types.infer_dtype(raw, skipna=True) not in HASHABLE:
        raw = raw.map(_spell, na_action="ignore").astype(object)
    codes, levels = pd.factorize(raw, use_na_sentinel=True)
    return codes.astype("int64"), levels


def _spell(value: Any) -> str:
    """Gives the one spelling of a value.

    >>> _spell(3.0), _spell(True), _spell(2**60 + 1), _spell(" a ")
    ('3', 'true', '1152921504606846977', ' a ')
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        number = float(value)
        return str(int(number)) if math.isfinite(number) and number.is_integer() and abs(number) < 1e15 else repr(number)
    if isinstance(value, decimal.Decimal):
        return format(value.normalize(), "f") if value.is_finite() else str(value)
    if isinstance(value, datetime.datetime):
        return _utc(value).isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _utc(moment: datetime.datetime) -> datetime.datetime:
    return moment if moment.tzinfo is None else moment.astimezone(datetime.UTC).replace(tzinfo=None)
