"""Whether `lepton compare` says what is true: nulls, known differences, coverage, and recipes beside themselves.

python benchmarks/comparing.py nulls --data FOLDER --repeats 1000 --out FILE
python benchmarks/comparing.py differences --repeats 1000 --out FILE
python benchmarks/comparing.py coverage --data FOLDER --repeats 500 --out FILE
python benchmarks/comparing.py recipes --pairs 40 --out FILE

`nulls`: two models of a public set whose predictions are swapped at random row by row, so that neither can be better; and
pairs of forecasts with the same errors in distribution. `differences`: scores whose true areas under the ROC curve differ by
1, 2 and 5 points; the share that is detected beside the power that the comparison states. `coverage`: samples of a large set
whose whole is taken as the truth. `recipes`: one recipe beside itself with another seed of its search, on the same splits.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.sets import TableSet, default_data, open_set, truth_of
from lepton_automl.engine import compile, run  # noqa: A004 - the name of what it does
from lepton_automl.evidence.comparing import Rows, Ways, area_difference, compare_rows, loss_difference, resplit_difference
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose
from lepton_automl.tasks import METRICS

BINARY = ("roc_auc", "log_loss", "average_precision", "brier_score", "accuracy", "balanced_accuracy", "f1")
NUMBERS = ("rmse", "mae", "r2")
SETS = (("adult_income", BINARY), ("give_me_some_credit", BINARY), ("diamonds", NUMBERS))
ALPHA = 0.05


def predictions(found: TableSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gives target and the predictions of two small boosters of different columns on the test rows."""
    import lightgbm

    train, test = (
        pd.read_parquet(path).dropna(subset=[found.target]).reset_index(drop=True) for path in (found.train, found.test)
    )
    both = pd.concat([train, test], ignore_index=True)
    features = [name for name in both.columns if name != found.target]
    coded = both[features].apply(lambda c: c if pd.api.types.is_numeric_dtype(c) else pd.Series(pd.factorize(c)[0], c.index))
    y = truth_of(found, both[found.target])[0]
    made = []
    for columns, rounds in ((features, 40), (features[::2], 80)):
        objective = "binary" if found.task == "binary" else "regression"
        model = lightgbm.train(
            {"objective": objective, "verbose": -1, "num_threads": 1, "seed": 1},
            lightgbm.Dataset(coded.loc[: len(train) - 1, columns].astype("float64"), y[: len(train)]),
            rounds,
        )
        p = np.asarray(model.predict(coded.loc[len(train) :, columns].astype("float64")))
        made.append(np.stack([1 - p, p], axis=1) if found.task == "binary" else p[:, None])
    return y[len(train) :], made[0], made[1]


def ways_for(names: tuple[str, ...], resamples: int, seed: int) -> Ways:
    """Gives how all of these figures are compared."""
    metrics = tuple(METRICS[name] for name in names)
    return Ways(metrics, frozenset(names), resamples=resamples, seed=seed, has_labels=names == BINARY)


def chosen(names: str) -> list[tuple[str, tuple[str, ...]]]:
    """Gives the sets that are named, parted by commas; all if none is."""
    return [(name, metrics) for name, metrics in SETS if not names or name in names.split(",")]


def nulls(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Counts how often two models that can not differ are told apart."""
    for name, metrics in chosen(options.sets):
        y, one, other = predictions(open_set(options.data, name))
        rng = np.random.default_rng(options.seed)
        flagged = dict.fromkeys(metrics, 0)
        for repeat in range(options.repeats):
            rows = rng.choice(len(y), options.rows, replace=False)
            swap = rng.random(options.rows)[:, None] < 0.5
            a, b = np.where(swap, other[rows], one[rows]), np.where(swap, one[rows], other[rows])
            figures, _ = compare_rows(Rows(y[rows], a, b), ways_for(metrics, options.resamples, repeat))
            for figure in figures:
                flagged[figure.name] += figure.p < ALPHA
        for metric, count in flagged.items():
            yield {"study": "null", "set": name, "metric": metric, "rows": options.rows, "flagged": count / options.repeats}
    if "forecasts" in options.sets.split(",") or not options.sets:
        yield from forecast_nulls(options)


def forecast_nulls(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Counts how often two forecasts that are equally good are told apart, and how often one that is better by a known amount.

    Once the losses' differences have the memory, once the errors of both forecasts have it, whose sizes remember less. The
    known amount is three standard errors of the mean difference, as it is over all repeats.
    """
    for kind, moments, memory in itertools.product(("differences", "errors"), (28, 60, 120, 365), (0.0, 0.5, 0.8, 0.9)):
        rng = np.random.default_rng(options.seed)
        made = moving(rng, memory, moments, (2 * options.repeats,)).reshape(options.repeats, 2, moments)
        changes = made[:, 0] if kind == "differences" else np.abs(made[:, 1]) - np.abs(made[:, 0])
        lift = 3 * float(changes.mean(axis=1).std())
        nothing = np.zeros(moments)
        flagged = [loss_difference(nothing, change).p_value < ALPHA for change in changes]
        detected = [loss_difference(nothing, change + lift).p_value < ALPHA for change in changes]
        yield {
            "study": "null",
            "set": f"forecasts, {kind} with memory {memory}",
            "metric": "loss",
            "rows": moments,
            "flagged": float(np.mean(flagged)),
            "detected_at_3_errors": float(np.mean(detected)),
        }


def moving(rng: np.random.Generator, memory: float, moments: int, shape: tuple[int, ...]) -> np.ndarray:
    """Gives series of autoregressions of order one, shape `(*shape, moments)`."""
    noise = rng.normal(0, 1, (*shape, moments + 100))
    for t in range(1, moments + 100):
        noise[..., t] += memory * noise[..., t - 1]
    return np.asarray(noise[..., 100:])


def known_differences(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Counts how often a true difference is detected, beside the power that is stated for it."""
    from scipy.special import ndtri

    base = 0.80
    for points, n in itertools.product((1, 2, 5), (500, 2_000, 8_000)):
        rng = np.random.default_rng(options.seed)
        lifts = [math.sqrt(2) * float(ndtri(area)) for area in (base, base + points / 100)]
        detected, stated = 0, []
        for _ in range(options.repeats):
            positive = rng.random(n) < 0.3
            shared = rng.normal(0, 1, n)
            own = rng.normal(0, 1, (2, n))
            scores = [lift * positive + math.sqrt(0.7) * shared + math.sqrt(0.3) * own[k] for k, lift in enumerate(lifts)]
            found = area_difference(positive, *scores)
            detected += found.p_value < ALPHA and found.value > 0
            stated.append(found.power(points / 100, 1 - ALPHA))
        yield {
            "study": "difference",
            "points": points,
            "rows": n,
            "detected": detected / options.repeats,
            "stated_power": float(np.mean(stated)),
        }


def coverage(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Counts how often the interval of a difference holds the difference of the whole set."""
    for name, metrics in chosen(options.sets):
        y, one, other = predictions(open_set(options.data, name))
        truth = {m: METRICS[m].of(y, other) - METRICS[m].of(y, one) for m in metrics}
        rng, held = np.random.default_rng(options.seed), dict.fromkeys(metrics, 0)
        for repeat in range(options.repeats):
            rows = rng.integers(0, len(y), options.rows)
            figures, _ = compare_rows(Rows(y[rows], one[rows], other[rows]), ways_for(metrics, options.resamples, repeat))
            for figure in figures:
                held[figure.name] += figure.low <= truth[figure.name] <= figure.high
        for metric, count in held.items():
            yield {"study": "coverage", "set": name, "metric": metric, "rows": options.rows, "held": count / options.repeats}


def recipes(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Counts how often a recipe is told apart from itself: every pair of search seeds, on the same fresh splits.

    A run of each search seed and split is made once, and serves in all pairs: pairs share runs, which leaves the share that is
    flagged right on average.
    """
    inner = next(k for k in range(2, 100) if k * (k - 1) // 2 >= options.pairs)
    figures: dict[int, list[dict[str, float]]] = {}
    ratio, started = 0.25, time.time()
    for seed, split in itertools.product(range(inner), range(options.splits)):
        with tempfile.TemporaryDirectory() as folder:
            words = ["recipe=credit", *options.words.split(), f"seed={split + 1}"]
            plan = compile(compose(words), Path(folder) / "run")
            plan = replace(plan, search=replace(plan.search, seed=1_000 + seed))
            found = run(plan, Clock(time.time(), plan.budget))
            value = found.evidence.value
            scores = {name: measure.value for name, measure in found.evidence.scores.items()}
            figures.setdefault(seed, []).append({**scores, "value_per_row": math.nan if value is None else value.value})
        print(f"  seed {seed}, split {split}: {figures[seed][-1]['roc_auc']:.4f}, {time.time() - started:.0f} s", flush=True)
    pairs = list(itertools.combinations(range(inner), 2))[: options.pairs]
    for metric in figures[0][0]:
        sides = {seed: np.array([row[metric] for row in rows]) for seed, rows in figures.items()}
        p_values = [resplit_difference(sides[a], sides[b], ratio).p_value for a, b in pairs]
        flagged = float(np.mean([p < ALPHA for p in p_values]))
        yield {
            "study": "recipe beside itself",
            "metric": metric,
            "splits": options.splits,
            "pairs": len(pairs),
            "runs": inner * options.splits,
            "words": options.words,
            "flagged": flagged,
        }


STUDIES = {"nulls": nulls, "differences": known_differences, "coverage": coverage, "recipes": recipes}


def main() -> None:
    """Runs a study, prints its rows and adds them to the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--repeats", type=int, default=1_000)
    parser.add_argument("--rows", type=int, default=1_000, help="test rows of each repeat")
    parser.add_argument("--resamples", type=int, default=300)
    parser.add_argument(
        "--sets", default="", help="sets of nulls and coverage, and `forecasts`, parted by commas; all if empty"
    )
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--words", default="profile=smoke search=quick hardware.threads=1", help="words of the credit recipe")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    for row in STUDIES[options.study](options):
        print(json.dumps(row), flush=True)
        if options.out is not None:
            with options.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
