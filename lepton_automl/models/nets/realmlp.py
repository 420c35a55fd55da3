"""RealMLP: a perceptron for tables whose many small choices were tuned on a large collection of tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
    "learning_rate": Float(1e-6, 10.0),
    "weight_decay": Float(0, 10.0),
    "dropout": Float(0, 0.9),
    "layers": Int(1, 16),
    "width": Int(1, 8192),
    "activation": Choice(("selu", "mish")),
    "frequencies": Int(1, 256),
    "sigma": Float(1e-4, 100.0),
    "embedding_width": Int(2, 256),
    "category_width": Int(1, 256),
    "batch_size": Int(1, 1_000_000),
    "epochs": Int(1, 100_000),
    "patience": Int(1, 100_000),
    "gradient_clip": Float(0, 1e6),
    "label_smoothing": Float(0, 0.5),
    "noise": Float(0, 10.0),
    "mixup": Float(0, 10.0),
    "prune": Float(0, 1.0),
    "precision": Choice(("auto", "32", "bf16")),
    **{name: REPRESENTATION[name] for name in ("texts", "made", "target_scale")},
}
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
LEAST_EPOCHS = 20
"""Epochs with which it begins to be worth its time: with ten it is far behind boosting (`docs/log.md`)."""
STEPS = 4_000
"""Steps of training that the epochs tried first make up, about: more rows, fewer epochs."""


class RealMLP:
    """RealMLP-TD (Holzmüller et al. 2024, "Better by default", NeurIPS 37, arXiv 2407.04491), with fewer epochs by rows."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN, Kind.DATETIME, Kind.TEXT})
    makes = frozenset({Makes.PROBABILITIES, Makes.VALUES, Makes.QUANTILES})
    needs = Needs(category="codes", missing="keep", text="topics")
    package = ("torch", "nets")
    devices = frozenset({"cpu", "gpu"})
    in_rounds = True
    rate = ""
    span = "epochs"

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """Names in full; smoothing of labels where there are labels."""
        if goal.makes is Makes.PROBABILITIES:
            return LEGAL
        return {name: dimension for name, dimension in LEGAL.items() if name != "label_smoothing"}

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """The space that TabArena searches for RealMLP, where a CPU trains it in seconds."""
        first = self.starts(shape)[0]
        searched: dict[str, Dimension] = {
            "learning_rate": Float(0.02, 0.3, log=True),
            "weight_decay": Float(1e-3, 5e-2, log=True),
            "dropout": Float(0.0, 0.5),
            "layers": Int(2, 4),
            "width": Choice((128, 256, 384)),
            "activation": Choice(("selu", "mish")),
            "sigma": Float(0.01, 10.0, log=True),
            "category_width": Choice((4, 8, 16)),
        }
        return {name: searched.get(name, Fixed(value)) for name, value in first.items()}

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """The tuned defaults for labels or for numbers, then with more dropout, then with finer waves."""
        has_labels = shape.goal.makes is Makes.PROBABILITIES
        tuned = {
            "learning_rate": 0.04 if has_labels else 0.2,
            "weight_decay": 0.02,
            "dropout": 0.15,
            "layers": 3,
            "width": 256,
            "activation": "selu" if has_labels else "mish",
            "frequencies": 16,
            "sigma": 0.1,
            "embedding_width": 4,
            "category_width": 8,
            "batch_size": 256,
            "epochs": int(min(256, max(16, STEPS * 256 // max(1, shape.rows)))),
            "patience": 256,
            "gradient_clip": 0.0,
            **({"label_smoothing": 0.0} if has_labels else {}),
            "noise": 0.0,
            "mixup": 0.0,
            "prune": 0.0,
            "precision": "auto",
        }
        return [tuned, {**tuned, "dropout": 0.4, "weight_decay": 0.04}, {**tuned, "sigma": 1.0, "activation": "mish"}]

    def least_seconds(self, shape: Shape) -> float:
        """Gives the time to import PyTorch and to train some epochs: fewer do not make a good net (`docs/nets.md`)."""
        return least_seconds(shape, 3e-05, LEAST_EPOCHS)

    def fit(
        self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step
    ) -> FittedNet:
        """Trains over the whole schedule; keeps the epoch with the best loss on the valid rows.

        Raises:
            HardwareError: If a GPU is asked for and there is none.
        """
        shape = Shape(len(train.y), train.prepared.X.shape[1], goal)
        full = {**self.starts(shape)[0], **params}
        make = partial(_made, full, limits)
        return learn(make, ("realmlp", forward), train, valid, full, goal, limits, step)

    def load(self, files: Files) -> FittedNet:
        """Reads arrays and JSON."""
        return FittedNet.load(files, "realmlp", forward)


def cycles(progress: float) -> float:
    """Gives the factor of the learning rate: four cosine waves, each twice as long as the one before ("coslog4").

    >>> [round(cycles(t), 3) for t in (0.0, 1 / 15, 3 / 15, 1.0)]
    [0.0, 0.0, 0.0, 0.0]
    """
    return 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * progress)))


def fading(progress: float) -> float:
    """Gives the factor of dropout and weight decay: 1 for the first half, then half a cosine wave down to 0 ("flat_cos").

    >>> [round(fading(t), 3) for t in (0.0, 0.5, 0.75, 1.0)]
    [1.0, 1.0, 0.5, 0.0]
    """
    return 0.5 * (1 + math.cos(math.pi * max(0.0, 2 * progress - 1)))


def _made(params: Mapping[str, Any], limits: Limits, scaling: Scaling, width: int) -> tuple[Net, Course]:
    from lepton_automl.models.nets.realmlp_net import RealMLPNet
    from lepton_automl.models.nets.training import Course

    sizes = ("layers", "width", "activation", "frequencies", "sigma", "embedding_width", "category_width")
    net = RealMLPNet(
        len(scaling.numbers),
        tuple(levels for _, levels in scaling.tables),
        **{name: params[name] for name in sizes},
        outputs_each=width,
    )
    named = ("epochs", "batch_size", "learning_rate", "weight_decay", "dropout", "gradient_clip", "noise", "mixup")
    course = Course(
        **{name: params[name] for name in named},
        label_smoothing=params.get("label_smoothing", 0.0),
        patience=min(params["patience"], limits.patience),
        is_bf16=is_bf16(params["precision"], limits.device, gains=False),
        betas=(0.9, 0.95),
        rate_at=cycles,
        fade_at=fading,
    )
    return net, course


def forward(arrays: Arrays, inputs: Inputs) -> np.ndarray:
    """Gives the outputs of the one member, shape `(1, n, width)`, float32."""
    p, n, layer = len(arrays["frequency"]), len(inputs), 0
    parts = [inputs.dense[:, p:], *looked_up(arrays, inputs)]
    if p:
        x = inputs.dense[:, :p, None]
        waves = np.cos(np.float32(2 * np.pi) * x * arrays["frequency"] + arrays["phase"])
        mixed = np.matmul(waves.transpose(1, 0, 2), arrays["mixing"]).transpose(1, 0, 2) + arrays["mixing_bias"]
        parts.insert(0, np.concatenate([x, mixed], axis=2).reshape(n, -1))
    hidden = np.concatenate(parts, axis=1)
    act = _selu if arrays["activation"][0] == "selu" else _mish
    while f"weight_{layer}" in arrays:
        out = hidden @ arrays[f"weight_{layer}"]
        out += arrays[f"bias_{layer}"]
        hidden = out + arrays[f"strength_{layer}"] * (act(out) - out)
        layer += 1
    return np.matmul(hidden[None], arrays["head"]) + arrays["head_bias"][:, None]


def _selu(x: np.ndarray) -> np.ndarray:
    below = np.float32(SELU_ALPHA) * np.expm1(np.minimum(x, 0))
    return np.float32(SELU_SCALE) * (np.maximum(x, 0) + below)


def _mish(x: np.ndarray) -> np.ndarray:
    """`x · tanh(ln(1 + eˣ))`, which is `x · e (e + 2) / (e (e + 2) + 2)` with `e = eˣ`; above 20 it is `x`."""
    e = np.exp(np.minimum(x, 20))
    part = e * (e + 2)
    return x * (part / (part + 2))
