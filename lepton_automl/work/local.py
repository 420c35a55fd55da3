"""Persistent worker processes on this machine, each killed and replaced when a job exceeds its time or memory."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lepton_automl.work.memory import pss_mb, total_mb, with_children
from lepton_automl.work.protocol import Job, Outcome, State

LOOK_SECONDS = 0.25
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass
class _Worker:
    process: subprocess.Popen[str]
    listener: threading.Thread
    job: Job | None = None
    started: float = 0.0


@dataclass
class LocalExecutor:
    """Runs jobs in worker processes.

    Args:
        workers: Number of processes.
        threads: Threads of each.
        memory_mb: Proportional set size of all processes together, this one included, above which the largest is killed.
        log: File for what workers print.
        preload: Modules a worker imports before its first job.
    """

    workers: int
    threads: int
    memory_mb: float
    log: Path
    preload: Sequence[str] = ()
    _peak_mb: float = 0.0
    _pool: list[_Worker] = field(default_factory=list)
    _answers: queue.Queue[tuple[subprocess.Popen[str], dict[str, Any] | None]] = field(default_factory=queue.Queue)
    _looked: float = 0.0
    _others: list[int] = field(default_factory=list)

    def start(self) -> LocalExecutor:
        """Starts the workers; they import what they need while this process goes on."""
        self._pool = [self._spawn() for _ in range(self.workers)]
        return self

    def _spawn(self) -> _Worker:
        environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(self.threads)), "OMP_WAIT_POLICY": "PASSIVE"}
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "lepton_automl.work.worker", *self.preload],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                start_new_session=True,
            )
        listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        listener.start()
        return _Worker(process, listener)

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                self._answers.put((process, json.loads(line)))
            except json.JSONDecodeError:
                continue
        process.stdout.close()
        self._answers.put((process, None))

    @property
    def idle(self) -> int:
        """Number of workers without a job."""
        return sum(worker.job is None for worker in self._pool)

    @property
    def busy(self) -> int:
        """Number of workers with a job."""
        return len(self._pool) - self.idle

    @property
    def peak_mb(self) -> float:
        """Peak memory of all processes together so far, in MB."""
        return self._peak_mb

    def submit(self, job: Job) -> None:
        """Gives the job to an idle worker."""
        worker = next(worker for worker in self._pool if worker.job is None)
        worker.job, worker.started = job, time.time()
        message = {"id": job.id, "function": job.function, "arguments": dict(job.arguments)}
        assert worker.process.stdin is not None
        with contextlib.suppress(OSError):  # the process may be gone; its end arrives as an answer
            worker.process.stdin.write(json.dumps(message) + "\n")
            worker.process.stdin.flush()

    def count_in(self, pids: Iterable[int]) -> None:
        """Counts the memory of these processes, and of those they started, with that of the workers."""
        self._others.extend(pids)

    def poll(self, seconds: float) -> list[Outcome]:
        """Waits at most `seconds` for jobs to end, watching time and memory meanwhile."""
        until = time.time() + seconds
        found: list[Outcome] = []
        while True:
            try:
                wait = 0 if found else max(0.0, min(LOOK_SECONDS, until - time.time()))
                outcome = self._taken(*self._answers.get(timeout=wait) if wait else self._answers.get_nowait())
                if outcome is not None:
                    found.append(outcome)
                continue
            except queue.Empty:
                pass
            found.extend(self._over_limits())
            if found or time.time() >= until:
                return found

    def _taken(self, process: subprocess.Popen[str], answer: dict[str, Any] | None) -> Outcome | None:
        worker = next((worker for worker in self._pool if worker.process is process), None)
        if worker is None:
            return None
        if answer is None:
            return self._replace(worker, State.CRASHED, f"the worker process ended with code {process.wait()}")
        if "ready" in answer or worker.job is None:
            return None
        worker.job = None
        return Outcome(
            answer["id"], State(answer["state"]), answer.get("value") or {}, answer.get("error", ""), answer["seconds"]
        )

    def _over_limits(self) -> list[Outcome]:
        now = time.time()
        if now - self._looked < LOOK_SECONDS:
            return []
        self._looked = now
        found = []
        for worker in list(self._pool):
            if worker.job is not None and now - worker.started > worker.job.seconds:
                found.append(self._replace(worker, State.OUT_OF_TIME, f"took more than {worker.job.seconds:.1f} s"))
        used = total_mb([*(worker.process.pid for worker in self._pool), *with_children(self._others)])
        self._peak_mb = max(self._peak_mb, used)
        if used > self.memory_mb:
            largest = max(self._pool, key=lambda worker: pss_mb(worker.process.pid))
            text = f"all processes together used {used:.0f} MB of {self.memory_mb:.0f} MB"
            found.append(self._replace(largest, State.OUT_OF_MEMORY, text))
        return [outcome for outcome in found if outcome is not None]

    def _replace(self, worker: _Worker, state: State, error: str) -> Outcome | None:
        """Kills a worker, starts another in its place, and says what became of its job."""
        _end(worker)
        self._pool[self._pool.index(worker)] = self._spawn()
        if worker.job is None:
            return None
        return Outcome(worker.job.id, state, error=error, seconds=time.time() - worker.started)

    def close(self) -> None:
        """Ends all workers at once."""
        for worker in self._pool:
            _end(worker)
        self._pool = []


def _end(worker: _Worker) -> None:
    """Kills a worker's process, waits for it, and lets its listener read to the end and close its side."""
    worker.process.kill()
    worker.process.wait()
    if worker.process.stdin is not None:
        with contextlib.suppress(OSError):
            worker.process.stdin.close()
    worker.listener.join(timeout=5)
