"""Fits as files: reads them, and tells what scoring one row with them takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lepton_automl.features import Prepared
from lepton_automl.models import MODELS, Fitted, load_fitted
from lepton_automl.models.protocol import Files
from lepton_automl.search import Fit, Trial, load_preparation

REPEATS = 5
"""Times that one row is scored to time it; the median counts."""


def files_of(fit: Fit) -> Files:
    """Reads the files of a fit's model: their endings, and what is in them."""
    path = Path(fit.files)
    names = sorted(file.name[len(path.name) + 1 :] for file in path.parent.glob(f"{path.name}.*"))
    return {name: Path(f"{path}.{name}").read_bytes() for name in names if name != "oof.npy"}


def load_fit(trial: Trial, fit: Fit, plugins: Sequence[str] = ()) -> Fitted:
    """Reads the model of a fit.

    Args:
        trial: Its trial.
        fit: The fit.
        plugins: Packages whose models may be named.
    """
    return load_fitted(MODELS.find(trial.candidate, allow=plugins)(), files_of(fit))


def milliseconds_of(
    trials: Sequence[Trial], table: Path, row: pd.DataFrame, context: pd.DataFrame, final: str, plugins: Sequence[str] = ()
) -> dict[int, float]:
    """Gives what scoring one row with each trial takes, in ms: preparing it and asking the models of its folds.

    One fold of each trial is timed and stands for the others.

    Args:
        trials: The trials.
        table: The search's folder of preparations.
        row: One typed row.
        context: Rows whose target is known, for models that look back.
        final: `folds`, or `refit` where one model is delivered for each.
        plugins: Packages whose models may be named.
    """
    prepared: dict[str, tuple[Prepared, float]] = {}
    found = {}
    for trial in trials:
        fit = next(iter(trial.fits.values()))
        if fit.preparation not in prepared:
            preparation = load_preparation(table / fit.preparation)
            rows = preparation.apply(row, context)
            prepared[fit.preparation] = rows, timed(lambda p=preparation: p.apply(row, context))  # type: ignore[misc]
        rows, before = prepared[fit.preparation]
        fitted = load_fit(trial, fit, plugins)
        once = before + timed(lambda f=fitted, r=rows: f.predict(r, 1))  # type: ignore[misc]
        found[trial.number] = once if final == "refit" else once * len(trial.fits)
    return found


def timed(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Gives the median wall clock of some work in ms; the first time does not count."""
    work()
    took = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return 1000 * float(np.median(took))
