"""What each representation of the columns does to one LightGBM: the figure on set-aside training rows, and its seconds.

python benchmarks/features.py --data FOLDER --sets employee_salaries,nyc_flights

A fifth of the training rows (a tenth from 200,000 on) is set aside; test rows are not looked at.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from sets import METRICS, default_data, names_of, open_set
from suite import Run, lepton_words

from lepton_automl.engine.compile import compile as compile_plan
from lepton_automl.engine.run import prepare_rows
from lepton_automl.features import Learning, learn_prepared
from lepton_automl.ledger import Ledger
from lepton_automl.models import MODELS, Limits, Rows, Shape, no_step
from lepton_automl.models.target import fit_with_target
from lepton_automl.recipe import compose

CHOICES: dict[str, dict[str, object]] = {
    "native": {},
    "ordinal": {"categories": "ordinal"},
    "target": {"categories": "target"},
    "topics": {"texts": "topics"},
    "target, topics": {"categories": "target", "texts": "topics"},
    "made": {"made": True},
    "log": {"target": "log"},
    "all": {"categories": "target", "texts": "topics", "made": True},
}


def measure(name: str, data: Path, model: str, only: list[str]) -> list[dict[str, object]]:
    """Fits one configuration on each representation of a set."""
    table = open_set(data, name)
    words = lepton_words(Run("lepton", "", table, 60, 1))
    plan = compile_plan(compose([word for word in words if not word.startswith("data.test")]), Path("outputs/none"))
    ready = prepare_rows(plan, Ledger())
    train, y, goal = ready.train, ready.y, plan.task.goal
    split = plan.splitter.holdout(train, 0.2 if len(train) < 200_000 else 0.1, 2)
    family = MODELS.find(model, "model")()
    start = family.starts(Shape(len(train), len(train.features), goal))[0]
    rows = []
    for label, params in CHOICES.items():
        if (only and label not in only) or ("target" in params and goal.width > 1):
            continue
        began = time.perf_counter()
        needs = family.needs.chosen(params)
        learning = Learning(
            train.rows(split.train), y[split.train], goal.width, needs, plan.search.features, plan.search.history, 1
        )
        preparation, prepared = learn_prepared(learning)
        valid = preparation.apply(train.rows(split.test).frame, train.rows(split.train).frame)
        prepare_seconds = time.perf_counter() - began
        began = time.perf_counter()
        limits = Limits(2, 1, patience=50)
        fitted = fit_with_target(
            family, Rows(prepared, y[split.train]), Rows(valid, y[split.test]), {**start, **params}, goal, limits, no_step
        )
        loss = plan.task.metric.loss(y[split.test], fitted.predict(valid, 2), None)
        row = {
            "set": name,
            "model": model,
            "representation": label,
            METRICS[table.task]: round(abs(float(loss)), 5),
            "rounds": list(fitted.rounds),
            "columns": int(np.shape(prepared.X)[1]),
            "prepare_seconds": round(prepare_seconds, 2),
            "fit_seconds": round(time.perf_counter() - began, 2),
        }
        print(json.dumps(row), flush=True)
        rows.append(row)
    return rows


def main() -> None:
    """Measures the sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="public")
    parser.add_argument("--sets", default="")
    parser.add_argument("--model", default="lightgbm")
    parser.add_argument("--only", default="", help="these representations, parted by semicolons")
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--out", type=Path, help="JSON lines to append to")
    options = parser.parse_args()
    for name in names_of(options.suite, options.sets):
        rows = measure(name, options.data.resolve(), options.model, [one for one in options.only.split(";") if one])
        if options.out is not None:
            with options.out.open("a") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
