"""The record: nothing in it can be changed unseen."""

import json
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_automl.ledger import GENESIS, Entry, Ledger, read_ledger, verify_ledger

ENTRIES = [
    Entry("load", "LOAD000", "read", "noted", "Größe\u2028\x85 \ufffd", 10, 10, 10, note="a sentence"),
    Entry("data", "GOV001", "target", "rows dropped", "", 3, 10, 7, 0.3, None, "share"),
    Entry("data", "GOV003", "constants", "column dropped", "a\nb", 7, 7, 7),
    Entry("search", "SEARCH001", "lightgbm", "trial failed", "lightgbm", 1, note="no time"),
    Entry("data", "GOV008", "duplicates", "rows dropped", "", 2, 7, 5),
]


def written(folder, entries=ENTRIES):
    ledger = Ledger.open(folder)
    ledger.extend(entries)
    return folder / "ledger.jsonl", ledger


def test_a_ledger_that_was_only_written_to_is_whole(tmp_path):
    path, ledger = written(tmp_path)
    rows = read_ledger(path)
    assert verify_ledger(path) == []
    assert [row["column"] for row in rows] == [entry.column for entry in ENTRIES]
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0]["previous"] == GENESIS
    assert rows[-1]["hash"] == ledger.head


def test_an_empty_ledger_is_whole(tmp_path):
    assert verify_ledger(written(tmp_path, [])[0]) == []


@settings(max_examples=400, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_single_changed_byte_is_found_and_its_line_named(tmp_path_factory, place, byte):
    path, _ = written(tmp_path_factory.mktemp("ledger"))
    raw = bytearray(path.read_bytes())
    at = int(place * len(raw))
    if raw[at] == byte:
        return
    line = raw[:at].count(b"\n") + 1
    raw[at] = byte
    path.write_bytes(bytes(raw))

    faults = verify_ledger(path)

    assert faults and faults[0].startswith(f"line {line}: ")


def test_every_blank_and_line_end_is_under_the_seal(tmp_path):
    path, _ = written(tmp_path)
    raw = path.read_bytes()
    for old, new in ((b'": ', b'":\t'), (b"\n", b"\r"), (b"\n", b"\r\n"), (b"\n", b" ")):
        path.write_bytes(raw.replace(old, new, 1))
        assert verify_ledger(path)[0].startswith("line 1: is not a ledger entry as it was written")
        path.write_bytes(raw[::-1].replace(old[::-1], new[::-1], 1)[::-1])
        assert verify_ledger(path)[0].startswith("line 5: ")


@pytest.mark.parametrize("line", [0, 2, 3])
def test_a_line_that_was_taken_out_is_missed(tmp_path, line):
    path, _ = written(tmp_path)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(lines[:line] + lines[line + 1 :]))
    assert verify_ledger(path)[0] == f"line {line + 1}: does not follow the line before it (a line was removed or changed)"


def test_a_changed_line_with_a_hash_of_its_own_breaks_the_chain_at_the_next_line(tmp_path):
    path, _ = written(tmp_path)
    lines = path.read_bytes().split(b"\n")
    forger = Ledger(tmp_path / "forged.jsonl", [ENTRIES[0]], json.loads(lines[0])["hash"])
    forger.add(Entry("data", "GOV001", "target", "rows dropped", "", 3, 10, 7, 0.2, None, "share"))

    path.write_bytes(b"\n".join([lines[0], forger.path.read_bytes().strip(), *lines[2:]]))

    assert verify_ledger(path) == ["line 3: does not follow the line before it (a line was removed or changed)"]


def test_a_line_cut_off_in_the_middle_is_found(tmp_path):
    path, _ = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    assert verify_ledger(path) == ["line 5: is not a ledger entry as it was written"]


def test_the_arithmetic_of_rows_is_proved(tmp_path):
    wrong = [Entry("data", "X", "x", "rows dropped", "", 3, 10, 8), Entry("data", "X", "x", "passed", "", 0, 7, 7)]
    path, _ = written(tmp_path, wrong)
    assert verify_ledger(path) == [
        "line 1: 10 rows less 3 dropped are not 8",
        "line 2: starts with 7 rows, the line before left 8",
    ]


def test_rows_that_vanish_without_being_dropped_are_found(tmp_path):
    path, _ = written(tmp_path, [Entry("data", "X", "x", "column dropped", "a", 4, 10, 6)])
    assert verify_ledger(path) == ["line 1: 10 rows less 0 dropped are not 6"]


def test_figures_of_numpy_are_written_as_plain_ones_and_no_number_as_null(tmp_path):
    strange = Entry("data", "X", "x", "noted", "", np.int64(3), measured=np.float64(0.5), limit=float("nan"))
    path, _ = written(tmp_path, [strange])
    (row,) = read_ledger(path)
    assert (row["count"], row["measured"], row["limit"]) == (3, 0.5, None)
    assert verify_ledger(path) == []


def test_text_that_is_no_ledger_is_told_line_by_line(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('[1]\n{"hash": "x"}\n\nnonsense')
    assert [fault.partition(":")[0] for fault in verify_ledger(path)][:2] == ["line 1", "line 2"]
    assert len(read_ledger(path)) == 4


def test_each_of_a_thousand_random_byte_changes_is_found_and_located(tmp_path):
    many = [
        Entry(
            "data",
            f"GOV{k:03}",
            f"rule {k}",
            "noted",
            f"Spalte ü{k}",
            k,
            100,
            100,
            k / 7,
            0.5,
            "share",
            "a note",
            5,
            5,
            "ab" * 32,
        )
        for k in range(60)
    ]
    path, _ = written(tmp_path, many)
    whole, rng = path.read_bytes(), random.Random(20)
    for _ in range(1_000):
        at = rng.randrange(len(whole))
        other = bytes([rng.choice([byte for byte in range(256) if byte != whole[at]])])
        path.write_bytes(whole[:at] + other + whole[at + 1 :])

        line = whole[:at].count(b"\n") + 1
        assert verify_ledger(path)[0].startswith(f"line {line}: "), (at, other)


WRITER = """
import sys
from pathlib import Path
from lepton_automl.ledger import Entry, Ledger

ledger = Ledger.open(Path(sys.argv[1]))
for k in range(10**9):
    ledger.add(Entry("data", "GOV001", "target", "noted", "c" * (k % 3000), k, 9, 9, note="n" * (k % 20_000)))
"""


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.03, 0.1, 0.2])
def test_a_process_that_is_killed_while_it_writes_leaves_a_chain_that_can_be_proved_and_gone_on_with(tmp_path, seconds):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)])
    path = tmp_path / "ledger.jsonl"
    while not (path.exists() and path.read_bytes().count(b"\n") >= 5):
        assert process.poll() is None, "the writer ended by itself"
        time.sleep(0.005)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()

    lines = path.read_bytes().count(b"\n")
    faults = verify_ledger(path)
    assert lines >= 5
    assert faults in ([], [f"line {lines + 1}: is not a ledger entry as it was written"]), "only the last line may be cut off"

    ledger = Ledger.reopen(tmp_path)
    ledger.add(Entry("run", "RUN001", "resume", "noted"))
    assert len(ledger.entries) == lines + 1
    assert verify_ledger(path) == []
