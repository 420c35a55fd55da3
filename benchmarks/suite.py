"""The engine and any installed peer, side by side, on a named suite at a named budget: one at a time, each in its own process.

python benchmarks/suite.py --suite public --seconds 60 --seeds 1
python benchmarks/suite.py --suite smoke --seconds 15 --systems lepton,flaml --env flaml=/path/to/flaml/bin/python

A row of JSON is appended for each run; a run whose row is there already is not repeated, so that the command can be stopped and
started again. A peer runs in the virtual environment given by `--env ADAPTER=PYTHON`. `benchmarks/compare.py` makes the table.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sets import SUITES, TableSet, aligned, baseline_of, default_data, names_of, open_set, score_of, truth_of
from watching import Watched, watch

HERE = Path(__file__).resolve().parent
SYSTEMS: dict[str, tuple[str, dict[str, str]]] = {
    "lepton": ("lepton", {}),
    "autogluon_medium": ("autogluon", {"preset": "medium_quality"}),
    "autogluon_good": ("autogluon", {"preset": "good_quality"}),
    "autogluon_best": ("autogluon", {"preset": "best_quality"}),
    "autogluon_best_v150": ("autogluon", {"preset": "best_quality_v150"}),
    "flaml": ("flaml", {}),
    "h2o": ("h2o", {}),
    "mljar": ("mljar", {"mode": "Compete"}),
    "lightgbm_optuna": ("lightgbm_optuna", {}),
}
"""System to its adapter and that adapter's options."""
OURS = ("lepton", "lightgbm_optuna")
"""Adapters that run in this environment unless `--env` says otherwise."""
PREDICT_LIMIT = 900.0


@dataclass(frozen=True)
class Run:
    """One run to be made.

    Args:
        system: Name of the system.
        python: Interpreter that has it.
        table: The set.
        seconds: Budget, as the system is told.
        seed: Seed.
        threads: Threads.
        words: More words for the engine's command line.
    """

    system: str
    python: str
    table: TableSet
    seconds: float
    seed: int
    threads: int = 2
    words: tuple[str, ...] = ()

    @property
    def limit(self) -> float:
        """Seconds after which it is killed and counts as failed."""
        return 3 * self.seconds + 120


@dataclass(frozen=True)
class Places:
    """Where things are kept.

    Args:
        scratch: Folder for one run, emptied afterwards.
        predictions: Folder for predictions of the test rows.
        runs: Folder to keep the engine's run folders in, or none.
    """

    scratch: Path
    predictions: Path
    runs: Path | None = None


@dataclass
class Found:
    """What a system did."""

    fit: Watched
    facts: dict[str, Any] = field(default_factory=dict)
    values: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    error: str = ""


def lepton_words(run: Run) -> list[str]:
    """Gives the words of the engine's command line, as a user would write them."""
    table = run.table
    words = [
        "recipe=table",
        f"data.source.path={table.train}",
        f"data.test.path={table.test}",
        f"task.kind={table.task}",
        f"task.target='{table.target}'",
        f"task.metric={table.metric}",
        f"budget.seconds={run.seconds:g}",
        f"hardware.threads={run.threads}",
        f"seed={run.seed}",
        "tracking.progress=none",
    ]
    if table.time:
        words.append(f"split.time='{table.time}'")
    if table.group:
        words.append(f"split.group='{table.group}'")
    return [*words, *run.words]


def commands(run: Run, out: Path) -> tuple[list[str], list[str]]:
    """Gives the command that learns and the command that predicts."""
    table = run.table
    adapter, options = SYSTEMS[run.system]
    if adapter == "lepton":
        learn = [run.python, "-m", "lepton_automl", *lepton_words(run), f"run.dir={out / 'run'}"]
        tell = [run.python, str(HERE / "score_lepton.py"), "--run", str(out / "run"), "--test", str(table.test)]
        return learn, [*tell, "--target", table.target, "--threads", str(run.threads), "--out", str(out)]
    script = [run.python, str(HERE / "peers" / f"{adapter}.py")]
    learn = [*script, "fit", "--train", str(table.train), "--target", table.target, "--task", table.task]
    learn += ["--metric", table.metric, "--seconds", f"{run.seconds:g}", "--threads", str(run.threads)]
    learn += ["--seed", str(run.seed), "--out", str(out)]
    learn += [word for name, value in options.items() for word in ("--option", f"{name}={value}")]
    return learn, [*script, "predict", "--test", str(table.test), "--out", str(out)]


def carry_out(run: Run, out: Path) -> Found:
    """Learns and predicts, each in a process of its own."""
    learn, tell = commands(run, out)
    environment = {"TMPDIR": str(out / "tmp"), "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
    (out / "tmp").mkdir(parents=True, exist_ok=True)
    fit = watch(learn, out / "fit.log", run.limit, run.threads, environment)
    good = (0, 1) if SYSTEMS[run.system][0] == "lepton" else (0,)
    if fit.is_killed:
        return Found(fit, error=f"killed at its limit of {run.limit:.0f} s")
    if fit.code not in good:
        return Found(fit, error=f"exit {fit.code}: {fit.tail[-400:]}")
    told = watch(tell, out / "predict.log", PREDICT_LIMIT, run.threads, environment)
    if told.code != 0 or not (out / "facts.json").is_file():
        return Found(fit, error=f"predicting, exit {told.code}: {told.tail[-400:]}")
    facts = {**json.loads((out / "facts.json").read_text()), "predict_peak_mb": told.peak_mb}
    with np.load(out / "predictions.npz") as file:
        return Found(fit, facts, file["values"], [str(name) for name in file["classes"]])


def measure(run: Run, suite: str, places: Places) -> dict[str, Any]:
    """Makes one run; gives its row."""
    table = run.table
    out = places.scratch / f"{table.name}__{run.system}__{run.seconds:g}__{run.seed}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    load = os.getloadavg()[0]
    found = carry_out(run, out)
    y, classes = truth_of(table, table.labels())
    row: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "load_before": round(load, 2),
        "system": run.system,
        "version": found.facts.get("version", ""),
        "commit": commit() if run.system == "lepton" else "",
        "suite": suite,
        "set": table.name,
        "task": table.task,
        "n_test": len(y),
        "positives": int((y == 1).sum()) if table.task == "binary" else None,
        "seed": run.seed,
        "seconds": run.seconds,
        "threads": run.threads,
        "words": list(run.words),
        "metric": table.metric,
        "score": None,
        "baseline": _short(baseline_of(table)),
        "wall": round(found.fit.wall, 2),
        "peak_mb": round(found.fit.peak_mb, 1),
        "rows_per_second": _short(found.facts.get("rows_per_second")),
        "single_row_ms": _short(found.facts.get("single_row_ms")),
        "artifact_mb": _short(found.facts.get("artifact_mb")),
        "error": found.error,
    }
    if found.values is not None:
        values = aligned(found.values, found.classes, classes)
        row["score"] = _short(score_of(table.metric, y, values), 8)
        row["predictions"] = keep_predictions(run, values, places.predictions)
    if run.system == "lepton":
        row.update(own_facts(out / "run"))
        if places.runs is not None and (out / "run").is_dir():
            kept = places.runs / out.name
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(out / "run", kept)
    shutil.rmtree(out, ignore_errors=True)
    return row


def own_facts(folder: Path) -> dict[str, Any]:
    """Gives what the engine says of itself: seconds of its stages, trials by state, its own figure on the test rows."""
    path = folder / "metrics.json"
    if not path.is_file():
        return {}
    said = json.loads(path.read_text())
    own = said.get("test", {}).get(said.get("metric"), {})
    return {
        "stages": said.get("seconds"),
        "trials": said.get("trials"),
        "own_score": own,
        "own_peak_mb": said.get("peak_memory_mb"),
    }


def keep_predictions(run: Run, values: np.ndarray, folder: Path) -> str:
    """Writes the predictions of the test rows; gives the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{run.table.name}__{run.system}__{run.seconds:g}__{run.seed}.npz"
    np.savez_compressed(folder / name, values=values.astype("float32" if values.ndim == 2 else "float64"))
    return name


def machine() -> dict[str, Any]:
    """Gives the machine: cores this process may use, memory in GiB, processor."""
    processor = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        processor = names[0] if names else processor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cores": cores, "memory_gb": round(memory, 1), "processor": processor}


def commit() -> str:
    """Gives the commit of the engine, with a plus where files were changed since; empty outside of a checkout."""
    git = ["git", "-C", str(HERE.parent)]
    done = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=False)
    return done.stdout.strip() + ("+" if changed.stdout.strip() else "")


def _short(value: float | None, digits: int = 5) -> float | None:
    return None if value is None else float(f"{value:.{digits}g}")


def done_keys(path: Path) -> set[tuple[Any, ...]]:
    """Gives the keys of the rows that are there already."""
    if not path.exists():
        return set()
    return {key_of(json.loads(line)) for line in path.read_text().splitlines() if line.strip()}


def key_of(row: dict[str, Any]) -> tuple[Any, ...]:
    """Gives what tells runs apart."""
    return row["set"], row["system"], float(row["seconds"]), row["seed"], row.get("threads", 2), tuple(row.get("words") or ())


def parser_of() -> argparse.ArgumentParser:
    """Makes the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=sorted(SUITES), default="public")
    parser.add_argument("--sets", default="", help="only these sets, parted by commas (any in the data folder)")
    parser.add_argument("--systems", default="lepton", help=f"parted by commas: {', '.join(SYSTEMS)}")
    parser.add_argument("--env", action="append", default=[], metavar="ADAPTER=PYTHON", help="interpreter of a peer")
    parser.add_argument("--seconds", type=float, default=60, help="budget that each system is told")
    parser.add_argument("--seeds", default="1", help="parted by commas")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=default_data(), help="folder of the sets; LEPTON_DATA, or ../shared/data")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "suite.jsonl", help="JSON lines to append to")
    parser.add_argument("--predictions", type=Path, default=Path("outputs/benchmarks/predictions"), help="kept, not committed")
    parser.add_argument("--runs", type=Path, help="keep the engine's run folders here")
    parser.add_argument("--word", action="append", default=[], help="one more word for the engine: search=thorough")
    parser.add_argument("--again", action="store_true", help="repeat runs whose row says they failed")
    return parser


def main() -> None:
    """Runs the suite."""
    options = parser_of().parse_args()
    pythons = {**dict.fromkeys(OURS, sys.executable), **dict(pair.split("=", 1) for pair in options.env)}
    systems = options.systems.split(",")
    for system in systems:
        if system not in SYSTEMS:
            raise SystemExit(f"{system!r} is not a system; choose from {', '.join(SYSTEMS)}.")
        if SYSTEMS[system][0] not in pythons:
            raise SystemExit(f"where is {system}? Say --env {SYSTEMS[system][0]}=/path/to/its/python.")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    done = done_keys(options.out)
    if options.again:
        lines = [json.loads(line) for line in options.out.read_text().splitlines()] if options.out.exists() else []
        done -= {key_of(row) for row in lines if row["error"]}
    with tempfile.TemporaryDirectory(prefix="lepton_suite_") as scratch:
        places = Places(Path(scratch), options.predictions, options.runs)
        for seed in map(int, options.seeds.split(",")):
            for name in names_of(options.suite, options.sets):
                table = open_set(options.data.resolve(), name)
                for system in systems:
                    words = tuple(options.word) if system == "lepton" else ()
                    run = Run(system, pythons[SYSTEMS[system][0]], table, options.seconds, seed, options.threads, words)
                    if (name, system, run.seconds, seed, run.threads, words) in done:
                        print(f"{name:22} {system:20} seed {seed}: done before", flush=True)
                        continue
                    row = measure(run, options.suite, places)
                    with options.out.open("a") as file:
                        file.write(json.dumps(row) + "\n")
                    print(said(row), flush=True)


def said(row: dict[str, Any]) -> str:
    """Says a row in a line."""
    head = f"{row['set']:22} {row['system']:20} seed {row['seed']}: "
    if row["error"]:
        return f"{head}FAILED after {row['wall']} s: {row['error'].splitlines()[-1][:160]}"
    speed = f"{row['rows_per_second']:,.0f} rows/s  one row {row['single_row_ms']:.3g} ms  {row['artifact_mb']:.3g} MB"
    return f"{head}{row['metric']} {row['score']:.6g}  wall {row['wall']} s  peak {row['peak_mb']:.0f} MB  {speed}"


if __name__ == "__main__":
    main()
