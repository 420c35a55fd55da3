"""How long the engine takes to reach a given figure on the test rows, at growing budgets.

python benchmarks/time_to_quality.py --sets ames_housing --peers /path/to/results.jsonl --system autogluon_best --at 300
python benchmarks/time_to_quality.py --sets adult_income --target adult_income=0.9284

Budgets are tried from the smallest on until one reaches the figure; the time to it is the wall clock of that whole process,
report included. Rows are those of `benchmarks/suite.py` in the same file, and are not measured twice. A run folder kept by
`--runs` shows beside it when the best trial of that run ended, where the run wrote down when trials ended.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from rows import Row, read_peers, read_rows
from sets import default_data, error_of, open_set
from suite import HERE, Places, Run, done_keys, measure, said

BUDGETS = "15,30,60,100,300"


def targets_of(options: argparse.Namespace) -> dict[str, float]:
    """Gives the figure to reach on each set: those given, else a peer's at its budget."""
    given = {name: float(value) for name, value in (pair.split("=", 1) for pair in options.target)}
    rows = [row for path in options.peers for row in read_peers(path)] + _rows(options.out)
    for row in rows:
        if row.system == options.system and row.seconds == options.at and row.score is not None:
            given.setdefault(row.name, row.score)
    return given


def _rows(path: Path) -> list[Row]:
    return read_rows(path) if path.exists() else []


def reached(row: Row, target: float) -> bool:
    """Says whether a run is at least as good as the figure."""
    return not row.has_failed and row.loss <= error_of(row.metric, target)


def row_of(options: argparse.Namespace, name: str, seconds: float, scratch: Path) -> Row | None:
    """Gives the row of a run, measuring it if it is not there; none if it may not be measured."""
    table = open_set(options.data.resolve(), name)
    run = Run("lepton", sys.executable, table, seconds, options.seed, options.threads)
    if (name, "lepton", seconds, options.seed, options.threads, ()) not in done_keys(options.out):
        if options.only_read:
            return None
        row = measure(run, "time_to_quality", Places(scratch, options.predictions, options.runs))
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(said(row), flush=True)
    rows = [row for row in _rows(options.out) if row.system == "lepton" and row.name == name]
    return next((row for row in rows if row.seconds == seconds and row.seed == options.seed), None)


def ended_at(folder: Path) -> float | None:
    """Gives the seconds into the run at which its best trial ended, where the run says when trials ended; else none."""
    path = folder / "trials.parquet"
    if not path.is_file():
        return None
    import pandas as pd

    trials = pd.read_parquet(path)
    if "ended" not in trials.columns:
        return None
    good = trials[trials["loss"].notna()]
    return float(good.loc[good["loss"].idxmin(), "ended"]) if len(good) else None


def main() -> None:
    """Measures the time to quality."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", required=True, help="parted by commas")
    parser.add_argument("--budgets", default=BUDGETS, help=f"seconds, parted by commas: {BUDGETS}")
    parser.add_argument("--target", action="append", default=[], metavar="SET=FIGURE", help="figure to reach on a set")
    parser.add_argument("--peers", type=Path, action="append", default=[], help="rows of another harness, for the figure")
    parser.add_argument("--system", default="autogluon_best", help="the peer whose figure is to be reached")
    parser.add_argument("--at", type=float, default=300, help="its budget")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the sets; LEPTON_DATA, or ../shared/data")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "suite.jsonl", help="rows of benchmarks/suite.py")
    parser.add_argument("--predictions", type=Path, default=Path("outputs/benchmarks/predictions"))
    parser.add_argument("--runs", type=Path, help="keep the run folders here")
    parser.add_argument("--only-read", action="store_true", help="measure nothing: use the rows that are there")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    targets, times = targets_of(options), []
    print("| set | figure to reach | budget s: figure (wall s) | time to it, s | best trial ended at, s |")
    print("| --- | ---: | --- | ---: | ---: |")
    for name in options.sets.split(","):
        if name not in targets:
            print(f"| {name} | not known: give --target {name}=FIGURE | | | |")
            continue
        shown, found, ended = [], None, None
        for seconds in map(float, options.budgets.split(",")):
            with tempfile.TemporaryDirectory() as scratch:
                row = row_of(options, name, seconds, Path(scratch))
            if row is None:
                continue
            shown.append(f"{seconds:g}: {'failed' if row.score is None else f'{row.score:.5g}'} ({row.wall:.1f})")
            if reached(row, targets[name]):
                found = row.wall
                kept = None if options.runs is None else options.runs / f"{name}__lepton__{seconds:g}__{options.seed}"
                ended = None if kept is None else ended_at(kept)
                break
        times.append(float("inf") if found is None else found)
        last = "–" if ended is None else f"{ended:.1f}"
        said = "not reached" if found is None else f"{found:.1f}"
        print(f"| {name} | {targets[name]:.5g} | {', '.join(shown)} | {said} | {last} |")
    if times:
        print(f"\nmedian time to the figure: {np.median(times):.1f} s over {len(times)} sets (inf: not reached)")


if __name__ == "__main__":
    main()
