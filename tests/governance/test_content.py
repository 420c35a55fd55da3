"""Values of any kind are compared by their hashes, and a table has one hash whatever it was made of."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from lepton_automl.governance import Finding, Stage, Subject, Verdict, govern
from lepton_automl.governance.content import MISSING, fingerprint_of, hash_rows, hash_table
from lepton_automl.governance.rules.constants import HEAD, is_one_value
from lepton_automl.governance.rules.duplicate_columns import repeated
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

KINDS = {
    "numbers": pd.Series([1.0, np.nan, 2.5]),
    "levels": pd.Series(pd.Categorical(["a", None, "b"])),
    "texts": pd.Series(["a", None, "b"], dtype="str"),
    "dates": pd.Series(pd.to_datetime(["2024-01-01", None, "2024-03-01"])),
    "objects": pd.Series([1, None, "x"], dtype="object"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_missing_value_has_the_same_hash_in_every_kind_of_column(name):
    found = hash_rows(KINDS[name])
    assert found[1] == MISSING and found[0] != found[2] and MISSING not in found[[0, 2]]


def test_a_level_has_the_hash_of_its_text_and_levels_that_do_not_occur_do_not_count():
    levels = pd.Series(pd.Categorical(["a", None, "b"], categories=["zz", "b", "a"]))
    assert hash_rows(levels).tolist() == hash_rows(KINDS["texts"]).tolist() == hash_rows(KINDS["levels"]).tolist()


def test_whole_numbers_have_the_hash_of_the_same_number_with_decimals_and_not_of_its_text():
    whole, decimal, text = (hash_rows(pd.Series([1, 2], dtype=dtype)) for dtype in ("int64", "float64", "str"))
    assert whole.tolist() == decimal.tolist() != text.tolist()


def test_rows_are_told_apart_by_which_column_holds_a_value():
    hashes = hash_table([pd.Series([1, 2, 1, 1]), pd.Series([2, 1, 1, 2])], 4)
    assert pd.Series(hashes).duplicated().tolist() == [False, False, False, True]


def test_a_column_that_differs_beyond_its_first_rows_only_is_neither_constant_nor_a_copy():
    same = np.ones(HEAD + 500)
    late = same.copy()
    late[-1] = 2.0
    assert is_one_value(pd.Series(same)) and not is_one_value(pd.Series(late))
    rows = table(first=same, late=late, copy=late)
    assert repeated(rows) == [("copy", "late")]


def test_the_fingerprint_follows_the_values_and_not_how_they_are_stored():
    one = table(a=[1, 2, 3], b=["x", "y", "x"], day=pd.to_datetime(["2024-01-01"] * 3))
    frame = one.frame.assign(
        a=pd.array([1, 2, 3], dtype="Int64"), b=one.frame["b"].astype("str"), day=one.frame["day"].astype("datetime64[ns]")
    )
    assert fingerprint_of(replace(one, frame=frame)) == fingerprint_of(one)
    assert fingerprint_of(replace(one, frame=frame.assign(a=[1, 2, 4]))) != fingerprint_of(one)
    huge = [2**60, 2**60 + 1]
    assert fingerprint_of(table(a=huge)) != fingerprint_of(table(a=huge[::-1]))


@dataclass
class Acts:
    """A rule that acts as it is told."""

    findings: list = field(default_factory=list)
    stage: Stage = Stage.DATA
    code: str = "TST001"
    title: str = "Acts as it is told"

    def check(self, subject):
        return self.findings


def test_the_hash_in_the_ledger_is_that_of_the_table_after_every_kind_of_change():
    rows = table(a=[1.0, 2.0, 3.0, 4.0], b=[4.0, 3.0, 2.0, 1.0], c=list("wxyz"))
    steps = [
        [],
        [Finding("TST001", "a", Verdict.ACTED, "values set missing", count=1, treatments=("missing:2",))],
        [Finding("TST001", "c", Verdict.ACTED, "column dropped")],
        [Finding("TST001", "", Verdict.ACTED, "rows dropped", np.array([3]), 1)],
        [Finding("TST001", "b", Verdict.ACTED, "values set missing", count=1, treatments=("missing:3",))],
    ]
    goal = Goal(Makes.VALUES, 1)

    def subject(data, stage, test=None):
        return Subject(data, goal, None, np.ones(len(data), dtype=bool))

    ledger, data = Ledger(), rows
    govern(rows, [(str(k), Acts(step)) for k, step in enumerate(steps)], Stage.DATA, ledger, subject)
    for entry, step in zip(ledger.entries, steps, strict=True):
        assert entry.hash_before == fingerprint_of(data)
        data = govern(data, [("one", Acts(step))], Stage.DATA, Ledger(), subject)
        assert entry.hash_after == fingerprint_of(data)
    assert len({entry.hash_after for entry in ledger.entries}) == 5
