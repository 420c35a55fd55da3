"""Jobs in this process: done when they are given, told as workers tell them."""

import warnings

import pytest

from lepton_automl.work import InlineExecutor, Job, State

JOBS = """
import sys
import warnings


def add(a, b):
    print("said aside")
    warnings.warn("noise")
    return {"sum": a + b, "pair": (a, b)}


def fail():
    raise ValueError("no such row\\nand more")


def exhaust():
    raise MemoryError
"""


@pytest.fixture
def executor(tmp_path, monkeypatch):
    (tmp_path / "inline_jobs.py").write_text(JOBS)
    monkeypatch.syspath_prepend(tmp_path)
    return InlineExecutor(tmp_path / "run.log")


def test_a_job_is_done_at_once_and_told_once(executor, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        executor.submit(Job("one", "inline_jobs:add", {"a": 1, "b": 2}))

    assert (executor.idle, executor.busy, executor.has_place("", 1)) == (0, 1, False)
    (outcome,) = executor.poll(5.0)
    assert (outcome.id, outcome.state, outcome.value) == ("one", State.DONE, {"sum": 3, "pair": [1, 2]})
    assert executor.poll(5.0) == [] and (executor.idle, executor.busy, executor.has_place("", 1)) == (1, 0, True)
    assert capfd.readouterr() == ("", "") and "said aside" in executor.log.read_text()


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("fail", State.FAILED, "ValueError: no such row"),
        ("exhaust", State.OUT_OF_MEMORY, "MemoryError: "),
        ("absent", State.FAILED, "AttributeError: module 'inline_jobs' has no attribute 'absent'"),
    ],
)
def test_a_job_that_fails_is_an_outcome(executor, name, state, said):
    executor.submit(Job("one", f"inline_jobs:{name}"))

    (outcome,) = executor.poll(0.0)
    assert (outcome.state, outcome.error) == (state, said)
    assert "Traceback" in executor.log.read_text()


def test_its_memory_is_that_of_this_process(executor):
    assert 20 < executor.peak_mb < 100_000
    executor.count_in([1])
    executor.dismiss()
    executor.close()
