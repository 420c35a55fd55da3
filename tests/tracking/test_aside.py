"""A tool works in a process of its own: it can fail, hang or be killed, and its process is gone afterwards."""

import os
import signal
import time

import pytest

from lepton_automl.tracking import BACKENDS, Aside, Backend, flat, is_absent
from lepton_automl.tracking.backends import Known


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def started(tmp_path, facts):
    """A tool that has begun."""
    pytest.importorskip("tensorboardX")
    aside = Aside(Backend("tensorboard"), tmp_path)
    aside.on_start(facts)
    yield aside
    aside.wait(time.time())


def until(happens, seconds=60.0):
    end = time.time() + seconds
    while not happens() and time.time() < end:
        time.sleep(0.02)
    return happens()


def test_a_tool_that_can_not_write_says_why(tell, tmp_path):
    pytest.importorskip("tensorboardX")
    (tmp_path / "events").write_text("a file where a folder is needed")

    aside = tell("tensorboard", {}, tmp_path)

    assert aside.failure.startswith(("FileExistsError", "NotADirectoryError"))
    assert gone(aside.pid)


def test_a_tool_that_is_killed_is_missed(started):
    assert started.failure == ""
    os.kill(started.pid, signal.SIGKILL)

    assert until(lambda: not started.is_running)
    assert started.failure == "its process ended with code -9"


def test_a_tool_that_hangs_is_ended(started):
    os.kill(started.pid, signal.SIGSTOP)
    started.close(True)

    started.wait(time.time() + 0.2)

    assert started.failure == "had not taken everything in time"
    assert gone(started.pid)


def test_a_tool_that_hears_nothing_more_ends_by_itself(started, trials):
    started.on_trial(trials[0])
    started._lines.put(None)

    assert until(lambda: not started.is_running)
    assert started.failure == ""


def test_handing_a_trial_on_never_waits_for_the_tool(started, trials):
    os.kill(started.pid, signal.SIGSTOP)

    for _ in range(5000):  # far more than a pipe holds
        started.on_trial(trials[0])

    assert started.is_running


def test_a_folder_of_a_tools_name_is_not_its_package(tmp_path, monkeypatch):
    (tmp_path / "some_tool").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(BACKENDS, "some_tool", Known("lepton_automl.tracking.csv:CsvTracker", "some_tool", "tracking"))

    assert is_absent("some_tool")


def test_figures_that_are_no_numbers_are_left_out():
    figures = {"a": {"b": {"value": 1, "low": 0.5, "high": None}}, "c": "text", "d": True, "e": float("nan"), "f": [1]}

    assert flat(figures) == {"a/b": 1.0, "a/b_low": 0.5}
