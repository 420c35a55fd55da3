"""What fewer models of folds cost: test error of finished runs with at most so many of their fits.

python benchmarks/suite.py --suite public --seconds 60 --word ensemble.max_fits=1000 --runs RUNS --out ROWS
python benchmarks/fits.py RUNS --caps 24,20,16,12,8

RUNS holds a folder for each run, named `SET__…`. Prints the change of the error against all fits, the mean of four choices
of folds, and rows a second with two threads.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from sets import TableSet, aligned, default_data, error_of, open_set, score_of, truth_of

from lepton_automl.deliver import Scorer
from lepton_automl.deliver.scorer import Piece
from lepton_automl.ensemble import shares_of_fits

MOST_ROWS = 15_000
CHOICES = 4


def test_rows(table: TableSet) -> tuple[pd.DataFrame, pd.Series]:
    """Gives the first test rows without and with their target."""
    rows = pd.read_parquet(table.test)
    rows = rows[rows[table.target].notna()].reset_index(drop=True).head(MOST_ROWS)
    return rows.drop(columns=[table.target]), rows[table.target]


def fewer(scorer: Scorer, cap: int, shift: int) -> Scorer:
    """Gives the artefact with at most so many fits; the folds of each member begin at one of them."""
    members = [list(pieces) for _, pieces in groupby(scorer.pieces, key=lambda piece: piece.member)]
    weights = [sum(piece.weight for piece in pieces) for pieces in members]
    kept: list[Piece] = []
    for pieces, weight, count in zip(members, weights, shares_of_fits(weights, [len(p) for p in members], cap), strict=True):
        places = [(shift + i * len(pieces) // count) % len(pieces) for i in range(count)]
        kept += [replace(pieces[place], weight=weight / count) for place in places]
    return replace(scorer, pieces=tuple(kept))


def error_with(scorer: Scorer, table: TableSet, rows: pd.DataFrame, labels: pd.Series) -> float:
    """Gives the error on test rows."""
    y, classes = truth_of(table, labels)
    found = scorer.predict(rows, threads=2)
    columns = [name for name in found.columns if name.startswith("probability_")]
    values = found[columns or ["prediction"]].to_numpy(dtype="float64")
    theirs = [name.removeprefix("probability_") for name in columns]
    return error_of(table.metric, score_of(table.metric, y, aligned(values, theirs, classes)))


def main() -> None:
    """Prints a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, help="folder of finished runs")
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the sets")
    parser.add_argument("--caps", default="24,20,16,12,8", help="most fits, parted by commas")
    options = parser.parse_args()
    caps = [int(cap) for cap in options.caps.split(",")]
    print(f"| set | fits | error | {' | '.join(f'at most {cap}' for cap in caps)} |")
    print(f"| --- | ---: | ---: |{' ---: |' * len(caps)}")
    for folder in sorted(path for path in options.runs.iterdir() if (path / "artifact").is_dir()):
        table = open_set(options.data, folder.name.split("__")[0])
        rows, labels = test_rows(table)
        scorer = Scorer.load(folder / "artifact")
        whole = error_with(scorer, table, rows, labels)
        cells = []
        for cap in caps:
            errors, rates = [], []
            for shift in range(CHOICES if cap < len(scorer.pieces) else 1):
                small = fewer(scorer, cap, shift)
                started = time.perf_counter()
                errors.append(error_with(small, table, rows, labels))
                rates.append(len(rows) / (time.perf_counter() - started))
            cells.append(f"{np.mean(errors) / whole - 1:+.2%}, {np.median(rates):,.0f}")
        print(f"| {table.name} | {len(scorer.pieces)} | {whole:.5g} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
