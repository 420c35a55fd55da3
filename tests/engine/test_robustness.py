"""A run goes on when a worker ends: killed from outside, or by what a model does."""

import json
import os
import signal
import textwrap
import threading
import time

import psutil
import pytest

from lepton_automl.cli.progress import summary

WAITING = '''
"""A model that is killed from outside in the middle of its fit."""
import os, time
from lepton_automl.data import Kind
from lepton_automl.features import Needs
from lepton_automl.models.baseline import Baseline
from lepton_automl.tasks import Makes


class Waits:
    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN})
    makes = frozenset({Makes.PROBABILITIES})
    needs = Needs(category="codes", missing="keep")
    package = None
    devices = frozenset({"cpu"})
    in_rounds = False

    def __getattr__(self, name):
        return getattr(Baseline(), name)

    def legal(self, goal):
        return {}

    def space(self, shape):
        return {}

    def starts(self, shape):
        return [{}]

    def fit(self, train, valid, params, goal, limits, step):
        with open(os.environ["NOTE_OF_A_TEST"], "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
'''


@pytest.fixture
def waiting_model(tmp_path, monkeypatch):
    """Installs a package with a model that waits; gives the file in which its worker says who it is."""
    folder = tmp_path / "packages"
    info = folder / "waiting_model-0.1.dist-info"
    info.mkdir(parents=True)
    (folder / "waiting_model.py").write_text(textwrap.dedent(WAITING))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: waiting-model\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[lepton_automl.models]\nwaits = waiting_model:Waits\n")
    note = tmp_path / "pid"
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")])))
    monkeypatch.setenv("NOTE_OF_A_TEST", str(note))
    return note


def kill_when_noted(note):
    until = time.time() + 120
    while time.time() < until:
        if note.exists() and note.read_text():
            os.kill(int(note.read_text()), signal.SIGKILL)
            return
        time.sleep(0.05)


def test_a_worker_killed_in_the_middle_of_a_fit_fails_its_trial_and_the_run_completes(waiting_model, run_words, tmp_path):
    killer = threading.Thread(target=kill_when_noted, args=(waiting_model,), daemon=True)
    killer.start()

    words = ["recipe=credit", "search=quick", "plugins=[waiting-model]", "search.models.waits={}"]
    words += ["~search.models.linear", "budget.seconds=null", "budget.trials=2", "split.folds=2"]
    plan, result = run_words(words, tmp_path / "run", in_process=False)

    killer.join()
    states = {row["model"]: (row["state"], row["error"]) for row in json.loads((tmp_path / "run/leaderboard.json").read_text())}
    assert states["lightgbm"] == ("done", "")
    assert states["waits"] == ("failed", "crashed: the worker process ended with code -9 (SIGKILL)")
    ledger = [json.loads(line) for line in (tmp_path / "run/ledger.jsonl").read_text().splitlines()]
    assert [row["column"] for row in ledger if row["code"] == "SEARCH008"] == ["waits"]
    assert any(line.startswith("failed    waits, 1 of 1 trials: crashed") for line in summary(plan, result))
    assert "ended with code -9" in (tmp_path / "run/report.html").read_text()
    assert not psutil.pid_exists(int(waiting_model.read_text()))
