"""FLAML's AutoML with its defaults, but for the metric, the time and the threads.

python benchmarks/peers/flaml.py fit --help
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from common import Job


class Flaml:
    """FLAML; text columns are handed over as categories, as its guide asks."""

    def version(self) -> str:
        """Gives the version of the library."""
        from importlib.metadata import version

        return version("flaml")

    def fit(self, train: pd.DataFrame, job: Job) -> None:
        """Learns, and pickles what it learned."""
        import pickle

        from flaml import AutoML

        features = train.drop(columns=[job.target])
        levels = {name: sorted(features[name].dropna().astype(str).unique()) for name in _texts(features)}
        model = AutoML()
        model.fit(
            X_train=_typed(features, levels),
            y_train=train[job.target],
            task="regression" if job.task == "regression" else "classification",
            metric=job.metric,
            time_budget=job.seconds,
            n_jobs=job.threads,
            seed=job.seed,
            verbose=1,
            log_file_name="",
        )
        (Path(job.model) / "model.pkl").write_bytes(pickle.dumps((model, levels)))

    def load(self, job: Job) -> Any:
        """Loads what this script itself pickled."""
        import pickle

        return pickle.loads((Path(job.model) / "model.pkl").read_bytes())

    def predict(self, model: Any, rows: pd.DataFrame, job: Job) -> np.ndarray:
        """Gives numbers or probabilities."""
        learned, levels = model
        features = _typed(rows, levels)
        return np.asarray(learned.predict(features) if job.task == "regression" else learned.predict_proba(features))


def _texts(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if table[name].dtype == object]


def _typed(table: pd.DataFrame, levels: dict[str, list[str]]) -> pd.DataFrame:
    typed = {
        name: pd.Categorical(table[name].where(table[name].isna(), table[name].astype(str)), categories=known)
        for name, known in levels.items()
    }
    return table.assign(**typed)


if __name__ == "__main__":
    from common import run

    run(Flaml())
