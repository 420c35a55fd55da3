"""Three models that misbehave beside LightGBM: one hangs, one takes memory without end, one ends its process.

python benchmarks/limits.py --seconds 20 --memory-gb 2

Writes a small plug-in package into a temporary folder, runs an engagement with it, and checks that the run ends inside its
budget with a result, that its memory stays near the limit, and that the ledger and the summary name all three.
Exit 1 if one fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from overhead import make_rows, models_of_recipe
from watching import Watched, watch

NAMES = {"hangs": "Hangs", "swells": "Swells", "crashes": "Crashes"}
CODE = '''\
"""Models that misbehave, each in one way."""

import os
import time

import numpy as np

from lepton_automl.data import Kind
from lepton_automl.features import Needs
from lepton_automl.models.baseline import Baseline
from lepton_automl.tasks import Makes


class Misbehaves:
    """What the three share: they read numbers, make probabilities, and search nothing."""

    reads = frozenset({Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN})
    makes = frozenset({Makes.PROBABILITIES})
    needs = Needs(category="codes", missing="keep")
    package = None
    devices = frozenset({"cpu"})
    in_rounds = False

    def __getattr__(self, name):
        return getattr(Baseline(), name)

    def legal(self, goal):
        return {}

    def space(self, shape):
        return {}

    def starts(self, shape):
        return [{}]

    def load(self, files):
        return Baseline().load(files)


class Hangs(Misbehaves):
    """Never comes back."""

    def fit(self, train, valid, params, goal, limits, step):
        while True:
            time.sleep(60)


class Swells(Misbehaves):
    """Takes memory until it is stopped: at most 16 GiB, for the sake of the machine."""

    def fit(self, train, valid, params, goal, limits, step):
        held = []
        while len(held) < 256:
            held.append(np.ones(2**23))
            time.sleep(0.02)
        time.sleep(3600)


class Crashes(Misbehaves):
    """Ends its process without a word."""

    def fit(self, train, valid, params, goal, limits, step):
        os.kill(os.getpid(), 11)
        time.sleep(1)
        os._exit(3)
'''


def write_package(folder: Path) -> None:
    """Writes an installed package: its module, and the metadata that names its models."""
    (folder / "misbehaving_models.py").write_text(CODE)
    info = folder / "misbehaving_models-0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: misbehaving-models\nVersion: 0.1\n")
    points = "".join(f"{name} = misbehaving_models:{place}\n" for name, place in NAMES.items())
    (info / "entry_points.txt").write_text(f"[lepton_automl.models]\n{points}")
    (info / "RECORD").write_text("")


def run_engine(scratch: Path, options: argparse.Namespace) -> tuple[Path, Watched]:
    """Runs the engagement; gives its folder and how the process ended."""
    packages, rows, out = scratch / "packages", scratch / "rows.parquet", scratch / "run"
    packages.mkdir()
    write_package(packages)
    make_rows(rows, options.rows)
    words = ["recipe=table", f"data.source.path={rows}", "task.kind=binary", "task.target=y", "evidence=fast"]
    words += [f"budget.seconds={options.seconds:g}", f"hardware.memory_gb={options.memory_gb:g}", "hardware.threads=2"]
    words += ["plugins=[misbehaving-models]", "tracking.progress=plain", f"run.dir={out}"]
    words += [f"~search.models.{name}" for name in models_of_recipe() if name != "lightgbm"]
    words += [f"search.models.{name}={{}}" for name in NAMES]
    command = [sys.executable, "-m", "lepton_automl", *words]
    return out, watch(command, scratch / "log", 3 * options.seconds + 60, 2, {"PYTHONPATH": str(packages)})


def findings(out: Path, done: Watched, printed: str, options: argparse.Namespace) -> dict[str, bool]:
    """Gives each promise and whether it was kept."""
    if not (out / "metrics.json").is_file():
        return {"the run ends with a result": False}
    ledger = (out / "ledger.jsonl").read_text()
    board: list[dict[str, Any]] = json.loads((out / "leaderboard.json").read_text())
    used = {member["model"] for member in json.loads((out / "ensemble.json").read_text())["members"]}
    limit = options.seconds * 1.02 + 3
    kept = {
        "the run ends with a result": done.code in (0, 1) and not done.is_killed,
        f"inside its budget: {done.wall:.1f} s of {limit:.1f} s": done.wall <= limit,
        f"memory near its limit: {done.peak_mb:.0f} MB of {options.memory_gb * 1024:.0f} MB (and a quarter)": done.peak_mb
        <= options.memory_gb * 1024 * 1.25,
        f"LightGBM is delivered: {', '.join(sorted(used))}": used == {"lightgbm"},
    }
    for name in NAMES:
        failed = [row for row in board if row["model"] == name and row["state"] == "failed" and row["error"]]
        kept[f"{name}: failed with a reason on the leaderboard"] = bool(failed)
        kept[f"{name}: named in the ledger"] = name in ledger
        kept[f"{name}: named in what the run prints"] = name in printed
    return kept


def main() -> None:
    """Runs it and says what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="budget")
    parser.add_argument("--memory-gb", type=float, default=2, help="limit of all processes together")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--out", type=Path, help="JSON lines to append to")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lepton_limits_") as scratch:
        out, done = run_engine(Path(scratch), options)
        printed = (Path(scratch) / "log").read_text(errors="replace")
        kept = findings(out, done, printed, options)
        print(printed.strip()[-3000:], end="\n\n")
        if (out / "leaderboard.json").is_file():
            board = json.loads((out / "leaderboard.json").read_text())
            for (model, state, error), count in Counter((r["model"], r["state"], r["error"]) for r in board).most_common():
                print(f"{count:4} × {model} {state} {error}")
        print()
        for promise, is_kept in kept.items():
            print("kept  " if is_kept else "BROKEN", promise)
    if options.out is not None:
        row = {"date": time.strftime("%Y-%m-%d"), "seconds": options.seconds, "wall": round(done.wall, 2), "kept": kept}
        with options.out.open("a") as file:
            file.write(json.dumps({**row, "peak_mb": round(done.peak_mb, 1), "exit": done.code}) + "\n")
    sys.exit(0 if all(kept.values()) else 1)


if __name__ == "__main__":
    main()
