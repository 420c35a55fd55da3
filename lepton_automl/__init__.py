"""Lepton AutoML: one YAML recipe in, one governed, tested and servable model out."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lepton_automl.api.comparing import compare
    from lepton_automl.api.estimators import LeptonClassifier, LeptonRegressor
    from lepton_automl.api.results import Run, load
    from lepton_automl.api.running import run

__version__ = "0.1.0"
__all__ = ["LeptonClassifier", "LeptonRegressor", "Run", "__version__", "compare", "load", "run"]

_PLACES = {
    "LeptonClassifier": "lepton_automl.api.estimators",
    "LeptonRegressor": "lepton_automl.api.estimators",
    "Run": "lepton_automl.api.results",
    "compare": "lepton_automl.api.comparing",
    "load": "lepton_automl.api.results",
    "run": "lepton_automl.api.running",
}
"""Name to the module that has it, imported when the name is first asked for: the command line needs none of them."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
