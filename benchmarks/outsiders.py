"""How many planted outsiders the artefact's detector finds, and how many usual rows it flags.

python benchmarks/outsiders.py --data DATA --out benchmarks/results/outsiders.jsonl

It learns of a set's training rows as a run does, and looks at the set's test rows, as they are and changed in one way at a
time.
`--latency RUN` measures instead what it adds to scoring one row with the artefact of a finished run.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sets import default_data, open_set

from lepton_automl.data import Dataset, Kind
from lepton_automl.deliver import Scorer
from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.features import Domain, learn_domain
from lepton_automl.recipe import compose

SETS = (
    "adult_income",
    "bank_marketing",
    "telco_churn",
    "german_credit",
    "wine_quality",
    "california_housing",
    "diamonds",
    "letter_recognition",
    "give_me_some_credit",
    "insurance_charges",
)
Planting = Callable[[Dataset, np.random.Generator], pd.DataFrame | None]


def numbers_of(data: Dataset) -> list[str]:
    """Gives the features that are numbers with more than ten values."""
    return [c.name for c in data.features if c.kind is Kind.NUMBER and data.values(c.name).nunique() > 10]


def wrong_unit(data: Dataset, rng: np.random.Generator) -> pd.DataFrame | None:
    """Multiplies one number of every row by a thousand."""
    names = numbers_of(data)
    return data.frame.assign(**{(name := str(rng.choice(names))): data.values(name) * 1_000.0}) if names else None


def beyond(data: Dataset, rng: np.random.Generator) -> pd.DataFrame | None:
    """Puts every number two ranges above its largest value."""
    names = numbers_of(data)
    far = {name: data.values(name).max() + 2 * (data.values(name).max() - data.values(name).min()) for name in names}
    return data.frame.assign(**far) if names else None


def unseen(data: Dataset, rng: np.random.Generator) -> pd.DataFrame | None:
    """Gives one category of every row a level that was never seen."""
    names = [c.name for c in data.features if c.kind is Kind.CATEGORY]
    return data.frame.assign(**{str(rng.choice(names)): pd.Categorical(["never seen"] * len(data))}) if names else None


def noise(data: Dataset, rng: np.random.Generator) -> pd.DataFrame | None:
    """Draws every number evenly over its range, and every category evenly over its levels."""
    new: dict[str, object] = {}
    for column in data.features:
        values = data.values(column.name)
        if column.kind is Kind.NUMBER:
            new[column.name] = rng.uniform(values.min(), values.max(), len(data))
        elif column.kind is Kind.CATEGORY:
            levels = values.cat.remove_unused_categories().cat.categories
            new[column.name] = pd.Categorical(rng.choice(levels, len(data)), categories=levels)
    return data.frame.assign(**new)


def mixed(data: Dataset, rng: np.random.Generator) -> pd.DataFrame | None:
    """Puts each feature in an order of its own: every value is usual, only what goes together is not."""
    order = {c.name: rng.permutation(len(data)) for c in data.features}
    return data.frame.assign(**{name: data.values(name).iloc[rows].reset_index(drop=True) for name, rows in order.items()})


PLANTINGS: dict[str, Planting] = {
    "wrong_unit": wrong_unit,
    "beyond": beyond,
    "unseen": unseen,
    "noise": noise,
    "mixed": mixed,
}


def share_flagged(domain: Domain, frame: pd.DataFrame) -> float:
    """Gives the share of rows that lie outside."""
    return float(np.mean([bool(name) for name in domain.outside(frame)]))


def measure(name: str, options: argparse.Namespace) -> dict[str, object]:
    """Gives the share of rows flagged: test rows as they are, and changed in each way."""
    table = open_set(options.data, name)
    words = ["recipe=table", f"data.source.path={table.train}", f"data.test.path={table.test}", f"task.kind={table.task}"]
    plan = compile(compose([*words, f"task.target={table.target}", "budget.trials=1", "budget.seconds=null"]))
    assert plan.data.test is not None
    pick = np.random.default_rng(options.seed).permutation(len(plan.data.test))
    test = plan.data.test.rows(np.sort(pick[: options.rows]))
    started = time.perf_counter()
    domain = learn_domain(plan.data.source, options.share, options.seed)
    assert domain is not None
    row: dict[str, object] = {"set": name, "train": len(plan.data.source), "test": len(test), "share": options.share}
    row |= {"learn_seconds": round(time.perf_counter() - started, 2), "columns": len(domain.columns)}
    started = time.perf_counter()
    row["usual"] = share_flagged(domain, test.frame)
    row["us_a_row"] = round(1e6 * (time.perf_counter() - started) / len(test), 2)
    for way, plant in PLANTINGS.items():
        changed = plant(test, np.random.default_rng(options.seed))
        row[way] = None if changed is None else share_flagged(domain, changed)
    return row


def latency(run: Path, table: Path, repeats: int = 400) -> dict[str, float]:
    """Gives the median CPU milliseconds of scoring one row: without intervals and detector, with each, with both, in turn."""
    whole = Scorer.load(run / "artifact")
    ways = {
        "neither": replace(whole, domain=None, conformal=None),
        "intervals": replace(whole, domain=None),
        "detector": replace(whole, conformal=None),
        "both": whole,
    }
    raw = pd.read_parquet(table).iloc[:repeats]
    rows = [raw.iloc[[place]].reset_index(drop=True) for place in range(len(raw))]
    took: dict[str, list[float]] = {name: [] for name in ways}
    for turn, row in enumerate(rows):
        for name, scorer in ways.items():
            started = time.process_time()
            scorer.predict(row)
            if turn >= 20:
                took[name].append(1000 * (time.process_time() - started))
    return {name: round(float(np.median(found)), 3) for name, found in took.items()}


def main() -> None:
    """Measures all sets, or the latency."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSON lines to append to")
    parser.add_argument("--latency", type=Path, help="a finished run; with --table")
    parser.add_argument("--table", type=Path, help="Parquet file of rows to score one by one")
    options = parser.parse_args()
    if options.latency is not None:
        print(json.dumps(latency(options.latency, options.table)))
        return
    print("| set | flagged as it is | wrong unit | beyond | unseen level | noise | mixed |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in options.sets:
        row = measure(name, options)
        shown = [row[way] for way in ("usual", *PLANTINGS)]
        cells = " | ".join("–" if value is None else f"{100 * float(str(value)):.1f} %" for value in shown)
        print(f"| `{name}` | {cells} |", flush=True)
        if options.out is not None:
            with options.out.open("a") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
