"""What the engine adds to the fits: wall of its search stage against a plain script that fits the same LightGBM folds.

python benchmarks/overhead.py --rows 10000,100000 --repeats 3

One model, fixed parameters and rounds, k folds, two threads, the same rows; both sides alternate. The engine's wall is the
search stage in its own `metrics.json`; the plain script's starts with the table in memory and ends with the last fold's figure.
Goal: a ratio of medians of at most 1.15.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from watching import watch

GOAL = 1.15
PARAMS: dict[str, Any] = {"learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20, "feature_fraction": 0.8}
COLUMNS = 30
OTHER_MODELS = ("linear", "xgboost", "extra_trees")


def make_rows(path: Path, rows: int) -> None:
    """Writes a table of numbers with a binary target."""
    from sklearn.datasets import make_classification

    X, y = make_classification(rows, COLUMNS, n_informative=12, n_redundant=6, flip_y=0.1, random_state=0)
    table = pd.DataFrame(X.astype("float32"), columns=[f"x{i}" for i in range(COLUMNS)])
    table.assign(y=y).to_parquet(path)


def fit_plainly(path: Path, folds: int, rounds: int, threads: int) -> float:
    """Fits the folds as a plain script would; gives the seconds, reading the file left out."""
    import lightgbm
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    table = pd.read_parquet(path)
    started = time.perf_counter()
    X, y = table.drop(columns=["y"]).to_numpy(dtype="float32"), table["y"].to_numpy()
    fixed = {"objective": "binary", "metric": "binary_logloss", "num_threads": threads, "verbose": -1, "force_row_wise": True}
    for here, there in StratifiedKFold(folds, shuffle=True, random_state=0).split(X, y):
        train = lightgbm.Dataset(X[here], y[here])
        valid = lightgbm.Dataset(X[there], y[there], reference=train)
        model = lightgbm.train({**PARAMS, **fixed}, train, rounds, valid_sets=[valid])
        roc_auc_score(y[there], model.predict(X[there], num_threads=threads))
    return time.perf_counter() - started


def models_of_recipe() -> list[str]:
    """Gives the models that the recipe `table` tries, as the engine itself says."""
    words = ["recipe=table", "data.source.path=x", "task.kind=binary", "task.target=y", "--cfg", "job"]
    done = subprocess.run([sys.executable, "-m", "lepton_automl", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return ["lightgbm", *OTHER_MODELS]
    import yaml

    return list(yaml.safe_load(done.stdout)["search"]["models"])


def fit_with_engine(path: Path, folds: int, rounds: int, threads: int, models: list[str]) -> dict[str, float]:
    """Runs the engine with one model; gives the seconds of its stages, `wall` for the whole process."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "run"
        words = ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=y", "~budget.seconds"]
        words += ["budget.trials=1", f"split.folds={folds}", "split.test_share=0.01", f"hardware.threads={threads}"]
        words += [f"search.patience_rounds={rounds}", "evidence=fast", "tracking.progress=none", f"run.dir={out}"]
        words += [f"~search.models.{name}" for name in models if name != "lightgbm"]
        words += [f"search.models.lightgbm.{name}={value}" for name, value in {**PARAMS, "num_iterations": rounds}.items()]
        words += [
            f"search.models.lightgbm.{name}={value}" for name, value in {"bagging_freq": 0, "bagging_fraction": 1.0}.items()
        ]
        done = watch([sys.executable, "-m", "lepton_automl", *words], Path(scratch) / "log", 900, threads)
        if done.code not in (0, 1):
            raise SystemExit(f"the engine ended with {done.code}:\n{done.tail}")
        said = json.loads((out / "metrics.json").read_text())
        board = json.loads((out / "leaderboard.json").read_text())
        # A curve ends at the round before the last one, or at the last.
        fitted = pd.read_csv(out / "curves.csv").groupby("fold")["round"].max() + 1
        if said["trials"]["done"] != 1 or min(fitted) < rounds - 1 or len(fitted) != folds:
            raise SystemExit(
                f"the engine did not fit {rounds} rounds on each fold: {fitted.tolist()}; the ratio would mean nothing."
            )
        return {**said["seconds"], "fits": board[0]["seconds"], "wall": done.wall}


def main() -> None:
    """Measures the overhead."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000,100000", help="numbers of rows, parted by commas")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/overhead.jsonl"), help="JSON lines to append to")
    parser.add_argument("--plain", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain is not None:
        print(fit_plainly(options.plain, options.folds, options.rounds, options.threads))
        return
    models = models_of_recipe()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for rows in map(int, options.rows.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "rows.parquet"
            make_rows(path, rows)
            ours, plain = [], []
            for repeat in range(options.repeats):
                again = [sys.executable, __file__, "--plain", str(path), "--folds", str(options.folds)]
                again += ["--rounds", str(options.rounds), "--threads", str(options.threads)]
                log = Path(scratch) / "plain.log"
                done = watch(again, log, 900, options.threads)
                if done.code != 0:
                    raise SystemExit(f"the plain script ended with {done.code}:\n{done.tail}")
                plain.append(float(log.read_text().split()[-1]))
                stages = fit_with_engine(path, options.folds, options.rounds, options.threads, models)
                ours.append(stages["search"])
                row = {"date": time.strftime("%Y-%m-%d"), "rows": rows, "repeat": repeat, "plain": round(plain[-1], 3)}
                settings = {"folds": options.folds, "rounds": options.rounds, "threads": options.threads}
                with options.out.open("a") as file:
                    file.write(json.dumps({**row, **settings, "engine": stages}) + "\n")
        ratio = float(np.median(ours) / np.median(plain))
        verdict = "kept" if ratio <= GOAL else "MISSED"
        print(
            f"{rows:>7} rows: search stage {_list(ours)} s, plain {_list(plain)} s, ratio {ratio:.3f} (goal {GOAL}: {verdict})"
        )


def _list(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    main()
