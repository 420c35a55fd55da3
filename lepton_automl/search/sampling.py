"""Asks Optuna for configurations: one study a candidate, reseeded by number so that asking again gives the same."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lepton_automl.search.protocol import Candidate, Trial, TrialState
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int


class Sampler:
    """Studies of all candidates, in one journal file.

    Args:
        candidates: What can be sampled.
        kind: `tpe` or `random`.
        seed: Seed of the run.
        journal: File of the studies.
    """

    def __init__(self, candidates: tuple[Candidate, ...], kind: str, seed: int, journal: Path) -> None:
        import optuna
        from optuna.storages.journal import JournalFileBackend

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._kind, self._seed = kind, seed
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(journal)))
        self._distributions = {c.name: {k: self._distribution(d) for k, d in _searched(c).items()} for c in candidates}
        self._fixed = {c.name: {k: d.value for k, d in c.space.items() if isinstance(d, Fixed)} for c in candidates}
        self._studies = {
            c.name: optuna.create_study(storage=storage, study_name=c.name, direction="minimize", load_if_exists=True)
            for c in candidates
        }

    def has_space(self, candidate: str) -> bool:
        """Says whether there is anything to search."""
        return bool(self._distributions[candidate])

    def _distribution(self, dimension: Dimension) -> Any:
        made = self._optuna.distributions
        if isinstance(dimension, Float):
            return made.FloatDistribution(dimension.low, dimension.high, log=dimension.log)
        if isinstance(dimension, Int):
            return made.IntDistribution(dimension.low, dimension.high, log=dimension.log)
        assert isinstance(dimension, Choice)
        return made.CategoricalDistribution(dimension.options)

    def ask(self, candidate: str, number: int) -> tuple[dict[str, Any], Any]:
        """Gives the next configuration of a candidate, and the handle to tell its loss with."""
        study = self._studies[candidate]
        digest = hashlib.sha256(f"{self._seed}/{candidate}/{number}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big")
        if self._kind == "random":
            study.sampler = self._optuna.samplers.RandomSampler(seed=seed)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                study.sampler = self._optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)
        asked = study.ask(self._distributions[candidate])
        return {**self._fixed[candidate], **asked.params}, asked

    def tell(self, trial: Trial) -> None:
        """Tells what became of a trial; one that was started by hand is added as if it had been asked for."""
        state = self._optuna.trial.TrialState
        ended = {TrialState.DONE: state.COMPLETE, TrialState.PRUNED: state.PRUNED}.get(trial.state, state.FAIL)
        study = self._studies.get(trial.candidate)
        if study is None or math.isnan(trial.loss):
            return
        if trial.sampled is not None:
            value = trial.loss if ended == state.COMPLETE else None
            if ended == state.PRUNED:
                trial.sampled.report(trial.loss, step=0)
            study.tell(trial.sampled, value, state=ended)
            return
        known = self._distributions[trial.candidate]
        inside = {k: v for k, v in trial.params.items() if k in known and known[k]._contains(known[k].to_internal_repr(v))}
        if ended == state.COMPLETE and inside:
            chosen = {k: known[k] for k in inside}
            study.add_trial(self._optuna.trial.create_trial(params=inside, distributions=chosen, value=trial.loss))


def _searched(candidate: Candidate) -> Mapping[str, Dimension]:
    return {name: dimension for name, dimension in candidate.space.items() if not isinstance(dimension, Fixed)}
