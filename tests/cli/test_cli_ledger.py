"""`lepton ledger` shows what was done, and with `--long` when, how long and to which table."""

import pytest

from lepton_automl.cli.ledger import main
from lepton_automl.errors import ArtifactError
from lepton_automl.ledger import Entry, Ledger, read_ledger

BEFORE, AFTER = "aa11bb22cc" * 6 + "0000", "dd44ee55ff" * 6 + "0000"


@pytest.fixture
def folder(tmp_path):
    ledger = Ledger.open(tmp_path)
    tables = {"columns_before": 5, "columns_after": 4, "hash_before": BEFORE, "hash_after": AFTER}
    ledger.add(
        Entry("data", "GOV003", "constants", "column dropped", "one", 9, 9, 9, note="one value only", seconds=0.25, **tables)
    )
    ledger.add(Entry("search", "SEARCH001", "lightgbm", "trial failed", "lightgbm", 1, note="no time"))
    return tmp_path


def test_columns_before_and_after_are_shown_and_the_seconds_of_all_rules(folder, capsys):
    assert main([str(folder)]) == 0

    out = capsys.readouterr().out
    assert "5 → 4" in out and "one value only" in out and "SEARCH001" in out
    assert "2 entries; the rules took 0.25 s." in out
    assert BEFORE[:8] not in out


def test_long_shows_the_seconds_of_each_rule_and_the_first_figures_of_hashes(folder, capsys):
    assert main([str(folder), "--long"]) == 0

    out = capsys.readouterr().out
    assert f"{BEFORE[:8]} → {AFTER[:8]}" in out and BEFORE[:9] not in out
    assert "0.250" in out
    assert all(row["hash"][:8] in out for row in read_ledger(folder / "ledger.jsonl"))


def test_a_line_that_is_no_entry_is_shown_as_that_and_is_refused_by_verify(folder, capsys):
    path = folder / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b"one value only", b"one value mostly"))
    path.write_bytes(path.read_bytes()[:-30])

    assert main([str(folder), "--long"]) == 0
    assert "not an entry; see --verify" in capsys.readouterr().out
    with pytest.raises(ArtifactError) as caught:
        main([str(folder), "--verify"])
    assert "line 1: was changed" in str(caught.value) and "line 2" in str(caught.value)
