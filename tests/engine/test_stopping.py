"""Ctrl-C, sent to real processes as a terminal sends it: to the whole group."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from lepton_automl.engine.stopping import Stop
from lepton_automl.ledger import read_ledger, verify_ledger

WORDS = ["recipe=credit", "search=quick", "hardware.threads=1", "~gates", "tracking.progress=plain"]
LONG = "budget.seconds=600"
QUICK, SLOW = "evidence.resamples=50", "evidence.resamples=4000"


class Program:
    """A run in a process group of its own, its output in a file."""

    def __init__(self, folder, *words):
        self.folder, self.output = folder, folder.with_suffix(".txt")
        with self.output.open("w") as file:
            command = [sys.executable, "-m", "lepton_automl", *WORDS, *words, f"run.dir={folder}"]
            self.process = subprocess.Popen(command, stdout=file, stderr=file, start_new_session=True)

    def wait_for(self, happens):
        while not happens():
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.02)

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def ended(self):
        code = self.process.wait(timeout=300)
        return code, self.output.read_text()

    def done(self):
        path = self.folder / "trials.csv"
        return path.read_text().count(",done,") if path.exists() else 0


@pytest.fixture
def program(tmp_path):
    started = []

    def start(*words):
        started.append(Program(tmp_path / "run", *words))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def codes(folder):
    return [row["code"] for row in read_ledger(folder / "ledger.jsonl")]


@pytest.mark.parametrize("budget", [LONG, "budget={seconds: null, trials: 400}"], ids=["seconds", "trials"])
def test_once_in_the_search_finishes_with_the_best_so_far(program, budget):
    run = program(budget, QUICK)
    run.wait_for(lambda: run.done() >= 2)

    run.interrupt()
    code, said = run.ended()

    assert code == 0, said
    assert "finishing with the best so far" in said
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert metrics["trials"]["done"] >= 2
    assert codes(run.folder).count("SEARCH005") == 1
    assert verify_ledger(run.folder / "ledger.jsonl") == []
    assert not (run.folder / ".work").exists() and not (run.folder / "failed.txt").exists()


def test_before_a_model_was_fitted_there_is_nothing_to_deliver_and_the_message_says_how_to_go_on(program):
    run = program(LONG)
    run.wait_for((run.folder / "recipe.yaml").exists)

    run.interrupt()
    code, said = run.ended()

    assert code == 130
    assert f"Stopped before there was a result. Go on with: lepton resume {run.folder}" in said
    assert "Traceback" not in said
    assert not (run.folder / "metrics.json").exists()
    assert (run.folder / "failed.txt").read_text() == "KeyboardInterrupt: the user ended the run\n"


def test_twice_ends_at_once_and_the_run_can_be_resumed(program):
    run = program("budget={seconds: null, trials: 4}", SLOW)  # so that finishing takes seconds
    run.wait_for(lambda: run.done() >= 1)
    run.interrupt()
    run.wait_for(lambda: "finishing with the best so far" in run.output.read_text())

    run.interrupt()
    code, said = run.ended()

    assert code == 130, said
    assert "Traceback" not in said
    assert (run.folder / "failed.txt").exists()
    resumed = subprocess.run(
        [sys.executable, "-m", "lepton_automl", "resume", str(run.folder)], capture_output=True, text=True, check=False
    )
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((run.folder / "metrics.json").read_text())["trials"]["done"] == 4
    assert verify_ledger(run.folder / "ledger.jsonl") == []
    assert not (run.folder / "failed.txt").exists()


def test_before_there_is_anything_to_deliver_the_first_one_ends_the_run():
    stop = Stop(None)

    with pytest.raises(KeyboardInterrupt):
        stop.on_signal(signal.SIGINT, None)


def test_afterwards_the_first_is_noted_and_the_second_ends_the_run():
    stop = Stop(None)
    stop.heed()
    assert not stop()

    stop.on_signal(signal.SIGINT, None)

    assert stop()
    with pytest.raises(KeyboardInterrupt):
        stop.on_signal(signal.SIGINT, None)
