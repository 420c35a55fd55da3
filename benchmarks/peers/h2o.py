"""H2O's AutoML with its defaults, but for the metric, the time and the threads. Option: `memory` (8G).

python benchmarks/peers/h2o.py fit --help
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from common import Job

SORT = {"roc_auc": "AUC", "log_loss": "logloss", "rmse": "RMSE"}


class H2O:
    """H2O; it brings a Java process of its own, which ends with this one."""

    def version(self) -> str:
        """Gives the version of the library."""
        from importlib.metadata import version

        return version("h2o")

    def fit(self, train: pd.DataFrame, job: Job) -> None:
        """Learns, and saves the leader."""
        import json

        import h2o
        from h2o.automl import H2OAutoML

        h2o.init(nthreads=job.threads, max_mem_size=job.options.get("memory", "8G"))
        texts = [name for name in train.columns if train[name].dtype == object]
        table = h2o.H2OFrame(train, column_types=dict.fromkeys(texts, "enum"))
        if job.classes:
            table[job.target] = table[job.target].asfactor()
        learned = H2OAutoML(max_runtime_secs=int(job.seconds), seed=job.seed, sort_metric=SORT[job.metric])
        learned.train(y=job.target, training_frame=table)
        path = h2o.save_model(learned.leader, path=job.model, force=True)
        (Path(job.model).parent / "leader.json").write_text(json.dumps({"path": path, "texts": texts}))
        h2o.cluster().shutdown()

    def load(self, job: Job) -> Any:
        """Starts H2O and loads the leader."""
        import json

        import h2o

        h2o.init(nthreads=job.threads, max_mem_size=job.options.get("memory", "8G"))
        leader = json.loads((Path(job.model).parent / "leader.json").read_text())
        return h2o.load_model(leader["path"]), [name for name in leader["texts"] if name != job.target]

    def predict(self, model: Any, rows: pd.DataFrame, job: Job) -> np.ndarray:
        """Gives numbers or probabilities."""
        import h2o

        learned, texts = model
        out = learned.predict(h2o.H2OFrame(rows, column_types=dict.fromkeys(texts, "enum"))).as_data_frame()
        return out["predict"].to_numpy() if job.task == "regression" else out.iloc[:, 1:].to_numpy()


if __name__ == "__main__":
    from common import run

    run(H2O())
