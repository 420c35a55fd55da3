"""What a run may use: time, trials, threads, memory, devices. And how much of it is gone."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


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
        device: `cpu` or `gpu`.
        price_per_hour: Price of the machine, or none when not known.
        currency: Currency of the price.
    """

    threads: int
    memory_gb: float
    device: str = "cpu"
    price_per_hour: float | None = None
    currency: str = "EUR"


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
    """Counts the NVIDIA GPUs of this machine without importing anything heavy."""
    folder = Path("/proc/driver/nvidia/gpus")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


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
