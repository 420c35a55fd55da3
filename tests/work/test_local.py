"""Worker processes: jobs end, or are ended; the executor goes on."""

import time
from pathlib import Path

import pytest

from lepton_automl.work import Job, LocalExecutor, State, total_mb

JOBS = """
import os, time

def add(a, b):
    print("printed by a library")
    return {"sum": a + b, "threads": os.environ["OMP_NUM_THREADS"]}

def fail():
    raise ValueError("no such column")

def hang():
    time.sleep(600)

def crash():
    os.abort()

def devour():
    blocks = []
    while True:
        blocks.append(bytearray(os.urandom(1 << 20)) * 16)
"""


@pytest.fixture
def executor(tmp_path, monkeypatch):
    (tmp_path / "jobs_of_a_test.py").write_text(JOBS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = LocalExecutor(2, 1, total_mb([]) + 600, tmp_path / "run.log").start()
    yield made
    made.close()


def outcome_of(executor: LocalExecutor, function: str, seconds: float = 60.0, **arguments):
    executor.submit(Job(function, f"jobs_of_a_test:{function}", arguments, seconds))
    until = time.time() + 60
    while time.time() < until:
        found = executor.poll(1.0)
        if found:
            return found[0]
    raise AssertionError("no outcome within a minute")


def test_a_job_gives_its_value_and_knows_its_threads(executor):
    outcome = outcome_of(executor, "add", a=2, b=3)

    assert outcome.state is State.DONE
    assert outcome.value == {"sum": 5, "threads": "1"}


def test_what_a_job_prints_goes_to_the_log_and_not_into_its_answer(executor, tmp_path):
    outcome_of(executor, "add", a=1, b=1)

    assert "printed by a library" in Path(tmp_path / "run.log").read_text()


def test_a_job_that_raises_is_told_apart_with_its_reason(executor):
    outcome = outcome_of(executor, "fail")

    assert (outcome.state, outcome.error) == (State.FAILED, "ValueError: no such column")


@pytest.mark.parametrize(
    ("function", "seconds", "state", "words"),
    [
        ("hang", 1.0, State.OUT_OF_TIME, "took more than 1.0 s"),
        ("crash", 60.0, State.CRASHED, "ended with code -6"),
        ("devour", 60.0, State.OUT_OF_MEMORY, "all processes together used"),
    ],
    ids=["hangs", "crashes", "devours memory"],
)
def test_a_job_over_its_limits_is_killed_named_and_the_worker_replaced(executor, function, seconds, state, words):
    outcome = outcome_of(executor, function, seconds)

    assert outcome.state is state
    assert words in outcome.error
    assert outcome_of(executor, "add", a=1, b=1).value["sum"] == 2
    assert (executor.idle, executor.busy) == (2, 0)


def test_peak_memory_covers_all_processes(executor):
    outcome_of(executor, "add", a=1, b=1)
    time.sleep(0.3)
    executor.poll(0.3)

    assert executor.peak_mb > total_mb([]) * 0.5
