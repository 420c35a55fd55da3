"""From rows to a fitted net: what both families share. PyTorch and Lightning are imported when a fit begins."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lepton_automl.errors import HardwareError, Problem
from lepton_automl.models.nets.fitted import FittedNet, Forward, pruned
from lepton_automl.models.nets.table import Scaling
from lepton_automl.models.protocol import Limits, Rows, Shape, Step, no_step
from lepton_automl.tasks import Goal, Makes

if TYPE_CHECKING:
    from lepton_automl.models.nets.training import Course, Net

IMPORT_SECONDS = 4.0
"""What importing PyTorch and Lightning takes a worker that has not done so."""
EPOCH_ROOM = 0.9
"""Share of the time left that the epochs planned for may take."""
ABSENT = 0.1
"""Rows that a class without any counts as, where the net's outputs begin."""


def learn(
    make: Callable[[Scaling, int], tuple[Net, Course]],
    family: tuple[str, Forward],
    train: Rows,
    valid: Rows | None,
    params: Mapping[str, Any],
    goal: Goal,
    limits: Limits,
    step: Step,
) -> FittedNet:
    """Learns the scaling, trains, and turns the best state into arrays.

    Args:
        make: Gives the architecture and the course for a scaling and the outputs of a member.
        family: Name of the family, and its forward pass in NumPy.
        train: Training rows.
        valid: Rows to stop by, or none.
        params: Parameters; of them, `prune` is read here.
        goal: What is made.
        limits: Threads, seed, deadline, patience, device, exact epochs.
        step: Told of each epoch.

    Raises:
        HardwareError: If a GPU is asked for and there is none.
    """
    import torch

    from lepton_automl.models.nets.lightning import train as run
    from lepton_automl.models.nets.training import Loop, Loss, Part

    device = device_named(limits.device)
    scaling = Scaling.learn(train.prepared)
    inputs = scaling.apply(train.prepared)
    target = target_facts(train, goal)
    with _threads(limits.threads):
        net, course = make(scaling, goal.width)
        weights = net.start(inputs, torch.Generator().manual_seed(limits.seed))
        parts = [Part.of(inputs, _scaled(train.y, target, goal), train.weight, device)]
        if valid is not None and limits.rounds is None:
            watched = scaling.apply(valid.prepared)
            parts.append(Part.of(watched, _scaled(valid.y, target, goal), valid.weight, device))
        offset, levels = torch.from_numpy(target["offset"]).to(device), torch.tensor(goal.levels, device=device)
        loss = Loss(goal, offset, levels, course.label_smoothing)
        both = (parts[0], parts[1] if len(parts) > 1 else None)
        if limits.rounds is not None:
            course = replace(course, epochs=limits.rounds[-1])
        elif math.isfinite(limits.deadline):
            copies = {name: tensor.clone() for name, tensor in weights.items()}
            probe = Loop(net, copies, loss, course, *both, limits, no_step)
            course = replace(course, epochs=affordable_epochs(course.epochs, limits.deadline, probe.seconds_of_epoch()))
        loop = Loop(net, weights, loss, course, *both, limits, step)
        run(loop, device)
    arrays = pruned(net.export(loop.kept), params["prune"])
    spread = len(arrays["head"]) * max(arrays["weight_0"].shape)
    return FittedNet(*family, {**arrays, **target}, scaling, goal.makes, (loop.rounds, course.epochs), spread)


def affordable_epochs(epochs: int, deadline: float, seconds: float) -> int:
    """Gives the epochs over which the schedules of a training run: fewer where the deadline leaves no time for all.

    A schedule that is cut off in its midst ends at a high learning rate; one that is shorter from the start does not.

    Args:
        epochs: Those asked for.
        deadline: Moment (seconds since the epoch) at which training stops.
        seconds: What an epoch takes.
    """
    return max(1, min(epochs, int(EPOCH_ROOM * (deadline - time.time()) / max(seconds, 1e-9))))


def least_seconds(shape: Shape, each: float, epochs: int) -> float:
    """Gives the seconds below which training a net is not worth beginning.

    Args:
        shape: How large the training table is.
        each: Seconds that a row takes in an epoch on one thread, with 20 columns.
        epochs: Epochs with which the family begins to be worth its time.
    """
    return IMPORT_SECONDS + epochs * each * shape.rows * (0.5 + shape.columns / 40)


def device_named(name: str) -> str:
    """Gives PyTorch's name of a device.

    Raises:
        HardwareError: If a GPU is asked for and there is none.
    """
    if name != "gpu":
        return "cpu"
    import torch

    if not torch.cuda.is_available():
        fix = "Write hardware.device=cpu, or install PyTorch for CUDA on a machine that has a GPU."
        raise HardwareError(Problem("hardware.device", "is 'gpu', and PyTorch finds no GPU here.", fix))
    return "cuda"


def is_bf16(precision: str, device: str, gains: bool) -> bool:
    """Says whether products of matrices are taken in bfloat16.

    Args:
        precision: `32`, `bf16`, or `auto`: on GPUs, and on CPUs with such products where the family gains by them.
        device: `cpu` or `gpu`.
        gains: Whether the family was measured to train faster with them on a CPU (`docs/nets.md`).
    """
    if precision != "auto":
        return precision == "bf16"
    import torch

    has = torch.cpu.get_capabilities()
    return device == "gpu" or (gains and bool(has.get("avx512_bf16") or has.get("amx_bf16")))


def target_facts(train: Rows, goal: Goal) -> dict[str, np.ndarray]:
    """Gives what outputs begin at and are scaled by.

    Returns:
        `offset`, shape `(width,)`, float32: logarithm of each class's share; `center`, shape `(2,)`: mean and deviation of
        numbers; `bounds`, shape `(2,)`: smallest and largest number, widened by a tenth of their distance.
    """
    if goal.makes is Makes.PROBABILITIES:
        counts = np.bincount(train.y, weights=train.weight, minlength=goal.width) / (
            1 if train.weight is None else train.weight.mean()
        )
        shares = np.maximum(counts, ABSENT)
        offset = np.log(shares / shares.sum()).astype("float32")
        return {"offset": offset, "center": np.array([0.0, 1.0]), "bounds": np.array([0.0, 1.0])}
    mean = float(np.average(train.y, weights=train.weight))
    low, high = float(train.y.min()), float(train.y.max())
    edge = 0.1 * (high - low)
    center = np.array([mean, float(train.y.std()) or 1.0])
    return {"offset": np.zeros(goal.width, "float32"), "center": center, "bounds": np.array([low - edge, high + edge])}


def _scaled(y: np.ndarray, target: Mapping[str, Any], goal: Goal) -> np.ndarray:
    return y if goal.makes is Makes.PROBABILITIES else (y - target["center"][0]) / target["center"][1]


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    """Gives PyTorch so many threads, and what it had before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
