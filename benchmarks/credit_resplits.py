"""`recipe=credit` against a tuned logistic regression on the same ten resplits of the same rows, paired.

python benchmarks/credit_resplits.py --seconds 20 --out benchmarks/results/credit_resplits.jsonl
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TARGET, POSITIVE = "creditability", "bad"
PROTECTED = ["personal_status_and_sex", "age_in_years", "foreign_worker"]


def tuned_logistic(train: pd.DataFrame, test: pd.DataFrame) -> float:
    """Gives the test AUC of logistic regression with its penalty chosen by five folds; protected columns left out."""
    features = train.drop(columns=[TARGET, *PROTECTED])
    words = features.select_dtypes(exclude="number").columns.tolist()
    numbers = [name for name in features if name not in words]
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), words), (StandardScaler(), numbers))
    search = LogisticRegressionCV(
        Cs=np.logspace(-3, 2, 16), cv=5, scoring="roc_auc", max_iter=2000, use_legacy_attributes=False, l1_ratios=(0.0,)
    )
    model = make_pipeline(columns, search).fit(features, train[TARGET] == POSITIVE)
    return float(roc_auc_score(test[TARGET] == POSITIVE, model.predict_proba(test[features.columns])[:, 1]))


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    rows = pd.read_csv("recipes/data/german_credit.csv")
    differences = []
    for seed in range(options.splits):
        train, test = train_test_split(rows, test_size=0.25, stratify=rows[TARGET], random_state=seed)
        folder = Path(tempfile.mkdtemp())
        train.to_parquet(folder / "train.parquet")
        test.to_parquet(folder / "test.parquet")
        source = f"data.source={{kind:auto,path:{folder / 'train.parquet'}}}"
        words = ["recipe=credit", "~data.source", f"+{source}", f"+data.test.path={folder / 'test.parquet'}"]
        words += [f"budget.seconds={options.seconds:g}", f"run.dir={folder / 'run'}", "tracking.progress=none", f"seed={seed}"]
        subprocess.run([sys.executable, "-m", "lepton_automl", *words], check=True, capture_output=True)
        metrics = json.loads((folder / "run" / "metrics.json").read_text())
        ours, theirs = metrics["test"]["roc_auc"]["value"], tuned_logistic(train, test)
        differences.append(ours - theirs)
        row = {"split": seed, "lepton": ours, "logistic": theirs, "wall": metrics["seconds"]["total"]}
        with options.out.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(f"split {seed}: lepton {ours:.4f}  logistic {theirs:.4f}  wall {row['wall']:.1f} s", flush=True)
    mean, error = np.mean(differences), np.std(differences, ddof=1) / np.sqrt(len(differences))
    print(f"mean difference {mean:+.4f}, standard error {error:.4f}")


if __name__ == "__main__":
    main()
