"""Records every trial in Optuna's own form, in a journal file or a database, for dashboards and for `optuna.load_study`."""

from __future__ import annotations

import json
import math
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lepton_automl.data.sources.secrets import public_address, resolve_secret, secrets_in, without_secrets
from lepton_automl.errors import DataError, Problem, RecipeError
from lepton_automl.search.protocol import Earlier, Studies, Trial
from lepton_automl.search.pruning import steps
from lepton_automl.search.samplers import quiet

KEY = "search.storage"
CLOSE_SECONDS = 5.0
"""What a database is waited for at the end of the search; what it has not taken by then is lost to the record."""


class Record:
    """Studies to which trials are only added; they are never asked.

    Values stand in the metric's own sense: a score is maximised.

    Args:
        settings: How the studies are named, and where they are.
        candidates: Names of the families; each has a study.
        journal: File of the studies, where the settings name no database.

    Raises:
        RecipeError: If the storage can not be used, or has a study of that name.
    """

    def __init__(self, settings: Studies, candidates: tuple[str, ...], journal: Path) -> None:
        import optuna

        self._settings, self._optuna = settings, optuna
        self._writer = None if settings.storage is None else _Writer()
        self.lost = 0
        self.why_lost = ""
        self._sign = -1.0 if settings.about.get("is_score") else 1.0
        with quiet():
            self._storage = _journal(journal) if settings.storage is None else _database(settings.storage)
            self._studies = {name: self._create(study_name(settings.name, name)) for name in candidates}

    @property
    def place(self) -> str:
        """Where the studies are, without user and password."""
        return shown_storage(self._settings.storage)

    @property
    def names(self) -> list[str]:
        """Names of the studies."""
        return [study.study_name for study in self._studies.values()]

    def _create(self, name: str) -> Any:
        if self._settings.replaces and name in self._optuna.get_all_study_names(self._storage):
            self._optuna.delete_study(study_name=name, storage=self._storage)
        ways: list[Any] = ["maximize" if self._sign < 0 else "minimize"] + ["minimize"] * (len(self._settings.objectives) - 1)
        try:
            study = self._optuna.create_study(storage=self._storage, study_name=name, directions=ways)
        except self._optuna.exceptions.DuplicatedStudyError as error:
            raise RecipeError(_taken(name)) from error
        metric = str(self._settings.about.get("metric", "metric"))
        study.set_metric_names([metric, *self._settings.objectives[1:]])
        for key, value in self._settings.about.items():
            study.set_user_attr(key, value)
        return study

    def add(
        self, trial: Trial, state: Any, values: list[float] | None, params: Mapping[str, Any], distributions: Mapping[str, Any]
    ) -> None:
        """Adds a trial that has ended; where the storage fails it is counted as lost, and the run goes on."""
        about = {
            "trial": trial.number,
            "origin": trial.origin,
            "state": str(trial.state),
            "seconds": round(trial.seconds, 3),
            "folds": {str(fold): self._sign * fit.loss for fold, fit in sorted(trial.fits.items())},
            "other_params": {key: value for key, value in trial.params.items() if key not in params},
            **({"error": trial.error[:500]} if trial.error else {}),
        }
        course = {step: self._sign * value for step, value in steps(trial, self._settings.pruner).items()}
        self._write(trial.candidate, state, self._signed(values, course, state), params, distributions, course, about)

    def add_earlier(self, earlier: Earlier, params: Mapping[str, Any], distributions: Mapping[str, Any]) -> None:
        """Adds a trial of another run."""
        states = self._optuna.trial.TrialState
        state = states.COMPLETE if earlier.is_complete else states.PRUNED
        values = list(earlier.values) if earlier.is_complete else None
        course = {} if earlier.is_complete or not math.isfinite(earlier.values[0]) else {1: self._sign * earlier.values[0]}
        folds = {str(fold): self._sign * loss for fold, loss in earlier.fold_losses.items()}
        about = {"trial": earlier.number, "origin": "earlier", "folds": folds}
        self._write(earlier.candidate, state, self._signed(values, course, state), params, distributions, course, about)

    def _signed(self, values: list[float] | None, course: Mapping[int, float], state: Any) -> list[float] | None:
        """Gives the values in the metric's own sense; of a trial that was given up the last of its course, as Optuna does."""
        if values is not None:
            return [self._sign * values[0], *values[1:]]
        is_pruned = state == self._optuna.trial.TrialState.PRUNED and len(self._settings.objectives) == 1
        return [course[max(course)]] if is_pruned and course else None

    def _write(
        self,
        candidate: str,
        state: Any,
        values: list[float] | None,
        params: Mapping[str, Any],
        distributions: Mapping[str, Any],
        course: Mapping[int, float],
        about: dict[str, Any],
    ) -> None:
        made = self._optuna.trial.create_trial(
            state=state,
            values=values,
            params=dict(params),
            distributions=dict(distributions),
            user_attrs=json.loads(json.dumps(about, default=str)),
            intermediate_values={step: value for step, value in course.items() if math.isfinite(value)},
        )
        made.datetime_start = datetime.now() - timedelta(seconds=float(about.get("seconds", 0.0)))
        if self._writer is None:
            self._add(candidate, made)
        else:
            self._writer.do(lambda: self._add(candidate, made))

    def _add(self, candidate: str, made: Any) -> None:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            self._studies[candidate].add_trial(made)
        except (self._optuna.exceptions.StorageInternalError, SQLAlchemyError, OSError) as error:
            self.lost += 1
            cause = error.__cause__ or error
            self.why_lost = without_secrets(getattr(cause, "orig", None) or cause, secrets_in(self._settings.storage))

    def close(self) -> None:
        """Waits for what is being written, and ends the connections."""
        if self._writer is None:
            return
        self._writer.do(self._storage.remove_session)
        left = self._writer.close(CLOSE_SECONDS)
        if left:
            self.lost, self.why_lost = self.lost + left, f"it took longer than {CLOSE_SECONDS:g} s"
        else:
            self._storage.remove_session()
            self._storage.engine.dispose()


class _Writer:
    """Does one thing after another in a thread of its own, so that no fit waits for a database."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while (thing := self._waiting.get()) is not None:
            thing()

    def do(self, thing: Callable[[], None]) -> None:
        """Puts a thing at the end of the line."""
        self._waiting.put(thing)

    def close(self, seconds: float) -> int:
        """Waits until all is done, not longer than some seconds; gives how many things are left."""
        self._waiting.put(None)
        self._thread.join(seconds)
        left = self._waiting.qsize()
        return max(1, left - 1) if self._thread.is_alive() else left


def study_name(prefix: str, candidate: str) -> str:
    """Names the study of a family.

    >>> study_name("", "linear"), study_name("credit/monday", "linear")
    ('linear', 'credit/monday/linear')
    """
    return f"{prefix}/{candidate}" if prefix else candidate


def shown_storage(storage: Any) -> str:
    """Names a storage without user and password."""
    if storage is None:
        return "study.journal"
    return f"the database of {storage['secret']}" if isinstance(storage, Mapping) else public_address(str(storage))


def check_storage(settings: Studies, candidates: tuple[str, ...]) -> None:
    """Makes sure that a database can be reached and that it has no study of these names yet; writes nothing.

    Raises:
        RecipeError: With what is wrong, passwords masked.
    """
    import sqlalchemy as sa

    if settings.storage is None:
        return
    url = _resolved(settings.storage)
    with _told(settings.storage):
        engine = sa.create_engine(url)
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and file != ":memory:" and not Path(file).exists():
            if not Path(file).absolute().parent.is_dir():
                raise RecipeError(Problem(KEY, f"the folder of {file} does not exist.", "Make it, or name another file."))
            return
        try:
            with engine.connect():
                has_studies = sa.inspect(engine).has_table("studies")
        finally:
            engine.dispose()
    if has_studies and not settings.replaces:
        _check_names(settings, candidates)


def _check_names(settings: Studies, candidates: tuple[str, ...]) -> None:
    import optuna

    with quiet():
        storage = _database(settings.storage)
        try:
            taken = set(optuna.get_all_study_names(storage)) & {study_name(settings.name, name) for name in candidates}
        finally:
            storage.remove_session()
            storage.engine.dispose()
    if taken:
        raise RecipeError(_taken(min(taken)))


def _taken(name: str) -> Problem:
    fix = "Give another name; to learn from an earlier run, write search.warm_start=ITS_FOLDER."
    return Problem("search.study_name", f"the storage has a study {name!r} already.", fix)


def _journal(path: Path) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(path)))


def _database(storage: Any) -> Any:
    from optuna.storages import RDBStorage

    url = _resolved(storage)
    with _told(storage):
        return RDBStorage(url)


def _resolved(storage: Any) -> str:
    try:
        return str(resolve_secret(storage, KEY))
    except DataError as error:
        raise RecipeError(error.problems) from error


@contextmanager
def _told(storage: Any) -> Iterator[None]:
    """Turns what a database or its driver says into an error of the recipe."""
    from sqlalchemy import exc

    try:
        yield
    except (exc.ArgumentError, exc.NoSuchModuleError, ImportError, ValueError) as error:
        said = without_secrets(error, secrets_in(storage))
        fix = "Write sqlite:///study.db or dialect://user@host/database, and install its driver: lepton-automl[postgresql]."
        raise RecipeError(Problem(KEY, f"is not a usable SQLAlchemy URL: {said}.", fix)) from error
    except exc.SQLAlchemyError as error:
        said = without_secrets(getattr(error, "orig", None) or error, secrets_in(storage))
        fix = "Check address, user, password and rights."
        raise RecipeError(Problem(KEY, f"the database can not be reached: {said}.", fix)) from error
    except RuntimeError as error:
        said, fix = without_secrets(error, secrets_in(storage)), "Upgrade it: optuna storage upgrade."
        raise RecipeError(Problem(KEY, f"Optuna refuses the database: {said}.", fix)) from error
