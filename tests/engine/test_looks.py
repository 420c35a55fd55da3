"""How often the same test rows were looked at."""

import json

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.engine.looks import NAME, look


def rows(ids=(3, 5, 8), fingerprint="ab"):
    return Dataset(pd.DataFrame({"x": np.zeros(len(ids))}), (), np.array(ids), fingerprint)


def test_every_run_counts_once_and_only_where_the_rows_are_the_same(tmp_path):
    assert [look(rows(), tmp_path / name) for name in ("1", "2", "2", "3")] == [1, 2, 2, 3]
    assert look(rows(ids=(3, 5, 9)), tmp_path / "4") == 1
    assert look(rows(fingerprint="cd"), tmp_path / "5") == 1
    assert look(rows(), tmp_path / "6") == 4


def test_rows_are_the_same_whatever_became_of_their_columns(tmp_path):
    other = Dataset(pd.DataFrame({"y": ["a", "b", "c"]}), (), np.array([3, 5, 8]), "ab")

    assert [look(rows(), tmp_path / "1"), look(other, tmp_path / "2")] == [1, 2]


def test_a_file_that_is_broken_or_can_not_be_written_breaks_nothing(tmp_path):
    (tmp_path / NAME).write_bytes(b'\xff\xfe{not json\n[1, 2]\n{"rows": 3}\n')
    assert look(rows(), tmp_path / "1") == 1
    assert json.loads((tmp_path / NAME).read_text(errors="replace").splitlines()[-1])["run"] == "1"

    (tmp_path / "other" / NAME).mkdir(parents=True)
    assert look(rows(), tmp_path / "other" / "1") is None


def test_a_run_says_how_often_its_test_rows_were_looked_at(credit):
    _, result, _ = credit
    said = json.loads((result.folder / "evidence.json").read_text())["looks"]

    assert said == result.evidence.looks == 1
    assert "looked at for the first time" in (result.folder / "report.html").read_text()
