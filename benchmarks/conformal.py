"""Whether intervals and sets hold the truth as often as they promise, on rows that no model saw.

python benchmarks/conformal.py --data DATA --out benchmarks/results/conformal.jsonl

Each set is pooled, at most `--rows` of its rows are taken, and 40 % of them are set aside by the engine as test rows. The
figures are those of the run's own chapter `conformal`. `--table FILE` prints the table of earlier rows: means over seeds, and
beside them the standard deviation that chance alone gives them, of the test rows and of the rows that set the thresholds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from sets import default_data, open_set

SETS = (
    "adult_income",
    "bank_marketing",
    "telco_churn",
    "give_me_some_credit",
    "letter_recognition",
    "wine_quality",
    "california_housing",
    "diamonds",
    "employee_salaries",
    "bikeshare_hourly",
)


def run(name: str, sets: str, seed: int, options: argparse.Namespace) -> dict[str, object]:
    """Runs one set; gives coverage and width or size of each level."""
    table = open_set(options.data, name)
    frame = pd.concat([pd.read_parquet(table.train), pd.read_parquet(table.test)], ignore_index=True)
    frame = frame[frame[table.target].notna()]
    frame = frame.sample(min(options.rows, len(frame)), random_state=seed).reset_index(drop=True)
    with tempfile.TemporaryDirectory(prefix="lepton_conformal_") as scratch:
        path, out = Path(scratch) / "table.parquet", Path(scratch) / "run"
        frame.to_parquet(path)
        words = ["recipe=table", f"data.source.path={path}", f"task.kind={table.task}", f"task.target={table.target}"]
        words += ["search=quick", "budget.seconds=null", f"budget.trials={options.trials}", "split.test_share=0.4"]
        words += ["evidence=fast", "evidence.resamples=200", f"evidence.conformal.sets={sets}", "delivery.flag_outside=null"]
        words += ["tracking.progress=none", f"seed={seed}", f"run.dir={out}"]
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "lepton_automl", *words], capture_output=True, text=True, check=False)
        row: dict[str, object] = {"set": name, "task": table.task, "seed": seed, "rows": len(frame)}
        row |= {"seconds": round(time.perf_counter() - started, 1), "exit": done.returncode}
        if done.returncode:
            return row | {"error": done.stderr.strip()[-300:]}
        chapter = json.loads((out / "evidence.json").read_text())["chapters"]["conformal"]
        figures = {figure: round(measure["value"], 5) for figure, measure in chapter["figures"].items()}
        return row | {
            "kind": chapter["content"]["kind"],
            **figures,
            "test": next(iter(chapter["figures"].values()))["n"],
            "learned": chapter["content"]["rows"],
        }


def show(rows: list[dict[str, object]]) -> None:
    """Prints the table of means over seeds, the widest level last."""
    print("| set | task | made by | seeds | held of 80 % | held of 90 % | by chance (80 %) | width or labels at 90 % |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |")
    frame = pd.DataFrame(rows)
    for (name, kind), mine in frame[frame["exit"] == 0].groupby(["set", "kind"], sort=False):
        size = mine["width_90"] if "width_90" in mine and mine["width_90"].notna().all() else mine["set_size_90"]
        held = " | ".join(f"{100 * mine[f'coverage_{level}'].mean():.1f} %" for level in (80, 90))
        chance = (0.16 * (1 / mine["test"] + 1 / mine["learned"])).sum() ** 0.5 / len(mine)
        task = mine["task"].iloc[0]
        print(f"| `{name}` | {task} | {kind} | {len(mine)} | {held} | ± {100 * chance:.1f} | {size.mean():,.4g} |")
    print(f"failed: {int((frame['exit'] != 0).sum())}")


def main() -> None:
    """Runs all sets, or prints what earlier runs found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--kinds", nargs="*", default=["lac"], help="lac, aps; numbers are the same for both")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--trials", type=int, default=1)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--out", type=Path, help="JSON lines to append to")
    parser.add_argument("--table", type=Path, help="print the rows of this file instead")
    options = parser.parse_args()
    if options.table is not None:
        show([json.loads(line) for line in options.table.read_text().splitlines()])
        return
    rows = []
    for seed, name, kind in itertools.product(options.seeds, options.sets, options.kinds):
        rows.append(run(name, kind, seed, options))
        print(json.dumps(rows[-1]), flush=True)
        if options.out is not None:
            with options.out.open("a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    show(rows)


if __name__ == "__main__":
    main()
