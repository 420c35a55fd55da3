"""Keyed hashes of identifiers: they say whose rows a run used to whoever has the key, and nothing to anyone else."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable

import numpy as np
import pandas as pd

from lepton_automl.data.texts import as_texts

KEY_VARIABLE = "LEPTON_ID_KEY"
DIGITS = 32
"""Hexadecimal digits kept of a hash: 128 bits."""


def read_key() -> bytes | None:
    """Gives the key of the hashes, the environment's `LEPTON_ID_KEY`; none if it is not set."""
    return os.environ.get(KEY_VARIABLE, "").encode() or None


def hash_id(text: str, key: bytes) -> str:
    """Gives the hash of one identifier: 32 hexadecimal digits of its HMAC-SHA-256."""
    return hmac.digest(key, text.encode("utf-8", "replace"), "sha256").hex()[:DIGITS]


def hash_ids(values: pd.Series, key: bytes) -> np.ndarray:
    """Gives the hash of each identifier as text, shape `(n,)`; none where it is missing.

    Identifiers are hashed as text without blanks around it; whole numbers have no trailing `.0`.
    """
    codes, levels = pd.factorize(as_texts(values), use_na_sentinel=True)
    hashes = np.array([*(hash_id(level, key) for level in levels), None], dtype=object)
    return hashes[codes]


def wanted_hashes(ids: Iterable[str], key: bytes) -> set[str]:
    """Gives the hashes of identifiers as people write them; one that reads as a number, also as numbers are hashed."""
    spelt = set()
    for text in filter(None, (line.strip() for line in ids)):
        spelt.add(text)
        number = pd.to_numeric(pd.Series([text]), errors="coerce")
        spelt.update(as_texts(number.dropna().astype("float64")))
    return {hash_id(text, key) for text in spelt}
