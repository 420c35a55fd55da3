"""How much memory a tree of processes really uses."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def pss_mb(pid: int) -> float:
    """Gives the proportional set size of a process in MB: its own pages, and its share of those it shares; 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return _resident_mb(pid)


def _resident_mb(pid: int) -> float:
    import psutil

    try:
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0


def with_children(pids: Iterable[int]) -> list[int]:
    """Gives those of the processes that are there, each followed by all that it started."""
    import psutil

    found = []
    for pid in pids:
        try:
            found += [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
        except psutil.Error:
            continue
    return found


def total_mb(pids: Iterable[int]) -> float:
    """Gives the sum over this process and the given ones, in MB."""
    return pss_mb(os.getpid()) + sum(pss_mb(pid) for pid in pids)
