"""Makes the reports of peers on the rows of one of our own runs, to lay them beside ours.

    PYTHON benchmarks/peer_reports.py mljar RUN --data recipes/data/german_credit.csv --out FOLDER
    PYTHON benchmarks/peer_reports.py evidently RUN …
    PYTHON benchmarks/peer_reports.py h2o RUN …

`PYTHON` is of an environment that holds the peer. The test rows are those of `RUN/test_rows.parquet`; all other rows are for
training. mljar and H2O search for 60 seconds of their own, by the area under the ROC curve; Evidently trains nothing and is
given our predictions. Every peer gets its defaults. The pages lie in `FOLDER/NAME/`; `benchmarks/report_page.py` measures them.
Evidently needs pandas below 3; H2O a Java, and numpy below 2 with pandas below 3 and pyarrow below 19.
"""

from __future__ import annotations

import argparse
import base64
import html
import io
from pathlib import Path
from typing import Any

import pandas as pd

TARGET, POSITIVE, SECONDS = "creditability", "bad", 60
LEFT_OUT = ["personal_status_and_sex", "age_in_years", "foreign_worker"]
"""Columns that our recipe keeps out of the model."""


def rows(run: Path, data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gives the training and test rows, the test rows with our probability of the positive label as `said`."""
    table = pd.read_csv(data)
    judged = pd.read_parquet(run / "test_rows.parquet").set_index("row_id")
    test = table.loc[judged.index].assign(said=judged["prediction_1"])
    return table.drop(index=judged.index), test


def mljar(train: pd.DataFrame, test: pd.DataFrame, out: Path) -> None:
    """Writes mljar-supervised's report of its mode `Explain`, the one meant for reading."""
    from supervised.automl import AutoML

    del test
    model = AutoML(mode="Explain", results_path=str(out), total_time_limit=SECONDS, eval_metric="auc", random_state=1)
    model.fit(train.drop(columns=[TARGET, *LEFT_OUT]), train[TARGET])
    model.report()


def evidently(train: pd.DataFrame, test: pd.DataFrame, out: Path) -> None:
    """Writes Evidently's reports: quality of our predictions, and drift from training to test rows."""
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset, DataDriftPreset

    numbers = [name for name in train.columns if pd.api.types.is_numeric_dtype(train[name])]
    texts = [name for name in train.columns if name not in (*numbers, TARGET)]
    plain = DataDefinition(numerical_columns=numbers, categorical_columns=[*texts, TARGET])
    goal = BinaryClassification(target=TARGET, prediction_probas="said", prediction_labels=None, pos_label=POSITIVE)
    judged = DataDefinition(classification=[goal], numerical_columns=numbers, categorical_columns=texts)
    found = Report([ClassificationPreset()]).run(Dataset.from_pandas(test, judged), None)
    found.save_html(str(out / "classification.html"))
    pair = Dataset.from_pandas(test.drop(columns="said"), plain), Dataset.from_pandas(train, plain)
    Report([DataDriftPreset()]).run(*pair).save_html(str(out / "drift.html"))


def h2o(train: pd.DataFrame, test: pd.DataFrame, out: Path) -> None:
    """Writes what H2O's `explain` shows in a notebook, in its order, as one page: it has no file of its own."""
    import h2o as engine
    import matplotlib as mpl
    from h2o.automl import H2OAutoML

    mpl.use("agg")
    engine.init(nthreads=2, max_mem_size="4G")
    try:
        texts = dict.fromkeys((name for name in train.columns if not pd.api.types.is_numeric_dtype(train[name])), "enum")
        frames = [engine.H2OFrame(part, column_types=texts) for part in (train, test.drop(columns="said"))]
        learned = H2OAutoML(max_runtime_secs=SECONDS, seed=1, sort_metric="AUC")
        names = [name for name in train.columns if name not in (TARGET, *LEFT_OUT)]
        learned.train(x=names, y=TARGET, training_frame=frames[0])
        found = learned.explain(frames[1], render=False)
        (out / "explain.html").write_text(_page("H2O explain", found), encoding="utf-8")
    finally:
        engine.cluster().shutdown()


def _page(title: str, found: Any) -> str:
    """Lays nested results out in their order: headings, texts, tables as HTML, figures as pictures."""
    parts = [f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><body>"]

    def walk(one: Any) -> None:
        if isinstance(one, dict):
            for inner in one.values():
                walk(inner)
        elif hasattr(one, "figure") and one.figure() is not None:
            drawn = io.BytesIO()
            one.figure().savefig(drawn, format="png", bbox_inches="tight")
            parts.append(f'<img src="data:image/png;base64,{base64.b64encode(drawn.getvalue()).decode()}">')
        elif hasattr(one, "_repr_html_"):
            parts.append(one._repr_html_())
        elif hasattr(one, "as_data_frame"):
            parts.append(one.as_data_frame().to_html())
        else:
            parts.append(f"<p>{html.escape(str(one))}</p>")

    walk(found)
    return "\n".join(parts)


def main() -> None:
    """Makes one peer's report."""
    makers = {"mljar": mljar, "evidently": evidently, "h2o": h2o}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peer", choices=makers)
    parser.add_argument("run", type=Path, help="folder of one of our runs")
    parser.add_argument("--data", type=Path, required=True, help="the table the run was made of")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    out = given.out / given.peer
    out.mkdir(parents=True, exist_ok=True)
    makers[given.peer](*rows(given.run, given.data), out)


if __name__ == "__main__":
    main()
