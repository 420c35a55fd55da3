"""What trackers cost: microseconds of the search for each trial, and CPU seconds and memory of each tool's process.

    python benchmarks/tracking.py --trials 200

The search pays only for making a line and laying it in a queue; the tools work in processes of their own.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import psutil

from lepton_automl.tracking import Aside, Backend, CsvTracker, Told

FACTS = {"run": "measured", "recipe": "measured", "recipe_hash": "0", "metric": "roc_auc", "is_score": True}
SETTINGS = {
    "tensorboard": {},
    "wandb": {"project": "measured", "entity": None, "mode": "offline", "tags": []},
    "mlflow": {"uri": None, "experiment": None},
}
FIGURES = {"test": {"roc_auc": {"value": 0.8, "low": 0.7, "high": 0.9}}, "seconds": {"total": 60.0}}


def trial(number: int) -> Told:
    """Gives a trial of five folds, each with a curve of 60 points."""
    curve = tuple((10 * k, 0.7 - 0.001 * k) for k in range(60))
    params = {"num_leaves": 31, "learning_rate": 0.1, "min_data_in_leaf": 20, "categories": "native"}
    folds, curves = tuple((k, 0.75) for k in range(5)), tuple((k, curve) for k in range(5))
    return Told(
        number, "lightgbm", "sampled", "done", 0.75, 0.78, 1.0, 1.0 * number, params, folds, curves, {"done": number + 1}
    )


def csv_cost(folder: Path, count: int) -> dict[str, float]:
    """Gives what the two tables cost the search, which writes them itself."""
    tracker = CsvTracker(folder)
    tracker.on_start(FACTS)
    started = time.perf_counter()
    for number in range(count):
        tracker.on_trial(trial(number))
    tracker.close(True)
    return {"us_a_trial": round(1e6 * (time.perf_counter() - started) / count)}


def tool_cost(name: str, folder: Path, count: int) -> dict[str, float]:
    """Gives what a tool costs the search, and what its process takes."""
    aside, before = Aside(Backend(name, SETTINGS[name]), folder), resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    aside.on_start({**FACTS, "started": time.time()})
    start = time.perf_counter() - started
    started = time.perf_counter()
    for number in range(count):
        aside.on_trial(trial(number))
    told = time.perf_counter() - started
    aside.on_finish(FIGURES)
    aside.close(True)
    peak = 0.0
    while aside.is_running:
        try:
            peak = max(peak, psutil.Process(aside.pid).memory_info().rss / 2**20)
        except psutil.Error:
            break
        time.sleep(0.05)
    aside.wait(time.time() + 60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "start_ms": round(1e3 * start, 1),
        "us_a_trial": round(1e6 * told / count),
        "cpu_s": round(cpu, 2),
        "peak_mb": round(peak),
        "failed": aside.failure,
    }


def main() -> None:
    """Measures every tool once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    count = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps({"tool": "csv", "trials": count, **csv_cost(Path(place), count)}))
        for name in SETTINGS:
            print(json.dumps({"tool": name, "trials": count, **tool_cost(name, Path(place), count)}), flush=True)


if __name__ == "__main__":
    main()
