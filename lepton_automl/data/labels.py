"""Labels to predict: they keep the type they came in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.numbers import parse_numbers, whole_numbers
from lepton_automl.data.reading import Read
from lepton_automl.data.texts import as_mask, is_in, is_texty, strip_texts

TYPED = {"integer", "floating", "mixed-integer-float", "boolean"}


def read_labels(raw: pd.Series, tokens: tuple[str, ...], has_types: bool = True) -> Read:
    """Gives labels in the type they came in; only texts that stand for missing become so, and blanks around a text go.

    Args:
        raw: Labels as the source gave them, shape `(n,)`.
        tokens: Texts that stand for a missing value.
        has_types: Whether the source knows types. If not, as in CSV, text that is all plain numbers becomes numbers.
    """
    raw = raw.reset_index(drop=True)
    nothing = np.zeros(len(raw), dtype=bool)
    if not is_texty(raw):
        return Read(raw, nothing, nothing, nothing, nothing)
    if pd.api.types.is_object_dtype(raw) and pd.api.types.infer_dtype(raw, skipna=True) in TYPED:
        return Read(raw.convert_dtypes(convert_string=False), nothing, nothing, nothing, nothing)
    texts, is_rewritten = strip_texts(raw)
    is_token = is_in(texts, tokens)
    values = texts.to_pandas().where(~is_token, None)
    if not has_types:
        values = type_texts(values)
    return Read(values, is_token, nothing, nothing, is_rewritten & ~is_token)


def type_texts(raw: pd.Series) -> pd.Series:
    """Gives text of a file without types the type it is written in: int64, float64, or text as before.

    Args:
        raw: Text, shape `(n,)`; values that are missing stay so.

    >>> type_texts(pd.Series(["1", "2"])).tolist(), type_texts(pd.Series(["01", "2"])).tolist()
    ([1, 2], ['01', '2'])
    """
    texts, _ = strip_texts(raw)
    present = texts.drop_null()
    if not len(present) or _is_padded(present):
        return raw
    numbers = parse_numbers(present)
    if not numbers.is_readable.all() or numbers.is_rewritten.any() or np.isinf(numbers.values).any():
        return raw
    where = np.flatnonzero(as_mask(texts.is_valid()))
    whole = whole_numbers(present)
    if whole is not None:
        return pd.Series(whole) if len(whole) == len(raw) else _scattered(whole, where, len(raw), "Int64")
    return _scattered(numbers.values, where, len(raw), "float64")


def _scattered(values: np.ndarray, where: np.ndarray, n: int, dtype: str) -> pd.Series:
    return pd.Series(values, index=where, dtype=dtype).reindex(range(n))


def _is_padded(texts: Any) -> bool:
    import pyarrow.compute as pc

    return bool(as_mask(pc.match_substring_regex(texts, r"^[+-]?0\d")).any())
