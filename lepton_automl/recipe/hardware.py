"""The block that says what a run may use of the machine."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lepton_automl.recipe.fields import Block, Positive

Gibibytes = Annotated[float, Field(gt=0, json_schema_extra={"unit": "GiB"})]


class HardwareBlock(Block):
    """What the run may use of the machine. Obeyed, not estimated."""

    threads: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    """Threads over all processes together; `auto`: as many as this process may use."""
    memory_gb: Gibibytes | Literal["auto"] = "auto"
    """Memory of all processes together; `auto`: 80 % of the machine's."""
    device: Literal["cpu", "gpu"] = "cpu"
    """Where models are fitted; a model that does not know the GPU stays on the CPU, and the plan says so."""
    if_absent: Literal["error", "cpu"] = "error"
    """What a GPU that is asked for and absent means: an error, or the CPU with a notice."""
    devices: Positive = 1
    """GPUs to use; more than there are is an error."""
    precision: Literal["auto", "32", "bf16"] = "auto"
    """Precision of products of matrices in nets that name none; `auto`: bfloat16 on GPUs, and CPUs where it helps."""
    gpu_memory_gb: Gibibytes | Literal["auto"] = "auto"
    """Memory on GPUs of all processes together; a worker above it is ended. `auto`: no limit."""
    price_per_hour: Annotated[float, Field(ge=0)] | None = None
    """Price of the machine, for the cost in plan and report."""
    currency: str = "EUR"
    """Currency of the price."""
