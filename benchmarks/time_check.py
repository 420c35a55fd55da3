"""Whether the check of random folds against the order of time finds drift, and stays silent where there is none.

python benchmarks/time_check.py --data DATA --drift chicago_ridership computer_prices:trend --still adult_income diamonds

Sets of `--drift` have a date (or a column of whole months, named behind the colon, which is made one). Those of `--still` get a
date drawn at random, which means nothing. Each is run with random folds; the ledger's SPLIT002 is printed beside what was
expected.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd


def prepare(folder: Path, column: str, is_drift: bool, seed: int, rows: int) -> pd.DataFrame:
    """Reads a set's training rows, with a date among them."""
    frame = pd.read_parquet(folder / "train.parquet")
    frame = frame.sample(min(rows, len(frame)), random_state=seed).reset_index(drop=True)
    if is_drift and column:
        months = frame.pop(column).astype(int)
        frame["made_date"] = pd.Timestamp("1993-01-01") + pd.to_timedelta(30 * months, unit="D")
    elif not is_drift:
        days = np.random.default_rng(seed).integers(0, 1000, len(frame))
        frame["made_date"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D")
    return frame


def run(name: str, is_drift: bool, options: argparse.Namespace, seed: int) -> dict[str, object]:
    """Runs one set; gives what the check said."""
    name, _, column = name.partition(":")
    meta = json.loads((options.data / name / "meta.json").read_text())
    with tempfile.TemporaryDirectory(prefix="lepton_time_") as scratch:
        table, out = Path(scratch) / "table.parquet", Path(scratch) / "run"
        prepare(options.data / name, column, is_drift, seed, options.rows).to_parquet(table)
        words = ["recipe=table", f"data.source.path={table}", f"task.kind={meta['task']}", f"task.target={meta['target']}"]
        words += ["search=quick", "evidence=fast", "tracking.progress=none", f"seed={seed}", f"run.dir={out}"]
        words += [f"budget.seconds={options.seconds:g}"] if options.seconds else ["budget.seconds=null", "budget.trials=2"]
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "lepton_automl", *words], capture_output=True, text=True, check=False)
        row: dict[str, object] = {"set": name, "seed": seed, "expected": "disagrees" if is_drift else "passed"}
        row |= {"seconds": round(time.perf_counter() - started, 1), "exit": done.returncode}
        if not (out / "ledger.jsonl").exists():
            return row | {"effect": done.stderr.strip()[-200:]}
        lines = [json.loads(line) for line in (out / "ledger.jsonl").read_text().splitlines()]
        found = next((line for line in lines if line["code"] == "SPLIT002"), {"effect": "not checked", "note": "no entry"})
        return row | {key: found.get(key) for key in ("effect", "column", "measured", "limit", "unit", "note")}


def main() -> None:
    """Runs all sets and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--drift", nargs="*", default=[])
    parser.add_argument("--still", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=0.0, help="budget; two trials if absent")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--out", type=Path, help="JSON lines to append to")
    options = parser.parse_args()
    for name, is_drift in [*((name, True) for name in options.drift), *((name, False) for name in options.still)]:
        for seed in range(options.seeds):
            row = run(name, is_drift, options, seed)
            print(f"{row['set']:<22} expected {row['expected']:<10} {row['effect']}: {row.get('note', '')}", flush=True)
            if options.out is not None:
                with options.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
