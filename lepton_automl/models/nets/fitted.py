"""A trained net as arrays: predictions need NumPy alone, and its files hold no code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from lepton_automl.errors import ArtifactError, Problem
from lepton_automl.features import Prepared
from lepton_automl.models.nets.table import Inputs, Scaling
from lepton_automl.models.protocol import Files, pack_arrays, unpack_arrays
from lepton_automl.tasks import Makes

Arrays = Mapping[str, np.ndarray]
Forward = Callable[[Arrays, Inputs], np.ndarray]
FORMAT = 1
CHUNK = 4_000_000
"""Numbers in the largest matrix of a chunk of rows: 16 MB."""


@dataclass(frozen=True)
class FittedNet:
    """What a net learned.

    Args:
        family: Name of the family.
        forward: Gives the outputs of `m` members for a chunk of rows, shape `(m, n, width)`.
        arrays: The net's weights, as `forward` names them, and what the target was scaled by:
            `offset`, shape `(width,)`, added to outputs that become probabilities; `center`, shape `(2,)`, mean and
            deviation of numbers; `bounds`, shape `(2,)`, that no number leaves.
        scaling: How columns become inputs.
        makes: What the outputs are.
        rounds: Epochs that were kept, and those over which the schedules ran.
        spread: Numbers of the largest matrix for one row, by which chunks are cut.
    """

    family: str
    forward: Forward
    arrays: Arrays
    scaling: Scaling
    makes: Makes
    rounds: tuple[int, ...]
    spread: int

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives probabilities, numbers, or quantiles in rising order: the mean of the members."""
        inputs, step = self.scaling.apply(rows), max(1, CHUNK // self.spread)
        with _threads(threads):
            parts = [
                self._part(Inputs(inputs.dense[i : i + step], inputs.codes[i : i + step])) for i in range(0, len(rows), step)
            ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.arrays["offset"])))

    def _part(self, inputs: Inputs) -> np.ndarray:
        return finished(self.forward(self.arrays, inputs), self.arrays, self.makes)

    def save(self) -> Files:
        """Gives one file of arrays and one of JSON."""
        scaling, learned = self.scaling.state()
        meta = {"format": FORMAT, "family": self.family, "makes": str(self.makes), "rounds": list(self.rounds)}
        meta = {**meta, "spread": self.spread, "scaling": scaling}
        return {"net.json": json.dumps(meta).encode(), "net.npz": pack_arrays({**self.arrays, **learned})}

    @classmethod
    def load(cls, files: Files, family: str, forward: Forward) -> FittedNet:
        """Reads what `save` gave.

        Raises:
            ArtifactError: If the files are of another family or format.
        """
        meta: dict[str, Any] = json.loads(files["net.json"])
        if (meta.get("format"), meta.get("family")) != (FORMAT, family):
            found = f"is of format {meta.get('format')!r}, family {meta.get('family')!r}; {family} reads format {FORMAT}."
            raise ArtifactError(Problem("net.json", found, "Load it with the version of lepton-automl that wrote it."))
        arrays = unpack_arrays(files["net.npz"])
        scaling = Scaling.load(meta["scaling"], arrays)
        kept = {name: array for name, array in arrays.items() if not name.startswith("scaling ")}
        return cls(family, forward, kept, scaling, Makes(meta["makes"]), tuple(meta["rounds"]), meta["spread"])


def finished(outputs: np.ndarray, arrays: Arrays, makes: Makes) -> np.ndarray:
    """Turns the outputs of members, shape `(m, n, width)`, into a prediction, shape `(n, width)`, float64."""
    if makes is Makes.PROBABILITIES:
        score = outputs + arrays["offset"]
        score = np.exp(score - score.max(axis=2, keepdims=True))
        shares = (score / score.sum(axis=2, keepdims=True)).mean(axis=0).astype("float64")
        return shares / shares.sum(axis=1, keepdims=True)
    center, bounds = arrays["center"], arrays["bounds"]
    values = outputs.mean(axis=0).astype("float64") * center[1] + center[0]
    values = np.clip(values, bounds[0], bounds[1])
    return np.sort(values, axis=1) if makes is Makes.QUANTILES else values


def pruned(arrays: Arrays, share: float) -> Arrays:
    """Sets the smallest weights of each matrix to 0.

    Args:
        arrays: Weights; those with fewer than two axes, and the edges of bins, stay as they are.
        share: Share of the weights, 0 to 1.

    Source: Han et al. (2015), "Learning both weights and connections for efficient neural networks", NeurIPS 28.
    """
    if share <= 0:
        return arrays
    return {
        name: _cut(array, share) if array.ndim > 1 and not name.startswith("edge") else array for name, array in arrays.items()
    }


def _cut(array: np.ndarray, share: float) -> np.ndarray:
    smallest = np.argsort(np.abs(array), axis=None, kind="stable")[: round(share * array.size)]
    out = array.copy()
    out.flat[smallest] = 0
    return out


def looked_up(arrays: Arrays, inputs: Inputs) -> list[np.ndarray]:
    """Gives the vectors of the categories that are looked up, each of shape `(n, width)`."""
    return [arrays[f"table_{column}"][inputs.codes[:, column]] for column in range(inputs.codes.shape[1])]


def _threads(threads: int) -> AbstractContextManager[Any]:
    return _controller().limit(limits=threads, user_api="blas")


@lru_cache(maxsize=1)
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
