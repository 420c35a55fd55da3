"""mljar-supervised's AutoML. Option: `mode` (Compete, Perform, Explain).

python benchmarks/peers/mljar.py fit --help
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from common import Job

TASKS = {"binary": "binary_classification", "multiclass": "multiclass_classification", "regression": "regression"}
METRICS = {"roc_auc": "auc", "log_loss": "logloss", "rmse": "rmse"}


class Mljar:
    """mljar-supervised with its defaults, but for the mode, the metric, the time and the threads."""

    def version(self) -> str:
        """Gives the version of the library."""
        from importlib.metadata import version

        return version("mljar-supervised")

    def fit(self, train: pd.DataFrame, job: Job) -> None:
        """Learns; it writes as it goes, into an empty folder."""
        from supervised.automl import AutoML

        model = AutoML(
            mode=job.options.get("mode", "Compete"),
            results_path=str(Path(job.model) / "results"),
            total_time_limit=int(job.seconds),
            ml_task=TASKS[job.task],
            eval_metric=METRICS[job.metric],
            n_jobs=job.threads,
            random_state=job.seed,
        )
        model.fit(train.drop(columns=[job.target]), train[job.target])

    def load(self, job: Job) -> Any:
        """Loads the results."""
        from supervised.automl import AutoML

        return AutoML(results_path=str(Path(job.model) / "results"))

    def predict(self, model: Any, rows: pd.DataFrame, job: Job) -> np.ndarray:
        """Gives numbers or probabilities."""
        return np.asarray(model.predict(rows) if job.task == "regression" else model.predict_proba(rows))


if __name__ == "__main__":
    from common import run

    run(Mljar())
