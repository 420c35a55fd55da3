"""What each representation of the columns does to one model: the figure on set-aside training rows, and its seconds.

python benchmarks/features.py --data FOLDER --sets employee_salaries,nyc_flights --out FILE

A fifth of the training rows (a tenth from 200,000 on) is set aside, several times on small sets; test rows are not looked at.
`--table` writes the committed rows as the table of `docs/log.md`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sets import METRICS, default_data, names_of, open_set
from suite import Run, lepton_words

from lepton_automl.data import Dataset
from lepton_automl.engine.compile import compile as compile_plan
from lepton_automl.engine.plan import Plan
from lepton_automl.engine.run import prepare_rows
from lepton_automl.features import Learning, learn_prepared
from lepton_automl.ledger import Ledger
from lepton_automl.models import MODELS, Limits, Rows, no_step
from lepton_automl.models.target import fit_with_target
from lepton_automl.recipe import compose

Choice = tuple[Mapping[str, Any], Mapping[str, Any]]
CHOICES: dict[str, Choice] = {
    "native": ({}, {}),
    "ordinal": ({"categories": "ordinal"}, {}),
    "no topics": ({"texts": "drop"}, {}),
    "texts target": ({"texts": "target"}, {}),
    "target": ({"categories": "target"}, {}),
    "target, no crosses": ({"categories": "target"}, {"crosses": 0}),
    "made": ({"made": True}, {}),
    "all": ({"categories": "target", "texts": "target", "made": True}, {}),
    "log": ({"target_scale": "log"}, {}),
}
"""Label to parameters of the model, and to keys under `features`."""
REPEATS = ((10_000, 3), (10**9, 1))
"""Up to so many training rows, so many times are rows set aside."""


def opened(name: str, options: argparse.Namespace) -> tuple[Plan, Dataset, np.ndarray, str]:
    """Gives a set's plan, its training rows (at most `options.rows`), their targets, and the name of its metric."""
    table = open_set(options.data.resolve(), name)
    words = lepton_words(Run("lepton", "", table, 60, 1))
    words = [*(word for word in words if not word.startswith("data.test")), "split.test_share=0"]
    plan = compile_plan(compose(words), Path("outputs/none"))
    ready = prepare_rows(plan, Ledger())
    train, y = ready.train, ready.y
    if options.rows and len(train) > options.rows:
        kept = np.sort(np.random.default_rng(0).choice(len(train), options.rows, replace=False))
        train, y = train.rows(kept), y[kept]
    return plan, train, y, METRICS[table.task]


def measure(name: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Fits one configuration on each representation of a set."""
    plan, train, y, metric = opened(name, options)
    goal = plan.task.goal
    family = MODELS.find(options.model, "model")()
    start = family.starts(replace(plan.search.shape, rows=len(train)))[0]
    only = [one for one in options.only.split(";") if one]
    for repeat in range(next(count for limit, count in REPEATS if len(train) <= limit)):
        split = plan.splitter.holdout(train, 0.2 if len(train) < 200_000 else 0.1, 2 + repeat)
        seen: list[tuple[Any, ...]] = []
        for label, (params, changed) in CHOICES.items():
            if (only and label not in only) or ("target_scale" in params and goal.width > 1):
                continue
            began = time.perf_counter()
            told = replace(plan.search.features, **changed)
            rows = train.rows(split.train)
            learning = Learning(
                rows, y[split.train], goal.classes, family.needs.chosen(params), told, plan.search.history, repeat
            )
            preparation, prepared = learn_prepared(learning)
            looks = (prepared.names, prepared.categorical, params.get("target_scale"))
            if looks in seen:  # the set has nothing that this representation would change
                continue
            seen.append(looks)
            valid = preparation.apply(train.rows(split.test).frame, rows.frame)
            prepare_seconds = time.perf_counter() - began
            began = time.perf_counter()
            limits = Limits(options.threads, 1 + repeat, patience=50)
            sides = Rows(prepared, y[split.train]), Rows(valid, y[split.test])
            fitted = fit_with_target(family, *sides, {**start, **params}, goal, limits, no_step)
            loss = plan.task.metric.loss(y[split.test], fitted.predict(valid, options.threads), None)
            yield {
                "set": name,
                "model": options.model,
                "representation": label,
                "repeat": repeat,
                "rows": len(rows),
                metric: float(f"{abs(loss):.6g}"),
                "rounds": list(fitted.rounds),
                "columns": int(np.shape(prepared.X)[1]),
                "prepare_seconds": round(prepare_seconds, 2),
                "fit_seconds": round(time.perf_counter() - began, 2),
            }


def write_table(rows: list[dict[str, Any]]) -> None:
    """Writes the mean figure of each representation as Markdown, and what it changes against `native` in percent."""
    labels = list(dict.fromkeys(row["representation"] for row in rows))
    print("| set | metric | " + " | ".join(labels) + " |")
    print("| --- | --- |" + " ---: |" * len(labels))
    for name in dict.fromkeys(row["set"] for row in rows):
        mine = [row for row in rows if row["set"] == name]
        metric = next(key for key in mine[0] if key in METRICS.values())
        means = {
            label: float(np.mean([row[metric] for row in mine if row["representation"] == label] or [np.nan]))
            for label in labels
        }
        errors = {label: 1 - value if metric == "roc_auc" else value for label, value in means.items()}
        first = errors[labels[0]]
        cells = [f"{means[labels[0]]:.5g}"]
        cells += ["" if np.isnan(errors[one]) else f"{100 * (errors[one] / first - 1):+.1f} %" for one in labels[1:]]
        print(f"| `{name}` | {metric} | " + " | ".join(cells) + " |")


def main() -> None:
    """Measures the sets, or writes the table of rows that were measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="public")
    parser.add_argument("--sets", default="")
    parser.add_argument("--model", default="lightgbm")
    parser.add_argument("--only", default="", help="these representations, parted by semicolons")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", type=int, default=0, help="most training rows; all if 0")
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--out", type=Path, help="JSON lines to append to")
    parser.add_argument("--table", type=Path, help="JSON lines to write as a table")
    options = parser.parse_args()
    if options.table is not None:
        write_table([json.loads(line) for line in options.table.read_text().splitlines()])
        return
    for name in names_of(options.suite, options.sets):
        for row in measure(name, options):
            print(json.dumps(row), flush=True)
            if options.out is not None:
                with options.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
