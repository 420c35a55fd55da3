"""What is asked of the machine is held against it, and told beside what is used. No test needs a GPU, or hangs without."""

import json
import os
from pathlib import Path

import pytest

from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.candidates import choose_candidates, with_precision
from lepton_automl.engine.hardware import hardware_entries, hardware_notices, read_hardware
from lepton_automl.errors import HardwareError
from lepton_automl.limits import machine_threads, visible_gpus
from lepton_automl.models import Shape
from lepton_automl.recipe import compose
from lepton_automl.recipe.blocks import HardwareBlock
from lepton_automl.tasks import Goal, Makes

GPUS = "lepton_automl.engine.hardware.visible_gpus"


def test_a_gpu_that_is_absent_is_an_error_that_names_both_ways_out(monkeypatch):
    monkeypatch.setattr(GPUS, lambda: ())

    with pytest.raises(HardwareError) as caught:
        read_hardware(HardwareBlock(device="gpu"))

    problem = caught.value.problems[0]
    assert (problem.key, problem.message) == ("hardware.device", "is gpu; this machine has none that can be seen.")
    assert problem.fix == "Write hardware.device=cpu, or hardware.if_absent=cpu to go on without one."


def test_a_declared_fallback_is_taken_with_a_notice(monkeypatch):
    monkeypatch.setattr(GPUS, lambda: ())

    hardware = read_hardware(HardwareBlock(device="gpu", if_absent="cpu", gpu_memory_gb=8.0))

    assert (hardware.device, hardware.asked_device, hardware.gpus, hardware.gpu_memory_gb) == ("cpu", "gpu", (), None)
    assert hardware_notices(hardware) == [
        "hardware.device is gpu, and there is none that can be seen: the run goes on with the cpu, as hardware.if_absent says."
    ]


def test_so_many_gpus_are_used_as_are_declared(monkeypatch):
    monkeypatch.setattr(GPUS, lambda: ("0", "1", "2"))

    assert read_hardware(HardwareBlock(device="gpu")).gpus == ("0",)
    assert read_hardware(HardwareBlock(device="gpu", devices=2, gpu_memory_gb=8.0)).gpus == ("0", "1")
    with pytest.raises(HardwareError, match=r"hardware.devices\s+is 4; this process may use 3"):
        read_hardware(HardwareBlock(device="gpu", devices=4))


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """Puts a program in the place of the driver's own; gives what writes it."""
    if Path("/proc/driver/nvidia/gpus").is_dir():
        pytest.skip("the driver is here")

    def write(script):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return write


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [(None, ("0", "1")), ("1", ("1",)), ("", ()), ("-1", ()), ("0,7", ("0",)), ("GPU-2f,0", ("GPU-2f", "0"))],
    ids=["all", "the second", "none", "none by number", "up to one that is not there", "by name"],
)
def test_the_gpus_of_the_driver_that_the_environment_leaves_are_seen(driver, monkeypatch, chosen, seen):
    driver("echo 'GPU 0: one'; echo 'GPU 1: two'")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if chosen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", chosen)

    assert visible_gpus() == seen


@pytest.mark.parametrize("script", ["exec sleep 60", "echo broken >&2; exit 9"], ids=["hangs", "fails"])
def test_a_driver_that_does_not_answer_is_no_gpu(driver, monkeypatch, script):
    driver(script)
    monkeypatch.setattr("lepton_automl.limits.SMI_SECONDS", 0.5)

    assert visible_gpus() == ()


def test_the_ledger_tells_what_was_asked_and_what_is_used(monkeypatch, tmp_path):
    monkeypatch.setattr(GPUS, lambda: ("0",))
    words = ["recipe=credit", "hardware.device=gpu", "hardware.threads=1", "hardware.memory_gb=1.5", "hardware.gpu_memory_gb=8"]

    plan = compile(compose([*words, "search=quick", "search.models.xgboost={}"]), tmp_path / "run")

    notes = {(entry.rule, entry.column): entry.note for entry in hardware_entries(plan)}
    assert notes["threads", ""] == "asked 1, used 1: fits 1 at a time, 1 threads each"
    assert notes["memory_gb", ""] == "asked 1.5, used at most 1.5"
    assert notes["gpu_memory_gb", ""] == "asked 8.0, used at most 8"
    assert notes["device", "lightgbm"] == "asked gpu, used cpu: it does not know the GPU"
    assert notes["device", "xgboost"] == "asked gpu, used gpu"
    assert {entry.code for entry in hardware_entries(plan)} == {"HW001"}


def test_a_finished_run_holds_the_same_in_ledger_plan_and_report(credit):
    _, result, _ = credit
    rows = [json.loads(line) for line in (result.folder / "ledger.jsonl").read_text().splitlines()]
    told = {(row["rule"], row["column"]): row["note"] for row in rows if row["code"] == "HW001"}

    assert told["device", "lightgbm"] == "asked cpu, used cpu"
    assert told["threads", ""] == "asked 1, used 1: fits 1 at a time, 1 threads each"
    assert json.loads((result.folder / "plan.json").read_text())["hardware"]["asked_device"] == "cpu"
    assert "Precision of nets" in (result.folder / "report.html").read_text()


def test_the_precision_of_the_machine_reaches_nets_that_name_none():
    shape = Shape(1000, 20, Goal(Makes.PROBABILITIES, 2))
    choices = choose_candidates({"tabm": {}, "realmlp": {"precision": "32"}, "linear": {}}, shape, None, "cpu", ())

    found = {c.name: [start.get("precision") for start in c.starts] for c in with_precision(choices, "bf16").candidates}

    assert set(found.get("tabm", ["bf16"])) == {"bf16"}
    assert set(found.get("realmlp", ["32"])) == {"32"}
    assert set(found["linear"]) == {None}


def test_more_threads_than_this_process_may_use_are_refused():
    with pytest.raises(HardwareError, match=r"hardware.threads\s+is 4096"):
        read_hardware(HardwareBlock(threads=4096))
    assert read_hardware(HardwareBlock()).threads == machine_threads()
