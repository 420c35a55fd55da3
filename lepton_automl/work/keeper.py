"""The program of the keeper: it imports what workers need, forks them, watches them, and ends those that exceed their limits.

It has one thread and never computes: OpenMP does not survive a fork after use. Workers share its pages, and a new one is there
in milliseconds, so a killed one is replaced at no cost. As it does nothing else, it looks in time whatever the engine does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import math
import os
import select
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lepton_automl.work.gauge import LONGEST, Gauge
from lepton_automl.work.gpu import GpuGauge
from lepton_automl.work.memory import trees
from lepton_automl.work.protocol import State
from lepton_automl.work.worker import adopt_orphans, serve

MOST_SECONDS_DYING = 5.0
"""A killed process that a driver holds on to is waited for at most so long."""
IDLE_SECONDS = 1.0


@dataclass
class Ward:
    """A worker as the keeper sees it.

    Args:
        number: Its number.
        pid: Its process, which leads a session of its own.
        deadline: Moment (monotonic seconds) at which its job must have ended.
        seconds: What the job was given.
        has_job: Whether it is at work.
    """

    number: int
    pid: int
    deadline: float = math.inf
    seconds: float = math.inf
    has_job: bool = False


@dataclass
class Keeper:
    """Forks, watches and ends workers.

    Args:
        control: Where the engine asks, and is told.
        gauge: Measures memory.
        gpus: Measures memory of GPUs, where it is limited.
        wards: Number to worker.
        others: Processes that are not its own, and whose memory counts with all below them.
    """

    control: socket.socket
    gauge: Gauge
    gpus: GpuGauge | None
    wards: dict[int, Ward] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)
    _descriptors: list[int] = field(default_factory=list)
    _text: bytes = b""
    _told_mb: float = 0.0
    _wait: float = 0.0
    _families: dict[int, list[int]] = field(default_factory=dict)
    _listed: float = float("-inf")

    def run(self) -> None:
        """Serves the engine until it closes the channel or ends."""
        awake, waker = os.pipe()
        os.set_blocking(awake, False)
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        try:
            while self._serve_once(awake):
                continue
        finally:
            for ward in list(self.wards.values()):
                self._end(ward)
                self._left(ward, State.CRASHED, "the run ended")

    def _serve_once(self, awake: int) -> bool:
        """Waits for the engine, for the end of a worker or for the next look; false once the engine is gone."""
        watched: list[Any] = [self.control, awake]
        ready, _, _ = select.select(watched, [], [], self._wait)
        if awake in ready:
            os.read(awake, 4096)
        is_open = self._listen() if self.control in ready else True
        self._reap()
        self._look()
        return is_open

    # ---- the engine asks -----------------------------------------------------------------------------------------

    def _listen(self) -> bool:
        """Does what the engine asks; false once it is gone."""
        try:
            content, descriptors, _, _ = socket.recv_fds(self.control, 65536, 16)
        except OSError:  # it ended without reading all it was told
            return False
        self._descriptors.extend(descriptors)
        *lines, self._text = (self._text + content).split(b"\n")
        for line in lines:
            self._obey(json.loads(line))
        return bool(content)

    def _obey(self, asked: Mapping[str, Any]) -> None:
        number = asked["worker"]
        if asked["do"] == "fork":
            self._fork(number, self._descriptors.pop(0), asked["gpu"])
        elif asked["do"] == "count":
            self.others = asked["pids"]
        elif asked["do"] == "end" and number in self.wards:
            self._end(self.wards[number])
            self._left(self.wards[number], State.CRASHED, "it was not needed any more")
        elif number in self.wards:
            ward = self.wards[number]
            ward.has_job = asked["do"] == "watch"
            ward.deadline = asked["deadline"] if asked.get("deadline") is not None else math.inf
            ward.seconds = asked.get("seconds") or math.inf

    def _fork(self, number: int, channel: int, gpu: str) -> None:
        pid = os.fork()
        if pid == 0:
            try:
                self.control.close()
                os.environ["CUDA_VISIBLE_DEVICES"] = gpu
                serve(channel)
            except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as a second keeper
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(channel)
        self.wards[number] = Ward(number, pid)

    def _tell(self, what: Mapping[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the engine is gone: the next read says so
            self.control.sendall(json.dumps(what).encode() + b"\n")

    # ---- workers end ---------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Takes note of processes that ended by themselves."""
        for ward in list(self.wards.values()):
            pid, status = _waited(ward.pid)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self._left(ward, State.CRASHED, f"the worker process ended with code {code}{_signal_name(code)}")
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue

    def _end(self, ward: Ward) -> None:
        """Kills a worker with all below it, and waits until its memory is free."""
        below = trees([ward.pid])[ward.pid]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(ward.pid, signal.SIGKILL)
        for pid in below:
            _kill(pid)
        until = time.monotonic() + MOST_SECONDS_DYING
        while not _waited(ward.pid)[0] and time.monotonic() < until:
            time.sleep(0.002)

    def _left(self, ward: Ward, state: State, error: str) -> None:
        """Tells the engine that a worker is gone, and ends what it left behind."""
        del self.wards[ward.number]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(ward.pid, signal.SIGKILL)
        me, known = os.getpid(), {other.pid for other in self.wards.values()}
        own = [pid for pid in trees([me])[me] if pid != me]
        kept = {pid for family in trees(known).values() for pid in family}
        for pid in own:
            if pid not in kept:
                _kill(pid)
        self._tell({"ended": ward.number, "state": str(state), "error": error})

    # ---- limits --------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Ends what is over its limits; settles when to look again."""
        now = time.monotonic()
        for ward in [ward for ward in self.wards.values() if now > ward.deadline]:
            self._end(ward)
            self._left(ward, State.OUT_OF_TIME, f"took more than {ward.seconds:.1f} s")
        used = self._measure(now)
        soonest = min((ward.deadline for ward in self.wards.values()), default=math.inf) - now
        at_work = any(ward.has_job for ward in self.wards.values())
        self._wait = max(0.0, min(soonest, self.gauge.wait(used) if at_work else IDLE_SECONDS))

    def _measure(self, now: float) -> float:
        """Looks at memory, kills the largest worker at work where there is too much, and gives what is used, in MB."""
        families = self._listed_families(now)
        every = dict.fromkeys([os.getppid(), os.getpid(), *(pid for family in families.values() for pid in family)])
        used = self.gauge.look(list(every), now)
        total = sum(used.values())
        sizes = {ward.number: sum(used.get(pid, 0.0) for pid in families[ward.pid]) for ward in self.wards.values()}
        if total > self.gauge.limit_mb:
            said = f"all processes together used {total:.0f} MB of {self.gauge.limit_mb:.0f} MB"
            total -= self._make_room(sizes, said)
        if self.gpus is not None and (over := self.gpus.look(families, now)):
            self._make_room({ward.number: self.gpus.share(families[ward.pid]) for ward in self.wards.values()}, over)
        if self.gauge.peak_mb > 1.01 * self._told_mb:
            self._told_mb = self.gauge.peak_mb
            self._tell({"peak_mb": self._told_mb})
        return total

    def _listed_families(self, now: float) -> dict[int, list[int]]:
        """Gives each worker, and each of the others, with all below it, at most a moment old: to look takes milliseconds."""
        pids = {*(ward.pid for ward in self.wards.values()), *self.others}
        if now - self._listed >= LONGEST or not pids <= set(self._families):
            self._families, self._listed = trees(pids), now
        return {pid: self._families[pid] for pid in pids}

    def _make_room(self, sizes: Mapping[int, float], said: str) -> float:
        """Ends the largest worker that is at work; gives what it held."""
        at_work = [ward for ward in self.wards.values() if ward.has_job]
        if not at_work:
            return 0.0
        largest = max(at_work, key=lambda ward: sizes.get(ward.number, 0.0))
        held = sizes.get(largest.number, 0.0)
        self._end(largest)
        self._left(largest, State.OUT_OF_MEMORY, f"{said}, this one {held:.0f} MB")
        return held


def _waited(pid: int) -> tuple[int, int]:
    try:
        return os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return pid, 0


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _signal_name(code: int) -> str:
    try:
        return f" ({signal.Signals(-code).name})" if code < 0 else ""
    except ValueError:
        return ""


def main() -> None:
    """Imports, and keeps workers until the engine is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[2])
    warnings.simplefilter("ignore")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    for name in options["preload"]:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - a fit that needs it fails and says so
            traceback.print_exc()
    gc.collect()
    gc.freeze()  # a collection in a worker then does not touch, and so copy, the pages it shares
    limit = options["gpu_memory_mb"]
    Keeper(control, Gauge(options["memory_mb"]), None if limit is None else GpuGauge.open(limit)).run()
    os._exit(0)  # nothing is left to be done, and taking the libraries down takes a second


if __name__ == "__main__":
    main()
