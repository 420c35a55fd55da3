"""RealMLP's architecture in PyTorch. Imports PyTorch: import it inside a fit only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lepton_automl.models.nets.table import Inputs
from lepton_automl.models.nets.training import Drop, Weights

SAMPLE = 1024
"""Training rows by which the first weights are drawn."""
CORNERS = 6
"""Rows among which the kink of a unit is put (Steinwart 2019, arXiv 1903.10696, with 5 more rows)."""


@dataclass(frozen=True)
class RealMLPNet:
    """A perceptron with periodic embeddings of numbers, a scale for each input, and activations with a learned strength.

    Args:
        numbers: Numbers among the inputs.
        tables: Levels of each category that is looked up.
        layers: Hidden layers.
        width: Units of each.
        activation: `selu` or `mish`.
        frequencies: Periodic functions of a number.
        sigma: Deviation of their first frequencies.
        embedding_width: Length of a number's vector, the number itself first.
        category_width: Length of a category's vector.
        outputs_each: Outputs.

    Source: Holzmüller, Grinsztajn and Steinwart (2024), "Better by default: strong pre-tuned MLPs and boosted trees on tabular
    data", NeurIPS 37, arXiv 2407.04491.
    """

    numbers: int
    tables: tuple[int, ...]
    layers: int
    width: int
    activation: str
    frequencies: int
    sigma: float
    embedding_width: int
    category_width: int
    outputs_each: int

    def start(self, inputs: Inputs, generator: torch.Generator) -> dict[str, Tensor]:
        """Draws normal weights, scaled so that units vary by 1 on training rows; kinks lie among those rows."""
        p, others, length = self.numbers, inputs.dense.shape[1] - self.numbers, self.embedding_width - 1
        weights = {
            "frequency": torch.randn((p, self.frequencies), generator=generator) * self.sigma,
            "phase": (torch.rand((p, self.frequencies), generator=generator) * 2 - 1) * math.pi,
            "mixing": (torch.rand((p, self.frequencies, length), generator=generator) * 2 - 1) / math.sqrt(self.frequencies),
            "mixing_bias": (torch.rand((p, length), generator=generator) * 2 - 1) / math.sqrt(self.frequencies),
        }
        for column, levels in enumerate(self.tables):
            weights[f"table_{column}"] = torch.randn((levels + 1, self.category_width), generator=generator)
            weights[f"table_{column}"][0] = 0
        fan = p * self.embedding_width + others + self.category_width * len(self.tables)
        weights["scale"] = torch.ones(fan)
        rows = torch.randperm(len(inputs), generator=generator)[:SAMPLE]
        x = self.encode(weights, torch.from_numpy(inputs.dense)[rows], torch.from_numpy(inputs.codes)[rows])
        for layer in range(self.layers):
            matrix = torch.randn((fan, self.width), generator=generator)
            out = x @ matrix / math.sqrt(fan)
            matrix /= out.std(dim=0, correction=0) + 1e-6 if len(rows) > 1 else 1.0
            out = x @ matrix / math.sqrt(fan)
            corners = torch.randint(len(rows), (CORNERS, self.width), generator=generator)
            shares = torch.empty((CORNERS, self.width)).exponential_(generator=generator)
            bias = -(out.gather(0, corners) * shares / shares.sum(dim=0)).sum(dim=0)
            weights[f"weight_{layer}"], weights[f"bias_{layer}"] = matrix, bias
            weights[f"strength_{layer}"] = torch.ones(self.width)
            x, fan = self._act(out + bias), self.width
        weights["head"] = torch.zeros((1, fan, self.outputs_each))
        weights["head_bias"] = torch.zeros((1, self.outputs_each))
        return weights

    def encode(self, weights: Weights, dense: Tensor, codes: Tensor) -> Tensor:
        """Embeds numbers and looks categories up."""
        p = self.numbers
        parts = [dense[:, p:], *(weights[f"table_{column}"][codes[:, column]] for column in range(len(self.tables)))]
        if p:
            x = dense[:, :p, None]
            waves = torch.cos(2 * math.pi * x * weights["frequency"] + weights["phase"])
            mixed = torch.bmm(waves.transpose(0, 1), weights["mixing"]).transpose(0, 1) + weights["mixing_bias"]
            parts.insert(0, torch.cat([x, mixed], dim=2).reshape(len(dense), -1))
        return torch.cat(parts, dim=1)

    def outputs(self, weights: Weights, x: Tensor, drop: Drop) -> Tensor:
        """Scales the inputs and passes the layers; a product with `d` inputs is divided by √d."""
        hidden = x * weights["scale"]
        for layer in range(self.layers):
            matrix = weights[f"weight_{layer}"] / math.sqrt(hidden.shape[1])
            out = torch.nn.functional.linear(hidden, matrix.T, weights[f"bias_{layer}"])
            hidden = drop((out + weights[f"strength_{layer}"] * (self._act(out) - out))[:, None])[:, 0]
        return torch.baddbmm(weights["head_bias"][:, None], hidden[None], weights["head"] / math.sqrt(hidden.shape[1]))

    def _act(self, x: Tensor) -> Tensor:
        return torch.nn.functional.selu(x) if self.activation == "selu" else torch.nn.functional.mish(x)

    def is_fixed(self, name: str) -> bool:
        """All weights are trained."""
        return False

    def pace(self, name: str) -> tuple[float, float]:
        """The paper's factors: 6 for the scales, 0.1 for biases, strengths and embeddings of numbers; biases do not decay."""
        if name == "scale":
            return (6.0, 1.0)
        if "bias" in name:
            return (0.1, 0.0)
        return (0.1 if name in ("frequency", "phase", "mixing") or name.startswith("strength") else 1.0, 1.0)

    def export(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Takes the scales and the divisions by √d into the matrices; adds the name of the activation."""
        out = dict(weights)
        scale = out.pop("scale")
        for name in [*(f"weight_{layer}" for layer in range(self.layers)), "head"]:
            out[name] = (weights[name] / np.sqrt(weights[name].shape[-2])).astype("float32")
        out["weight_0"] = out["weight_0"] * scale[:, None]
        return {**out, "activation": np.array([self.activation])}
