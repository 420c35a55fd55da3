"""The profile is made beside the search, within its share of the budget, and never costs the run."""

import numpy as np
import pytest

from lepton_automl.engine.profiling import Profiling
from lepton_automl.evidence import Profiled
from lepton_automl.ledger import Ledger
from lepton_automl.testing import table


def looked_at(n=500, y=None):
    rng = np.random.default_rng(0)
    rows = table(target="y", income=rng.random(n), city=rng.choice(["Bonn", "Trier"], n), y=rng.integers(0, 2, n))
    truth = rows.values("y").to_numpy().astype("int64") if y is None else y
    return Profiled(rows.rows(np.arange(n)), None, "y", truth, ("no", "yes"))


def test_what_was_looked_at_is_in_the_ledger_with_its_seconds():
    ledger = Ledger()
    content = Profiling(looked_at(), float("inf"), lambda: False, 0).start().end(ledger)
    assert [column["name"] for column in content["columns"]] == ["income", "city"]
    (entry,) = ledger.entries
    assert (entry.code, entry.effect, entry.count) == ("PROFILE001", "noted", 2)
    assert entry.note == "looked at 500 of 500 training rows and 0 of 0 test rows" and entry.seconds > 0


@pytest.mark.parametrize(("seconds", "must_end"), [(0.0, False), (float("inf"), True)], ids=["budget", "deadline"])
def test_what_there_was_no_time_for_is_in_the_ledger(seconds, must_end):
    ledger = Ledger()
    content = Profiling(looked_at(), seconds, lambda: must_end, 0).start().end(ledger)
    assert content["columns"] == []
    assert [entry.note for entry in ledger.entries[1:]] == [
        "left out, no time: what is missing together",
        "left out, no time: 2 of 2 columns",
        "left out, no time: how columns go together",
    ]
    assert {entry.code for entry in ledger.entries[1:]} == {"PROFILE003"}


def test_a_profile_that_fails_is_told_by_its_kind_of_error_and_the_run_goes_on():
    ledger = Ledger()
    broken = looked_at(y=np.zeros(3, dtype="int64"))
    assert Profiling(broken, float("inf"), lambda: False, 0).start().end(ledger) == {}
    (entry,) = ledger.entries
    assert (entry.code, entry.effect, entry.note) == ("PROFILE002", "failed", "the data could not be profiled: IndexError")
