"""Loads an artefact and scores tables with it. Nothing in an artefact is executed, and every file is checked by its hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data import Kind, Reading, load_dataset, read_column
from lepton_automl.deliver.answers import FEW_ROWS, MANY_ROWS, Answers
from lepton_automl.deliver.contract import Contract
from lepton_automl.ensemble import Calibration, Conformal
from lepton_automl.errors import ArtifactError, DataError, Problem
from lepton_automl.features import Columns, Domain, Preparation, shared
from lepton_automl.models import MODELS, Fitted, load_fitted, unpack_arrays
from lepton_automl.search import load_preparation
from lepton_automl.tasks import NOTHING, TASKS, DecisionRule, Known, Task

FORMAT = 4
"""Number of the artefact's format; the loader knows how to read it and every earlier one. Up to 3 all
rows have one line; up to 2 there are no intervals, no sets, and no row is flagged as outside; in 1 there is no calibration."""


@dataclass(frozen=True)
class Piece:
    """One fitted model in the artefact.

    Args:
        fitted: The model.
        preparation: Name of the preparation of its rows.
        weight: Its share in the prediction.
        member: Place of its trial in the ensemble.
    """

    fitted: Fitted
    preparation: str
    weight: float
    member: int = 0


@dataclass(frozen=True)
class Scored:
    """Predictions of a table.

    Args:
        values: Shape `(n, width)`.
        status: For each row `ok`, or what was not as expected.
        known: What is known of the rows besides, where the decision needs it.
        outside: For each row empty, or the column that puts it outside what the model knows the most; none where no row is
            flagged.
    """

    values: np.ndarray
    status: list[str]
    known: Known = NOTHING
    outside: list[str] | None = None


@dataclass(frozen=True)
class Scorer:
    """A loaded artefact.

    Args:
        task: What is predicted.
        contract: What tables must look like.
        preparations: Name to preparation.
        pieces: The models.
        rule: What is done with a prediction.
        context: The past of the series, where the task looks back.
        calibration: What is done to the weighted prediction, or none.
        conformal: The intervals or sets it makes, or none.
        domain: Where the training rows lie, or none.
    """

    task: Task
    contract: Contract
    preparations: dict[str, Preparation]
    pieces: tuple[Piece, ...]
    rule: DecisionRule
    context: pd.DataFrame | None
    calibration: Calibration | None = None
    conformal: Conformal | None = None
    domain: Domain | None = None

    @classmethod
    def load(cls, folder: Path) -> Scorer:
        """Reads an artefact's folder.

        Raises:
            ArtifactError: If it is not one, of a later format, or a file was changed.
        """
        check_files(folder)
        model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        allow = model.get("plugins", [])
        task = TASKS.find(model["task"]["kind"], allow=allow).load(model["task"])
        names = {fit["preparation"] for member in model["members"] for fit in member["fits"]}
        preparations = shared({name: load_preparation(folder / "preparations" / name) for name in sorted(names)})
        pieces = []
        for place, member in enumerate(model["members"]):
            family = MODELS.find(member["model"], allow=allow)()
            for fit in member["fits"]:
                files = {name: (folder / "models" / f"{fit['name']}.{name}").read_bytes() for name in fit["files"]}
                share = member["weight"] / len(member["fits"])
                pieces.append(Piece(load_fitted(family, files), fit["preparation"], share, place))
        context = load_dataset(folder / "context.arrow").frame if model["has_context"] else None
        contract, calibration = Contract.load(model["contract"]), Calibration.load(model.get("calibration"))
        rule = DecisionRule.load(model["decision_rule"]) if "decision_rule" in model else DecisionRule(model["threshold"])
        conformal, domain = Conformal.load(model.get("conformal")), _load_domain(folder, model.get("domain"))
        return cls(task, contract, preparations, tuple(pieces), rule, context, calibration, conformal, domain)

    @cached_property
    def _answers(self) -> Answers:
        return Answers(tuple(piece.fitted for piece in self.pieces), tuple(piece.preparation for piece in self.pieces))

    def score(
        self, raw: pd.DataFrame, place: str = "the table", threads: int = 1, history: pd.DataFrame | None = None
    ) -> Scored:
        """Scores a table.

        Args:
            raw: Rows with at least the expected columns.
            place: Its name in messages.
            threads: Threads to predict with.
            history: Past rows of series, instead of the artefact's own.
        """
        frame, status = self.contract.read(raw, place)
        values = self.score_typed(frame, threads, history)
        outside = None if self.domain is None else self.domain.outside(frame)
        return Scored(values, status, self.rule.known(frame), outside)

    def score_typed(self, frame: pd.DataFrame | Columns, threads: int = 1, history: pd.DataFrame | None = None) -> np.ndarray:
        """Scores rows whose columns are typed already, as in a `Dataset`; shape `(n, width)`."""
        context = self.context if history is None else history
        rows = frame if isinstance(frame, Columns) else Columns({str(name): frame[name] for name in frame.columns}, len(frame))
        threads = threads if len(frame) >= MANY_ROWS else 1
        ask = self._answers.of_few if len(frame) <= FEW_ROWS else self._answers.of_many
        told = ask(lambda name: self.preparations[name].apply(rows, context), threads)
        total = np.zeros((len(frame), self.task.goal.width))
        for piece, values in zip(self.pieces, told, strict=True):
            total += piece.weight * values
        return total if self.calibration is None or not len(total) else self.calibration.apply(total)

    def read_history(self, raw: pd.DataFrame, place: str) -> pd.DataFrame:
        """Types past rows of series, target included, for `score`.

        Raises:
            DataError: If the task does not look back, or a column is absent.
        """
        history = self.task.history
        if history is None:
            raise DataError(Problem("--history", "is only for forecasts; this model looks at each row alone.", "Leave it out."))
        keep = {*history.series, history.time}
        columns = tuple(expected for expected in self.contract.columns if expected.column.name in keep)
        if self.task.target not in raw.columns:
            raise DataError(
                Problem("--history", f"{self.task.target!r} is not a column of {place}.", "Past rows need the target.")
            )
        frame, _ = Contract(columns).read(raw, place)
        target = read_column(raw[self.task.target], Reading(Kind.NUMBER)).values
        return pd.DataFrame({name: frame[name] for name in frame.columns}).assign(**{self.task.target: target})

    def predict(
        self, raw: pd.DataFrame, place: str = "the table", threads: int = 1, history: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Gives the columns of a prediction file, a row for each row of the table, in its order."""
        scored = self.score(raw, place, threads, history)
        columns: dict[str, Any] = self.task.output(scored.values, self.rule, scored.known)
        if self.conformal is not None:
            columns.update(held_columns(self.conformal, scored.values, self.task))
        flags = {} if scored.outside is None else {"outside": scored.outside}
        return pd.DataFrame({**columns, "status": scored.status, **flags}, index=range(len(raw)))


def held_columns(conformal: Conformal, values: np.ndarray, task: Task) -> dict[str, Any]:
    """Gives the columns of intervals, `low_90` and `high_90`, or of sets, `set_90`: labels with ` | ` between them.

    Args:
        conformal: What was learned.
        values: The prediction, shape `(n, width)`.
        task: What is predicted.
    """
    names = [f"{100 * level:g}".replace(".", "_") for level in conformal.levels]
    if not conformal.has_sets:
        ends = zip(names, *conformal.intervals(values), strict=True)
        return {f"{word}_{name}": end for name, low, high in ends for word, end in (("low", low), ("high", high))}
    assert task.labels is not None
    labels, sets = task.labels.names, conformal.sets(values)
    columns = {}
    for name, mine in zip(names, sets, strict=True):
        columns[f"set_{name}"] = [" | ".join(labels[k] for k in np.flatnonzero(row)) for row in mine]
    return columns


def _load_domain(folder: Path, meta: dict[str, Any] | None) -> Domain | None:
    return None if meta is None else Domain.load(meta, unpack_arrays((folder / "domain.npz").read_bytes()))


def file_hash(path: Path) -> str:
    """Gives the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check_files(folder: Path) -> None:
    """Proves that the folder is an artefact, of a known format, and that every file is the one that was sealed."""
    manifest_path = folder / "manifest.json"
    if not manifest_path.is_file():
        raise ArtifactError(
            Problem(str(folder), "is not an artefact: it has no manifest.json.", "Give the folder of a finished run.")
        )
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    if manifest.get("format", 0) > FORMAT:
        message = f"has format {manifest['format']}; this version reads formats up to {FORMAT}."
        raise ArtifactError(Problem(str(folder), message, f"Install lepton-automl {manifest.get('version', '')} or later."))
    problems = []
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            problems.append(Problem(name, "is missing from the artefact.", "Copy the whole folder again."))
        elif file_hash(path) != digest:
            problems.append(Problem(name, "is not the file that was sealed: its hash differs.", "Copy the whole folder again."))
    if problems:
        raise ArtifactError(problems, str(folder))
