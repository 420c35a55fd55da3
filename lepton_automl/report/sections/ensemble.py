"""The ensemble: what each member brings and takes, and what was done to its probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lepton_automl.ensemble import Member
from lepton_automl.report.facts import Facts
from lepton_automl.report.front import Choice, front_figure
from lepton_automl.report.wording import megabytes, metric_words, number, plural, share


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
    said = f"{count}, {megabytes(facts.artifact_mb)} on disk."
    if facts.latency is not None:
        said += (
            f" Scoring one row from Python took {number(facts.latency.total, 3)} ms at the median, on the machine of the run."
        )
    return said


def _choices(facts: Facts) -> list[Choice]:
    """Gives each member alone, and the members joined one after the other, with the time that each choice takes."""
    ensemble, latency = facts.ensemble, facts.latency
    if latency is None or not ensemble.prefix_losses:
        return []
    rest, members = max(0.0, latency.total - sum(latency.members)), ensemble.members
    choices = [
        Choice(f"{_named(member)} alone", rest + took, member.loss)
        for member, took in zip(members[1:], latency.members[1:], strict=True)
    ]
    for place, loss in enumerate(ensemble.prefix_losses, start=1):
        is_all = place == len(members)
        took = rest + sum(latency.members[:place])
        choices.append(Choice(_joined(members[:place]), took, ensemble.loss if is_all else loss, is_all))
    return choices


def _named(member: Member) -> str:
    return f"{member.trial.candidate} (trial {member.trial.number})"


def _joined(members: Sequence[Member]) -> str:
    if len(members) == 1:
        return f"{_named(members[0])} alone"
    return f"{_named(members[0])} and {plural(len(members) - 1, 'more member')}"


def _calibration(facts: Facts) -> str:
    found = facts.calibrated
    if found is None:
        return ""
    words = metric_words(found.metric)
    change = f"the {words.title} of out-of-fold rows goes from {number(found.before)} to {number(found.after)}"
    if found.kept is None:
        return f"Calibration ({found.kind}) was tried and left out: {change}, each row calibrated by the others."
    return f"Probabilities are calibrated ({found.kind}): {change}, each row calibrated by the others."
