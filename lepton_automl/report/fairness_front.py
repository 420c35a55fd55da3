"""What fairness would cost: the choices that could have been delivered, by their score and how far groups lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import heard
from lepton_automl.report.language import later, say
from lepton_automl.report.svg import Plot, axis_over, drawing
from lepton_automl.report.wording import MetricWords, listed, metric_words, number

RATIO = "disparate_impact_ratio"
SHOWN = 8
TITLES = {
    "demographic_parity_difference": later("Demographic parity difference"),
    "disparate_impact_ratio": later("Disparate impact ratio"),
    "equal_opportunity_difference": later("Equal opportunity difference"),
    "equalised_odds_difference": later("Equalised odds difference"),
    "predictive_parity_difference": later("Predictive parity difference"),
    "calibration_gap": later("Calibration gap"),
    "mean_prediction_difference": later("Difference of the mean prediction"),
    "mean_error_difference": later("Difference of the mean error"),
    "mae_difference": later("Difference of the mean absolute error"),
}
"""Figure to its title."""


def front_part(facts: Facts, choices: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Gives the picture and the table of the front, by the figure in which the delivered choice is worst; none without one."""
    figure, by_worth = _figure_of(choices), facts.decision.by_group is not None
    known = [choice for choice in choices if figure in choice["figures"]]
    if len(known) < 2:
        return None
    if by_worth:  # lines cost nothing in a score that looks at no line
        known = [{**choice, "loss": -choice["worth"]} for choice in known]
    words = metric_words("value_per_row" if by_worth else facts.evidence.metric)
    sign = -1.0 if words.is_score else 1.0
    delivered = next((choice for choice in known if choice["is_delivered"]), known[0])
    best = best_of(known, figure)
    rows = [
        {
            "name": heard(choice["name"]),
            "score": number(sign * choice["loss"], 4, keeps_zeros=True),
            "apart": number(choice["figures"][figure], 3),
            "change": _change(choice, delivered, figure, sign),
            "is_delivered": choice is delivered,
        }
        for choice in (best if delivered in best else [*best, delivered])
    ]
    column, _, name = figure.rpartition(".")
    return {
        "figure": _picture(known, best, figure, words),
        "rows": rows[-SHOWN:],
        "words": words,
        "apart": say("{figure} of {column}", figure=_named(name), column=column.replace("*", " × ")),
        "better": say("higher is more alike") if figure.endswith(RATIO) else say("lower is more alike"),
    }


def _figure_of(choices: Sequence[Mapping[str, Any]]) -> str:
    """Gives the figure in which the delivered choice is worst."""
    figures: Mapping[str, float] = next((choice["figures"] for choice in choices if choice["is_delivered"]), {})
    return str(max(figures, key=lambda name: _apart(figures[name], name), default=""))


def _apart(value: float, figure: str) -> float:
    return 1 - value if figure.endswith(RATIO) else value


def best_of(choices: Sequence[Mapping[str, Any]], figure: str) -> list[Mapping[str, Any]]:
    """Gives the choices that no other beats in both score and fairness, the most alike first.

    Args:
        choices: Each with its `loss` and its `figures`.
        figure: The figure.
    """
    kept: list[Mapping[str, Any]] = []
    for choice in sorted(choices, key=lambda one: (_apart(one["figures"][figure], figure), one["loss"])):
        if not kept or choice["loss"] < kept[-1]["loss"]:
            kept.append(choice)
    return kept


def _change(choice: Mapping[str, Any], delivered: Mapping[str, Any], figure: str, sign: float) -> str:
    if choice is delivered:
        return say("what is delivered")
    score = sign * (choice["loss"] - delivered["loss"])
    apart = choice["figures"][figure] - delivered["figures"][figure]
    return say("{score} in score, {apart} apart", score=_signed(score), apart=_signed(apart))


def _named(figure: str) -> str:
    """Gives the title of a figure, as it stands inside a sentence."""
    title = say(TITLES[figure]) if figure in TITLES else figure.replace("_", " ")
    return title[0].lower() + title[1:]


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{number(value, 2)}"


def _picture(
    choices: Sequence[Mapping[str, Any]], best: Sequence[Mapping[str, Any]], figure: str, words: MetricWords
) -> Markup:
    sign = -1.0 if words.is_score else 1.0
    column, _, name = figure.rpartition(".")
    label = listed([_named(name), column.replace("*", " × ")])
    scores = say("{metric}, out of fold ({better})", metric=words.title, better=words.better)
    x = axis_over(label, [choice["figures"][figure] for choice in choices], 0.08)
    y = axis_over(scores, [sign * choice["loss"] for choice in choices], 0.1)
    plot = Plot(x, y)
    body = plot.frame() + plot.line([(c["figures"][figure], sign * c["loss"]) for c in best], "best")
    for choice in sorted(choices, key=lambda one: bool(one["is_delivered"])):
        style = "model ringed" if choice["is_delivered"] else "model" if choice in best else "hollow"
        apart = number(choice["figures"][figure], 3)
        tip = say(
            "{choice}: {score}, {figure} {apart}",
            choice=heard(choice["name"]),
            score=number(sign * choice["loss"]),
            figure=_named(name),
            apart=apart,
        )
        body += plot.dot(choice["figures"][figure], sign * choice["loss"], 7 if choice["is_delivered"] else 5, style, tip)
    said = say("{n} choices; on the line are the {best} that no other beats in both.", n=len(choices), best=len(best))
    return drawing("fairness-front", say("{metric} against how far groups lie apart", metric=words.title), said, body)
