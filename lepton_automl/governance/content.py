"""Compares values of any kind by their hashes."""

from __future__ import annotations

import numpy as np
import pandas as pd

EXACT = 2**53
"""Whole numbers up to this one are exact as float64."""


def hash_rows(values: pd.Series) -> np.ndarray:
    """Gives a hash of each value, shape `(n,)`, uint64; the same for `1` and `1.0`, and for all missing ones."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object)
    elif pd.api.types.is_numeric_dtype(values) and not (values.abs() > EXACT).any():
        values = values.astype("float64")
    if pd.api.types.is_object_dtype(values) and pd.api.types.infer_dtype(values, skipna=True) != "string":
        values = values.map(repr, na_action="ignore")
    return pd.util.hash_pandas_object(values, index=False).to_numpy()
