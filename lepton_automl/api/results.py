"""A finished run, to be asked: figures, tables, plots, report and predictions."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from lepton_automl.api.facts import RunFacts
from lepton_automl.api.files import Stored
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


class Run(RunFacts):
    """A finished run. What is asked of it is read when it is first asked for.

    Args:
        files: Where its files are.
    """

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


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        fix = "Give a pandas DataFrame with the columns of the training table."
        raise DataError(Problem("table", f"is a {type(table).__name__}.", fix))
    return table.set_axis([str(name) for name in table.columns], axis=1)
