"""Searches table sets and keeps what an ensemble is made of: each trial's out-of-fold and test predictions, in one file a set.

python benchmarks/out_of_fold.py --data FOLDER --sets german_credit,heart_disease --splits 4 --trials 24 --out FOLDER

`benchmarks/ensembles.py` compares ways of joining trials on these files, without fitting anything again.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.sets import default_data, open_set
from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.engine.run import prepare_rows, start_search, workbench
from lepton_automl.engine.stopping import Stop
from lepton_automl.ledger import Ledger
from lepton_automl.limits import Clock
from lepton_automl.models import MODELS, load_fitted
from lepton_automl.recipe import compose
from lepton_automl.search import Board, Trial, load_preparation


def tested(board: Board, trial: Trial, frame: pd.DataFrame, table: Path) -> np.ndarray:
    """Gives the mean prediction of a trial's fold models, shape `(n, width)`."""
    family, out = MODELS.find(trial.candidate)(), []
    for fit in trial.fits.values():
        path = Path(fit.files)
        names = [file.name[len(path.name) + 1 :] for file in path.parent.glob(f"{path.name}.*")]
        files = {name: Path(f"{path}.{name}").read_bytes() for name in names if name != "oof.npy"}
        rows = load_preparation(table / fit.preparation).apply(frame)
        out.append(load_fitted(family, files).predict(rows, 2))
    return np.mean(out, axis=0)


def keep(words: list[str], out: Path, scratch: Path) -> int:
    """Searches, and writes the predictions of all complete trials; gives how many there are."""
    plan = compile(compose(words), scratch)
    plan.out.mkdir(parents=True, exist_ok=True)
    ledger = Ledger()
    with workbench(plan, Clock(time.time(), plan.budget), Stop(None)) as bench:
        table = prepare_rows(plan, ledger)
        search = start_search(plan, table, bench, ledger, None)
        search.run()
        board = search.board
        done = board.complete
        assert table.test is not None
        truth = plan.task.encode(table.test.values(plan.task.target))
        parts = [board.parts(trial) for trial in done]
        positions = np.concatenate([part.positions for part in parts[0]])
        np.savez_compressed(
            out,
            oof=np.stack([np.concatenate([part.values for part in one]) for one in parts]),
            test=np.stack([tested(board, trial, table.test.frame, bench.folder / "table") for trial in done]),
            y=table.y[positions],
            y_test=truth,
            fold=np.concatenate([np.full(len(part.positions), part.fold) for part in parts[0]]),
            family=np.array([trial.candidate for trial in done]),
            loss=np.array([trial.loss for trial in done]),
            seconds=np.array([sum(fit.predict_seconds for fit in trial.fits.values()) for trial in done]),
            metric=np.array(plan.task.metric.name),
        )
    return len(done)


def main() -> None:
    """Runs the searches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sets", required=True, help="names, parted by commas")
    parser.add_argument("--splits", type=int, default=1, help="resplits of train and test rows together")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--metric", default="")
    parser.add_argument("--words", default="", help="more words of the recipe, parted by blanks")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.sets.split(","):
        one = open_set(options.data, name)
        whole = options.out / f"{name}.parquet"
        pd.concat([pd.read_parquet(one.train), pd.read_parquet(one.test)], ignore_index=True).to_parquet(whole)
        for seed in range(options.splits):
            started = time.time()
            words = ["recipe=table", f"data.source.path={whole}", f"task.kind={one.task}", f"task.target='{one.target}'"]
            words += [f"task.metric={options.metric or one.metric}", "budget.seconds=null", f"budget.trials={options.trials}"]
            words += [f"seed={seed}", "split.test_share=0.25", "hardware.threads=2", *options.words.split()]
            metric = options.metric or one.metric
            out = options.out / f"{name}_{metric}_{seed}.npz"
            count = keep(words, out, options.out / f"run_{name}_{metric}_{seed}")
            print(f"{out.name:36} {count} trials, {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
