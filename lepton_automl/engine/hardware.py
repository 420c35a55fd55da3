"""What the recipe asks of the machine, held against what is here, and told: asked and used, per model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lepton_automl.errors import HardwareError, Problem
from lepton_automl.ledger import Entry
from lepton_automl.limits import Hardware, machine_memory_gb, machine_threads, visible_gpus
from lepton_automl.recipe import blocks as block

if TYPE_CHECKING:
    from lepton_automl.engine.plan import Plan

AUTO_SHARE = 0.8
"""Share of the machine's memory that is used where the recipe says `auto`."""


def read_hardware(asked: block.HardwareBlock) -> Hardware:
    """Holds what is asked for against this machine.

    Raises:
        HardwareError: If it is not here, and no fallback is declared.
    """
    have, memory = machine_threads(), machine_memory_gb()
    problems = []
    threads = have if asked.threads == "auto" else int(asked.threads)
    limit = round(AUTO_SHARE * memory, 2) if asked.memory_gb == "auto" else float(asked.memory_gb)
    if threads > have:
        problems.append(
            Problem("hardware.threads", f"is {threads}; this process may use {have}.", f"Lower it to {have}, or write auto.")
        )
    if limit > memory:
        problems.append(
            Problem("hardware.memory_gb", f"is {limit:g}; this machine has {memory:.1f}.", "Lower it, or write auto.")
        )
    gpus = visible_gpus() if asked.device == "gpu" else ()
    problems += _gpu_problems(asked, len(gpus))
    if problems:
        raise HardwareError(problems)
    return Hardware(
        threads,
        limit,
        "gpu" if gpus else "cpu",
        asked.price_per_hour,
        asked.currency,
        asked.device,
        gpus[: asked.devices],
        asked.precision,
        None if asked.gpu_memory_gb == "auto" or not gpus else float(asked.gpu_memory_gb),
    )


def _gpu_problems(asked: block.HardwareBlock, have: int) -> list[Problem]:
    """Says what is wrong with the GPUs asked for; nothing where the recipe declares what to do without one."""
    if asked.device != "gpu" or (not have and asked.if_absent == "cpu"):
        return []
    if not have:
        fix = "Write hardware.device=cpu, or hardware.if_absent=cpu to go on without one."
        return [Problem("hardware.device", "is gpu; this machine has none that can be seen.", fix)]
    if asked.devices > have:
        return [Problem("hardware.devices", f"is {asked.devices}; this process may use {have}.", f"Lower it to {have}.")]
    return []


def hardware_notices(hardware: Hardware) -> list[str]:
    """Says that a declared fallback was taken."""
    if hardware.asked_device == hardware.device:
        return []
    text = f"hardware.device is {hardware.asked_device}, and there is none that can be seen: the run goes on with the"
    return [f"{text} {hardware.device}, as hardware.if_absent says."]


def hardware_entries(plan: Plan) -> Iterator[Entry]:
    """Gives what was asked of the machine and what is used, as entries of the ledger."""
    hardware, asked = plan.hardware, plan.recipe["hardware"]
    fits = f"{plan.workers} at a time, {plan.search.threads} threads each"
    yield _entry("threads", f"asked {asked['threads']}, used {hardware.threads}: fits {fits}", hardware.threads, "threads")
    yield _entry("memory_gb", f"asked {asked['memory_gb']}, used at most {hardware.memory_gb:g}", hardware.memory_gb, "GiB")
    if hardware.gpu_memory_gb is not None:
        said = f"asked {asked['gpu_memory_gb']}, used at most {hardware.gpu_memory_gb:g}"
        yield _entry("gpu_memory_gb", said, hardware.gpu_memory_gb, "GiB")
    for candidate in plan.search.candidates:
        why = ""
        if candidate.device != hardware.asked_device:
            why = ": it does not know the GPU" if hardware.device == "gpu" else ": there is no GPU, and if_absent says cpu"
        precision = f", precision {precisions}" if (precisions := _precision(candidate.starts)) else ""
        note = f"asked {hardware.asked_device}, used {candidate.device}{why}{precision}"
        yield Entry("hardware", "HW001", "device", "noted", candidate.name, note=note)


def _precision(starts: tuple[object, ...]) -> str:
    found = {str(start["precision"]) for start in starts if isinstance(start, dict) and "precision" in start}
    return ", ".join(sorted(found))


def _entry(key: str, note: str, used: float, unit: str) -> Entry:
    return Entry("hardware", "HW001", key, "noted", limit=float(used), unit=unit, note=note)
