"""Is the line that is drawn worth as much as any, and more than a line at a half and than every row alike?

python benchmarks/deciding.py --data ../shared/data --seconds 30 --out FILE

Runs the whole engine on four public sets with payoffs. Of `german_credit` they are the published cost matrix; the others' are
plain guesses, written below. The line is drawn on out-of-fold predictions; gains are those of the untouched test rows, with
95 % intervals.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sets import default_data

PAYOFFS = {
    "german_credit": {"false_positive": -1, "false_negative": -5},
    "credit_catalonia": {"false_positive": -1, "false_negative": -5},
    "telco_churn": {"true_positive": 60, "false_positive": -20, "false_negative": 0},
    "bank_marketing": {"true_positive": 40, "false_positive": -5},
}
"""Set to what outcomes are worth; an offer to a customer who would leave keeps some, a call costs time."""


def measure(name: str, data: Path, seconds: float, threads: int) -> dict[str, Any]:
    """Runs a recipe of the set and gives what its decision is worth."""
    meta = json.loads((data / name / "meta.json").read_text())
    payoff = ", ".join(f"{key}: {value}" for key, value in PAYOFFS[name].items())
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        words = [
            "recipe=table",
            f"data.source={{kind: parquet, path: {data / name / 'train.parquet'}}}",
            f"data.test={{kind: parquet, path: {data / name / 'test.parquet'}}}",
            "task.kind=binary",
            f"task.target={meta['target']}",
            f"task.positive={meta['positive']}",
            f"decision.payoff={{{payoff}}}",
            f"budget.seconds={seconds}",
            f"hardware.threads={threads}",
            f"run.dir={out}",
        ]
        subprocess.run([sys.executable, "-m", "lepton_automl", *words], check=True, stdout=subprocess.DEVNULL)
        decision = json.loads((out / "decision.json").read_text())
        figures = json.loads((out / "evidence.json").read_text())["chapters"]["value"]["figures"]
    best = decision["value_best"]
    gains = {key: [round(m[end], 4) for end in ("value", "low", "high")] for key, m in figures.items() if "gain" in key}
    return {
        "set": name,
        "seconds": seconds,
        "line": round(decision["threshold"], 4),
        "line_interval": [round(end, 4) for end in decision["threshold_interval"]],
        "out_of_fold": round(decision["value_per_row"], 4),
        "best_out_of_fold": round(best, 4),
        "given_up": round((best - decision["value_per_row"]) / abs(best), 5),
        "test": round(figures["per_row"]["value"], 4),
        **gains,
    }


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the sets")
    parser.add_argument("--sets", default=",".join(PAYOFFS), help="sets, with commas between them")
    parser.add_argument("--seconds", type=float, default=30.0, help="budget of a run")
    parser.add_argument("--threads", type=int, default=2, help="threads of a run")
    parser.add_argument("--out", type=Path, help="file to add a line to for each set")
    options = parser.parse_args()
    for name in options.sets.split(","):
        row = json.dumps(measure(name, options.data.absolute(), options.seconds, options.threads))
        print(row, flush=True)
        if options.out is not None:
            with options.out.open("a") as file:
                file.write(row + "\n")


if __name__ == "__main__":
    main()
