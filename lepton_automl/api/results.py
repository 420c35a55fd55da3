"""A finished run, to be asked: figures, tables, plots, report and predictions."""

from __future__ import annotations

import io
import json
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lepton_automl.api.files import Files, Stored
from lepton_automl.deliver import Scorer
from lepton_automl.deliver.finding import artifact_folder
from lepton_automl.errors import ArtifactError, DataError, Problem
from lepton_automl.tasks import Makes


def load(path: str | Path) -> Run:
    """Opens a finished run, or an artefact alone; nothing in it is executed.

    Args:
        path: Folder of a run (`outputs/credit/2026-01-31_12-00-00`), or an artefact's folder, which can only predict.

    Raises:
        ArtifactError: If it is neither, or the run did not finish.
    """
    folder = Path(path)
    artifact = artifact_folder(folder)
    run = folder if artifact != folder else folder.parent
    return Run(Stored(run if (run / "metrics.json").is_file() else None, artifact))


class Run:
    """A finished run. What is asked of it is read when it is first asked for.

    Args:
        files: Where its files are.
    """

    def __init__(self, files: Files) -> None:
        self._files = files

    def __getstate__(self) -> dict[str, Any]:
        return {"_files": self._files}

    @property
    def folder(self) -> Path | None:
        """The run's folder; none of an artefact alone, and of an estimator that works in a temporary one."""
        return self._files.folder

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """`metrics.json`: the figures for programs; `docs/operate.md` describes them."""
        return self._json("metrics.json")

    @cached_property
    def evidence(self) -> dict[str, Any]:
        """`evidence.json`: scores with intervals beside the baseline's, importances, the data of the plots."""
        return self._json("evidence.json")

    @cached_property
    def decision(self) -> dict[str, Any]:
        """`decision.json`: where the line is drawn, why, and what it is worth."""
        return self._json("decision.json")

    @cached_property
    def plan(self) -> dict[str, Any]:
        """`plan.json`: what was planned before anything ran."""
        return self._json("plan.json")

    @cached_property
    def recipe(self) -> dict[str, Any]:
        """The resolved recipe: every key, presets and defaults included."""
        return dict(yaml.safe_load(self._files.read("recipe.yaml")))

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Everything that was done to the data and the search, an entry a row."""
        return pd.DataFrame([json.loads(line) for line in self._files.read("ledger.jsonl").splitlines()])

    @cached_property
    def leaderboard(self) -> pd.DataFrame:
        """All trials, the best first, with the metric in its own sense and their weight in the ensemble."""
        return pd.DataFrame(self._json("leaderboard.json"))

    @cached_property
    def trials(self) -> pd.DataFrame:
        """All trials in the order they began: losses and rounds by fold, seconds, parameters."""
        return pd.read_parquet(io.BytesIO(self._files.read("trials.parquet")))

    @cached_property
    def searched(self) -> dict[str, Any]:
        """`search.json`: sampler, when trials ended, which parameters mattered, the Pareto front."""
        return self._json("search.json")

    @property
    def passed(self) -> bool:
        """Whether no gate failed."""
        return not self.metrics["gates_failed"]

    @property
    def plots(self) -> Any:
        """The figures of the report, as objects: `run.plots.roc`, `run.plots["importance"].save("importance.svg")`."""
        from lepton_automl.api.plots import plots_of

        return plots_of(self)

    @property
    def report(self) -> Any:
        """The report: shown in a notebook's cell; `.open()` shows it in a browser, `.save(path)` keeps it."""
        from lepton_automl.api.report import ReportPage

        path = None if self.folder is None else self.folder / "report.html"
        return ReportPage(self._files.read("report.html").decode(), path)

    # ---- predictions ---------------------------------------------------------------------------------------------

    @cached_property
    def scorer(self) -> Scorer:
        """The loaded artefact."""
        return self._files.scorer()

    def predict(self, table: pd.DataFrame, *, history: pd.DataFrame | None = None, threads: int = 1) -> pd.Series:
        """Predicts each row: the label in the type it came in, the number, of a forecast the median.

        Of two labels the positive one is predicted from the line of `decision` on.

        Args:
            table: Rows with the columns that the model needs, `n` of them.
            history: Past rows of series, target included, instead of those in the artefact; for forecasts.
            threads: Threads to predict with.

        Returns:
            Shape `(n,)`, with the table's index.

        Raises:
            DataError: If a column is missing, or values can not be read.
        """
        found = self.scored(table, history=history, threads=threads)["prediction"]
        return found.set_axis(table.index).rename(self.scorer.task.target)

    def predict_proba(self, table: pd.DataFrame, *, threads: int = 1) -> pd.DataFrame:
        """Gives the probability of each label, shape `(n, k)`: a column a label, with the table's index.

        Raises:
            ArtifactError: If the model predicts numbers.
            DataError: If a column is missing, or values can not be read.
        """
        labels = self.scorer.task.labels
        if self.scorer.task.goal.makes is not Makes.PROBABILITIES or labels is None:
            raise ArtifactError(Problem("predict_proba", "is for labels; this model predicts numbers.", "Ask predict."))
        values = self.scorer.score(_checked(table), "the table", threads).values
        return pd.DataFrame(values, index=table.index, columns=pd.Index(labels.values))

    def scored(self, table: pd.DataFrame, *, history: pd.DataFrame | None = None, threads: int = 1) -> pd.DataFrame:
        """Gives what `lepton predict` writes: prediction, probabilities or quantiles, and for each row its `status`.

        The status is `ok`, or what was not as in training, such as a level that was not there.
        """
        past = None if history is None else self.scorer.read_history(history, "history")
        found = self.scorer.predict(_checked(table), "the table", threads, past)
        return found.set_axis(table.index)

    # ---- shown ---------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        if self._is_artifact:
            return f"Run(artefact alone: predicts {self.scorer.task.target!r})"
        metrics = self.metrics
        main = metrics["test"][metrics["metric"]]
        rows = f"{metrics['rows']['judged']} {'test' if metrics['evidence'] == 'test' else 'out-of-fold'} rows"
        gates = f", gates failed: {', '.join(metrics['gates_failed'])}" if metrics["gates_failed"] else ""
        figure = f"{metrics['metric']} {main['value']:.4g} ({main['low']:.4g} to {main['high']:.4g}) on {rows}"
        return f"Run({metrics['recipe']}: {figure}{gates}{f', {self.folder}' if self.folder is not None else ''})"

    def _repr_html_(self) -> str:
        from lepton_automl.api.card import card_of, plain_card

        return plain_card(repr(self)) if self._is_artifact else card_of(self)

    @property
    def _is_artifact(self) -> bool:
        return isinstance(self._files, Stored) and self._files.folder is None

    def _json(self, name: str) -> Any:
        return json.loads(self._files.read(name))


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        fix = "Give a pandas DataFrame with the columns of the training table."
        raise DataError(Problem("table", f"is a {type(table).__name__}.", fix))
    return table.set_axis([str(name) for name in table.columns], axis=1)
