"""Whether reasons hold: stability, fidelity, what it takes; of runs on public sets.

python benchmarks/reasons.py --data FOLDER --sets german_credit,credit_catalonia,adult_income --seconds 60 \
    --out benchmarks/results/reasons.jsonl

Stability: the share of adverse test rows whose first three reasons are the same features when the background rows are drawn
anew. Fidelity: the share of adverse test rows whose prediction moves away from the adverse outcome, or whose answer changes,
when the named features get the values of background rows (`moved`), or the best value of their grids (`flipped`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset
from lepton_automl.deliver import Scorer, load_grounds
from lepton_automl.evidence.explaining import Grounds, find_options, learn_grounds, shapley
from lepton_automl.evidence.explaining.reasons import chosen, toward_adverse
from lepton_automl.evidence.explaining.shapley import Mixed, Shapley
from lepton_automl.evidence.explaining.trust import agreement, best_relief, relief

TRAIN_ROWS = 5_000
"""Training rows that backgrounds are drawn from."""


def main() -> None:
    """Runs the sets and writes a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of sets")
    parser.add_argument("--sets", default="german_credit,credit_catalonia,adult_income")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rows", type=int, default=60, help="adverse test rows looked at")
    parser.add_argument("--backgrounds", default="200", help="sizes of the background, with commas between")
    parser.add_argument("--words", nargs="*", default=[], help="more words of the recipe")
    parser.add_argument("--runs", type=Path, help="folder of the runs, kept and used again")
    parser.add_argument("--out", type=Path, help="JSON lines that are added to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        runs = options.runs or Path(temporary)
        for name in options.sets.split(","):
            folder = options.data / name
            run = runs / name
            if not (run / "metrics.json").is_file():
                learn(folder, run, options.seconds, options.words)
            for size in map(int, options.backgrounds.split(",")):
                line = {"set": name, "seconds": options.seconds, **measured(folder, run, options.rows, size)}
                print(json.dumps(line))
                if options.out is not None:
                    with options.out.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(line) + "\n")


def learn(folder: Path, run: Path, seconds: float, words: list[str]) -> None:
    """Runs a set."""
    meta = json.loads((folder / "meta.json").read_text())
    told = ["recipe=table", f"data.source.path={folder / 'train.parquet'}", f"data.test.path={folder / 'test.parquet'}"]
    told += ["task.kind=binary", f"task.target={meta['target']}", f"budget.seconds={seconds}"]
    told += [f"task.positive='{meta['positive']}'", f"run.dir={run}"]
    if folder.name == "german_credit":  # the set's own cost matrix
        told.append("decision.payoff={true_positive: 0, false_positive: -1, true_negative: 0, false_negative: -5}")
    subprocess.run([sys.executable, "-m", "lepton_automl", *told, *words], check=True, stdout=subprocess.DEVNULL)


def measured(folder: Path, run: Path, count: int, size: int) -> dict[str, Any]:
    """Measures the reasons of an artefact with backgrounds of a size."""
    scorer = Scorer.load(run / "artifact")
    background, item = load_grounds(run / "artifact")
    kept = Grounds.load(item, background)
    train = typed(scorer, pd.read_parquet(folder / "train.parquet"), TRAIN_ROWS)
    test = typed(scorer, pd.read_parquet(folder / "test.parquet"), 3_000)
    values = scorer.score_typed(train.frame)
    explaining = replace(kept.explaining, background=size)
    drawn = [learn_grounds(train, scorer.task, explaining, np.arange(len(train)), values, seed) for seed in (1, 2)]
    outcome = kept.outcome
    line = scorer.rule.line(scorer.rule.known(test.frame))
    adverse = np.flatnonzero(outcome.is_adverse(scorer.score_typed(test.frame), line))
    rows = test.frame.iloc[np.sort(np.random.default_rng(0).permutation(adverse)[:count])].reset_index(drop=True)
    started = time.perf_counter()
    mixed = [Mixed(scorer.score_typed, rows, grounds.background.frame, grounds.names, grounds.kept) for grounds in drawn]
    found = [shapley(each, size, 0) for each in mixed]
    seconds = (time.perf_counter() - started) / (2 * len(rows))
    told = [chosen(toward_adverse(each, outcome), kept.features, kept.explaining.reasons) for each in found]
    return {
        "background": size,
        "rows": len(rows),
        "stability": round(float(agreement(told[0], told[1]).mean()), 4),
        **_fidelity(scorer, rows, drawn[0], found[0], mixed[0], told[0]),
        "additivity": float(np.abs(found[0].prediction - found[0].base - found[0].values.sum(axis=1)).max()),
        **_options(scorer, rows, drawn[0]),
        "seconds_a_row": round(seconds, 4),
        "scored_a_second": round(1 / mixed[0].seconds_each),
        "run": _stages(run),
        "chapter": _chapter(run),
    }


def typed(scorer: Scorer, raw: pd.DataFrame, most: int) -> Dataset:
    """Reads a table as the artefact does; at most so many rows of it."""
    raw = raw if len(raw) <= most else raw.sample(most, random_state=0).reset_index(drop=True)
    columns, _ = scorer.contract.read(raw, "the table")
    frame = pd.DataFrame({name: columns[name] for name in columns.columns})
    return Dataset(frame, tuple(expected.column for expected in scorer.contract.columns), np.arange(len(frame)))


def _fidelity(
    scorer: Scorer, rows: pd.DataFrame, grounds: Grounds, found: Shapley, mixed: Mixed, places: list[list[int]]
) -> dict[str, Any]:
    outcome, at = grounds.outcome, np.arange(len(rows))
    before = found.prediction[at, outcome.columns(found.prediction)]
    moved = outcome.sense * (before - relief(mixed, places, outcome, mixed.b)) > 0
    eased = best_relief(scorer.score_typed, rows, grounds, places)
    line = scorer.rule.line(scorer.rule.known(rows))
    answers = [outcome.answers(prediction, line) for prediction in (found.prediction, eased)]
    flipped = answers[0] != answers[1]
    shares = {"moved": moved, "flipped": flipped, "fidelity": moved | flipped}
    return {name: round(float(share.mean()), 4) for name, share in shares.items()}


def _options(scorer: Scorer, rows: pd.DataFrame, grounds: Grounds) -> dict[str, Any]:
    started = time.perf_counter()
    lines = np.broadcast_to(np.asarray(scorer.rule.line(scorer.rule.known(rows)), dtype="float64"), len(rows))
    found = [find_options(scorer.score_typed, rows, number, grounds, float(lines[number])) for number in range(len(rows))]
    changes = [len(options[0].changes) for options in found if options]
    return {
        "with_option": round(len(changes) / len(rows), 4),
        "columns_changed": round(float(np.mean(changes)), 2) if changes else None,
        "option_seconds_a_row": round((time.perf_counter() - started) / len(rows), 4),
    }


def _stages(run: Path) -> dict[str, float]:
    seconds = json.loads((run / "metrics.json").read_text())["seconds"]
    return {name: seconds[name] for name in ("evidence", "report", "total")}


def _chapter(run: Path) -> dict[str, Any]:
    chapter = json.loads((run / "evidence.json").read_text())["chapters"].get("explanation", {})
    figures = {name: figure["value"] for name, figure in chapter.get("figures", {}).items()}
    return {**figures, "notes": chapter.get("notes", []), "rows": chapter.get("content", {}).get("rows")}


if __name__ == "__main__":
    main()
