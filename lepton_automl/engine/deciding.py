"""Reads what the recipe asks of the decision, and says what of it can not be."""

from __future__ import annotations

from lepton_automl.data import Dataset, Kind, Role
from lepton_automl.engine.protected import alike_settings
from lepton_automl.errors import LeptonError, Problem
from lepton_automl.evidence import DecisionSettings, Refer
from lepton_automl.governance import read_expression
from lepton_automl.recipe import Recipe
from lepton_automl.registry import did_you_mean
from lepton_automl.tasks import OUTCOMES, VALUE, Goal, Makes, Payoff

BINARY_KEYS = ("payoff", "threshold", "refer", "today")
"""Keys of the decision that a line between two labels takes."""


def decision_settings(recipe: Recipe) -> DecisionSettings:
    """Gives what the recipe asks of the decision."""
    asked = recipe.decision
    refer = None if asked.refer is None else Refer(**asked.refer.model_dump())
    cost = None if asked.cost is None else (asked.cost.over, asked.cost.under)
    payoff = read_payoff(recipe)
    facts = (asked.threshold, asked.currency, asked.capacity, refer, cost, asked.today, alike_settings(recipe))
    return DecisionSettings(payoff, *facts)


def read_payoff(recipe: Recipe) -> Payoff | None:
    """Gives the worth of the outcomes; none where the recipe gives none."""
    asked = recipe.decision.payoff
    if asked is None:
        return None
    terms = [getattr(asked, name) for name in OUTCOMES]
    pairs = [(term, 0.0) if isinstance(term, int | float) else (term.fixed, term.per_amount) for term in terms]
    hit, alarm, right, miss = (float(pair[0]) for pair in pairs)
    if not _by_amount(recipe):
        return Payoff(hit, alarm, right, miss)
    first, second, third, fourth = (float(pair[1]) for pair in pairs)
    return Payoff(hit, alarm, right, miss, (first, second, third, fourth), recipe.data.roles.amount)


def _by_amount(recipe: Recipe) -> bool:
    asked = recipe.decision.payoff
    if asked is None:
        return False
    terms = [getattr(asked, name) for name in OUTCOMES]
    return any(not isinstance(term, int | float) and term.per_amount != 0 for term in terms)


def decision_problems(recipe: Recipe, goal: Goal, data: Dataset | None) -> list[Problem]:
    """Says what of the decision does not fit the task, the data, or itself."""
    asked, is_binary = recipe.decision, goal.makes is Makes.PROBABILITIES and goal.width == 2
    problems = []
    for name in BINARY_KEYS:
        if getattr(asked, name) is not None and not is_binary:
            fix = f"Remove it, or write decision.{name}=null."
            problems.append(Problem(f"decision.{name}", "needs a task of two labels.", fix))
    if asked.capacity < 1 and not is_binary:
        problems.append(Problem("decision.capacity", "needs a task of two labels.", "Remove it."))
    if asked.cost is not None and goal.makes is Makes.PROBABILITIES:
        fix = "Use decision.payoff, or remove it."
        problems.append(Problem("decision.cost", "is for numbers and forecasts; this task predicts labels.", fix))
    if asked.payoff is None:
        example = "decision.payoff: {false_positive: -1, false_negative: -5}"
        problems += [
            Problem(f"decision.{name}", "needs payoffs: without them no line is worth more than another.", f"Write {example}.")
            for name, is_there in (("refer", asked.refer is not None), ("capacity", asked.capacity < 1))
            if is_there and is_binary
        ]
    elif is_binary:
        problems += _payoff_problems(recipe)
    if asked.threshold is not None:
        problems += [
            Problem(f"decision.{name}", "and a fixed threshold contradict each other.", "Remove one of them.")
            for name, is_there in (("refer", asked.refer is not None), ("capacity", asked.capacity < 1))
            if is_there
        ]
    if recipe.task.metric == VALUE:
        problems += _metric_problems(recipe)
    if asked.today is not None and is_binary:
        problems += _today_problems(asked.today, data)
    if recipe.data.roles.amount is not None and data is not None:
        problems += _amount_problems(recipe.data.roles.amount, data)
    return problems


def _payoff_problems(recipe: Recipe) -> list[Problem]:
    payoff, problems = read_payoff(recipe), []
    assert payoff is not None
    right_positive = (payoff.true_positive, payoff.per_amount[0]) == (payoff.false_negative, payoff.per_amount[3])
    right_negative = (payoff.true_negative, payoff.per_amount[2]) == (payoff.false_positive, payoff.per_amount[1])
    gains = (payoff.true_positive - payoff.false_negative, payoff.false_positive - payoff.true_negative)
    is_plain = payoff.amount is None and not (right_positive and right_negative)
    if is_plain and (max(gains) <= 0 or (min(gains) >= 0 and recipe.decision.capacity == 1)):
        label = "the other label" if max(gains) <= 0 else "the positive label"
        message = f"makes {label} the better answer whatever is true: there is nothing to decide."
        problems.append(
            Problem("decision.payoff", message, "Give what a wrong answer costs, less than what a right one brings.")
        )
    if right_positive and right_negative:
        message = "makes both answers worth the same, whatever is true: there is nothing to decide."
        problems.append(Problem("decision.payoff", message, "Give what a wrong answer costs: {false_negative: -5}."))
    if _by_amount(recipe) and recipe.data.roles.amount is None:
        message = "depends on the amount of a row, and no column is named for it."
        problems.append(Problem("decision.payoff", message, "Write data.roles.amount: COLUMN."))
    if _by_amount(recipe) and recipe.decision.threshold is not None:
        message = "is a probability, and payoffs that depend on the amount need a line on what a row is expected to be worth."
        problems.append(Problem("decision.threshold", message, "Remove it; the line is drawn out of fold."))
    return problems


def _metric_problems(recipe: Recipe) -> list[Problem]:
    if recipe.decision.payoff is None:
        message = "is value_per_row, and the recipe has no payoffs."
        return [Problem("task.metric", message, "Write decision.payoff: {false_positive: -1, false_negative: -5}.")]
    if _by_amount(recipe):
        message = "is value_per_row, and payoffs that depend on the amount can not be the aim of the search."
        return [Problem("task.metric", message, "Use log_loss or brier_score: a true probability gives every row its worth.")]
    return []


def _today_problems(text: str, data: Dataset | None) -> list[Problem]:
    try:
        names = read_expression(text).columns
    except LeptonError as error:
        return [Problem("decision.today", problem.message, problem.fix) for problem in error.problems]
    absent = [name for name in names if data is not None and name not in data.names]
    return [
        Problem("decision.today", f"names {name!r}, which is no column here.", did_you_mean(name, data.names if data else ()))
        for name in absent
    ]


def _amount_problems(name: str, data: Dataset) -> list[Problem]:
    if name not in data.names:
        return []  # told where roles are read
    column = data.column(name)
    if column.has(Role.TARGET):
        return [Problem("data.roles.amount", f"{name!r} is the target.", "Name a column that is known when it is decided.")]
    if column.kind is not Kind.NUMBER:
        message = f"{name!r} holds values of the kind {column.kind}, and an amount is a number."
        return [Problem("data.roles.amount", message, f"Name another column, or write data.kinds.{name}=number.")]
    return []
