"""What every model family offers. A model is a final class without state; what it learned is its `Fitted`."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs, Prepared
from lepton_automl.space import Choice, Dimension
from lepton_automl.tasks import Goal, Makes

Step = Callable[[int, float], None]
Files = dict[str, bytes]


REPRESENTATION: dict[str, Choice] = {
    "categories": Choice(("native", "ordinal", "target")),
    "texts": Choice(("topics", "target", "drop")),
    "made": Choice((False, True)),
    "target_scale": Choice(("raw", "log")),
}
"""Parameters that say what a model sees of the table, not how it fits: which of them it has is in its `legal`. Whoever calls
`fit` has carried them out before, by `Needs.chosen` and `fit_with_target`."""


@dataclass(frozen=True)
class Shape:
    """How large the training table is: what default spaces and estimates go by.

    Args:
        rows: Training rows.
        columns: Columns a model may see.
        goal: What is to be made.
        terms: Columns that text may become; 0 without text.
        levels: Levels of the category with the most; 0 without categories.
        numbers: Columns of numbers and dates.
        is_skewed: Whether the target is numbers with a long tail.
        phrases: Columns that are read as text: texts, and categories whose levels are phrases.
    """

    rows: int
    columns: int
    goal: Goal
    terms: int = 0
    levels: int = 0
    numbers: int = 0
    is_skewed: bool = False
    phrases: int = 0


@dataclass(frozen=True)
class Rows:
    """Prepared rows with their target.

    Args:
        prepared: The features, `n` rows.
        y: Class codes (int64) or numbers (float64), shape `(n,)`.
        weight: Weights, shape `(n,)`, or none.
    """

    prepared: Prepared
    y: np.ndarray
    weight: np.ndarray | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def kept(self, key: Any, make: Callable[[], Any]) -> Any:
        """Gives what a model made of these rows before (binned rows, say), or makes it: the next fit has it at hand.

        Args:
            key: Names it; with all that it depends on besides the rows.
            make: Makes it.
        """
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


@dataclass(frozen=True)
class Limits:
    """What one fit may use.

    Args:
        threads: Threads.
        seed: Seed of everything random in it.
        deadline: Moment (seconds since the epoch) at which a fit that goes by rounds stops and keeps what it has.
        patience: Rounds without gain before it stops, where valid rows are given.
        device: `cpu` or `gpu`; a model that does not know the GPU stays on the CPU.
        rounds: Exact rounds to fit, one for each booster, as recorded by an earlier fit; none to find them.
    """

    threads: int = 1
    seed: int = 0
    deadline: float = float("inf")
    patience: int = 100
    device: str = "cpu"
    rounds: tuple[int, ...] | None = None

    def is_over(self) -> bool:
        """Says whether the deadline has passed."""
        return time.time() >= self.deadline


class Fitted(Protocol):
    """What a model learned."""

    @property
    def rounds(self) -> tuple[int, ...]:
        """Rounds of each booster in it; empty where a model has none."""
        ...

    def predict(self, rows: Prepared, threads: int = 1) -> np.ndarray:
        """Gives the prediction, shape `(n, width)`, float64."""
        ...

    def save(self) -> Files:
        """Gives it as files that hold no code: a library's own text or binary format, arrays, JSON."""
        ...


@runtime_checkable
class Cuttable(Protocol):
    """What a booster learned: its last rounds can be left out."""

    def cut(self, rounds: int) -> Fitted:
        """Gives it with the first rounds of each booster only; it stays as it is itself."""
        ...


class Model(Protocol):
    """A model family.

    Facts:
        reads: Kinds of columns it can use.
        makes: Kinds of prediction it can make.
        needs: How it wants its columns.
        package: The package it needs, and the extra that brings it; empty if it is part of the core.
        devices: Where it can be fitted.
        in_rounds: Whether a fit goes by rounds, stops early and at a deadline.
        rate: Parameter by which each round of boosting is shrunk: a lower one takes more rounds and learns a little better.
            Empty where there is none.
        span: Parameter that says over how many rounds the schedules of a fit run, which its rounds then give second, after
            those that were kept. Empty where there is none.
    """

    reads: frozenset[Kind]
    makes: frozenset[Makes]
    needs: Needs
    package: tuple[str, str] | None
    devices: frozenset[str]
    in_rounds: bool
    rate: str
    span: str

    def legal(self, goal: Goal) -> Mapping[str, Dimension]:
        """Gives every parameter that a recipe may name, with its widest range."""
        ...

    def space(self, shape: Shape) -> Mapping[str, Dimension]:
        """Gives what is searched where the recipe says nothing."""
        ...

    def starts(self, shape: Shape) -> list[dict[str, Any]]:
        """Gives the configurations tried first, the default one leading; each within `legal`."""
        ...

    def least_seconds(self, shape: Shape) -> float:
        """Gives the seconds of a fit on one thread below which it is not worth beginning: by rows and columns, roughly."""
        ...

    def fit(self, train: Rows, valid: Rows | None, params: Mapping[str, Any], goal: Goal, limits: Limits, step: Step) -> Fitted:
        """Fits on training rows; watches valid rows to stop early.

        Raises:
            LeptonError: If the rows do not suit; any exception counts as a failed trial.
        """
        ...

    def load(self, files: Files) -> Fitted:
        """Reads what `Fitted.save` gave. Nothing in the files is executed."""
        ...


def pack_arrays(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Gives arrays as the bytes of an `.npz` file, quickly packed; the same arrays give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asanyarray(array), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return buffer.getvalue()


def unpack_arrays(raw: bytes) -> dict[str, np.ndarray]:
    """Reads arrays; refuses pickled objects."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def no_step(number: int, value: float) -> None:
    """A callback that does nothing."""
