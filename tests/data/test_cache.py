"""Tables that are kept, and those that are not."""

import pandas as pd
import pytest

from lepton_automl.data import ReadingRules, build_dataset
from lepton_automl.data.cache import CachedSource, cached_files, clear_cache
from lepton_automl.data.sources.file import FileSource


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("LEPTON_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,x,2024-01-01\n,y,2024-01-02\n3,?,2024-01-03\n4,z\n")
    return path


def read(path):
    raw = CachedSource(FileSource("data.source", str(path))).read()
    data, entries = build_dataset(raw, ReadingRules(missing_tokens=("", "?")))
    return data, [entry for entry in entries if entry.code != "LOAD030"], any(e.code == "LOAD030" for e in entries)


def test_a_table_from_the_cache_is_the_one_from_the_file_with_the_same_entries(table):
    first, entries, was_cached = read(table)
    second, again, is_cached = read(table)

    assert (was_cached, is_cached) == (False, True)
    assert first.fingerprint == second.fingerprint
    assert entries == again
    pd.testing.assert_frame_equal(first.frame, second.frame)


def test_a_changed_file_is_read_anew(table):
    read(table)
    table.write_text("a,b,c\n1,x,2024-01-01\n2,y,2024-01-02\n")

    data, _, is_cached = read(table)

    assert not is_cached
    assert len(data) == 2


def test_only_the_owner_can_look_into_the_cache(table):
    read(table)

    assert cached_files()[0].parent.stat().st_mode & 0o077 == 0


def test_the_cache_is_cleared_down_to_its_limit_and_to_nothing(table, monkeypatch):
    monkeypatch.setenv("LEPTON_CACHE_GB", "0.000001")
    read(table)

    assert cached_files() == []
    monkeypatch.delenv("LEPTON_CACHE_GB")
    read(table)
    assert clear_cache() == 1


def test_a_table_with_personal_data_is_not_kept_and_the_entries_say_so(table):
    table.write_text("a,b\n1,ann@example.com\n2,bob@example.com\n3,eve@example.com\n")
    raw = CachedSource(FileSource("data.source", str(table))).read()
    assert cached_files() == []
    assert [(e.code, e.note) for e in raw.entries if e.code == "LOAD032"] == [("LOAD032", "not kept: personal data in b")]
