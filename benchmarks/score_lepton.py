"""Loads a run's artefact in a fresh process through the Python API, predicts the test rows, and measures how quickly.

python benchmarks/score_lepton.py --run FOLDER --test FILE --target NAME --out FOLDER

Writes what `benchmarks/peers/*.py predict` write: `predictions.npz` (`values`, `classes`) and `facts.json`.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from peers.common import measure_speed

import lepton_automl
from lepton_automl.deliver import Scorer

PREFIX = "probability_"


def main() -> None:
    """Scores the test rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished run")
    parser.add_argument("--test", type=Path, required=True, help="Parquet file of the test rows")
    parser.add_argument("--target", required=True, help="column of the target; rows without it are left out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="folder for predictions.npz and facts.json")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    test = pd.read_parquet(options.test)
    test = test[test[options.target].notna()].drop(columns=[options.target]).reset_index(drop=True)
    started = time.perf_counter()
    scorer = Scorer.load(options.run / "artifact")
    load_seconds = time.perf_counter() - started

    def predict(rows: pd.DataFrame) -> pd.DataFrame:
        return scorer.predict(rows, threads=options.threads if len(rows) > 1 else 1)

    found = predict(test)
    columns = [name for name in found.columns if name.startswith(PREFIX)]
    values = found[columns or ["prediction"]].to_numpy(dtype="float64")
    classes = np.array([name.removeprefix(PREFIX) for name in columns], dtype=str)
    np.savez(options.out / "predictions.npz", values=values if columns else values[:, 0], classes=classes)
    size = sum(file.stat().st_size for file in (options.run / "artifact").rglob("*") if file.is_file())
    facts = {"version": lepton_automl.__version__, "artifact_mb": size / 1e6, "load_seconds": load_seconds}
    (options.out / "facts.json").write_text(json.dumps({**facts, **measure_speed(predict, test)}))


if __name__ == "__main__":
    main()
