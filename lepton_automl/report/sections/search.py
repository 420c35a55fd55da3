"""The search: what was tried, how it scored, what was weighed, what failed and what was left out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import called
from lepton_automl.report.language import later, say
from lepton_automl.report.race import race_figure
from lepton_automl.report.searched import TITLES, front_figure, history_figure, importance_rows
from lepton_automl.report.svg import bar
from lepton_automl.report.wording import MetricWords, duration, listed, metric_words, number, plural, share, tone_of
from lepton_automl.search import Trial, TrialState

ORDER = (TrialState.DONE, TrialState.PRUNED, TrialState.SKIPPED, TrialState.FAILED, TrialState.RUNNING)
MEANING = {
    "done": later("all folds fitted"),
    "pruned": later("given up, clearly behind"),
    "skipped": later("no time left"),
    "failed": later("ended with an error"),
    "running": later("not ended"),
}


def search_section(facts: Facts) -> dict[str, Any]:
    """Gives what the section of the search shows."""
    words = metric_words(facts.evidence.metric)
    weights = {member.trial.number: member.weight for member in facts.ensemble.members}
    ranked = sorted(facts.trials, key=lambda trial: (ORDER.index(trial.state), trial.loss, trial.number))
    top = max(weights.values(), default=1.0)
    states = [state for state in ORDER if any(trial.state is state for trial in facts.trials)]
    sign = -1.0 if facts.is_score else 1.0
    return {
        "words": words,
        "trials": plural(len(facts.trials), "trial"),
        "figure": race_figure(facts.trials, set(weights), words),
        "history": history_figure(facts.trials, facts.searched.get("ended_seconds", {}), set(weights), words),
        "importances": importance_rows(facts.searched.get("importances", {})),
        "fronts": _fronts(facts, words),
        "front": [] if not facts.searched.get("front") else sorted(facts.searched["front"]),
        "how": _how(facts.searched),
        "unscored": sum(not trial.fits or not math.isfinite(trial.loss) for trial in facts.trials),
        "members": [_member(member.trial, member.weight, top, sign) for member in facts.ensemble.members],
        "ensemble_score": number(sign * facts.ensemble.loss),
        "final": facts.delivered,
        "board": [_row(rank, trial, weights, sign, facts) for rank, trial in enumerate(ranked, start=1)],
        "states": [{"name": called(str(state)), "meaning": say(MEANING[str(state)])} for state in states],
        "families": _families(facts.trials, states),
        "failures": _failures(facts.trials),
        "not_tried": sorted(facts.plan["not_tried"].items()),
    }


def _member(trial: Trial, weight: float, top: float, sign: float) -> dict[str, Any]:
    return {
        "model": trial.candidate,
        "trial": trial.number,
        "weight": share(weight),
        "bar": bar(0.0, weight / top, "model"),
        "score": number(sign * trial.loss, keeps_zeros=True),
    }


def _row(rank: int, trial: Trial, weights: dict[int, float], sign: float, facts: Facts) -> dict[str, Any]:
    weight, score = weights.get(trial.number, 0.0), sign * trial.loss
    is_ranked = trial.state is TrialState.DONE
    return {
        "rank": str(rank) if is_ranked else "",
        "order": rank,
        "model": trial.candidate,
        "trial": trial.number,
        "state": called(str(trial.state)),
        "tone": tone_of(str(trial.state)),
        "score": number(score, keeps_zeros=True),
        "score_value": score if math.isfinite(score) else "",
        "folds": say("{n} of {of}", n=len(trial.fits), of=facts.fold_count),
        "fold_count": len(trial.fits),
        "weight": share(weight) if weight else "",
        "weight_value": weight,
        "seconds": duration(trial.seconds) if trial.fits else "",
        "seconds_value": trial.seconds,
        "origin": trial.origin,
        "is_on_front": trial.number in facts.searched.get("front", ()),
        "objectives": _objectives(facts.searched, trial.number),
        "params": [(name, _param(value)) for name, value in trial.params.items()],
        "rounds": ", ".join("/".join(map(str, fit.rounds)) for _, fit in sorted(trial.fits.items()) if fit.rounds),
        "error": trial.error,
    }


def _objectives(searched: Mapping[str, Any], number_of_trial: int) -> list[tuple[str, str]]:
    """Gives what a trial has of the objectives besides the metric."""
    values = searched.get("values", {}).get(number_of_trial, ())[1:]
    return [
        (say(TITLES.get(name, name)), number(value))
        for name, value in zip(searched.get("objectives", ())[1:], values, strict=False)
    ]


def _fronts(facts: Facts, words: MetricWords) -> list[Markup]:
    """Draws the metric against each of the other objectives."""
    objectives, values = facts.searched.get("objectives", ()), facts.searched.get("values", {})
    front = set(facts.searched.get("front", ()))
    return [
        front_figure(facts.trials, {n: (v[0], v[place]) for n, v in values.items()}, front, name, words)
        for place, name in enumerate(objectives)
        if place > 0
    ]


def _how(searched: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Says how configurations were chosen, and where the studies are."""
    if not searched:
        return []
    said = [(say("Sampler"), searched["sampler"]), (say("Pruner"), searched["pruner"])]
    said += (
        [(say("Objectives"), listed(say(TITLES.get(name, name)) for name in searched["objectives"]))]
        if len(searched["objectives"]) > 1
        else []
    )
    studies = say("{studies} in {storage}", studies=listed(searched["studies"]), storage=searched["storage"])
    said += [(say("Studies"), studies)]
    return said + [(say("Warm start"), note) for note in searched["warm_start"]]


def _param(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _families(trials: Sequence[Trial], states: Sequence[TrialState]) -> list[dict[str, Any]]:
    """Counts the trials of each family by state; the largest family first."""
    rows = []
    for name, total in Counter(trial.candidate for trial in trials).most_common():
        mine = [trial for trial in trials if trial.candidate == name]
        counts = [sum(trial.state is state for trial in mine) for state in states]
        rows.append({"name": name, "total": total, "counts": counts, "seconds": duration(sum(trial.seconds for trial in mine))})
    return rows


def _failures(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Gives the first error of each family that failed, and how often it failed."""
    failed = [trial for trial in trials if trial.state is TrialState.FAILED]
    first: dict[str, Trial] = {}
    for trial in failed:
        first.setdefault(trial.candidate, trial)
    counts = Counter(trial.candidate for trial in failed)
    return [
        {
            "model": name,
            "trial": trial.number,
            "error": trial.error or say("no reason was given"),
            "count": plural(counts[name], "trial"),
        }
        for name, trial in first.items()
    ]
