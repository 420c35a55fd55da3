"""How models see the table: what probes of its representations found, and how long the schedules of a family are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lepton_automl.models import REPRESENTATION
from lepton_automl.search.protocol import Trial, TrialState

PROBE_GAIN = 0.003
"""A representation is taken over when its first fold is better by more than this share of the distance to the baseline."""
EARLY = 0.35
"""Share of a schedule: a fit that was at its best before is given a shorter one."""
LEAST_SPAN = 4
"""Rounds that a schedule has at least."""


def probed_view(trials: Sequence[Trial], baseline_loss: float) -> dict[str, Any]:
    """Gives what probes found: each thing changed that made the first fold better by more than a little.

    Args:
        trials: Those of the family that sees the table in several ways; the usual one leads.
        baseline_loss: The baseline's loss on the first fold.
    """
    scored = [t for t in trials if 0 in t.fits]
    if not scored or scored[0] is not trials[0]:
        return {}
    usual, others = scored[0], [t for t in scored[1:] if t.origin == "probe"]
    view = {key: value for key, value in usual.params.items() if key in REPRESENTATION}
    gain = PROBE_GAIN * max(baseline_loss - usual.fits[0].loss, 0.0)
    for key in view:
        changed = [t for t in others if _differs_in(t.params, usual.params) == [key]]
        best = min(changed, key=lambda t: t.fits[0].loss, default=None)
        if best is not None and usual.fits[0].loss - best.fits[0].loss > gain:
            view[key] = best.params[key]
    return view


def combined_probe(trials: Sequence[Trial], baseline_loss: float) -> dict[str, Any] | None:
    """Gives the configuration that has all that the probes found at once; none where they go on, or where it was tried."""
    probes = [t for t in trials if t.origin == "probe"]
    if not probes or any(not t.fits and t.state is TrialState.RUNNING for t in (trials[0], *probes)):
        return None
    wished = {**trials[0].params, **probed_view(trials, baseline_loss)}
    return None if any(dict(t.params) == wished for t in trials) else wished


def span_of(trial: Trial, name: str) -> dict[str, Any]:
    """Gives the span of schedules that a trial asks for: shorter where it was at its best long before their end.

    It then learned rows by heart while its steps were still large.

    Args:
        trial: The best of its family.
        name: The parameter; empty where the family has none.
    """
    if not name or name not in trial.params:
        return {}
    kept, span = np.mean([fit.rounds for fit in trial.fits.values()], axis=0)
    return {name: trial.params[name] if kept >= EARLY * span else max(LEAST_SPAN, round(2 * kept))}


def as_listed(params: Mapping[str, Any], origin: str, span: str) -> dict[str, Any]:
    """Gives a configuration without what is added when it is opened: how it sees the table, how long its schedules are."""
    if origin == "probe":
        return dict(params)
    return {key: value for key, value in params.items() if key not in REPRESENTATION and key != span}


def _differs_in(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [key for key in {**one, **other} if one.get(key) != other.get(key)]
