"""Holds the fairness figures against fairlearn, and measures what intervals and slices promise.

```
python benchmarks/fairness.py --data FOLDER --what equal|coverage|alarms|speed --out FILE
```

`equal`: every figure that fairlearn has too, on 20 sets of predictions: public sets with a logistic regression, and made ones
(needs fairlearn: `pip install lepton-automl[fairness]`). `coverage`: how often intervals of differences hold the truth, in made
samples. `alarms`: how often a slice is called worse where none is, and how often a planted one is found. `speed`: CPU seconds
of the search for slices. Each writes rows as JSON lines and prints a table.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Dataset, Role
from lepton_automl.evidence import EXAMINERS, Decision, Judged
from lepton_automl.evidence.slices import find_worse, losses_of, slice_columns
from lepton_automl.tasks import TASKS, Task
from lepton_automl.testing import table

SETS = {
    "adult_income": ("sex", "race"),
    "german_credit": ("personal_status_and_sex", "foreign_worker"),
    "hr_attrition": ("Gender", "MaritalStatus"),
    "telco_churn": ("female", "senior_citizen"),
    "titanic": ("Sex", "Pclass"),
    "bank_marketing": ("marital", "education"),
    "stroke": ("gender", "ever_married"),
}
"""Public set to the columns whose groups are compared."""
MADE = 20
"""Sets in all."""
PAIRS = {
    "demographic_parity_difference": "demographic_parity_difference",
    "disparate_impact_ratio": "demographic_parity_ratio",
    "equal_opportunity_difference": "equal_opportunity_difference",
    "equalised_odds_difference": "equalized_odds_difference",
}
"""Our figure to fairlearn's."""


def binary() -> Task:
    """Gives a task of two labels, 1 the positive one."""
    state = {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}}
    return TASKS.find("binary").load(state)


def judged_of(data: Dataset, y: np.ndarray, p: np.ndarray, line: float, resamples: int, seed: int = 0) -> Judged:
    """Gives judged rows from labels and probabilities of the positive one."""
    values = np.column_stack([1 - p, p])
    return Judged(data, y, values, values, binary(), Decision(line, ""), resamples=resamples, seed=seed)


def public_sets(folder: Path) -> Iterator[tuple[str, pd.DataFrame, np.ndarray, np.ndarray]]:
    """Gives name, groups, labels and probabilities of the public sets that are there and have such columns."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    for name, columns in SETS.items():
        if not (folder / name / "train.parquet").exists():
            continue
        meta = json.loads((folder / name / "meta.json").read_text())
        train, test = (pd.read_parquet(folder / name / f"{side}.parquet") for side in ("train", "test"))
        target = meta["target"]
        columns = [c for c in columns if c in train]
        if not columns or train[target].nunique() != 2:
            continue
        positive = meta.get("positive", sorted(train[target].unique())[-1])
        features = train.drop(columns=[target, *columns])
        numbers = list(features.select_dtypes("number"))
        words = [c for c in features if c not in numbers and features[c].nunique() < 100]
        prepared = make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            (OneHotEncoder(handle_unknown="ignore"), words),
        )
        model = make_pipeline(prepared, LogisticRegression(max_iter=300))
        for part in (train, test):
            part[words] = part[words].astype(object).where(part[words].notna(), "missing").astype(str)
        model.fit(train[numbers + words], (train[target] == positive).astype(int))
        p = model.predict_proba(test[numbers + words])[:, 1]
        yield name, test[columns].astype(str), (test[target] == positive).to_numpy().astype("int64"), p


def made_sets(count: int) -> Iterator[tuple[str, pd.DataFrame, np.ndarray, np.ndarray]]:
    """Gives sets in which groups of several sizes differ."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        n, k = int(rng.integers(400, 5_000)), int(rng.integers(2, 7))
        a, b = rng.integers(0, k, n), rng.integers(0, 3, n)
        truth = np.clip(0.35 + 0.08 * (a - k / 2) + rng.normal(0, 0.2, n), 0.02, 0.98)
        said = np.clip(truth + 0.05 * b + rng.normal(0, 0.1, n), 0, 1)
        yield f"made {seed}", pd.DataFrame({"a": a, "b": b}).astype(str), (rng.random(n) < truth).astype("int64"), said


def equal(folder: Path) -> Iterator[dict[str, Any]]:
    """Compares every figure that fairlearn has too, at the line 0.5 and at the mean, for columns and their intersection."""
    from fairlearn import metrics

    found = list(public_sets(folder))
    for name, groups, y, p in [*found, *made_sets(MADE - len(found))]:
        columns = list(groups)
        data = table(target="y", roles=dict.fromkeys(columns, Role.PROTECTED), y=y, **{c: groups[c] for c in columns})
        largest, compared = 0.0, 0
        for line in (0.5, float(p.mean())):
            chapter = EXAMINERS.find("fairness")(columns=columns).examine(judged_of(data, y, p, line, 20), float("inf"))
            said = (p >= line).astype(int)
            for row in chapter.content["columns"]:
                mine = groups[row["name"].split("*")]
                joint = mine.agg(" × ".join, axis=1)
                kept = {group["name"] for group in row["groups"] if not group["is_small"]}
                if any(group["name"] == "other" for group in row["groups"]):
                    kept -= {"other"}
                keep = joint.isin(kept).to_numpy()
                for figure in row["figures"]:
                    if figure["name"] not in PAIRS or joint[keep].nunique() != len(kept):
                        continue
                    theirs = getattr(metrics, PAIRS[figure["name"]])(y[keep], said[keep], sensitive_features=joint[keep])
                    largest, compared = max(largest, abs(float(theirs) - figure["value"])), compared + 1
        yield {"set": name, "rows": len(y), "figures": compared, "largest_difference": largest}


def coverage() -> Iterator[dict[str, Any]]:
    """Draws samples of known rates, and counts how often intervals hold the true figure."""
    cases = {
        "2 groups alike": [0.3, 0.3],
        "2 groups": [0.3, 0.4],
        "4 groups alike": [0.3] * 4,
        "4 groups": [0.2, 0.3, 0.3, 0.4],
    }
    for case, rates in cases.items():
        for n in (400, 4_000):
            hits: dict[str, list[bool]] = {"demographic_parity_difference": [], "disparate_impact_ratio": []}
            alarms = []
            truth = {
                "demographic_parity_difference": max(rates) - min(rates),
                "disparate_impact_ratio": min(rates) / max(rates),
            }
            for seed in range(300):
                rng = np.random.default_rng(seed)
                group = rng.integers(0, len(rates), n)
                p = (rng.random(n) < np.array(rates)[group]).astype("float64")
                data = table(target="y", roles={"g": Role.PROTECTED}, y=np.arange(n) % 2, g=group.astype(str))
                judged = judged_of(data, np.arange(n) % 2, p, 0.5, 200, seed)
                found = EXAMINERS.find("fairness")(columns=["g"]).examine(judged, float("inf")).figures
                for name, held in hits.items():
                    held.append(found[f"g.{name}"].low - 1e-12 <= truth[name] <= found[f"g.{name}"].high + 1e-12)
                alarms.append(found["g.demographic_parity_difference"].low > 0)
            shares = {name: float(np.mean(held)) for name, held in hits.items()}
            yield {"case": case, "rows": n, **shares, "above_zero": float(np.mean(alarms))}


def sliced(n: int, columns: int, seed: int, planted: str = "") -> tuple[Dataset, np.ndarray, np.ndarray]:
    """Gives a table, labels and probabilities that are right; but inside the planted slice, where they tell nothing."""
    rng = np.random.default_rng(seed)
    made: dict[str, Any] = {f"n{k}": rng.normal(size=n) for k in range(columns // 2)}
    made |= {f"c{k}": rng.choice(list("abcdefgh"), n) for k in range(columns - columns // 2)}
    p = rng.beta(0.8, 0.8, n)
    y = (rng.random(n) < p).astype("int64")
    bad = made["c0"] == "a" if planted == "one" else (made["c0"] == "a") & (made["n0"] > 0) if planted == "two" else None
    if bad is not None:
        y = np.where(bad, rng.integers(0, 2, n), y)
    return table(target="y", y=y, **made), y, p


def alarms() -> Iterator[dict[str, Any]]:
    """Counts runs in which a slice is found where none is, and in which a planted one is first."""
    for planted in ("", "one", "two"):
        for n in (1_000, 5_000, 20_000):
            found, right, looked = [], [], 0
            for seed in range(200 if not planted else 50):
                data, y, p = sliced(n, 20, seed, planted)
                values = np.column_stack([1 - p, p])
                groupings, _ = slice_columns(data, None, (), {})
                result = find_worse(groupings, losses_of(binary().goal, y, values), 30, 0.05, True, None)
                looked = len(result.table.n)
                found.append(bool(result.worse))
                first = result.table.groups[result.worse[0]] if result.worse else [-1] * 4
                names = {(groupings[int(i)].name) for i in (first[0], first[2]) if i >= 0}
                right.append(names == {"one": {"c0"}, "two": {"c0", "n0"}}.get(planted, set()))
            row = {"planted": planted or "none", "rows": n, "looked_at": looked, "found_any": float(np.mean(found))}
            yield {**row, "right_columns_first": float(np.mean(right)) if planted else None}


def speed() -> Iterator[dict[str, Any]]:
    """Takes the CPU seconds of grouping and searching, the lowest of three."""
    for n, columns in ((10_000, 20), (100_000, 20), (100_000, 50)):
        data, y, p = sliced(n, columns, 0)
        losses = losses_of(binary().goal, y, np.column_stack([1 - p, p]))
        taken = []
        for _ in range(3):
            started = time.process_time()
            groupings, _ = slice_columns(data, None, (), {})
            grouped = time.process_time()
            result = find_worse(groupings, losses, 30, 0.05, True, None)
            taken.append((time.process_time() - started, grouped - started))
        best = min(taken)
        yield {"rows": n, "columns": columns, "looked_at": len(result.table.n), "cpu_seconds": best[0], "grouping": best[1]}


def main() -> None:
    """Runs what is asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, default=Path("data"))
    asked.add_argument("--what", choices=["equal", "coverage", "alarms", "speed"], required=True)
    asked.add_argument("--out", type=Path)
    args = asked.parse_args()
    rows = {"coverage": coverage, "alarms": alarms, "speed": speed}.get(args.what, lambda: equal(args.data))()
    for row in rows:
        print(" | ".join(f"{key} {value:.3g}" if isinstance(value, float) else f"{key} {value}" for key, value in row.items()))
        if args.out is not None:
            with args.out.open("a") as file:
                file.write(json.dumps({"what": args.what, **row}) + "\n")


if __name__ == "__main__":
    main()
