"""Runs a command and watches it from outside: wall clock, memory of its whole process tree, and an end if it will not end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_SECONDS = 0.2
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "POLARS_MAX_THREADS",
)


@dataclass(frozen=True)
class Watched:
    """How a command ended.

    Args:
        code: Exit status; negative after a signal.
        wall: Seconds from the start of the process to its end.
        peak_mb: Largest proportional set size of the process tree, in MB (2**20 bytes).
        is_killed: Whether it was ended at its limit.
        tail: The last lines it printed.
    """

    code: int
    wall: float
    peak_mb: float
    is_killed: bool
    tail: str


def watch(
    command: Sequence[str], log: Path, limit: float, threads: int = 2, environment: Mapping[str, str] | None = None
) -> Watched:
    """Runs a command to its end, or to its limit.

    Args:
        command: The command.
        log: File for what it prints.
        limit: Seconds after which it is killed with everything it started.
        threads: Cores it may use: told to the usual libraries, and held to by its affinity.
        environment: Variables besides those of this process.
    """
    variables = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), **(environment or {})}
    log.parent.mkdir(parents=True, exist_ok=True)
    peak, is_killed = 0.0, False
    seen: dict[int, psutil.Process] = {}
    with log.open("w") as file:
        started = time.perf_counter()
        process = subprocess.Popen(
            _pinned(command, threads), stdout=file, stderr=subprocess.STDOUT, env=variables, start_new_session=True
        )
        while process.poll() is None:
            peak = max(peak, _tree_mb(process.pid, seen))
            if time.perf_counter() - started > limit:
                is_killed = True
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
        wall = time.perf_counter() - started
    _end(process, seen)
    tail = log.read_text(errors="replace").strip()[-800:]
    return Watched(process.returncode, wall, peak, is_killed, tail)


def _pinned(command: Sequence[str], threads: int) -> list[str]:
    """Holds a command to as many cores as it has threads, where there are more and `taskset` is at hand."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) <= threads or not Path("/usr/bin/taskset").exists():
        return list(command)
    return ["/usr/bin/taskset", "-c", ",".join(map(str, cores[:threads])), *command]


def _tree_mb(pid: int, seen: dict[int, psutil.Process]) -> float:
    """Gives the proportional set size of a process and all below it, and remembers them."""
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for one in (root, *root.children(recursive=True)):
            seen.setdefault(one.pid, one)
    return sum(_pss_mb(one) for one in seen.values())


def _pss_mb(process: psutil.Process) -> float:
    try:
        if not process.is_running():
            return 0.0
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        return 0.0
    except FileNotFoundError:  # gone, or not Linux
        with contextlib.suppress(psutil.Error):
            return float(process.memory_info().rss) / 2**20
    except (OSError, psutil.Error):
        pass
    return 0.0


def _end(process: subprocess.Popen[bytes], seen: Mapping[int, psutil.Process]) -> None:
    """Ends whatever of the tree is still there, those in sessions of their own included."""
    for one in seen.values():
        with contextlib.suppress(psutil.Error):
            if one.is_running():  # compares the start time: never another process of the same number
                one.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
