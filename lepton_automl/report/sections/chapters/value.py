"""Value: the decision in money against what could be done instead."""

from __future__ import annotations

from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.measure import Measure
from lepton_automl.report.facts import Facts
from lepton_automl.report.wording import number, rounded, share

OUTCOMES = {
    "true_positive": "said “{positive}”, true",
    "false_positive": "said “{positive}”, wrong",
    "true_negative": "said “{other}”, true",
    "false_negative": "said “{other}”, wrong",
}


def value_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the ways with what the decision gains over each, the shares, and what the payoffs could be."""
    content, names = chapter.content, {"positive": facts.positive_label, "other": facts.other_label}
    words = {
        "half": "The line at a half",
        "all_positive": f"Every row “{names['positive']}”",
        "all_negative": f"Every row “{names['other']}”",
        "today": "What is done today",
        "prediction": "Ordering what is predicted",
        "baseline": "Ordering one quantity for all rows alike" if content.get("level") else "The baseline",
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
    return f"{rounded(measure.value, measure)} ({rounded(measure.low, measure)} to {rounded(measure.high, measure)})"


def _gain(measure: Measure) -> dict[str, str]:
    """Gives the gain and what its interval says."""
    if measure.low > 0:
        said = "better"
    elif measure.high < 0:
        said = "worse"
    else:
        said = "the same" if measure.low == measure.high == 0 else "chance may explain it"
    return {"gain": _interval(measure), "said": said}


def _shares(facts: Facts, chapter: Chapter) -> str:
    figures = chapter.figures
    if "share_covered" in figures:
        covered = figures["share_covered"]
        ordered = share(chapter.content["level"])
        return f"What was ordered was enough in {share(covered.value)} of the rows; {ordered} was aimed at."
    text = f"{share(figures['share_positive'].value)} of the rows get “{facts.positive_label}”"
    if chapter.content["capacity"] < 1:
        text += f", at most {share(chapter.content['capacity'])} can"
    if figures["share_referred"].value:
        text += f"; {share(figures['share_referred'].value)} are for a human"
    return f"{text}."


def _even(row: dict[str, Any], names: dict[str, str], currency: str) -> dict[str, str]:
    """Says how far a payoff may be from what the recipe says before giving every row the same label is as good."""
    low, high = row["low"], row["high"]
    if low > 1 or (high is not None and high < 1):
        text = "already with the payoff as it is, giving every row one label is better"
    elif low <= 0 and high is None:
        text = "whatever it is"
    elif high is None:
        text = f"from {number(low, 2)} times as much on"
    else:
        text = f"from {number(max(0.0, low), 2)} to {number(high, 2)} times as much"
    less, more = (number(value, 3) for value in row["gain_if"])
    return {
        "title": OUTCOMES[row["outcome"]].format(**names),
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
    given_up = 0.0 if best == 0 else (best - mine) / abs(best)
    text = f"Out of fold the line is worth {number(mine)} {chapter.content['currency']} a row"
    if found.get("interval"):
        text += f" ({number(found['interval'][0])} to {number(found['interval'][1])})"
    if given_up <= 0:
        return f"{text}, and no other line is worth more."
    best_words = f"the best line there is worth {number(best)}, {share(given_up)} more"
    return f"{text}; {best_words}. It is not taken: it holds less well on new rows."
