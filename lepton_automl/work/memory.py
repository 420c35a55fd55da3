"""Which processes belong to a tree, and how much memory they really use. Reads `/proc`; elsewhere asks psutil."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

MB = 2**20
HAS_PROC = Path("/proc/self/statm").exists()
HAS_CHILDREN_FILES = Path(f"/proc/self/task/{os.getpid()}/children").exists()
"""Whether the kernel lists the children of a process (`CONFIG_PROC_CHILDREN`); else all processes are looked through."""


def pss_mb(pid: int) -> float:
    """Gives the proportional set size of a process in MB: its own pages, and its share of those it shares; 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return rss_mb(pid)


def rss_mb(pid: int) -> float:
    """Gives the resident set size of a process in MB, shared pages counted whole: quick to read. 0 if it is gone."""
    if not HAS_PROC:
        return _asked_rss_mb(pid)
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB
    except (OSError, ValueError, IndexError):
        return 0.0


def _asked_rss_mb(pid: int) -> float:
    import psutil

    try:
        return float(psutil.Process(pid).memory_info().rss) / MB
    except psutil.Error:
        return 0.0


def total_mb(pids: Iterable[int]) -> float:
    """Gives the sum over this process and the given ones, in MB."""
    return pss_mb(os.getpid()) + sum(pss_mb(pid) for pid in pids)


def trees(roots: Iterable[int]) -> dict[int, list[int]]:
    """Gives each of the processes with all below it, itself first."""
    if HAS_CHILDREN_FILES:
        return {root: _walk(root, _listed_children) for root in roots}
    children = _all_children()
    return {root: _walk(root, lambda pid: children.get(pid, [])) for root in roots}


def _walk(root: int, children: Callable[[int], Iterable[int]]) -> list[int]:
    found = [root]
    for pid in found:
        found.extend(child for child in children(pid) if child not in found)
    return found


def _listed_children(pid: int) -> list[int]:
    try:
        return [int(word) for file in Path(f"/proc/{pid}/task").glob("*/children") for word in file.read_text().split()]
    except (OSError, ValueError):
        return []


def _all_children() -> Mapping[int, list[int]]:
    """Gives parent to children, of all processes of the machine."""
    import psutil

    found: dict[int, list[int]] = {}
    for pid in psutil.pids():
        try:
            parent = (
                int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) if HAS_PROC else _asked_parent(pid)
            )
        except (OSError, ValueError, IndexError, psutil.Error):
            continue
        found.setdefault(parent, []).append(pid)
    return found


def _asked_parent(pid: int) -> int:
    import psutil

    return int(psutil.Process(pid).ppid())
