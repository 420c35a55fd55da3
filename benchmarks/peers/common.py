"""The command line that all peers share: `fit` learns and saves, `predict` loads in a fresh process, predicts and measures.

python benchmarks/peers/flaml.py fit --train TRAIN --target NAME --task binary --metric roc_auc --seconds 60 --out FOLDER
python benchmarks/peers/flaml.py predict --test TEST --out FOLDER

Runs in the peer's own virtual environment, with numpy and pandas (with pyarrow) and nothing of this project. `fit` leaves
`FOLDER/model/` and `FOLDER/job.json`; `predict` leaves `FOLDER/predictions.npz` (`values`, `classes`) and `FOLDER/facts.json`.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

# The files beside this one are named like the libraries they call, so their folder leaves the search path.
sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]

LONG_ROWS = 20_000
SINGLE_CALLS = 200
SINGLE_SECONDS = 20.0


@dataclass(frozen=True)
class Job:
    """What is to be learned.

    Args:
        target: Column to predict; codes from 0 where there are classes.
        task: `binary`, `multiclass` or `regression`.
        metric: `roc_auc`, `log_loss` or `rmse`.
        seconds: Budget.
        threads: Threads.
        seed: Seed.
        classes: Names of the classes, in the order of their codes.
        model: Folder of the model.
        options: Options of this peer.
    """

    target: str
    task: str
    metric: str
    seconds: float
    threads: int
    seed: int
    classes: list[str]
    model: str
    options: dict[str, str]


class Peer(Protocol):
    """What a peer's file offers."""

    def version(self) -> str:
        """Gives the version of the library."""
        ...

    def fit(self, train: pd.DataFrame, job: Job) -> None:
        """Learns, and saves into `job.model`."""
        ...

    def load(self, job: Job) -> Any:
        """Loads what was saved, ready to predict at its quickest."""
        ...

    def predict(self, model: Any, rows: pd.DataFrame, job: Job) -> np.ndarray:
        """Gives numbers, shape `(n,)`, or probabilities in the order of the codes, shape `(n, k)`."""
        ...


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Gives columns of types that every library reads: object for text, float or bool for the rest."""
    out = table.copy()
    for name in out.columns:
        kind = str(out[name].dtype)
        if kind.startswith(("string", "str", "large_string")):
            out[name] = out[name].astype(object).where(out[name].notna(), None)
        elif kind[:1] in "IFU" or kind == "boolean":
            out[name] = out[name].astype("float64")
    return out


def run(peer: Peer) -> None:
    """Reads the command line and does what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    learn = verbs.add_parser("fit", help="learn and save")
    learn.add_argument("--train", type=Path, required=True, help="Parquet file of the training rows")
    learn.add_argument("--target", required=True, help="column to predict")
    learn.add_argument("--task", choices=["binary", "multiclass", "regression"], required=True)
    learn.add_argument("--metric", choices=["roc_auc", "log_loss", "rmse"], required=True)
    learn.add_argument("--seconds", type=float, required=True, help="budget that the peer is told")
    learn.add_argument("--threads", type=int, default=2)
    learn.add_argument("--seed", type=int, default=1)
    learn.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of this peer")
    learn.add_argument("--out", type=Path, required=True, help="folder for the model")
    tell = verbs.add_parser("predict", help="load, predict and measure")
    tell.add_argument("--test", type=Path, required=True, help="Parquet file of the test rows")
    tell.add_argument("--out", type=Path, required=True, help="the folder that fit wrote")
    options = parser.parse_args()
    _fit(peer, options) if options.verb == "fit" else _predict(peer, options)


def _fit(peer: Peer, options: argparse.Namespace) -> None:
    train = plain(pd.read_parquet(options.train))
    train = train[train[options.target].notna()].reset_index(drop=True)
    classes: list[str] = []
    if options.task != "regression":
        names = sorted(train[options.target].unique(), key=str)
        classes = [str(name) for name in names]
        train[options.target] = train[options.target].map({name: code for code, name in enumerate(names)}).astype("int64")
    model = (options.out / "model").resolve()
    model.mkdir(parents=True, exist_ok=True)
    extra = dict(option.split("=", 1) for option in options.option)
    job = Job(
        options.target, options.task, options.metric, options.seconds, options.threads, options.seed, classes, str(model), extra
    )
    (options.out / "job.json").write_text(json.dumps(asdict(job)))
    peer.fit(train, job)


def _predict(peer: Peer, options: argparse.Namespace) -> None:
    job = Job(**json.loads((options.out / "job.json").read_text()))
    test = plain(pd.read_parquet(options.test))
    test = test[test[job.target].notna()].drop(columns=[job.target]).reset_index(drop=True)
    started = time.perf_counter()
    model = peer.load(job)
    load_seconds = time.perf_counter() - started
    values = np.asarray(peer.predict(model, test, job), dtype="float64")
    if job.classes and values.ndim == 1:
        values = np.column_stack([1 - values, values])
    np.savez(options.out / "predictions.npz", values=values, classes=np.array(job.classes, dtype=str))
    size = sum(file.stat().st_size for file in Path(job.model).rglob("*") if file.is_file())
    speed = measure_speed(lambda rows: peer.predict(model, rows, job), test)
    facts = {"version": peer.version(), "artifact_mb": size / 1e6, "load_seconds": load_seconds, **speed}
    (options.out / "facts.json").write_text(json.dumps(facts))


def measure_speed(predict: Any, test: pd.DataFrame) -> dict[str, float]:
    """Measures rows a second on at least 20,000 rows, and the median of 200 calls with one row (fewer after 20 s)."""
    copies = -(-LONG_ROWS // len(test))
    rows = pd.concat([test] * copies, ignore_index=True) if copies > 1 else test
    started = time.perf_counter()
    predict(rows)
    rate = len(rows) / (time.perf_counter() - started)
    single = []
    for call in range(SINGLE_CALLS):
        row = test.iloc[[call % len(test)]].reset_index(drop=True)
        started = time.perf_counter()
        predict(row)
        single.append(time.perf_counter() - started)
        if sum(single) > SINGLE_SECONDS:
            break
    return {"rows_per_second": rate, "single_row_ms": float(np.median(single)) * 1000}
