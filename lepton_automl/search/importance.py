"""Which parameters of a family mattered: how much of the spread among its better trials each of them explains."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lepton_automl.search.samplers import quiet

LEAST_TRIALS = 8
"""With fewer complete trials a figure would be an accident."""


@dataclass(frozen=True)
class Importances:
    """The parameters of one family.

    Args:
        trials: Complete trials they rest on.
        shares: Parameter to its share of the explained spread, the largest first; empty if not computed.
        why_not: Why it was not computed; empty if it was.
    """

    trials: int
    shares: Mapping[str, float] = field(default_factory=dict)
    why_not: str = ""


def parameter_importances(studies: Mapping[str, Any], seconds: float) -> dict[str, Importances]:
    """Computes the importances of each family, as long as time lasts.

    Args:
        studies: Family to its study.
        seconds: Wall clock for all of them.

    Source: PED-ANOVA (Watanabe et al. 2023, arXiv 2304.10255), as in Optuna.
    """
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.trial import TrialState

    until = time.monotonic() + seconds
    found: dict[str, Importances] = {}
    for name, study in studies.items():
        trials = [trial for trial in study.get_trials(deepcopy=False) if trial.state == TrialState.COMPLETE and trial.params]
        if not trials:
            continue
        if len(trials) < LEAST_TRIALS:
            found[name] = Importances(len(trials), why_not="too few trials")
        elif time.monotonic() > until:
            found[name] = Importances(len(trials), why_not="no time")
        elif len({trial.values[0] for trial in trials}) == 1:
            found[name] = Importances(len(trials), why_not="all trials have the same score")
        else:
            with quiet():
                shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator(), target=_first_objective)
            found[name] = Importances(len(trials), {key: float(value) for key, value in shares.items()})
    return found


def _first_objective(trial: Any) -> float:
    return float(trial.values[0])
