"""What a run may use: time, trials, threads, memory, devices. And how much of it is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SMI_SECONDS = 5.0
"""Seconds that the driver's own program is given to answer."""


@dataclass(frozen=True)
class Budget:
    """What the whole run may spend; exactly one of the two is set.

    Args:
        seconds: Wall clock from the start of the process to the report on disk.
        trials: Number of configurations tried; no clock takes part in any decision.
    """

    seconds: float | None = None
    trials: int | None = None


@dataclass(frozen=True)
class Hardware:
    """What the run may use of the machine.

    Args:
        threads: Threads over all processes together.
        memory_gb: Memory of the whole process tree, in GiB of proportional set size.
        device: `cpu` or `gpu`: what is used.
        price_per_hour: Price of the machine, or none when not known.
        currency: Currency of the price.
        asked_device: What was asked for; differs from `device` where a declared fallback was taken.
        gpus: The GPUs that may be used, as CUDA numbers or names them.
        precision: `auto`, `32` or `bf16`: precision of products of matrices in nets.
        gpu_memory_gb: Memory on GPUs of all processes together, in GiB; none for no limit.
    """

    threads: int
    memory_gb: float
    device: str = "cpu"
    price_per_hour: float | None = None
    currency: str = "EUR"
    asked_device: str = "cpu"
    gpus: tuple[str, ...] = ()
    precision: str = "auto"
    gpu_memory_gb: float | None = None


def machine_threads() -> int:
    """Counts the threads this process may use: its CPU affinity, capped by the control group's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        if quota != "max":
            count = min(count, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass
    return max(1, count)


def machine_memory_gb() -> float:
    """Gives the memory this process may use, in GiB: the machine's, capped by the control group's limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            total = min(total, int(limit))
    except (OSError, ValueError):
        pass
    return float(total) / 2**30


def gpu_count() -> int:
    """Counts the NVIDIA GPUs that this process may use; see `visible_gpus`."""
    return len(visible_gpus())


def visible_gpus() -> tuple[str, ...]:
    """Names the NVIDIA GPUs that this process may use, as CUDA does: those of the driver that `CUDA_VISIBLE_DEVICES` leaves.

    Nothing heavy is imported, and a driver that does not answer is none.
    """
    folder = Path("/proc/driver/nvidia/gpus")
    count = len(list(folder.iterdir())) if folder.is_dir() else _listed_gpus()
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is None or not count:
        return tuple(map(str, range(count)))
    names = [name.strip() for name in chosen.split(",")]
    usable = [not name.isdigit() or int(name) < count for name in names]
    known = [bool(name) and name != "-1" and fits for name, fits in zip(names, usable, strict=True)]
    return tuple(names[: known.index(False)] if False in known else names)[:count]


def _listed_gpus() -> int:
    """Asks `nvidia-smi`, where the driver has no folder in `/proc`."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        said = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=SMI_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in said.stdout.splitlines())


def process_started() -> float:
    """Gives when this process started, as seconds since the epoch, so that imports count as time spent."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.time()


@dataclass(frozen=True)
class Clock:
    """Counts a run's seconds from `started` (seconds since the epoch)."""

    started: float
    budget: Budget

    def spent(self) -> float:
        """Gives the seconds since the start."""
        return time.time() - self.started

    def left(self) -> float:
        """Gives the seconds that remain; infinite where the budget counts trials."""
        return float("inf") if self.budget.seconds is None else self.budget.seconds - self.spent()
