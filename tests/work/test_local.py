"""Worker processes: jobs end, or are ended; the executor goes on."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from lepton_automl.work import Job, LocalExecutor, State, total_mb

JOBS = """
import os, subprocess, sys, time

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

def leave_a_child(note, new_session):
    child = subprocess.Popen(["sleep", "600"], start_new_session=new_session)
    with open(note, "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    time.sleep(600)

def leave_an_orphan(note):
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '600'], start_new_session=True, stdout=-3).pid)"
    pid = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True).stdout
    with open(note, "w") as file:
        file.write(f"{os.getpid()} {pid}")
    time.sleep(600)

def devour_in_a_child():
    code = "held = [bytearray(b'x') * (1 << 24) for _ in range(1000)]"
    return {"code": subprocess.run([sys.executable, "-c", code]).returncode}

def who():
    return {"pid": os.getpid(), "session": os.getsid(0)}

def not_plain():
    return {"value": {1, 2}}
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
    return outcome_in(executor)


def outcome_in(executor: LocalExecutor):
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


def noted(note: Path) -> list[int]:
    until = time.time() + 30
    while time.time() < until:
        if note.exists() and len(words := note.read_text().split()) == 2:
            return [int(word) for word in words]
        time.sleep(0.05)
    raise AssertionError("the job did not begin")


def is_gone(pid: int) -> bool:
    until = time.time() + 10
    while time.time() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("function", "seconds", "more"),
    [
        ("leave_a_child", 2.0, {"new_session": False}),
        ("leave_a_child", 2.0, {"new_session": True}),
        ("leave_an_orphan", 10.0, {}),
    ],
    ids=["child", "child in a session of its own", "orphan in a session of its own"],
)
def test_what_a_job_started_ends_with_it(executor, tmp_path, function, seconds, more):
    note = tmp_path / "pids"
    outcome_of(executor, "add", a=1, b=1)
    executor.submit(Job("job", f"jobs_of_a_test:{function}", {"note": str(note), **more}, seconds))
    pids = noted(note)

    outcome = outcome_in(executor)

    assert outcome.state is State.OUT_OF_TIME
    assert [is_gone(pid) for pid in pids] == [True, True]


def test_a_worker_killed_from_outside_fails_its_job_alone_and_leaves_no_child(executor, tmp_path):
    note = tmp_path / "pids"
    executor.submit(Job("killed", "jobs_of_a_test:leave_a_child", {"note": str(note), "new_session": True}))
    worker, child = noted(note)

    os.kill(worker, signal.SIGKILL)
    outcome = outcome_in(executor)

    assert (outcome.id, outcome.state) == ("killed", State.CRASHED)
    assert outcome.error == "the worker process ended with code -9 (SIGKILL)"
    assert is_gone(child)
    assert outcome_of(executor, "add", a=1, b=1).value["sum"] == 2


def test_the_memory_of_a_jobs_children_counts(executor):
    outcome = outcome_of(executor, "devour_in_a_child")

    assert outcome.state is State.OUT_OF_MEMORY
    assert "all processes together used" in outcome.error
    assert outcome_of(executor, "add", a=1, b=1).value["sum"] == 2


def test_memory_is_looked_at_often_enough_to_stop_close_to_the_limit(executor):
    outcome = outcome_of(executor, "devour")

    assert outcome.state is State.OUT_OF_MEMORY
    assert executor.peak_mb < 1.25 * executor.memory_mb


def test_where_the_keeper_is_killed_jobs_fail_and_work_goes_on(executor):
    executor.submit(Job("job", "jobs_of_a_test:hang"))
    assert executor.poll(0.5) == []

    os.kill(executor._keeper.pid, signal.SIGKILL)
    outcome = outcome_in(executor)

    assert (outcome.id, outcome.state) == ("job", State.CRASHED)
    assert "the process that keeps the workers ended with code -9" in outcome.error
    assert outcome_of(executor, "add", a=1, b=1).value["sum"] == 2


def test_an_answer_that_is_not_plain_data_fails_its_job_alone(executor):
    outcome = outcome_of(executor, "not_plain")

    assert (outcome.state, outcome.error) == (State.FAILED, "TypeError: Object of type set is not JSON serializable")


def test_closing_ends_every_process(tmp_path, monkeypatch):
    (tmp_path / "jobs_of_a_test.py").write_text(JOBS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    executor, note = LocalExecutor(1, 1, total_mb([]) + 600, tmp_path / "run.log").start(), tmp_path / "pids"
    executor.submit(Job("job", "jobs_of_a_test:leave_a_child", {"note": str(note), "new_session": True}))
    pids = noted(note)

    executor.close()

    assert [is_gone(pid) for pid in pids] == [True, True]


def test_workers_lead_sessions_of_their_own_and_stay(executor):
    first = outcome_of(executor, "who").value
    second = outcome_of(executor, "who").value

    assert first == second
    assert first["pid"] == first["session"]


def test_other_processes_can_be_counted_in(executor):
    import subprocess
    import sys

    code = "held = bytearray(b'x') * (400 << 20); print('ready', flush=True); input()"
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    outcome_of(executor, "add", a=1, b=1)
    assert other.stdout.readline() == "ready\n"
    before = executor.peak_mb

    executor.count_in([other.pid])
    until = time.time() + 20
    while executor.peak_mb < before + 350 and time.time() < until:
        outcome_of(executor, "add", a=1, b=1)
        executor.poll(0.2)
    other.communicate("")

    assert executor.peak_mb >= before + 350


def test_closing_twice_does_nothing_more(executor):
    outcome_of(executor, "add", a=1, b=1)

    executor.close()
    executor.close()

    assert (executor.idle, executor.busy) == (0, 0)


def test_jobs_of_a_group_stay_in_the_worker_that_has_done_one(executor):
    def who(group=""):
        executor.submit(Job("who", "jobs_of_a_test:who", {}, 60.0, group))

    who("slow")
    first = outcome_in(executor).value["pid"]
    who()
    other = outcome_in(executor).value["pid"]
    assert other != first
    executor.submit(Job("hang", "jobs_of_a_test:hang", {}, 60.0))
    who("slow")
    assert outcome_in(executor).value["pid"] == first
    executor.submit(Job("hang", "jobs_of_a_test:hang", {}, 60.0, "slow"))
    assert executor.idle == 0
    assert not executor.has_place("slow", 1)


def test_a_group_has_place_only_where_its_worker_is_idle_or_more_may_know_it(executor):
    assert executor.has_place("slow", 1)
    executor.submit(Job("hang", "jobs_of_a_test:hang", {}, 60.0, "slow"))

    assert executor.idle == 1
    assert (executor.has_place("slow", 1), executor.has_place("slow", 2)) == (False, True)


def test_dismissed_workers_are_gone_at_once_and_memory_is_measured_on(executor):
    executor.submit(Job("who", "jobs_of_a_test:who", {}, 60.0))
    pid = outcome_in(executor).value["pid"]
    executor.submit(Job("hang", "jobs_of_a_test:hang", {}, 60.0))

    executor.dismiss()
    assert (executor.idle, executor.busy) == (0, 0)
    until = time.time() + 10
    while psutil.pid_exists(pid) and time.time() < until:
        executor.poll(0.1)
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)
    assert executor.peak_mb > 0
