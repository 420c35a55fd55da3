"""TabM's architecture in PyTorch. Imports PyTorch: import it inside a fit only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lepton_automl.models.nets.table import Inputs
from lepton_automl.models.nets.training import Drop, Weights


@dataclass(frozen=True)
class TabMNet:
    """`k` members that share one perceptron and differ by the scale of their inputs and by their heads ("TabM-mini").

    Numbers enter as piecewise-linear embeddings: a line plus a vector for each bin between quantiles that is passed.

    Args:
        numbers: Numbers among the inputs.
        tables: Levels of each category that is looked up.
        blocks: Hidden layers.
        width: Units of each.
        k: Members.
        bins: Most bins of a number.
        embedding_width: Length of a number's vector.
        category_width: Length of a category's vector.
        outputs_each: Outputs of a member.

    Sources: Gorishniy, Kotelnikov and Babenko (2025), "TabM: advancing tabular deep learning with parameter-efficient
    ensembling", ICLR; Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep learning",
    NeurIPS 35.
    """

    numbers: int
    tables: tuple[int, ...]
    blocks: int
    width: int
    k: int
    bins: int
    embedding_width: int
    category_width: int
    outputs_each: int

    def start(self, inputs: Inputs, generator: torch.Generator) -> dict[str, Tensor]:
        """Draws weights evenly within ± 1 / √d; the bins' vectors begin at 0, members at normal scales."""
        p, others = self.numbers, inputs.dense.shape[1] - self.numbers
        wide = p * self.embedding_width
        weights = bin_edges(inputs.dense[:, :p], self.bins)
        weights["line"] = _even((p, self.embedding_width), self.embedding_width, generator)
        weights["line_bias"] = _even((p, self.embedding_width), self.embedding_width, generator)
        weights["bins"] = torch.zeros(p, weights["edge_low"].shape[1], self.embedding_width)
        for column, levels in enumerate(self.tables):
            weights[f"table_{column}"] = torch.randn(levels + 1, self.category_width, generator=generator)
            weights[f"table_{column}"][0] = 0
        scales = torch.randn(self.k, p + others + len(self.tables), generator=generator)
        counts = [self.embedding_width] * p + [1] * others + [self.category_width] * len(self.tables)
        weights["member"] = scales.repeat_interleave(torch.tensor(counts, dtype=torch.int64), dim=1)
        fan = wide + others + self.category_width * len(self.tables)
        for layer in range(self.blocks):
            weights[f"weight_{layer}"] = _even((fan, self.width), fan, generator)
            weights[f"bias_{layer}"] = _even((self.width,), fan, generator)
            fan = self.width
        weights["head"] = _even((self.k, fan, self.outputs_each), fan, generator)
        weights["head_bias"] = _even((1, self.outputs_each), fan, generator).repeat(self.k, 1)
        return weights

    def encode(self, weights: Weights, dense: Tensor, codes: Tensor) -> Tensor:
        """Embeds numbers and looks categories up."""
        p = self.numbers
        parts = [dense[:, p:], *(weights[f"table_{column}"][codes[:, column]] for column in range(len(self.tables)))]
        if p:
            x = dense[:, :p, None]
            steps = torch.clamp((x - weights["edge_low"]) * weights["edge_rate"], weights["edge_least"], weights["edge_most"])
            vectors = torch.bmm(steps.transpose(0, 1), weights["bins"]).transpose(0, 1)
            vectors = vectors + x * weights["line"] + weights["line_bias"]
            parts.insert(0, vectors.reshape(len(dense), -1))
        return torch.cat(parts, dim=1)

    def outputs(self, weights: Weights, x: Tensor, drop: Drop) -> Tensor:
        """Scales the inputs for each member, passes the shared layers, then each member's head.

        The scales are taken into the first matrix, one a member, so that all first layers are one product.
        """
        first = weights["member"].T.contiguous()[:, :, None] * weights["weight_0"][:, None]
        hidden = torch.addmm(weights["bias_0"].repeat(self.k), x, first.view(len(first), -1))
        hidden = drop(torch.relu(hidden.view(len(x), self.k, self.width)))
        for layer in range(1, self.blocks):
            hidden = torch.nn.functional.linear(hidden, weights[f"weight_{layer}"].T, weights[f"bias_{layer}"])
            hidden = drop(torch.relu(hidden))
        return torch.baddbmm(weights["head_bias"][:, None], hidden.transpose(0, 1), weights["head"])

    def is_fixed(self, name: str) -> bool:
        """Says whether it is an edge of bins."""
        return name.startswith("edge")

    def pace(self, name: str) -> tuple[float, float]:
        """Gives all weights the same pace; biases do not decay."""
        return (1.0, 0.0 if "bias" in name else 1.0)

    def export(self, weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Gives the weights as they are."""
        return dict(weights)


def bin_edges(numbers: np.ndarray, bins: int) -> dict[str, Tensor]:
    """Gives the bins of numbers between quantiles, shape `(p, bins)` each.

    Returns:
        `edge_low`: where a bin begins; `edge_rate`: 1 by its length, 0 for bins that a number has not; `edge_least` and
        `edge_most`: bounds of the position in it, 0 and 1 except beyond the first and the last.
    """
    p = numbers.shape[1]
    shape = (p, bins)
    low, rate = np.zeros(shape, "float32"), np.zeros(shape, "float32")
    least, most = np.zeros(shape, "float32"), np.ones(shape, "float32")
    for column in range(p):
        shares = np.linspace(0, 1, bins + 1)
        edges = np.unique(np.quantile(numbers[:, column], shares).astype("float32"))
        if len(edges) <= bins:  # some values are frequent: the others would fall into few bins
            edges = np.unique(np.quantile(np.unique(numbers[:, column]), shares).astype("float32"))
        count = max(1, len(edges) - 1)
        low[column, :count] = edges[:count]
        rate[column, :count] = 1 / np.maximum(np.diff(edges), 1e-6) if len(edges) > 1 else 1.0
        least[column, 0], most[column, count - 1] = -math.inf, math.inf
    named = {"edge_low": low, "edge_rate": rate, "edge_least": least, "edge_most": most}
    return {name: torch.from_numpy(array) for name, array in named.items()}


def _even(shape: tuple[int, ...], fan: int, generator: torch.Generator) -> Tensor:
    bound = 1 / math.sqrt(max(1, fan))
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)
