"""All rules of a profile, and the profile of the data, on made tables of mixed kinds: seconds and memory, and how they grow.

Each size is a process of its own that reads a Parquet file, compiles a recipe and does all that comes before the search; the
proportional set size of the process is looked at every 20 ms meanwhile. `peak_over_table` is the peak without what the process
held before (libraries), the table itself counted, over the table.

    python benchmarks/rules.py --rows 10000 100000 1000000 3000000 --governance standard --out rules.jsonl
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

COLUMNS = 50
LOOK_SECONDS = 0.02


def made_table(rows: int, path: Path, seed: int = 0) -> None:
    """Writes a table of 50 columns: 24 numbers (some with gaps, long tails or a placeholder), 8 whole numbers, 10 categories of
    2 to 5,000 levels, 3 booleans, 2 dates, 1 text, 1 constant, 1 copy; and a target of two labels.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    columns: dict[str, object] = {}
    for k in range(24):
        values = rng.lognormal(3, 1, rows) if k % 3 == 0 else rng.normal(10 * k, 1 + k, rows)
        if k % 4 == 1:
            values[rng.random(rows) < 0.02 * (k + 1)] = np.nan
        if k == 6:
            values[rng.random(rows) < 0.05] = -999.0
        columns[f"number_{k}"] = values.astype("float64")
    for k in range(8):
        columns[f"whole_{k}"] = rng.integers(0, 10 ** (1 + k % 4), rows)
    for k, levels in enumerate((2, 3, 5, 8, 12, 20, 50, 200, 1_000, 5_000)):
        names = np.array([f"level {k} {number}" for number in range(levels)], dtype=object)
        codes = np.minimum((levels * rng.random(rows) ** 2).astype("int64"), levels - 1)
        codes = np.where(rng.random(rows) < 0.03, -1, codes) if k % 3 == 2 else codes
        columns[f"category_{k}"] = pd.Categorical.from_codes(codes, categories=names)
    for k in range(3):
        columns[f"truth_{k}"] = rng.random(rows) < 0.2 * (k + 1)
    for k in range(2):
        columns[f"day_{k}"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1500, rows), unit="D")
    words = np.array(["paid", "late", "called", "no", "answer", "sent", "letter", "again", "moved", "new", "plan", "agreed"])
    picked = words[rng.integers(0, len(words), (rows, 6))]
    columns["note"] = [" ".join(row) for row in picked]
    columns["constant"] = np.ones(rows)
    columns["copy"] = columns["number_2"]
    chance = 1 / (1 + np.exp(-(np.asarray(columns["number_2"]) - 20) / 3 + 0.5 * np.asarray(columns["truth_1"])))
    columns["y"] = np.where(rng.random(rows) < chance, "yes", "no")
    assert len(columns) == COLUMNS + 1
    pd.DataFrame(columns).to_parquet(path)


class Peak:
    """Looks at the memory of this process while something goes on."""

    def __init__(self) -> None:
        from lepton_automl.work.memory import pss_mb

        self._pss, self.mb, self._over = pss_mb, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        import os

        while not self._over.wait(LOOK_SECONDS):
            self.mb = max(self.mb, self._pss(os.getpid()))

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


def measure(path: Path, governance: str, protected: str, folder: Path) -> dict[str, object]:
    """Measures one table, in this process."""
    import gc
    import os

    import pyarrow

    from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
    from lepton_automl.engine.run import prepare_rows
    from lepton_automl.evidence import Allowance, Profiled, make_profile
    from lepton_automl.ledger import Ledger, verify_ledger
    from lepton_automl.recipe import compose
    from lepton_automl.work.memory import pss_mb

    words = ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=y", f"governance={governance}"]
    words += [f"data.roles.protected=[{protected}]"] if protected else []
    started = time.perf_counter()
    plan = compile(compose([*words, "split.kind=random", "budget.seconds=60"]), folder / "run")
    compiled = time.perf_counter() - started
    frame = plan.data.source.frame
    gc.collect()
    pyarrow.default_memory_pool().release_unused()  # what reading left behind is not the rules'
    table_mb, before_mb = float(frame.memory_usage(deep=True).sum()) / 2**20, pss_mb(os.getpid())
    folder.joinpath("run").mkdir()
    ledger = Ledger.open(folder / "run")
    with Peak() as peak:
        started, cpu = time.perf_counter(), time.process_time()
        table = prepare_rows(plan, ledger)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert verify_ledger(folder / "run" / "ledger.jsonl") == []
    seconds: dict[str, float] = {}
    for entry in ledger.entries:
        if entry.stage in ("data", "train"):
            seconds[entry.rule] = round(seconds.get(entry.rule, 0.0) + entry.seconds, 3)
    assert table.test is not None and plan.task.labels is not None
    labels = tuple(str(label) for label in plan.task.labels.values)
    with Peak() as profile_peak:
        profiled = Profiled(table.train, table.test.without(["y"]), "y", table.y, labels)
        started = time.perf_counter()
        profile = make_profile(profiled, Allowance())
        profile_wall = time.perf_counter() - started
    return {
        "rows": len(frame),
        "columns": len(frame.columns),
        "governance": governance,
        "protected": protected,
        "rules": len(plan.rules),
        "compile_seconds": round(compiled, 2),
        "seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "rule_seconds": dict(sorted(seconds.items(), key=lambda item: -item[1])),
        "table_mb": round(table_mb),
        "before_mb": round(before_mb),
        "peak_mb": round(peak.mb),
        "peak_over_table": round((peak.mb - before_mb + table_mb) / table_mb, 2),
        "profile_seconds": round(profile_wall, 2),
        "profile_cpu_seconds": round(profile.seconds, 2),
        "profile_peak_mb": round(profile_peak.mb),
        "at": time.strftime("%Y-%m-%d"),
    }


def main() -> None:
    """Measures the sizes one after the other, each in a process of its own."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 3_000_000])
    parser.add_argument("--governance", default="standard", help="preset of conf/governance")
    parser.add_argument("--protected", default="", help="columns to protect, with commas: category_0,category_4,whole_1")
    parser.add_argument("--out", type=Path, help="file the raw rows are added to, as JSON lines")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        with tempfile.TemporaryDirectory() as scratch:
            print(json.dumps(measure(options.child, options.governance, options.protected, Path(scratch))))
        return
    for rows in options.rows:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "rows.parquet"
            made = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import rules; from pathlib import Path; "
            subprocess.run([sys.executable, "-c", f"{made}rules.made_table({rows}, Path({str(path)!r}))"], check=True)
            command = [sys.executable, __file__, "--child", str(path), "--governance", options.governance]
            command += ["--protected", options.protected]
            started = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr[-2000:])
            row = {**json.loads(done.stdout.splitlines()[-1]), "process_seconds": round(time.perf_counter() - started, 2)}
        slowest = ", ".join(f"{name} {value:.2f}" for name, value in list(row["rule_seconds"].items())[:4])
        print(
            f"{row['rows']:>9,} rows: {row['seconds']:7.2f} s ({slowest}); peak {row['peak_mb']:,} MB,"
            f" {row['peak_over_table']} x the table; profile {row['profile_cpu_seconds']} s"
        )
        if options.out is not None:
            with options.out.open("a") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
