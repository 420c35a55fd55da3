"""What each key against overfitting does to one model: the figure on rows that neither trained it nor stopped it.

python benchmarks/overfitting.py --model tabm --sets ames_housing,steel_plate_faults --rows 3000 --out FILE
python benchmarks/overfitting.py --table FILE

Each key alone is changed from the family's first configuration. A third of the training rows is set aside, three times; half of
it stops training, the other half is scored. Test rows are not looked at.
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from features import opened
from sets import METRICS, default_data, names_of

from lepton_automl.features import Learning, learn_prepared
from lepton_automl.models import MODELS, Limits, Rows, no_step
from lepton_automl.models.target import fit_with_target

NET: dict[str, Mapping[str, Any]] = {
    "dropout 0": {"dropout": 0.0},
    "dropout 0.3": {"dropout": 0.3},
    "weight decay 0": {"weight_decay": 0.0},
    "noise 0.1": {"noise": 0.1},
    "mixup 0.2": {"mixup": 0.2},
    "prune 0.3": {"prune": 0.3},
    "prune 0.6": {"prune": 0.6},
}
BOOSTED: dict[str, Mapping[str, Any]] = {
    "lambda 10": {"lambda_l2": 10.0},
    "8 leaves": {"num_leaves": 8},
    "50 rows a leaf": {"min_data_in_leaf": 50},
    "half of the columns": {"feature_fraction": 0.5},
    "half of the rows": {"bagging_fraction": 0.5, "bagging_freq": 1},
}
CHANGES = {"tabm": NET, "realmlp": {**NET, "label smoothing 0.1": {"label_smoothing": 0.1}}, "lightgbm": BOOSTED}
"""Family to what is changed of it."""
UNSTOPPED, NEVER = "no early stopping", 10**6
"""A fit that goes on to its last round, and the rounds of patience for that; what it keeps is still its best round."""
REPEATS = 3


def measure(name: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Fits one configuration with each change on a set."""
    plan, train, y, metric = opened(name, options)
    goal = plan.task.goal
    family = MODELS.find(options.model, "model")()
    shape = replace(plan.search.shape, rows=len(train))
    start, legal = family.starts(shape)[0], family.legal(goal)
    patient = {"patience": start["epochs"]} if "epochs" in start else {}
    changes = {"as it is": {}, **CHANGES[options.model], UNSTOPPED: patient}
    for repeat in range(REPEATS):
        split = plan.splitter.holdout(train, 1 / 3, 2 + repeat)
        stops, judges = split.test[0::2], split.test[1::2]
        rows = train.rows(split.train)
        preparation, prepared = learn_prepared(
            Learning(
                rows, y[split.train], goal.classes, family.needs.chosen({}), plan.search.features, plan.search.history, repeat
            )
        )
        stop, judge = (preparation.apply(train.rows(part).frame, rows.frame) for part in (stops, judges))
        for label, params in changes.items():
            if not set(params) <= set(legal):
                continue
            began = time.perf_counter()
            limits = Limits(options.threads, 1 + repeat, patience=NEVER if label == UNSTOPPED else 50)
            sides = Rows(prepared, y[split.train]), Rows(stop, y[stops])
            fitted = fit_with_target(family, *sides, {**start, **params}, goal, limits, no_step)
            loss = plan.task.metric.loss(y[judges], fitted.predict(judge, options.threads), None)
            yield {
                "set": name,
                "model": options.model,
                "change": label,
                "repeat": repeat,
                "rows": len(rows),
                metric: float(f"{abs(loss):.6g}"),
                "rounds": list(fitted.rounds),
                "seconds": round(time.perf_counter() - began, 2),
            }


def write_table(rows: list[dict[str, Any]]) -> None:
    """Writes as Markdown what each change does to the error, in percent, with its standard error over the repeats."""
    sets = list(dict.fromkeys(row["set"] for row in rows))
    print("| model | change | " + " | ".join(f"`{name}`" for name in sets) + " |")
    print("| --- | --- |" + " ---: |" * len(sets))
    for model in dict.fromkeys(row["model"] for row in rows):
        for change in dict.fromkeys(row["change"] for row in rows if row["model"] == model):
            cells = [_cell([row for row in rows if (row["set"], row["model"]) == (name, model)], change) for name in sets]
            print(f"| {model} | {change} | " + " | ".join(cells) + " |")


def _cell(rows: list[dict[str, Any]], change: str) -> str:
    errors = {label: np.array([_error(row) for row in rows if row["change"] == label]) for label in ("as it is", change)}
    before, after = errors["as it is"], errors[change]
    if not len(after):
        return ""
    if change == "as it is":
        return f"{before.mean():.4g}"
    gains = 100 * (after / before - 1)
    return f"{gains.mean():+.1f} ± {gains.std(ddof=1) / np.sqrt(len(gains)):.1f} %"


def _error(row: Mapping[str, Any]) -> float:
    metric = next(key for key in row if key in METRICS.values())
    return 1 - row[metric] if metric == "roc_auc" else row[metric]


def main() -> None:
    """Measures the sets, or writes the table of rows that were measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="public")
    parser.add_argument("--sets", default="")
    parser.add_argument("--model", default="tabm", choices=sorted(CHANGES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", type=int, default=3000, help="most training rows; all if 0")
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
