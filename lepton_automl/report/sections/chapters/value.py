"""Value: the decision in money against what could be done instead."""

from __future__ import annotations

from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.language import later, say
from lepton_automl.report.wording import number, rounded, share

OUTCOMES = {
    "true_positive": later("said “{positive}”, true"),
    "false_positive": later("said “{positive}”, wrong"),
    "true_negative": later("said “{other}”, true"),
    "false_negative": later("said “{other}”, wrong"),
}


def value_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the ways with what the decision gains over each, the shares, and what the payoffs could be."""
    content, names = chapter.content, {"positive": facts.positive_label, "other": facts.other_label}
    words = {
        "half": say("The line at a half"),
        "all_positive": say("Every row “{label}”", label=names["positive"]),
        "all_negative": say("Every row “{label}”", label=names["other"]),
        "today": say("What is done today"),
        "one_line": say("One line for all groups"),
        "prediction": say("Ordering what is predicted"),
        "baseline": say("Ordering one quantity for all rows alike") if content.get("level") else say("The baseline"),
    }
    ways = [
        {
            "title": words[name],
            "value": rounded(value, chapter.figures["per_row"]),
            **_gain(chapter.figures[f"gain_over_{name}"]),
        }
        for name, value in content["ways"].items()
        if name != "decision"
    ]
    return {
        "currency": content["currency"],
        "value": _interval(chapter.figures["per_row"]),
        "ways": ways,
        "shares": _shares(facts, chapter),
        "break_even": [_even(row, names, content["currency"]) for row in content.get("break_even", ())],
        "vary": share(content.get("payoffs_vary", 0.0)),
        "best": _best(chapter),
    }


def _interval(measure: Measure) -> str:
    value, low, high = (rounded(end, measure) for end in (measure.value, measure.low, measure.high))
    return say("{value} ({low} to {high})", value=value, low=low, high=high)


def _gain(measure: Measure) -> dict[str, str]:
    """Gives the gain and what its interval says."""
    if measure.low > 0:
        said = say("better")
    elif measure.high < 0:
        said = say("worse")
    else:
        said = say("the same") if measure.low == measure.high == 0 else say("chance may explain it")
    return {"gain": _interval(measure), "said": said}


def _shares(facts: Facts, chapter: Chapter) -> str:
    figures = chapter.figures
    if "share_covered" in figures:
        covered = figures["share_covered"]
        return say(
            "What was ordered was enough in {covered} of the rows; {level} was aimed at.",
            covered=share(covered.value),
            level=share(chapter.content["level"]),
        )
    parts = [say("{share} of the rows get “{label}”", share=share(figures["share_positive"].value), label=facts.positive_label)]
    if chapter.content["capacity"] < 1:
        parts.append(say("at most {share} can", share=share(chapter.content["capacity"])))
    if figures["share_referred"].value:
        parts.append(say("{share} are for a human", share=share(figures["share_referred"].value)))
    return say("{said}.", said=say("; ").join(parts))


def _even(row: dict[str, Any], names: dict[str, str], currency: str) -> dict[str, str]:
    """Says how far a payoff may be from what the recipe says before giving every row the same label is as good."""
    low, high = row["low"], row["high"]
    if low > 1 or (high is not None and high < 1):
        text = say("already with the payoff as it is, giving every row one label is better")
    elif low <= 0 and high is None:
        text = say("whatever it is")
    elif high is None:
        text = say("from {low} times as much on", low=number(low, 2))
    else:
        text = say("from {low} to {high} times as much", low=number(max(0.0, low), 2), high=number(high, 2))
    less, more = (number(value, 3) for value in row["gain_if"])
    return {
        "title": say(OUTCOMES[row["outcome"]], **names),
        "range": text,
        "less": f"{less} {currency}",
        "more": f"{more} {currency}",
    }


def _best(chapter: Chapter) -> str:
    """Says how near the line is to the best one, out of fold."""
    found = chapter.content.get("out_of_fold", {})
    mine, best = found.get("decision"), found.get("best")
    if mine is None or best is None:
        return ""
    if found.get("one_line") is not None:
        return ""  # said where the lines of the groups are
    given_up = 0.0 if best == 0 else (best - mine) / abs(best)
    worth = number(mine)
    if found.get("interval"):
        low, high = (number(end) for end in found["interval"])
        worth = say("{value} ({low} to {high})", value=worth, low=low, high=high)
    currency = chapter.content["currency"]
    if given_up <= 0:
        return say(
            "Out of fold the line is worth {worth} {currency} a row, and no other line is worth more.",
            worth=worth,
            currency=currency,
        )
    return say(
        "Out of fold the line is worth {worth} {currency} a row; the best line there is worth {best}, {share} more. "
        "It is not taken: it holds less well on new rows.",
        worth=worth,
        currency=currency,
        best=number(best),
        share=share(given_up),
    )
