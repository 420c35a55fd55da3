"""Persistent worker processes on this machine, each killed and replaced when a job exceeds its time or memory."""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lepton_automl.work.protocol import Job, Outcome, State

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "ARROW_IO_THREADS",
)
"""What libraries read before they begin: PyTorch and Arrow's pool for computing go by the first. The second bounds OpenMP
even where a library asks for more."""
CLOSING_SECONDS = 10.0


@dataclass
class _Worker:
    number: int
    place: int
    channel: socket.socket
    job: Job | None = None
    started: float = 0.0
    text: bytes = b""
    groups: set[str] = field(default_factory=set)


@dataclass
class LocalExecutor:
    """Runs jobs in worker processes, which a process of its own forks and watches (`keeper`).

    Args:
        workers: Number of processes.
        threads: Threads of each.
        memory_mb: Proportional set size of all processes together, this one and children of workers included, above which the
            largest is killed.
        log: File for what workers print.
        preload: Modules imported before the first job, once for all workers.
        gpu_memory_mb: Memory of GPUs of all processes together; none for no limit.
        gpus: GPUs by CUDA's number or name; workers share them out, and see none where there are none here.
    """

    workers: int
    threads: int
    memory_mb: float
    log: Path
    preload: Sequence[str] = ()
    gpu_memory_mb: float | None = None
    gpus: Sequence[str] = ()
    _peak_mb: float = 0.0
    _pool: dict[int, _Worker] = field(default_factory=dict)
    _others: list[int] = field(default_factory=list)
    _next: int = 0
    _text: bytes = b""

    def start(self) -> LocalExecutor:
        """Starts the keeper and asks it for workers; they import what they need while this process goes on."""
        self._selector = selectors.DefaultSelector()
        self._start_keeper(self.preload)
        for place in range(self.workers):
            self._spawn(place)
        return self

    def _start_keeper(self, preload: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair()
        options = {"memory_mb": self.memory_mb, "gpu_memory_mb": self.gpu_memory_mb, "preload": list(preload)}
        with self.log.open("a") as log, theirs:
            self._keeper = subprocess.Popen(
                [sys.executable, "-P", "-m", "lepton_automl.work.keeper", str(theirs.fileno()), json.dumps(options)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(self.threads),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._text = b""
        self._selector.register(self._control, selectors.EVENT_READ, None)

    def _spawn(self, place: int) -> None:
        ours, theirs = socket.socketpair()
        worker = _Worker(self._next, place, ours)
        self._next += 1
        self._pool[worker.number] = worker
        with theirs:
            self._ask("fork", worker, [theirs.fileno()], gpu=self.gpus[place % len(self.gpus)] if self.gpus else "")
        self._selector.register(ours, selectors.EVENT_READ, worker)

    def count_in(self, pids: Iterable[int]) -> None:
        """Counts the memory of these processes, and of those they started, with that of the workers."""
        self._others = [*self._others, *pids]
        self._ask("count", None, pids=self._others)

    def _ask(self, what: str, worker: _Worker | None, descriptors: Sequence[int] = (), **more: Any) -> None:
        message = json.dumps({"do": what, "worker": None if worker is None else worker.number, **more}).encode() + b"\n"
        with contextlib.suppress(OSError):  # the keeper may be gone; its end is seen when it is read from
            socket.send_fds(self._control, [message], list(descriptors))

    @property
    def idle(self) -> int:
        """Number of workers without a job."""
        return sum(worker.job is None for worker in self._pool.values())

    @property
    def busy(self) -> int:
        """Number of workers with a job."""
        return len(self._pool) - self.idle

    @property
    def peak_mb(self) -> float:
        """Peak memory of all processes together so far, in MB."""
        if not self._pool:  # there are no outcomes to wait for, and only this to hear
            self.poll(0.0)
        return self._peak_mb

    def submit(self, job: Job) -> None:
        """Gives the job to an idle worker: one that knows its group, else one that knows as few others as can be."""
        idle = [worker for worker in self._pool.values() if worker.job is None]
        worker = min(idle, key=lambda worker: (job.group not in worker.groups, len(worker.groups)))
        worker.groups |= {job.group} - {""}
        worker.job, worker.started = job, time.monotonic()
        limit: dict[str, Any] = (
            {} if math.isinf(job.seconds) else {"seconds": job.seconds, "deadline": worker.started + job.seconds}
        )
        self._ask("watch", worker, **limit)
        message = {"id": job.id, "function": job.function, "arguments": dict(job.arguments)}
        with contextlib.suppress(OSError):  # the process may be gone; the keeper tells
            worker.channel.sendall(json.dumps(message).encode() + b"\n")

    def has_place(self, group: str, most: int) -> bool:
        """Says whether a job of the group could start now with at most so many workers having done one of it."""
        knowing = [worker for worker in self._pool.values() if group in worker.groups]
        return any(worker.job is None for worker in knowing) or (len(knowing) < most and self.idle > 0)

    def poll(self, seconds: float) -> list[Outcome]:
        """Waits at most `seconds` for jobs to end; time and memory are watched by the keeper."""
        if not self._selector.get_map():  # it is closed
            return []
        until = time.monotonic() + seconds
        found: list[Outcome] = []
        while True:
            ready = self._selector.select(0 if found else max(0.0, until - time.monotonic()))
            for key, _ in ready:
                found.extend(self._heard() if key.data is None else self._answered(key.data))
            if not ready and (found or time.monotonic() >= until):
                return found

    def _answered(self, worker: _Worker) -> list[Outcome]:
        """Reads what a worker has to say."""
        if worker.number not in self._pool:
            return []
        content = _received(worker.channel)
        if not content:  # it is gone, and the keeper tells how; until then there is nothing more to read
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)
            return []
        *lines, worker.text = (worker.text + content).split(b"\n")
        return [outcome for line in lines if (outcome := self._taken(worker, json.loads(line))) is not None]

    def _taken(self, worker: _Worker, answer: Mapping[str, Any]) -> Outcome | None:
        if worker.job is None:
            return None
        worker.job = None
        self._ask("rest", worker)
        return Outcome(
            answer["id"], State(answer["state"]), answer.get("value") or {}, answer.get("error", ""), answer["seconds"]
        )

    def _heard(self) -> list[Outcome]:
        """Reads what the keeper has to say."""
        content = _received(self._control)
        if not content:
            return self._start_over()
        *lines, self._text = (self._text + content).split(b"\n")
        found: list[Outcome] = []
        for line in lines:
            said = json.loads(line)
            self._peak_mb = max(self._peak_mb, said.get("peak_mb", 0.0))
            if "ended" in said and said["ended"] in self._pool:
                found.extend(self._replace(self._pool[said["ended"]], State(said["state"]), said["error"]))
        return found

    def _replace(self, worker: _Worker, state: State, error: str) -> list[Outcome]:
        """Starts another worker in the place of one that is gone, and says what became of its job."""
        found = self._answered(worker)  # it may have ended its job just before
        job = worker.job
        self._drop(worker)
        self._spawn(worker.place)
        return found if job is None else [Outcome(job.id, state, error=error, seconds=time.monotonic() - worker.started)]

    def _drop(self, worker: _Worker) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(worker.channel)
        worker.channel.close()
        self._pool.pop(worker.number, None)

    def _start_over(self) -> list[Outcome]:
        """Starts another keeper where it ended, and with it all workers; it imports nothing ahead, in case it died of that."""
        self._selector.unregister(self._control)
        self._control.close()
        code = self._keeper.wait()
        self._start_keeper(())
        self.count_in(())
        said = f"the process that keeps the workers ended with code {code}"
        return [outcome for worker in list(self._pool.values()) for outcome in self._replace(worker, State.CRASHED, said)]

    def dismiss(self) -> None:
        """Ends all workers, at once, as no job will come any more; memory is measured on."""
        for worker in list(self._pool.values()):
            self._ask("end", worker)
            self._drop(worker)

    def close(self) -> None:
        """Ends all workers at once; a second time does nothing."""
        for worker in list(self._pool.values()):
            self._drop(worker)
        self._selector.close()
        self._control.close()
        try:
            self._keeper.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()


def _environment(threads: int) -> dict[str, str]:
    """Gives the environment of workers: so many threads, and modules from where this process has them."""
    places = [place or str(Path.cwd()) for place in sys.path] + [os.environ.get("PYTHONPATH", "")]
    modules = os.pathsep.join(dict.fromkeys(place for place in places if place))
    return {
        **os.environ,
        **dict.fromkeys(THREAD_VARIABLES, str(threads)),
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONPATH": modules,
    }


def _received(channel: socket.socket) -> bytes:
    """Gives what can be read now; nothing where the other side is gone or has nothing to say."""
    try:
        return channel.recv(1 << 20, socket.MSG_DONTWAIT)
    except OSError:
        return b""
