"""Measures the memory of processes, the more often the nearer they are to their limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lepton_automl.work.memory import pss_mb, rss_mb

FASTEST_MB_PER_SECOND = 4096.0
"""How fast a process may take memory: the next look comes before it could have gone the way to the limit."""
SHORTEST, LONGEST = 0.02, 0.25
"""Seconds between two looks, at least and at most."""
EXACT_SECONDS = 2.0
"""Seconds between two exact measurements. The kernel takes 5 ms to tell the proportional set size of 120 MB (measured), and
holds the process up meanwhile; so between them growth is told by the resident set size, which takes 0.03 ms."""


@dataclass
class Gauge:
    """Remembers the last exact measurement, and tells from it what is used now.

    Args:
        limit_mb: Memory of all processes together, in MB.
    """

    limit_mb: float
    peak_mb: float = 0.0
    _exact: dict[int, float] = field(default_factory=dict)
    _resident: dict[int, float] = field(default_factory=dict)
    _measured: float = float("-inf")

    def look(self, pids: Sequence[int], now: float) -> Mapping[int, float]:
        """Gives process to MB used. Where the sum is above the limit, or higher than ever, it was measured exactly.

        Args:
            pids: The processes.
            now: Seconds of any clock that does not go back.
        """
        used = self._estimated(pids)
        if now - self._measured >= EXACT_SECONDS or sum(used.values()) > min(self.limit_mb, 1.05 * self.peak_mb):
            self._exact = {pid: pss_mb(pid) for pid in pids}
            self._resident = {pid: rss_mb(pid) for pid in pids}
            self._measured, used = now, self._exact
            self.peak_mb = max(self.peak_mb, sum(used.values()))
        return used

    def _estimated(self, pids: Sequence[int]) -> dict[int, float]:
        resident = {pid: rss_mb(pid) for pid in pids}
        return {pid: max(0.0, self._exact.get(pid, 0.0) + mb - self._resident.get(pid, 0.0)) for pid, mb in resident.items()}

    def wait(self, used_mb: float) -> float:
        """Gives the seconds until the next look is due."""
        return min(LONGEST, max(SHORTEST, (self.limit_mb - used_mb) / FASTEST_MB_PER_SECOND))
