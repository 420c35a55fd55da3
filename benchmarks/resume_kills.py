"""Kills a run at random moments, again and again, and compares what it delivers in the end with a run left alone.

python benchmarks/resume_kills.py --kills 30 --out benchmarks/results/resume_kills.jsonl
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

PROGRAM = [sys.executable, "-m", "lepton_automl"]
WORDS = ["recipe=credit", "~budget.seconds", "evidence=fast", "tracking.progress=none", "seed=1"]


def result_of(folder: Path) -> dict[str, object]:
    """Gives what two runs of one recipe must agree on."""
    trials = pd.read_parquet(folder / "trials.parquet").drop(columns=["seconds"])
    ensemble = json.loads((folder / "ensemble.json").read_text())
    manifest = json.loads((folder / "artifact" / "manifest.json").read_text())
    return {"trials": trials.to_json(orient="records"), "ensemble": ensemble, "files": manifest["files"]}


def kill_after(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Kills a process with everything it started, unless it ends before; says whether it was killed."""
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def broken_run(words: list[str], folder: Path, longest: float, rng: random.Random) -> tuple[int, int, int]:
    """Runs to the end through kills; gives kills, lines of the diary lost, and fits done twice."""
    kills = lost = twice = 0
    seen: list[str] = []
    command = [*PROGRAM, *words, f"run.dir={folder}"]
    while True:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        if not kill_after(process, rng.uniform(0.3, longest)):
            return kills, lost, twice
        kills += 1
        time.sleep(0.2)
        diary = folder / ".work" / "fits.jsonl"
        if diary.exists():
            lines = [line for line in diary.read_text().split("\n")[:-1] if line]
            lost += sum(line not in lines for line in seen)
            keys = [(row["number"], row["fold"]) for row in map(json.loads, lines)]
            twice = max(twice, len(keys) - len(set(keys)))
            seen = lines
        if (folder / ".work").is_dir() and (folder / "recipe.yaml").exists():
            command = [*PROGRAM, "resume", str(folder)]
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    words = [*WORDS, f"budget.trials={options.trials}"]
    scratch = Path(tempfile.mkdtemp())
    started = time.time()
    subprocess.run([*PROGRAM, *words, f"run.dir={scratch / 'whole'}"], check=False, stdout=subprocess.DEVNULL)
    wall = time.time() - started
    whole = result_of(scratch / "whole")
    rng, kills, number = random.Random(options.seed), 0, 0
    while kills < options.kills:
        folder = scratch / f"broken{number}"
        more, lost, twice = broken_run(words, folder, max(3.0, 0.6 * wall), rng)
        kills += more
        checked = (
            subprocess.run([*PROGRAM, "ledger", str(folder), "--verify"], capture_output=True, check=False).returncode == 0
        )
        found = result_of(folder)
        row = {
            "run": number,
            "kills": more,
            "fits_lost": lost,
            "fits_repeated": twice,
            "same": {key: found[key] == whole[key] for key in whole},
            "ledger_whole": checked,
            "wall_alone": round(wall, 1),
            "at": time.strftime("%Y-%m-%d"),
        }
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(row, flush=True)
        number += 1
    shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
