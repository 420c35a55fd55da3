"""The ensemble: what each member brings and takes, and what was done to its probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lepton_automl.ensemble import Member
from lepton_automl.report.facts import Facts
from lepton_automl.report.front import Choice, front_figure
from lepton_automl.report.language import later, say
from lepton_automl.report.wording import megabytes, metric_words, number, plural, sentences, share


def ensemble_section(facts: Facts) -> dict[str, Any]:
    """Gives what the section of the ensemble shows."""
    ensemble, words = facts.ensemble, metric_words(facts.evidence.metric)
    sign = -1.0 if facts.is_score else 1.0
    times = list(facts.latency.members) if facts.latency is not None else []
    losses = ensemble.prefix_losses or (float("nan"),) * len(ensemble.members)
    rows = [
        {
            "model": member.trial.candidate,
            "trial": member.trial.number,
            "weight": share(member.weight),
            "alone": number(sign * member.loss, keeps_zeros=True),
            "joined": number(sign * loss, keeps_zeros=True),
            "milliseconds": number(times[place], 3) if times else "",
        }
        for place, (member, loss) in enumerate(zip(ensemble.members, losses, strict=True))
    ]
    return {
        "words": words,
        "members": rows,
        "intro": _intro(facts),
        "figure": front_figure(_choices(facts), words),
        "calibration": _calibration(facts),
    }


def _intro(facts: Facts) -> str:
    count = plural(len(facts.ensemble.members), "member")
    said = say("{members}, {size} on disk.", members=count, size=megabytes(facts.artifact_mb))
    if facts.latency is None:
        return said
    timed = say(
        "Scoring one row from Python took {milliseconds} ms at the median, on the machine of the run.",
        milliseconds=number(facts.latency.total, 3),
    )
    return sentences(said, timed)


def _choices(facts: Facts) -> list[Choice]:
    """Gives each member alone, and the members joined one after the other, with the time that each choice takes."""
    ensemble, latency = facts.ensemble, facts.latency
    if latency is None or not ensemble.prefix_losses:
        return []
    rest, members = max(0.0, latency.total - sum(latency.members)), ensemble.members
    choices = [
        Choice(say("{member} alone", member=_named(member)), rest + took, member.loss)
        for member, took in zip(members[1:], latency.members[1:], strict=True)
    ]
    for place, loss in enumerate(ensemble.prefix_losses, start=1):
        is_all = place == len(members)
        took = rest + sum(latency.members[:place])
        choices.append(Choice(_joined(members[:place]), took, ensemble.loss if is_all else loss, is_all))
    return choices


def _named(member: Member) -> str:
    return say("{model} (trial {trial})", model=member.trial.candidate, trial=member.trial.number)


def _joined(members: Sequence[Member]) -> str:
    if len(members) == 1:
        return say("{member} alone", member=_named(members[0]))
    return say("{member} and {others}", member=_named(members[0]), others=plural(len(members) - 1, "more member"))


def _calibration(facts: Facts) -> str:
    found = facts.calibrated
    if found is None:
        return ""
    words = metric_words(found.metric)
    change = say(
        "the {metric} of out-of-fold rows goes from {before} to {after}",
        metric=words.title,
        before=number(found.before),
        after=number(found.after),
    )
    said = (
        later("Calibration ({kind}) was tried and left out: {change}, each row calibrated by the others.")
        if found.kept is None
        else later("Probabilities are calibrated ({kind}): {change}, each row calibrated by the others.")
    )
    return say(said, kind=found.kind, change=change)
