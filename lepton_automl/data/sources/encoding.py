"""Bytes of unknown encoding as UTF-8; what was found, and every byte that could not be read, is recorded."""

from __future__ import annotations

import codecs
import re

from lepton_automl.errors import DataError, Problem
from lepton_automl.ledger import Entry

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SUSPECTS = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1250", "cp1253", "cp1252"]
"""Encodings that are told apart when a file is neither UTF-8 nor plainly western."""
SAMPLE_BYTES = 100_000
CHUNK_BYTES = 1 << 24
MOST_BROKEN_SHARE = 0.1
"""Share of the non-ASCII characters up to which broken bytes in UTF-8 are broken bytes, not another encoding."""


def to_utf8(raw: bytes, key: str, place: str, encoding: str | None) -> tuple[bytes, list[Entry]]:
    """Gives the bytes as UTF-8 without a byte-order mark, and what happened.

    Args:
        raw: The file's bytes.
        key: Recipe key of the source.
        place: Its name in messages.
        encoding: Text encoding; found by looking if none.

    Raises:
        DataError: If it is not in the encoding given.
    """
    if encoding is not None:
        return _decoded(raw, encoding, key, place), []
    for mark, name in MARKS:
        if raw.startswith(mark):
            text = raw[len(mark) :] if name == "utf-8" else _decoded(raw, name, key, place)
            return text, [_noted(f"a byte-order mark says {name}; it was skipped")]
    if is_utf8(raw):
        return raw, []
    mended = _mended(raw)
    if mended is not None:
        return mended
    found = _guess(raw)
    return _decoded(raw, found, key, place), [
        _noted(f"not UTF-8; read as {found}, found by looking. Set {key}.encoding if wrong")
    ]


def is_utf8(raw: bytes) -> bool:
    """Says whether the bytes are UTF-8, without holding their text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(raw), CHUNK_BYTES):
            decoder.decode(raw[start : start + CHUNK_BYTES], start + CHUNK_BYTES >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def _noted(note: str) -> Entry:
    return Entry("load", "LOAD001", "encoding", "noted", note=note)


def _decoded(raw: bytes, encoding: str, key: str, place: str) -> bytes:
    try:
        return raw.decode(encoding).removeprefix("\ufeff").encode()
    except (UnicodeError, LookupError) as error:
        fix = "Set another encoding, such as utf-8, cp1252 or gb18030."
        raise DataError(Problem(f"{key}.encoding", f"{place} is not {encoding}: {error}.", fix)) from error


def _mended(raw: bytes) -> tuple[bytes, list[Entry]] | None:
    """Gives text that is UTF-8 but for a few broken bytes with these replaced; none if it is not."""
    text = raw.decode("utf-8", errors="replace")
    whole = sum(not char.isascii() for char in text) if b"\x00" not in raw else 0
    broken = text.count("\ufffd") - raw.count("\ufffd".encode())
    if whole - broken <= 0 or broken > MOST_BROKEN_SHARE * whole:
        return None
    note = "bytes that are not UTF-8 became the replacement character"
    return text.encode(), [Entry("load", "LOAD009", "encoding", "characters replaced", count=broken, note=note)]


def _guess(raw: bytes) -> str:
    from charset_normalizer import from_bytes

    nulls = raw[:SAMPLE_BYTES].count(0) / min(len(raw), SAMPLE_BYTES)
    if nulls > 0.2:
        return "utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be"
    sample = b"\n".join(line for line in raw.splitlines() if not line.isascii())[:SAMPLE_BYTES]
    high = len(re.findall(rb"[\x80-\xff]", sample))
    alone = len(re.findall(rb"(?<![\x80-\xff])[\x80\x85\x91-\x97\xa0-\xff](?![\x80-\xff])", sample))
    if alone >= 0.7 * high:
        return "cp1252" if _reads(raw, "cp1252") else "latin-1"
    best = from_bytes(sample, cp_isolation=SUSPECTS).best()
    found = best.encoding if best is not None else "cp1252"
    return found if _reads(raw, found) else "latin-1"


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
