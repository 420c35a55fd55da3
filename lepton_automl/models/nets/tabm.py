"""TabM: many perceptrons for tables that share their weights, on piecewise-linear embeddings of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs
from lepton_automl.models.nets.fitted import Arrays, FittedNet, looked_up
from lepton_automl.models.nets.learning import is_bf16, learn, least_seconds
from lepton_automl.models.nets.table import Inputs, Scaling
from lepton_automl.models.protocol import REPRESENTATION, Files, Limits, Rows, Shape, Step
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int
from lepton_automl.tasks import Goal, Makes

if TYPE_CHECKING:
    from lepton_automl.models.nets.training import Course, Net

LEGAL: dict[str, Dimension] = {
    "learning_rate": Float(1e-6, 1.0),
    "weight_decay": Float(0, 10.0),
    "dropout": Float(0, 0.9),
    "blocks": Int(1, 16),
    "width": Int(1, 8192),
    "k": Int(1, 256),
    "bins": Int(1, 1024),
    "embedding_width": Int(1, 256),
    "category_width": Int(1, 256),
    "schedule": Choice(("constant", "cosine")),
    "batch_size": Int(1, 1_000_000),
    "epochs": Int(1, 100_000),
    "patience": Int(1, 100_000),
    "gradient_clip": Float(0, 1e6),
    "noise": Float(0, 10.0),
    "mixup": Float(0, 10.0),
    "prune": Float(0, 1.0),
    "precision": Choice(("auto", "32", "bf16")),
    **{name: REPRESENTATION[name] for name in ("texts", "made", "target_scale")},
}
LEAST_EPOCHS = 6
"""Epochs with which it begins to be worth its time."""
STEPS = 1_800
"""Steps of training that the epochs tried first make up, about: more rows, fewer epochs."""
SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda progress: 1.0,
    "cosine": lambda progress: 0.5 * (1 + math.cos(math.pi * progress)),
}
"""Factor of the learning rate by progress over the epochs."""


class TabM:
    """TabM-mini (Gorishniy et al. 2025, "TabM: advancing tabular deep learning with parameter-efficient ensembling", ICLR)."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES, Makes.QUANTILES})
    needs = Needs(category="codes", missing="keep", text="topics")
    package = ("torch", "nets")
    devices = frozenset({"cpu", "gpu"})
    in_rounds = True
    rate = ""
    span = "epochs"

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """Names in full; there is no library whose names they would follow."""
        return LEGAL

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """The space of the paper around sizes that two CPU cores train in seconds."""
        first = self.starts(shape)[0]
        searched: dict[str, Dimension] = {
            "learning_rate": Float(5e-4, 8e-3, log=True),
            "weight_decay": Float(1e-5, 0.1, log=True),
            "dropout": Float(0.0, 0.4),
            "blocks": Int(1, 3),
            "width": Int(64, 256, log=True),
            "k": Choice((8, 16, 32)),
            "bins": Int(4, 64, log=True),
            "embedding_width": Choice((8, 16)),
        }
        return {name: searched.get(name, Fixed(value)) for name, value in first.items()}

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """A small net, a wider one, and one with more dropout."""
        small = {
            "learning_rate": 0.008,
            "weight_decay": 3e-4,
            "dropout": 0.1,
            "blocks": 2,
            "width": 128,
            "k": 16,
            "bins": 32,
            "embedding_width": 16 if shape.columns <= 20 else 8,
            "category_width": 8,
            "schedule": "cosine",
            "batch_size": batch_size(shape.rows),
            "epochs": int(min(80, max(8, STEPS * batch_size(shape.rows) // max(1, shape.rows)))),
            "patience": 16,
            "gradient_clip": 1.0,
            "noise": 0.0,
            "mixup": 0.0,
            "prune": 0.0,
            "precision": "auto",
        }
        wide = {**small, "learning_rate": 0.004, "blocks": 3, "width": 256}
        return [small, wide, {**wide, "dropout": 0.3, "weight_decay": 0.01}]

    def least_seconds(self, shape: Shape) -> float:
        """Gives the time to import PyTorch and to train some epochs: fewer do not make a good net (`docs/nets.md`)."""
        return least_seconds(shape, 4e-05, LEAST_EPOCHS)

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedNet:
        """Trains each member on its own loss; stops by the loss of their mean on the valid rows.

        Raises:
            HardwareError: If a GPU is asked for and there is none.
        """
        shape = Shape(len(train.y), train.prepared.X.shape[1], goal)
        full = {**self.starts(shape)[0], **params}
        make = partial(_made, full, limits)
        return learn(make, ("tabm", forward), train, valid, full, goal, limits, step)

    def load(self, files: Files) -> FittedNet:
        """Reads arrays and JSON."""
        return FittedNet.load(files, "tabm", forward)


def batch_size(rows: int) -> int:
    """Gives the rows of a minibatch, growing with the table so that an epoch has some tens to hundreds of steps."""
    return next(
        (size for most, size in ((1_000, 32), (3_000, 64), (8_000, 128), (40_000, 256), (150_000, 512)) if rows <= most), 1024
    )


def _made(params: Mapping[str, Any], limits: Limits, scaling: Scaling, width: int) -> tuple[Net, Course]:
    from lepton_automl.models.nets.tabm_net import TabMNet
    from lepton_automl.models.nets.training import Course

    sizes = {name: params[name] for name in ("blocks", "width", "k", "bins", "embedding_width", "category_width")}
    net = TabMNet(len(scaling.numbers), tuple(levels for _, levels in scaling.tables), **sizes, outputs_each=width)
    named = ("epochs", "batch_size", "learning_rate", "weight_decay", "dropout", "gradient_clip", "noise", "mixup")
    course = Course(
        **{name: params[name] for name in named},
        label_smoothing=0.0,
        patience=min(params["patience"], limits.patience),
        is_bf16=is_bf16(params["precision"], limits.device, gains=True),
        rate_at=SCHEDULES[params["schedule"]],
    )
    return net, course


def forward(arrays: Arrays, inputs: Inputs) -> np.ndarray:
    """Gives the outputs of all members, shape `(k, n, width)`, float32."""
    p, n = len(arrays["line"]), len(inputs)
    parts = [inputs.dense[:, p:], *looked_up(arrays, inputs)]
    if p:
        x = inputs.dense[:, :p, None]
        steps = np.clip((x - arrays["edge_low"]) * arrays["edge_rate"], arrays["edge_least"], arrays["edge_most"])
        vectors = np.matmul(steps.transpose(1, 0, 2), arrays["bins"]).transpose(1, 0, 2)
        parts.insert(0, (vectors + x * arrays["line"] + arrays["line_bias"]).reshape(n, -1))
    x = np.concatenate(parts, axis=1)
    k = len(arrays["member"])
    hidden = (x[None] * arrays["member"][:, None]).reshape(k * n, -1)
    layer = 0
    while f"weight_{layer}" in arrays:
        hidden = hidden @ arrays[f"weight_{layer}"]
        hidden += arrays[f"bias_{layer}"]
        np.maximum(hidden, 0, out=hidden)
        layer += 1
    return np.matmul(hidden.reshape(k, n, -1), arrays["head"]) + arrays["head_bias"][:, None]
