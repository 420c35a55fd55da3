"""The day of a run is taken once: replayed or gone on with weeks later, the same rows are left."""

import json
import time
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from small_run import WORDS, people

from lepton_automl.engine import compile, preview, replay, run  # noqa: A004 - the name of what it does
from lepton_automl.errors import GovernanceStop
from lepton_automl.ledger import read_ledger
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose

DAY = date(2026, 6, 30)
RULE = "governance.rules.retention={column: seen, max_days: 100}"
FRESH = "governance.rules.contract.freshness={column: seen, max_age_days: 5}"


@pytest.fixture(scope="module")
def dated(tmp_path_factory):
    """Words of a recipe on rows that are 0 to 239 days old on 2026-06-30, and its finished run of that day."""
    folder = tmp_path_factory.mktemp("dated")
    path = people(folder)
    frame = pd.read_csv(path)
    frame["seen"] = pd.Timestamp(DAY) - pd.to_timedelta(np.arange(len(frame)), unit="D")
    frame.to_csv(path, index=False)
    words = ["recipe=table", f"data.source.path={path}", "data.roles.id=[name]", "task.kind=binary", "task.target=late"]
    words += ["data.kinds.seen=datetime", RULE, FRESH, *WORDS]
    plan = compile(compose(words), folder / "run", DAY)
    run(plan, Clock(time.time(), plan.budget), in_process=True)
    return words, folder / "run"


def kept(folder):
    """Gives what the ledger says of the rows that the rule dropped."""
    return [
        (e["effect"], e["count"], e["rows_after"], e["note"])
        for e in read_ledger(folder / "ledger.jsonl")
        if e["code"] == "GOV019"
    ]


def test_the_plan_and_the_ledger_tell_the_day(dated):
    _, folder = dated
    assert json.loads((folder / "plan.json").read_text())["today"] == "2026-06-30"
    assert kept(folder) == [
        ("noted", 0, 240, "100 days count back from 2026-06-30, the day of the run; as_of sets another"),
        ("rows dropped", 139, 101, "outside of the period from 2026-03-22"),
    ]


def test_another_run_counts_from_its_own_day(dated, tmp_path):
    words, _ = dated
    found = preview(compile(compose([*words, f"~{FRESH.partition('=')[0]}"]), tmp_path / "new", date(2026, 7, 20)))
    assert [e.count for e in found.entries if e.code == "GOV019"] == [0, 159]
    assert compile(compose(words), tmp_path / "new").today == datetime.now(UTC).date()
    with pytest.raises(GovernanceStop, match=r"at most 5 days old on 2026-07-20, it is 20\.0 days old"):
        preview(compile(compose(words), tmp_path / "new", date(2026, 7, 20)))


def test_a_replay_drops_the_rows_its_run_did(dated, tmp_path):
    _, folder = dated

    found = replay(folder, tmp_path / "again", time.time(), in_process=True)

    assert found.is_identical
    assert kept(tmp_path / "again") == kept(folder)
    assert json.loads((tmp_path / "again" / "plan.json").read_text())["today"] == "2026-06-30"


def test_a_run_that_goes_on_keeps_the_day_it_began_on(dated, tmp_path):
    words, folder = dated
    stopped = tmp_path / "stopped"
    (stopped / ".work").mkdir(parents=True)
    for name in ("plan.json", "recipe.yaml", "ledger.jsonl"):
        (stopped / name).write_bytes((folder / name).read_bytes())

    plan = compile(compose([*words, "resume=true"]), stopped)

    assert plan.today == DAY
    assert [e.count for e in preview(plan).entries if e.code == "GOV019"] == [0, 139]
