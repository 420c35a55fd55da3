"""Asks Optuna for configurations: one study a candidate, reseeded by number so that asking again gives the same.

Each family has two studies. The one that is asked is in memory, so that no disk or database stands between two fits. What
became of every trial is recorded in the other, in a journal file or a database, for `optuna-dashboard` and `optuna.load_study`.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lepton_automl.search.objectives import objective_values
from lepton_automl.search.protocol import Candidate, Earlier, Studies, Trial, TrialState
from lepton_automl.search.record import Record
from lepton_automl.search.samplers import make_sampler, quiet
from lepton_automl.space import Choice, Dimension, Fixed, Float, Int

TAKES_PARTS = ("tpe", "random")
"""Samplers that learn from trials which name only some of the parameters, as starting configurations do. The others search
what all trials have in common, so they are told of whole ones only."""


class Sampler:
    """Studies of all candidates.

    Args:
        candidates: What can be sampled.
        kind: Name of one of Optuna's samplers.
        seed: Seed of the run.
        journal: File of the record, where that is no database.
        studies: How they are asked, and where they are recorded.
    """

    def __init__(
        self, candidates: tuple[Candidate, ...], kind: str, seed: int, journal: Path, studies: Studies | None = None
    ) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._optuna = optuna
        self._kind, self._seed, self._settings = kind, seed, studies or Studies()
        self._distributions = {c.name: {k: self._distribution(d) for k, d in _searched(c).items()} for c in candidates}
        self._fixed = {c.name: {k: d.value for k, d in c.space.items() if isinstance(d, Fixed)} for c in candidates}
        ways: list[Any] = ["minimize"] * len(self._settings.objectives)
        self.studies = {c.name: optuna.create_study(study_name=c.name, directions=ways) for c in candidates}
        self.record = Record(self._settings, tuple(c.name for c in candidates), journal)
        for earlier in self._settings.earlier:
            self._tell_earlier(earlier)

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
        study = self.studies[candidate]
        seed, study_seed = _seed_of(self._seed, candidate, number), _seed_of(self._seed, candidate)
        study.sampler = make_sampler(self._kind, seed, study_seed, self._settings.sampler_options)
        with quiet(), _one_thread(self._kind):
            asked = study.ask(self._distributions[candidate])
        return {**self._fixed[candidate], **asked.params}, asked

    def tell(self, trial: Trial) -> None:
        """Tells what became of a trial; one that was started by hand is added as if it had been asked for."""
        study = self.studies.get(trial.candidate)
        if study is None:
            return
        state, values = self._outcome(trial)
        known = self._distributions[trial.candidate]
        inside = {k: v for k, v in trial.params.items() if k in known and known[k]._contains(known[k].to_internal_repr(v))}
        self.record.add(trial, state, values, inside, {k: known[k] for k in inside})
        if trial.sampled is not None:
            if state == self._optuna.trial.TrialState.PRUNED and len(self._settings.objectives) == 1:
                trial.sampled.report(trial.loss, step=len(trial.fits))
            study.tell(trial.sampled, values, state=state)
        elif values is not None:
            self._add(trial.candidate, inside, state, values, {})

    def _outcome(self, trial: Trial) -> tuple[Any, list[float] | None]:
        """Gives Optuna's word for how a trial ended, and its objectives where it has them."""
        state = self._optuna.trial.TrialState
        ended = {TrialState.DONE: state.COMPLETE, TrialState.PRUNED: state.PRUNED}.get(trial.state, state.FAIL)
        values = list(objective_values(trial, self._settings.objectives))
        if ended == state.COMPLETE and not all(math.isfinite(value) for value in values):
            ended = state.FAIL
        return ended, values if ended == state.COMPLETE else None

    def _add(self, candidate: str, params: Mapping[str, Any], state: Any, values: list[float], attrs: dict[str, Any]) -> None:
        known = self._distributions[candidate]
        if not params or (self._kind not in TAKES_PARTS and len(params) < len(known)):
            return
        chosen = {key: known[key] for key in params}
        made = self._optuna.trial.create_trial(
            state=state, values=values, params=dict(params), distributions=chosen, user_attrs=attrs
        )
        self.studies[candidate].add_trial(made)

    def _tell_earlier(self, earlier: Earlier) -> None:
        """Tells of a trial of another run."""
        known = self._distributions.get(earlier.candidate)
        if known is None:
            return
        state = self._optuna.trial.TrialState
        params = {key: value for key, value in earlier.params.items() if key in known}
        self.record.add_earlier(earlier, params, {key: known[key] for key in params})
        if earlier.is_complete:
            self._add(earlier.candidate, params, state.COMPLETE, list(earlier.values), {"origin": "earlier"})


def _searched(candidate: Candidate) -> Mapping[str, Dimension]:
    return {name: dimension for name, dimension in candidate.space.items() if not isinstance(dimension, Fixed)}


def _seed_of(*parts: object) -> int:
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big")


@contextlib.contextmanager
def _one_thread(kind: str) -> Iterator[None]:
    """Keeps PyTorch, on which the Gaussian process rests, to one thread: the workers have the others."""
    if kind != "gp":
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
