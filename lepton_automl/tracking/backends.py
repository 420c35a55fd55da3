"""The tools that need a package of their own, and whether it is here."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Known:
    """A tool.

    Args:
        place: Its tracker, as `package.module:Class`; made with the run's folder and the recipe's settings.
        module: What it imports.
        extra: The extra of `lepton-automl` that brings that.
    """

    place: str
    module: str
    extra: str


BACKENDS = {
    "tensorboard": Known("lepton_automl.tracking.tensorboard:TensorBoard", "tensorboardX", "tracking"),
    "wandb": Known("lepton_automl.tracking.wandb:WeightsAndBiases", "wandb", "tracking"),
    "mlflow": Known("lepton_automl.tracking.mlflow:Mlflow", "mlflow", "tracking"),
}


@dataclass(frozen=True)
class Backend:
    """A tool that the recipe asks for.

    Args:
        name: A key of `BACKENDS`.
        settings: What the recipe says about it; a secret is still only a name.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackingSettings:
    """Where a run is written down besides its own files.

    Args:
        csv: Whether `trials.csv` and `curves.csv` are written as trials end.
        backends: The other tools.
    """

    csv: bool = False
    backends: tuple[Backend, ...] = ()


def is_absent(name: str) -> bool:
    """Says whether a tool's package is not here; a plain folder of its name, such as `wandb/`, is no package."""
    spec = importlib.util.find_spec(BACKENDS[name].module)
    return spec is None or spec.origin is None
