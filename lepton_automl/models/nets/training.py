"""Trains a net on whole tables held as tensors. Imports PyTorch: import it inside a fit only."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from lepton_automl.models.nets.table import Inputs
from lepton_automl.models.protocol import Limits, Step
from lepton_automl.tasks import Goal, Makes

Weights = Mapping[str, Tensor]
Drop = Callable[[Tensor], Tensor]
PROBE_STEPS = 4
"""Steps that are timed to tell what an epoch takes."""
VALID_CHUNK = 2048
"""Valid rows that are scored at once."""


class Net(Protocol):
    """The architecture of a net; its weights are kept apart, by name."""

    def start(self, inputs: Inputs, generator: torch.Generator) -> Weights:
        """Draws the first weights, by what the training rows look like."""
        ...

    @property
    def numbers(self) -> int:
        """Columns of numbers, which lead the dense part."""
        ...

    def encode(self, weights: Weights, dense: Tensor, codes: Tensor) -> Tensor:
        """Turns rows into what the first layer sees, shape `(n, d)`."""
        ...

    def outputs(self, weights: Weights, x: Tensor, drop: Drop) -> Tensor:
        """Gives the outputs of `m` members, shape `(m, n, width)`."""
        ...

    def is_fixed(self, name: str) -> bool:
        """Says whether a weight is a constant that is not trained."""
        ...

    def pace(self, name: str) -> tuple[float, float]:
        """Gives the factors of the learning rate and of the weight decay for a weight."""
        ...

    def export(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Gives the arrays that the forward pass in NumPy takes."""
        ...


@dataclass(frozen=True)
class Course:
    """How a net is trained.

    Args:
        epochs: Most epochs, over which the schedules run.
        batch_size: Rows of a minibatch.
        learning_rate: Highest learning rate.
        weight_decay: Share of a weight taken off in a step, times the learning rate (AdamW).
        dropout: Share of hidden units left out.
        gradient_clip: Longest gradient; 0 for no bound.
        label_smoothing: Share of the target spread over all classes.
        noise: Deviation of Gaussian noise added to scaled numbers.
        mixup: Both shape parameters of the Beta distribution by which rows are mixed; 0 for none.
        patience: Epochs without gain before training stops.
        is_bf16: Whether products of matrices are taken in bfloat16.
        betas: Decay rates of Adam's moments.
        rate_at: Factor of the learning rate by progress in [0, 1].
        fade_at: Factor of dropout and weight decay by progress in [0, 1].

    Sources: Loshchilov and Hutter (2019), "Decoupled weight decay regularization", ICLR; Zhang et al. (2018), "mixup: beyond
    empirical risk minimization", ICLR.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    dropout: float
    gradient_clip: float
    label_smoothing: float
    noise: float
    mixup: float
    patience: int
    is_bf16: bool
    betas: tuple[float, float] = (0.9, 0.999)
    rate_at: Callable[[float], float] = lambda progress: 1.0
    fade_at: Callable[[float], float] = lambda progress: 1.0


@dataclass(frozen=True)
class Part:
    """Rows as tensors.

    Args:
        dense: Shape `(n, p)`.
        codes: Shape `(n, c)`.
        y: Class codes, or scaled numbers, shape `(n,)`.
        weight: Weights with mean 1, shape `(n,)`, or none.
    """

    dense: Tensor
    codes: Tensor
    y: Tensor
    weight: Tensor | None

    @classmethod
    def of(cls, inputs: Inputs, y: np.ndarray, weight: np.ndarray | None, device: str) -> Part:
        """Moves rows to the device."""
        target = torch.from_numpy(y if y.dtype == np.int64 else y.astype("float32")).to(device)
        known = None if weight is None else torch.from_numpy((weight / weight.mean()).astype("float32")).to(device)
        return cls(torch.from_numpy(inputs.dense).to(device), torch.from_numpy(inputs.codes).to(device), target, known)

    def chunk(self, start: int, rows: int) -> Part:
        """Gives so many rows from a position on."""
        here = slice(start, start + rows)
        return Part(self.dense[here], self.codes[here], self.y[here], None if self.weight is None else self.weight[here])

    def __len__(self) -> int:
        return len(self.dense)


@dataclass(frozen=True)
class Loss:
    """The loss of a goal: cross-entropy, squared error or pinball loss.

    Args:
        goal: What is made.
        offset: Added to the outputs of classes, shape `(width,)`.
        levels: Quantile levels, shape `(q,)`.
        smoothing: Share of the target spread over all classes.
    """

    goal: Goal
    offset: Tensor
    levels: Tensor
    smoothing: float

    def each(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Gives the loss of each member and row, shape `(m, n)`."""
        if self.goal.makes is Makes.PROBABILITIES:
            logs = torch.log_softmax(outputs + self.offset, dim=2)
            hit = -logs.gather(2, y.expand(len(logs), -1)[:, :, None])[:, :, 0]
            return hit if self.smoothing == 0 else (1 - self.smoothing) * hit - self.smoothing * logs.mean(dim=2)
        gap = y[None, :, None] - outputs
        if self.goal.makes is Makes.QUANTILES:
            return torch.maximum(self.levels * gap, (self.levels - 1) * gap).mean(dim=2)
        return (gap * gap)[:, :, 0]

    def of_mean(self, outputs: Tensor, y: Tensor) -> Tensor:
        """Gives the loss of the mean prediction of all members, shape `(n,)`."""
        if self.goal.makes is Makes.PROBABILITIES:
            shares = torch.softmax(outputs + self.offset, dim=2).mean(dim=0)
            return -torch.log(shares.gather(1, y[:, None])[:, 0] + 1e-12)
        return Loss(self.goal, self.offset, self.levels, 0.0).each(outputs.mean(dim=0, keepdim=True), y)[0]


class Loop:
    """The training of one net, epoch by epoch: shuffled minibatches of whole tensors.

    Args:
        net: The architecture.
        weights: First weights.
        loss: The loss.
        course: How it is trained.
        train: Training rows.
        valid: Rows to stop by, or none.
        limits: Seed, deadline and exact epochs, of which the first number counts.
        step: Told the number of each epoch and its loss on the valid rows.
    """

    def __init__(
        self,
        net: Net,
        weights: Weights,
        loss: Loss,
        course: Course,
        train: Part,
        valid: Part | None,
        limits: Limits,
        step: Step,
    ) -> None:
        self.net, self.loss, self.course = net, loss, course
        self.weights = {
            name: torch.nn.Parameter(tensor.to(train.dense.device), requires_grad=not net.is_fixed(name))
            for name, tensor in weights.items()
        }
        self.train, self.valid, self.limits, self.step = train, valid, limits, step
        self.generator = torch.Generator(train.dense.device).manual_seed(limits.seed)
        self.shares = torch.Generator().manual_seed(limits.seed)
        self.trained = [tensor for tensor in self.weights.values() if tensor.requires_grad]
        self.exact = None if limits.rounds is None else limits.rounds[0]
        self.most = course.epochs if self.exact is None else self.exact
        self.kept: dict[str, np.ndarray] = {}
        self.best, self.rounds, self.is_done = math.inf, 1, False

    def seconds_of_epoch(self) -> float:
        """Makes a few steps and scores some valid rows, to tell what an epoch takes; the loop is of no use afterwards."""
        n, size, optimizer = len(self.train), self.course.batch_size, self.optimizer()
        rows = torch.randperm(n, generator=self.generator, device=self.train.dense.device)[:size]
        self._learn(rows, optimizer, self.course.dropout)  # the first is slower: what it allocates is there for the others
        started = time.perf_counter()
        for _ in range(PROBE_STEPS):
            self._learn(rows, optimizer, self.course.dropout)
        seconds = (time.perf_counter() - started) / PROBE_STEPS * n / len(rows)
        if self.valid is None:
            return seconds
        some = self.valid.chunk(0, VALID_CHUNK)
        started = time.perf_counter()
        with torch.no_grad():
            self._outputs_of(some)
        return seconds + (time.perf_counter() - started) * len(self.valid) / len(some)

    def optimizer(self) -> torch.optim.AdamW:
        """Gives AdamW with one group of weights for each pace."""
        paces: dict[tuple[float, float], list[Tensor]] = {}
        for name, tensor in self.weights.items():
            if tensor.requires_grad:
                paces.setdefault(self.net.pace(name), []).append(tensor)
        groups = [{"params": tensors, "pace": pace} for pace, tensors in paces.items()]
        return torch.optim.AdamW(groups, lr=self.course.learning_rate, betas=self.course.betas, fused=True)

    def run_epoch(self, number: int, optimizer: torch.optim.AdamW) -> None:
        """Trains one epoch; stops in the midst of it at the deadline. Then judges it, and keeps the best state."""
        n, size = len(self.train), self.course.batch_size
        order = torch.randperm(n, generator=self.generator, device=self.train.dense.device)
        is_cut = False
        for start in range(0, n, size):
            progress = min(1.0, (number + start / n) / self.course.epochs)
            self._set_pace(optimizer, progress)
            self._learn(order[start : start + size], optimizer, self.course.dropout * self.course.fade_at(progress))
            is_cut = self._is_over()
            if is_cut:
                break
        self._judge(number, is_cut)

    def _is_over(self) -> bool:
        return self.exact is None and self.limits.is_over()

    def _set_pace(self, optimizer: torch.optim.AdamW, progress: float) -> None:
        rate = self.course.learning_rate * self.course.rate_at(progress)
        decay = self.course.weight_decay * self.course.fade_at(progress)
        for group in optimizer.param_groups:
            group["lr"], group["weight_decay"] = rate * group["pace"][0], decay * group["pace"][1]

    def _learn(self, rows: Tensor, optimizer: torch.optim.AdamW, dropout: float) -> None:
        """Makes one step on a minibatch."""
        dense, codes, y = self.train.dense[rows], self.train.codes[rows], self.train.y[rows]
        weight = None if self.train.weight is None else self.train.weight[rows]
        with self.precision():
            x = self.net.encode(self.weights, self._noised(dense), codes)
            if self.course.mixup > 0:
                share, other = self._share(), torch.randperm(len(rows), generator=self.generator, device=dense.device)
                x = share * x + (1 - share) * x[other]
            outputs = self.net.outputs(self.weights, x, self._drop(dropout)).float()
        each = self.loss.each(outputs, y)
        if self.course.mixup > 0:
            each = share * each + (1 - share) * self.loss.each(outputs, y[other])
        loss = each.mean() if weight is None else (each * weight).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.course.gradient_clip > 0:
            torch.nn.utils.clip_grad_norm_(self.trained, self.course.gradient_clip)
        optimizer.step()

    def precision(self) -> AbstractContextManager[Any]:
        """Gives the context in which products of matrices are taken."""
        if not self.course.is_bf16:
            return nullcontext()
        return torch.autocast(self.train.dense.device.type, dtype=torch.bfloat16)

    def _noised(self, dense: Tensor) -> Tensor:
        if self.course.noise == 0:
            return dense
        noise = torch.zeros_like(dense)
        noise[:, : self.net.numbers].normal_(0, self.course.noise, generator=self.generator)
        return dense + noise

    def _share(self) -> float:
        """Draws from Beta(a, a), by two draws of Gamma(a)."""
        pair = torch._standard_gamma(torch.full((2,), self.course.mixup), generator=self.shares)
        return float(pair[0] / (pair.sum() + 1e-12))

    def _drop(self, share: float) -> Drop:
        """Gives dropout of hidden units, shape `(n, m, d)`, with one mask for all members: 16 random bits a row and unit."""
        if share <= 0:
            return lambda hidden: hidden

        def drop(hidden: Tensor) -> Tensor:
            n, _, d = hidden.shape
            bits = torch.empty((n * d + 3) // 4, dtype=torch.int64, device=hidden.device)
            bits.random_(-(2**63), None, generator=self.generator)
            keep = bits.view(torch.int16)[: n * d].view(n, 1, d) >= round(share * 2**16) - 2**15
            return hidden * (keep.to(hidden.dtype) / (1 - share))

        return drop

    def _outputs_of(self, rows: Part) -> Tensor:
        """Gives the outputs of all members without dropout, in float32, shape `(m, n, width)`."""
        x = self.net.encode(self.weights, rows.dense, rows.codes)
        return self.net.outputs(self.weights, x, lambda hidden: hidden)

    def _judge(self, number: int, is_cut: bool) -> None:
        """Scores the valid rows; keeps the state if it is the best, or where nothing is watched the last."""
        is_watched = self.valid is not None and self.exact is None
        value = self._valid_loss() if is_watched and not is_cut else math.nan
        if (value < self.best) if is_watched and self.kept else True:
            self.kept = {name: tensor.detach().cpu().numpy().copy() for name, tensor in self.weights.items()}
            self.rounds = max(1, number if is_cut else number + 1)
            self.best = value if value == value else math.inf
        self.step(number, value)
        waited = is_watched and number + 1 - self.rounds >= self.course.patience
        self.is_done = is_cut or waited or self._is_over() or number + 1 >= self.most

    def _valid_loss(self) -> float:
        """Gives the mean loss on the valid rows, in float32 as predictions are; NaN where the deadline passes meanwhile."""
        valid = self.valid
        if valid is None:
            return math.nan
        losses = []
        with torch.no_grad():
            for i in range(0, len(valid), VALID_CHUNK):
                outputs = self._outputs_of(valid.chunk(i, VALID_CHUNK))
                losses.append(self.loss.of_mean(outputs, valid.y[i : i + VALID_CHUNK]))
                if self._is_over():
                    return math.nan
        each = torch.cat(losses)
        return float(each.mean() if valid.weight is None else (each * valid.weight).mean())
