"""Keyed hashes of identifiers: they say whose rows a run used to whoever has the key, and nothing to anyone else."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from lepton_automl.data.texts import as_texts
from lepton_automl.errors import DataError, Problem

KEY_VARIABLE = "LEPTON_ID_KEY"
DIGITS = 32
"""Hexadecimal digits kept of a hash: 128 bits."""
FORGOTTEN = "forgotten.json"
"""File of the folder of runs: the hashes that were to be forgotten, each with its day, and what proves the key."""
PROOF = "the key of these hashes"


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


@dataclass(frozen=True)
class Forgotten:
    """The people who are to be forgotten.

    Args:
        hashes: Hashes of their identifiers, each with the day on which it was put on the list.
        proof: Hash of a fixed text, by which the key is known; empty in a list that has none.
        sha256: SHA-256 of the file.
    """

    hashes: dict[str, str]
    proof: str
    sha256: str


def read_forgotten(path: Path) -> Forgotten:
    """Reads the list of people who are to be forgotten.

    Raises:
        DataError: If it is not such a list.
    """
    raw = path.read_bytes()
    try:
        found = json.loads(raw)
        proof = found.pop("key", "")
        is_list = all(isinstance(day, str) for day in (proof, *found.values()))
    except (ValueError, AttributeError, TypeError):
        is_list = False
    if not is_list:
        raise DataError(Problem(str(path), "is no list of people to be forgotten.", "Give back the file of lepton forget."))
    return Forgotten(found, proof, hashlib.sha256(raw).hexdigest())


def is_key_of(forgotten: Forgotten, key: bytes) -> bool:
    """Says whether a list was made with the key; of a list that does not tell its key, nobody can say otherwise."""
    return forgotten.proof in ("", hash_id(PROOF, key))


def remember(path: Path, wanted: set[str], key: bytes) -> int:
    """Puts hashes on the list; gives how many it holds then. One that is there keeps its day."""
    known = read_forgotten(path).hashes if path.is_file() else {}
    day = str(datetime.now(UTC).date())
    found = {**dict.fromkeys(sorted(wanted), day), **known}
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"key": hash_id(PROOF, key), **found}, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
    return len(found)
