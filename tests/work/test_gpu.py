"""Memory of GPUs, as NVIDIA's library tells it. A stand-in takes the library's place: tests need no GPU."""

import ctypes

import pytest

from lepton_automl.work.gpu import GpuGauge

MB = 2**20


class Library:
    """What the library would say of one GPU."""

    def __init__(self, processes, held_mb):
        self.processes, self.held_mb = processes, held_mb

    def nvmlInit_v2(self):
        return 0

    def nvmlDeviceGetCount_v2(self, count):
        count._obj.value = 1
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index, device):
        device._obj.value = 7
        return 0

    def nvmlDeviceGetComputeRunningProcesses_v3(self, device, count, found):
        count._obj.value = len(self.processes)
        for slot, (pid, mb) in zip(found, self.processes, strict=False):
            slot.pid, slot.used = pid, mb * MB
        return 0

    def nvmlDeviceGetMemoryInfo(self, device, memory):
        memory._obj.used = self.held_mb * MB
        return 0


def test_processes_of_others_do_not_count():
    gauge = GpuGauge.open(1000, Library([(11, 300), (12, 400), (99, 5000)], 5700))

    assert gauge.look({10: [10, 11, 12]}, now=0.0) == ""
    assert (gauge.peak_mb, gauge.share([10, 11, 12])) == (700.0, 700.0)


def test_too_much_of_all_together_is_told_with_both_figures():
    gauge = GpuGauge.open(600, Library([(11, 300), (12, 400)], 700))

    assert gauge.look({11: [11], 12: [12]}, now=0.0) == "all processes together used 700 MB of 600 MB on the GPU"
    assert gauge.look({11: [11], 12: [12]}, now=0.1) == "", "it is asked at most twice a second"


def test_where_no_process_is_named_what_the_gpu_holds_since_the_start_counts():
    library = Library([], 1500)
    gauge = GpuGauge.open(1000, library)
    assert gauge.look({11: [11]}, now=0.0) == ""

    library.held_mb = 3000

    assert gauge.look({11: [11]}, now=1.0) == "all processes together used 1500 MB of 1000 MB on the GPU"


def test_without_the_library_nothing_is_watched():
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        assert GpuGauge.open(1000) is None
    else:
        pytest.skip("the library is here")
