"""The engine on table sets: figures on the test rows, wall clock of the whole process, memory, and the plan's promises.

python benchmarks/tables.py --data FOLDER --sets adult_income,titanic --seconds 60 --out benchmarks/results/tables.jsonl
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KINDS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def words_of(folder: Path, seconds: float, seed: int) -> list[str]:
    """Gives the words of the command line that run a set."""
    meta = json.loads((folder / "meta.json").read_text())
    kind = meta["task"]
    words = [
        "recipe=table",
        f"data.source.path={folder / 'train.parquet'}",
        f"data.test.path={folder / 'test.parquet'}",
        f"task.kind={kind}",
        f"task.target='{meta['target']}'",
        f"task.metric={KINDS[kind]}",
        f"budget.seconds={seconds:g}",
        "hardware.threads=2",
        f"seed={seed}",
        "tracking.progress=none",
    ]
    for key, word in (("time_col", "split.time"), ("group_col", "split.group")):
        if meta.get(key):
            words.append(f"{word}='{meta[key]}'")
    return words


def measure(folder: Path, seconds: float, seed: int) -> dict[str, object]:
    """Plans and runs a set in processes of their own."""
    scratch = Path(tempfile.mkdtemp())
    program = [sys.executable, "-m", "lepton_automl"]
    words = words_of(folder, seconds, seed)
    plan_file, out = scratch / "plan.json", scratch / "run"
    subprocess.run([*program, "plan", *words, "--save", str(plan_file)], check=True, capture_output=True)
    started = time.time()
    done = subprocess.run([*program, *words, f"run.dir={out}"], capture_output=True, text=True, check=False)
    wall = time.time() - started
    row: dict[str, object] = {
        "set": folder.name,
        "seconds": seconds,
        "seed": seed,
        "wall": round(wall, 2),
        "exit": done.returncode,
    }
    if done.returncode not in (0, 1):
        shutil.rmtree(scratch)
        return {**row, "error": done.stderr.strip()[-400:]}
    metrics, plan = json.loads((out / "metrics.json").read_text()), json.loads(plan_file.read_text())
    (low, high), (small, large) = plan["estimate"]["seconds"], plan["estimate"]["memory_mb"]
    found = {
        "metric": metrics["metric"],
        **metrics["test"][metrics["metric"]],
        "baseline": metrics["baseline"][metrics["metric"]],
        "peak_mb": metrics["peak_memory_mb"],
        "artifact_mb": metrics["artifact_mb"],
        "trials": metrics["trials"],
        "stages": metrics["seconds"],
        "plan_seconds": [low, high],
        "plan_mb": [small, large],
        "time_inside": low <= wall <= high,
        "memory_inside": small <= metrics["peak_memory_mb"] <= large,
        "at": time.strftime("%Y-%m-%d"),
    }
    shutil.rmtree(scratch)
    return {**row, **found}


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", required=True, help="names, parted by commas")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="JSON lines to append to")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for name in options.sets.split(","):
        row = measure(options.data / name, options.seconds, options.seed)
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        if "error" in row:
            print(name, "FAILED", row["error"], flush=True)
            continue
        inside = f"time {'in' if row['time_inside'] else 'OUT'}, memory {'in' if row['memory_inside'] else 'OUT'}"
        print(
            f"{name:22} {row['metric']} {row['value']:.6g}  wall {row['wall']} s  peak {row['peak_mb']} MB  "
            f"artefact {row['artifact_mb']} MB  {row['trials']}  {inside}",
            flush=True,
        )


if __name__ == "__main__":
    main()
