"""The fingerprint of a table: the same content gives the same, another value another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.dataset import Column
from lepton_automl.data.texts import is_texty, strip_texts


def fingerprint(frame: pd.DataFrame, columns: Sequence[Column]) -> str:
    """Gives the SHA-256 of a table's content and schema: names, kinds, types and every value in its row."""
    digest = hashlib.sha256()
    for column in columns:
        values = frame[column.name]
        digest.update(f"{len(column.name)}:{column.name}\0{column.kind}\0{len(values)}\0".encode())
        _add(digest, values)
    return digest.hexdigest()


def _add(digest: Any, values: pd.Series) -> None:
    import pyarrow.compute as pc

    if isinstance(values.dtype, pd.CategoricalDtype):
        for level in values.cat.categories:
            digest.update(f"{len(str(level))}:{level}".encode("utf-8", "replace"))
        digest.update(np.ascontiguousarray(values.cat.codes.to_numpy(dtype="int64")))
    elif is_texty(values) or isinstance(values.dtype, pd.api.extensions.ExtensionDtype):
        texts, _ = strip_texts(values)
        lengths = pc.binary_length(texts).fill_null(-1).to_numpy(zero_copy_only=False)
        digest.update(np.ascontiguousarray(lengths, dtype="int64"))
        digest.update("".join(texts.drop_null().to_pylist()).encode())
    else:
        digest.update(str(values.dtype).encode())
        digest.update(np.ascontiguousarray(values.to_numpy()))
