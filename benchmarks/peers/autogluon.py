"""AutoGluon's tabular predictor. Option: `preset` (medium_quality, good_quality, best_quality, best_quality_v150).

python benchmarks/peers/autogluon.py fit --help
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from common import Job

METRICS = {"rmse": "root_mean_squared_error"}


class AutoGluon:
    """AutoGluon with its defaults, but for the preset, the metric, the time and the threads."""

    def version(self) -> str:
        """Gives the version of the library."""
        from importlib.metadata import version

        return version("autogluon.tabular")

    def fit(self, train: pd.DataFrame, job: Job) -> None:
        """Learns; AutoGluon writes as it goes."""
        from autogluon.tabular import TabularPredictor

        metric = METRICS.get(job.metric, job.metric)
        predictor = TabularPredictor(job.target, problem_type=job.task, eval_metric=metric, path=job.model)
        preset = job.options.get("preset", "medium_quality")
        predictor.fit(train, presets=preset, time_limit=job.seconds, num_cpus=job.threads, num_gpus=0)

    def load(self, job: Job) -> Any:
        """Loads the predictor with its models kept in memory."""
        from autogluon.tabular import TabularPredictor

        predictor = TabularPredictor.load(job.model)
        predictor.persist(max_memory=None)
        return predictor

    def predict(self, model: Any, rows: pd.DataFrame, job: Job) -> np.ndarray:
        """Gives numbers or probabilities."""
        if job.task == "regression":
            return np.asarray(model.predict(rows))
        shares = model.predict_proba(rows)
        return np.asarray(shares[list(range(len(job.classes)))])


if __name__ == "__main__":
    from common import run

    run(AutoGluon())
