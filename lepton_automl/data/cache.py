"""Keeps tables that were read from large local files, so that the next plan or run need not parse them again.

Off unless the recipe says `data.cache: true`: what is kept is a copy of the raw table, readable by its owner only. A table in
which personal data is found is not kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from lepton_automl.data.personal import is_personal
from lepton_automl.data.sources.file import FileSource
from lepton_automl.data.sources.protocol import RawTable
from lepton_automl.ledger import Entry

FOLDER_VARIABLE = "LEPTON_CACHE"
LIMIT_VARIABLE = "LEPTON_CACHE_GB"
LIMIT_GB = 5.0


def cache_folder() -> Path:
    """Gives the cache's folder: `LEPTON_CACHE`, or `lepton-automl` in the user's cache folder."""
    given = os.environ.get(FOLDER_VARIABLE)
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lepton-automl"


def cache_limit_gb() -> float:
    """Gives the size above which the tables used least recently are deleted: `LEPTON_CACHE_GB`, or 5."""
    try:
        return float(os.environ.get(LIMIT_VARIABLE, LIMIT_GB))
    except ValueError:
        return LIMIT_GB


def cached_files() -> list[Path]:
    """Gives the tables in the cache, the one used least recently first."""
    return sorted(cache_folder().glob("*.arrow"), key=lambda path: path.stat().st_mtime)


def clear_cache(keep_gb: float = 0.0) -> int:
    """Deletes tables, the ones used least recently first, until at most `keep_gb` are left; gives how many."""
    files = cached_files()
    size = sum(path.stat().st_size for path in files)
    deleted = 0
    for path in files:
        if size <= keep_gb * 1e9:
            break
        size -= path.stat().st_size
        path.unlink()
        deleted += 1
    return deleted


@dataclass(frozen=True)
class CachedSource:
    """A file source whose table is kept. A file counts as the same while its path, size, time and options are.

    Args:
        source: The source.
    """

    source: FileSource

    @property
    def key(self) -> str:
        """The recipe key of the source."""
        return self.source.key

    def read(self) -> RawTable:
        """Reads the table from the cache, or from the file and keeps it."""
        from pyarrow import ArrowException, feather

        if not Path(self.source.path).is_file():
            return self.source.read()
        path = cache_folder() / f"{self._stamp()}.arrow"
        if path.is_file():
            table = feather.read_table(str(path))
            path.touch()
            entries = tuple(Entry(**item) for item in json.loads(table.schema.metadata[b"entries"]))
            note = Entry("load", "LOAD030", "cache", "noted", count=table.num_rows, note="taken from the cache")
            has_types = table.schema.metadata[b"has_types"] == b"yes"
            return RawTable(table.to_pandas(), (*entries, note), self.source.path, has_types)
        raw = self.source.read()
        personal = [str(name) for name in raw.frame.columns if is_personal(raw.frame[name], str(name))]
        if personal:
            words = f"not kept: personal data in {', '.join(personal[:4])}"
            note = Entry("load", "LOAD032", "cache", "noted", count=len(personal), note=words)
            return replace(raw, entries=(*raw.entries, note))
        try:
            _keep(raw, path)
        except (OSError, ArrowException) as error:
            note = Entry("load", "LOAD031", "cache", "noted", note=f"not kept: {type(error).__name__}")
            return replace(raw, entries=(*raw.entries, note))
        return raw

    def _stamp(self) -> str:
        path = Path(self.source.path).resolve()
        state = path.stat()
        facts = {**vars(self.source), "key": "", "path": str(path), "size": state.st_size, "time": state.st_mtime_ns}
        return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _keep(raw: RawTable, path: Path) -> None:
    """Writes a table beside its place and moves it there whole, then deletes what is over the limit."""
    import pyarrow as pa
    from pyarrow import feather

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    table = pa.Table.from_pandas(raw.frame, preserve_index=False)
    entries = json.dumps([vars(entry) for entry in raw.entries]).encode()
    has_types = b"yes" if raw.has_types else b"no"
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), b"entries": entries, b"has_types": has_types})
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    os.close(handle)
    feather.write_feather(table, draft, compression="lz4")
    Path(draft).replace(path)
    clear_cache(cache_limit_gb())
