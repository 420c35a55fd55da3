"""What scikit-learn users hand over, checked by its own words, as a table the engine can read."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, validate_data

from lepton_automl.recipe import default_tree

NESTED = (dict, list, tuple, set, np.ndarray)
TOKENS = frozenset(default_tree()["data"]["missing_tokens"])
"""Texts that the reading of tables takes for a missing value: no label may be one of them."""


def as_table(estimator: Any, X: Any, is_fit: bool) -> pd.DataFrame:
    """Gives the features as a table; its columns have the names of the data frame, or `x0`, `x1`, … of an array.

    Args:
        estimator: Whose features they are; `n_features_in_` and `feature_names_in_` are set by a fit, and checked afterwards.
        X: A data frame of pandas or polars, or an array, shape `(n, m)`; numbers that are missing are NaN.
        is_fit: Whether they are learned from.

    Raises:
        ValueError: If the shape is wrong, a number is infinite or complex, or the columns are not those of the fit.
        TypeError: If it is sparse, or a cell of an array holds more than one value.
    """
    least = 2 if is_fit else 1
    if hasattr(X, "to_pandas") and not isinstance(X, pd.DataFrame):
        X = X.to_pandas()
    if not isinstance(X, pd.DataFrame):
        X = check_array(X, dtype=None, ensure_all_finite="allow-nan", ensure_min_samples=least, estimator=estimator)
        validate_data(estimator, X, reset=is_fit, skip_check_array=True)
        return _of_array(X)
    if len(X) < least or not X.shape[1]:
        check_array(np.zeros(X.shape), ensure_min_samples=least, estimator=estimator)  # it says what is wrong
    if any(isinstance(kind, pd.SparseDtype) for kind in X.dtypes):
        raise TypeError(f"Sparse data was passed; {type(estimator).__name__} needs dense data: X.sparse.to_dense().")
    infinite = [str(name) for name in X.columns if _has_infinite(X[name])]
    if infinite:
        raise ValueError(f"Input X contains infinity in the columns {', '.join(infinite)}.")
    validate_data(estimator, X, reset=is_fit, skip_check_array=True)
    return X.set_axis(column_names(X.columns), axis=1).reset_index(drop=True)


def column_names(names: Sequence[Any]) -> list[str]:
    """Gives the names as the engine takes them: as text, or `x0`, `x1`, … where two would be one, or one would be blank."""
    texts = [str(name).strip() for name in names]
    return texts if len(set(texts)) == len(texts) and all(texts) else [f"x{place}" for place in range(len(texts))]


def _has_infinite(values: Any) -> bool:
    if isinstance(values, pd.DataFrame) or getattr(values.dtype, "kind", "O") != "f":
        return False
    return bool(np.isinf(values.to_numpy(dtype="float64", na_value=np.nan)).any())


def _of_array(X: np.ndarray) -> pd.DataFrame:
    names = [f"x{place}" for place in range(X.shape[1])]
    if X.dtype.kind == "O":
        return _of_objects(X, names)
    if X.dtype.kind == "f" and X.dtype.itemsize not in (4, 8):
        X = X.astype("float64")
    return pd.DataFrame({name: np.ascontiguousarray(X[:, place]) for place, name in enumerate(names)})


def _of_objects(X: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Gives each column of an array of objects the type that its values have."""
    found = next((value for value in X.ravel() if isinstance(value, NESTED)), None)
    if found is not None:
        raise TypeError(
            f"argument must be a string or a number, not {type(found).__name__!r}: a cell of X holds several values."
        )
    return pd.DataFrame(X, columns=names).infer_objects()


def as_weights(sample_weight: Any, rows: int) -> np.ndarray | None:
    """Gives the weights, shape `(n,)`; none where all rows weigh the same.

    Raises:
        ValueError: If they are not one number of 0 or more a row, or all 0.
    """
    if sample_weight is None:
        return None
    weights = check_array(sample_weight, ensure_2d=False, dtype="float64", input_name="sample_weight")
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.ndim != 1:
        raise ValueError(f"Sample weights must be 1D array or scalar, got {weights.ndim}D array.")
    if len(weights) != rows:
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(rows,)}!")
    if (weights < 0).any():
        raise ValueError("Negative values in data passed to `sample_weight`.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return None if (weights == weights[0]).all() else weights


def as_labels(estimator: Any, y: Any, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Gives the labels in order, shape `(k,)`, and the place of each row's among them, shape `(n,)`.

    Raises:
        ValueError: If a label is missing, or the target holds measured numbers.
    """
    values = _one_column(estimator, y, rows)
    check_classification_targets(values)
    classes, codes = np.unique(values, return_inverse=True)
    return classes, codes


def as_numbers(estimator: Any, y: Any, rows: int) -> np.ndarray:
    """Gives the target as float64, shape `(n,)`.

    Raises:
        ValueError: If a value is missing, infinite or no number.
    """
    return _one_column(estimator, y, rows).astype("float64")


def _one_column(estimator: Any, y: Any, rows: int) -> np.ndarray:
    if y is None:
        name = type(estimator).__name__
        raise ValueError(f"This {name} estimator requires y to be passed, but the target y is None.")
    values = column_or_1d(y, warn=True)
    assert_all_finite(values, input_name="y")
    if values.dtype.kind == "O" and pd.isna(values).any():
        raise ValueError("Input y contains NaN.")
    if values.dtype.kind == "c":
        raise ValueError("Complex data not supported\nin y.")
    if len(values) != rows:
        check_consistent_length(np.zeros(rows), values)
    return values


def label_values(classes: np.ndarray) -> list[Any]:
    """Gives the labels as the engine reads them back unchanged: themselves, or their places where a text would not survive.

    >>> label_values(np.array(["no", "yes"])), label_values(np.array(["NA", "yes"]))
    (['no', 'yes'], [0, 1])
    """
    values = classes.tolist()
    is_plain = all(isinstance(value, int | float) for value in values)
    is_text = all(isinstance(value, str) and value.strip() == value and value not in TOKENS for value in values)
    return values if is_plain or is_text else list(range(len(values)))


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """Gives a name that no column has.

    >>> free_name("target", ["a", "target"])
    'target_'
    """
    while wanted in taken:
        wanted += "_"
    return wanted


def without_weightless(table: pd.DataFrame, weights: np.ndarray | None) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Leaves out rows of weight 0; gives the rest, and its weights where they differ."""
    if weights is None or (weights > 0).all():
        return table, weights
    rest = weights[weights > 0]
    return table[weights > 0].reset_index(drop=True), None if (rest == rest[0]).all() else rest


def with_pairs(table: pd.DataFrame, target: str, weights: np.ndarray | None) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Writes a row whose label no other row has twice, each of half the weight: no fold could learn that label otherwise."""
    counts = table[target].value_counts()
    alone = table[target].isin(counts.index[counts == 1]).to_numpy()
    if not alone.any():
        return table, weights
    said = ", ".join(sorted(map(str, table[target][alone])))
    warnings.warn(f"labels with one row are learned from and judged on at once: {said}", UserWarning, stacklevel=3)
    given = np.ones(len(table)) if weights is None else weights
    halved = np.where(alone, given / 2, given)
    return pd.concat([table, table[alone]], ignore_index=True), np.concatenate([halved, halved[alone]])
