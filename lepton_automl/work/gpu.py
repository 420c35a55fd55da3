"""How much memory of GPUs processes use, asked of NVIDIA's management library. Nothing is loaded before it is opened."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lepton_automl.work.memory import MB

LOOK_SECONDS = 0.5
MOST_PROCESSES = 256
UNKNOWN = 2**64 - 1


class _Process(ctypes.Structure):
    """`nvmlProcessInfo_t` of NVML, versions 2 and 3."""

    _fields_ = [
        ("pid", ctypes.c_uint),
        ("used", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    ]


class _Memory(ctypes.Structure):
    """`nvmlMemory_t` of NVML."""

    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


@dataclass
class GpuGauge:
    """Measures memory of all GPUs together.

    Inside a container the library often names no process, or those of the host. Then what the GPUs hold beyond what they held
    at the start counts as ours, and no worker's share is known.

    Args:
        limit_mb: Memory of GPUs of all processes together, in MB.
        library: NVML, loaded.
    """

    limit_mb: float
    library: Any
    peak_mb: float = 0.0
    _devices: list[ctypes.c_void_p] = field(default_factory=list)
    _before_mb: float = 0.0
    _looked: float = float("-inf")
    _used: dict[int, float] = field(default_factory=dict)

    @classmethod
    def open(cls, limit_mb: float, library: Any = None) -> GpuGauge | None:
        """Opens the library; none where there is no such library, or it finds no GPU."""
        try:
            library = library if library is not None else ctypes.CDLL("libnvidia-ml.so.1")
            if library.nvmlInit_v2() != 0:
                return None
        except (OSError, AttributeError):
            return None
        gauge, count = cls(limit_mb, library), ctypes.c_uint()
        library.nvmlDeviceGetCount_v2(ctypes.byref(count))
        for index in range(count.value):
            device = ctypes.c_void_p()
            if library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(device)) == 0:
                gauge._devices.append(device)
        gauge._before_mb = gauge._held_mb()
        return gauge if gauge._devices else None

    def look(self, families: Mapping[int, Sequence[int]], now: float) -> str:
        """Says what is wrong where processes together hold too much; else an empty text.

        Args:
            families: Each worker's process with all below it.
            now: Seconds of any clock that does not go back.
        """
        if now - self._looked < LOOK_SECONDS:
            return ""
        self._looked = now
        ours = {pid for family in families.values() for pid in family}
        self._used = {pid: mb for pid, mb in self._listed().items() if pid in ours}
        total = sum(self._used.values()) if self._used else max(0.0, self._held_mb() - self._before_mb)
        self.peak_mb = max(self.peak_mb, total)
        if total <= self.limit_mb:
            return ""
        return f"all processes together used {total:.0f} MB of {self.limit_mb:.0f} MB on the GPU"

    def share(self, family: Sequence[int]) -> float:
        """Gives the MB that a worker with all below it held at the last look."""
        return sum(self._used.get(pid, 0.0) for pid in family)

    def _listed(self) -> dict[int, float]:
        """Gives process to MB on all GPUs."""
        found: dict[int, float] = {}
        for device in self._devices:
            count, processes = ctypes.c_uint(MOST_PROCESSES), (_Process * MOST_PROCESSES)()
            if self.library.nvmlDeviceGetComputeRunningProcesses_v3(device, ctypes.byref(count), processes) != 0:
                continue
            for process in processes[: count.value]:
                used = 0 if process.used == UNKNOWN else process.used
                found[process.pid] = found.get(process.pid, 0.0) + used / MB
        return found

    def _held_mb(self) -> float:
        """Gives what the GPUs hold for anyone."""
        total = 0.0
        for device in self._devices:
            memory = _Memory()
            if self.library.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0:
                total += memory.used / MB
        return total
