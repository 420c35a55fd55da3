"""The script that many write for themselves: LightGBM tuned by Optuna on five folds, then the models of the best trial.

python benchmarks/peers/lightgbm_optuna.py fit --help
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from common import Job

FOLDS = 5
ROUNDS = 5000
PATIENCE = 100
OBJECTIVES = {"binary": "binary", "multiclass": "multiclass", "regression": "regression"}
METRICS = {"roc_auc": "auc", "log_loss": "multi_logloss", "rmse": "rmse"}


class LightgbmOptuna:
    """Native categories, early stopping, TPE; the last tenth of the time is kept for saving."""

    def version(self) -> str:
        """Gives the version of the libraries."""
        from importlib.metadata import version

        return f"lightgbm {version('lightgbm')}, optuna {version('optuna')}"

    def fit(self, train: pd.DataFrame, job: Job) -> None:
        """Tunes until the time is up, then saves the folds' models of the best trial."""
        import json
        import time

        import lightgbm
        import optuna
        from sklearn.model_selection import KFold, StratifiedKFold

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        until = time.monotonic() + 0.9 * job.seconds
        features = train.drop(columns=[job.target])
        texts = [name for name in features.columns if features[name].dtype == object]
        levels = {name: sorted(features[name].dropna().astype(str).unique()) for name in texts}
        table, y = _typed(features, levels), train[job.target].to_numpy()
        maker = KFold if job.task == "regression" else StratifiedKFold
        cuts = list(maker(FOLDS, shuffle=True, random_state=job.seed).split(table, y))
        best: dict[str, Any] = {"value": None, "models": []}
        sign = -1.0 if job.metric == "roc_auc" else 1.0

        def stop(env: Any) -> None:
            if time.monotonic() > until:
                raise lightgbm.callback.EarlyStopException(env.iteration, env.evaluation_result_list)

        def objective(trial: optuna.Trial) -> float:
            params = {**_suggest(trial), **_fixed(job)}
            losses, models = [], []
            for here, there in cuts:
                data = lightgbm.Dataset(table.iloc[here], y[here])
                valid = lightgbm.Dataset(table.iloc[there], y[there], reference=data)
                calls = [lightgbm.early_stopping(PATIENCE, verbose=False), stop]
                model = lightgbm.train(params, data, ROUNDS, valid_sets=[valid], callbacks=calls)
                models.append(model)
                losses.append(sign * model.best_score["valid_0"][METRICS[job.metric]])
                if time.monotonic() > until and (best["models"] or len(models) == FOLDS):
                    break
            if len(models) < FOLDS and best["models"]:
                raise optuna.TrialPruned
            value = float(np.mean(losses))
            if best["value"] is None or value < best["value"]:
                best.update(value=value, models=models)
            return value

        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=job.seed))
        study.enqueue_trial({"learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20, "feature_fraction": 0.9})
        while time.monotonic() < until:
            study.optimize(objective, n_trials=1)
        for number, model in enumerate(best["models"]):
            model.save_model(Path(job.model) / f"fold{number}.txt")
        (Path(job.model) / "levels.json").write_text(json.dumps(levels))

    def load(self, job: Job) -> Any:
        """Loads the models of the folds."""
        import json

        import lightgbm

        models = [lightgbm.Booster(model_file=str(path)) for path in sorted(Path(job.model).glob("fold*.txt"))]
        return models, json.loads((Path(job.model) / "levels.json").read_text())

    def predict(self, model: Any, rows: pd.DataFrame, job: Job) -> np.ndarray:
        """Gives the mean of the folds' predictions."""
        models, levels = model
        table = _typed(rows, levels)
        return np.asarray(np.mean([one.predict(table, num_threads=job.threads) for one in models], axis=0))


def _fixed(job: Job) -> dict[str, Any]:
    classes = {"num_class": len(job.classes)} if job.task == "multiclass" else {}
    fixed = {"objective": OBJECTIVES[job.task], "metric": METRICS[job.metric], "num_threads": job.threads}
    return {**fixed, **classes, "seed": job.seed, "bagging_freq": 1, "verbose": -1}


def _suggest(trial: Any) -> dict[str, Any]:
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.2, log=True),
        "num_leaves": trial.suggest_int("num_leaves", 8, 256, log=True),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 3, 100, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.4, 1.0),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.6, 1.0),
        "lambda_l2": trial.suggest_float("lambda_l2", 1e-3, 10.0, log=True),
    }


def _typed(table: pd.DataFrame, levels: dict[str, list[str]]) -> pd.DataFrame:
    typed = {
        name: pd.Categorical(table[name].where(table[name].isna(), table[name].astype(str)), categories=known)
        for name, known in levels.items()
    }
    return table.assign(**typed)


if __name__ == "__main__":
    from common import run

    run(LightgbmOptuna())
