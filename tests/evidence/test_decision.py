"""The decision in money: lines, limits, a band for humans, amounts, quantities to order, and what could be done instead."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.evidence import EXAMINERS, DecisionSettings, HeldOut, Judged, Refer, decide, order, order_cost
from lepton_automl.evidence.decision import weighted_quantile
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import METRICS, TASKS, VALUE, DecisionRule, Known, Payoff
from lepton_automl.tasks.metrics import value_metric

COSTS = Payoff(0.0, -1.0, 0.0, -5.0)


def made(n=4_000, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.beta(1.2, 3, n)
    y = (rng.random(n) < truth).astype("int64")
    return y, np.column_stack([1 - truth, truth]), rng.lognormal(6, 1, n)


def binary():
    state = {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": [0, 1], "dtype": "int64"}}
    return TASKS.find("binary").load(state)


def judged(decision, y, p, amounts=None, **more):
    frame = pd.DataFrame({"y": y, **({} if amounts is None else {"amount": amounts})})
    columns = tuple(Column(name, Kind.NUMBER, frozenset({Role.FEATURE}), Reading(Kind.NUMBER)) for name in frame)
    rows = Dataset(frame, columns, np.arange(len(y)), "")
    return Judged(rows, y, p, np.tile([0.7, 0.3], (len(y), 1)), binary(), decision, resamples=100, **more)


def value(decision, y, p, amounts=None, **more):
    return EXAMINERS.find("value")().examine(judged(decision, y, p, amounts, **more), float("inf"))


def test_with_true_probabilities_the_line_is_where_theory_puts_it():
    y, p, _ = made(200_000)
    decision = decide(y, p, DecisionSettings(COSTS))

    assert decision.threshold == pytest.approx(1 / 6, abs=0.02), "cost of a false alarm over that of both wrong answers"
    low, high = decision.threshold_interval
    assert low <= decision.threshold <= high


def test_no_line_is_more_than_a_hundredth_better_than_the_one_that_is_drawn():
    for seed in range(10):
        y, p, _ = made(600, seed)
        decision = decide(y, p, DecisionSettings(COSTS), seed=seed)
        worth = max(COSTS.of(y == 1, p[:, 1] >= line).mean() for line in [*p[:, 1], 2.0])

        assert decision.value_best == pytest.approx(worth)
        assert worth - decision.value_per_row <= 0.01 * abs(worth)
        assert decision.value_interval[0] <= decision.value_per_row <= decision.value_interval[1]


def test_a_weight_of_two_is_a_row_twice():
    y, p, _ = made(500)
    times = np.random.default_rng(3).integers(1, 4, 500)
    weighted = decide(y, p, DecisionSettings(COSTS), weight=times.astype("float64"))
    repeated = decide(np.repeat(y, times), np.repeat(p, times, axis=0), DecisionSettings(COSTS))

    assert weighted.threshold == pytest.approx(repeated.threshold)
    assert weighted.value_per_row == pytest.approx(repeated.value_per_row)


def test_no_more_rows_get_the_label_than_there_is_capacity_for():
    y, p, _ = made()
    free, tight = (decide(y, p, DecisionSettings(COSTS, capacity=share)) for share in (1.0, 0.05))

    assert (p[:, 1] >= free.threshold).mean() > 0.3
    assert 0.04 < (p[:, 1] >= tight.threshold).mean() <= 0.05
    assert tight.value_per_row < free.value_per_row
    assert "5 %" in tight.reason


def test_a_human_judges_between_two_lines_while_that_pays():
    y, p, _ = made()
    alone = decide(y, p, DecisionSettings(COSTS))
    cheap = decide(y, p, DecisionSettings(COSTS, refer=Refer(0.2)))
    limited = decide(y, p, DecisionSettings(COSTS, refer=Refer(0.2, max_share=0.1)))
    dear = decide(y, p, DecisionSettings(COSTS, refer=Refer(50.0)))
    careless = decide(y, p, DecisionSettings(COSTS, refer=Refer(0.2, accuracy=0.5)))

    assert alone.value_per_row < limited.value_per_row < cheap.value_per_row
    _, referred = limited.rule.said(p)
    assert 0 < referred.mean() <= 0.1
    assert dear.refer_from is None and careless.refer_from is None
    assert dear.value_per_row == alone.value_per_row


def test_the_worth_of_a_row_can_depend_on_its_amount():
    y, p, amounts = made()
    payoff = Payoff(0.0, -20.0, 0.0, 0.0, (0.0, 0.0, 0.0, -0.5), "amount")
    by_row = decide(y, p, DecisionSettings(payoff), amounts)
    _, referred = by_row.rule.said(p, Known(amounts))
    one_line = max(payoff.of(y == 1, p[:, 1] >= line, amounts).mean() for line in np.linspace(0, 1, 200))

    assert by_row.value_per_row > one_line, "a line on what a row is expected to be worth beats any on the probability"
    assert by_row.threshold == pytest.approx(0.0, abs=8.0), "true probabilities put it at no gain"
    assert not referred.any()
    amounts[:10] = np.nan
    assert by_row.rule.said(p, Known(amounts))[1][:10].all(), "a row without an amount is for a human"
    assert DecisionRule.load(by_row.rule.to_dict()) == by_row.rule


def test_what_a_row_is_worth_is_held_against_every_other_way():
    y, p, _ = made()
    chapter = value(decide(y, p, DecisionSettings(COSTS, today="y > 0.5")), y, p)
    ways, figures = chapter.content["ways"], chapter.figures

    assert ways["all_positive"] == pytest.approx(COSTS.of(y == 1, np.ones(len(y), bool)).mean())
    assert ways["today"] == 0.0, "today's way knows the truth here"
    for name in ("half", "all_positive", "all_negative", "today"):
        gain = figures[f"gain_over_{name}"]
        assert gain.value == pytest.approx(ways["decision"] - ways[name])
        assert gain.low <= gain.value <= gain.high
    assert figures["gain_over_half"].low > 0 > figures["gain_over_today"].high
    names = set(EXAMINERS.find("value")().figures(binary(), DecisionSettings(COSTS, today="y > 0.5")))
    assert set(figures) == names


def test_at_the_break_even_of_a_payoff_the_decision_is_worth_as_much_as_every_row_alike():
    y, p, _ = made()
    decision = decide(y, p, DecisionSettings(COSTS))
    rows = {row["outcome"]: row for row in value(decision, y, p).content["break_even"]}
    said = p[:, 1] >= decision.threshold

    assert set(rows) == {"false_positive", "false_negative"}
    low, high = rows["false_negative"]["low"], rows["false_negative"]["high"]
    for times in (low, high):
        changed = Payoff(0.0, -1.0, 0.0, -5.0 * times)
        alike = max(changed.of(y == 1, np.full(len(y), one)).mean() for one in (True, False))
        assert changed.of(y == 1, said).mean() == pytest.approx(alike)
    assert low < 1 < high


def test_todays_way_that_can_not_be_worked_out_is_told_and_the_rest_is_there():
    y, p, _ = made(300)
    chapter = value(decide(y, p, DecisionSettings(COSTS, today="gone > 3")), y, p)

    assert not chapter.is_whole and "gone" in chapter.notes[0]
    assert "gain_over_half" in chapter.figures and "gain_over_today" not in chapter.figures


def test_rows_without_an_amount_are_not_valued_and_counted():
    y, p, amounts = made(300)
    payoff = Payoff(0.0, -20.0, 0.0, 0.0, (0.0, 0.0, 0.0, -0.5), "amount")
    decision = decide(y, p, DecisionSettings(payoff), amounts)
    amounts[:7] = np.nan
    chapter = value(decision, y, p, amounts, weight=np.ones(300), block=np.arange(300) // 3)

    assert chapter.notes == ("7 rows without an amount are not valued",)
    assert chapter.figures["per_row"].n == 293


@pytest.mark.parametrize(("over", "under"), [(1.0, 4.0), (3.0, 1.0)])
@pytest.mark.parametrize("levels", [(), (0.1, 0.5, 0.9)])
def test_the_quantity_ordered_is_the_cheapest(over, under, levels):
    rng = np.random.default_rng(0)
    mean = rng.normal(50, 10, 20_000)
    y = mean + rng.normal(0, 5, 20_000)
    spread = np.array([-6.4078, 0.0, 6.4078])
    prediction = mean[:, None] + (spread if levels else np.zeros(1))
    decision = order(y, prediction, levels, DecisionSettings(cost=(over, under)))
    ordered = decision.rule.quantity(prediction, levels)
    best = min(order_cost(y, mean + shift, (over, under)).mean() for shift in np.linspace(-15, 15, 121))

    assert decision.level == under / (over + under)
    assert order_cost(y, ordered, (over, under)).mean() < 1.03 * best
    assert decision.value_per_row == pytest.approx(-order_cost(y, ordered, (over, under)).mean())


def test_ordering_by_cost_is_held_against_what_is_predicted_and_against_one_quantity():
    rng = np.random.default_rng(0)
    mean = rng.normal(50, 10, 3_000)
    y = mean + rng.normal(0, 5, 3_000)
    state = {"kind": "regression", "target": "y", "metric": "rmse", "dtype": "float64"}
    task = TASKS.find("regression").load(state)
    rows = Dataset(pd.DataFrame({"y": y}), (), np.arange(3_000), "")
    decision = order(y, mean[:, None], (), DecisionSettings(cost=(1.0, 4.0)))
    look = Judged(
        rows,
        y,
        mean[:, None],
        np.full((3_000, 1), 50.0),
        task,
        decision,
        held_out=HeldOut(rows, y, mean[:, None]),
        resamples=50,
    )
    chapter = EXAMINERS.find("value")().examine(look, float("inf"))

    assert set(chapter.figures) == set(EXAMINERS.find("value")().figures(task, DecisionSettings(cost=(1.0, 4.0))))
    assert chapter.figures["gain_over_prediction"].low > 0
    assert chapter.figures["gain_over_baseline"].low > 0
    assert chapter.figures["share_covered"].value == pytest.approx(0.8, abs=0.02)


def test_a_quantile_of_weighted_rows_counts_the_weight():
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), 0.5, None) == 2.0
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), 0.5, np.array([10.0, 1.0, 1.0])) == 3.0


def test_the_metric_in_money_is_the_worth_at_the_best_line():
    y, p, _ = made(400)
    metric = value_metric(COSTS)
    best = max(COSTS.of(y == 1, p[:, 1] >= line).mean() for line in [*p[:, 1], 2.0])

    assert metric.of(y, p) == pytest.approx(best)
    assert metric.name == VALUE and metric.name in METRICS
    assert metric.loss(y, p) < metric.loss(y, np.full_like(p, 0.5))


def test_lines_fall_with_the_cost_of_a_miss():
    y, p, _ = made()
    lines = [decide(y, p, DecisionSettings(Payoff(0, -1, 0, -miss))).threshold for miss in (1, 2, 5, 20)]

    assert all(one > other for one, other in pairwise(lines))


def test_a_gate_on_a_figure_that_could_not_be_made_fails():
    from lepton_automl.evidence import EvidenceSettings, Gate, examine, judge_gates

    y, p, _ = made(300)
    evidence = examine(judged(decide(y, p, DecisionSettings()), y, p), EvidenceSettings(resamples=50))
    gates = [Gate("calibration.ece", None, 0.5, False), Gate("artifact.size_mb", None, 2.0, False)]
    ledger = Ledger()
    verdicts = judge_gates(evidence, gates, ledger, {"artifact.size_mb": 1.0})

    assert [verdict.passed for verdict in verdicts] == [False, True]
    assert ledger.entries[0].note == "the figure could not be made"


def test_the_confusion_counts_what_is_decided_and_rows_for_a_human_apart():
    from lepton_automl.evidence import EvidenceSettings, examine

    y, p, amounts = made(600)
    payoff = Payoff(0.0, -20.0, 0.0, 0.0, (0.0, 0.0, 0.0, -0.5), "amount")
    decision = decide(y, p, DecisionSettings(payoff, refer=Refer(5.0, max_share=0.2)), amounts)
    said, referred = decision.rule.said(p, Known(amounts))
    confusion = examine(judged(decision, y, p, amounts), EvidenceSettings(resamples=50)).pictures["confusion"]

    assert confusion["referred"] == referred.sum() > 0
    assert confusion["counts"][1][1] == ((y == 1) & said & ~referred).sum()
    assert np.sum(confusion["counts"]) == 600 - referred.sum()


def test_rows_of_both_labels_are_counted_in_equal_bins_of_the_probability():
    from lepton_automl.evidence import EvidenceSettings, examine

    y, p, _ = made(600)
    p[:2, 1], p[:2, 0] = (0.0, 1.0), (1.0, 0.0)
    spread = examine(judged(decide(y, p, DecisionSettings(None)), y, p), EvidenceSettings(resamples=50)).pictures["spread"]

    assert len(spread) == 20
    assert np.sum(spread, axis=0).tolist() == [(y == 1).sum(), (y == 0).sum()]
    inside = (p[:, 1] >= 0.3) & (p[:, 1] < 0.35)
    assert spread[6] == [(inside & (y == 1)).sum(), (inside & (y == 0)).sum()]


def test_by_amount_each_row_has_a_line_of_its_own_on_its_probability():
    _, p, amounts = made(400)
    amounts[:3] = np.nan
    rule = DecisionRule(5.0, payoff=Payoff(0.0, -20.0, 0.0, 0.0, (0.0, 0.0, 0.0, -0.5), "amount"))

    assert ((p[:, 1] >= rule.line(Known(amounts))) == rule.said(p, Known(amounts))[0]).all()
    assert np.isinf(rule.line(Known(amounts))[:3]).all()
    assert DecisionRule(0.3).line() == 0.3 and DecisionRule().line() is None


def test_without_any_amount_the_line_is_a_half_and_says_why():
    y, p, amounts = made(50)
    payoff = Payoff(0.0, -20.0, 0.0, 0.0, (0.0, 0.0, 0.0, -0.5), "amount")
    decision = decide(y, p, DecisionSettings(payoff), np.full_like(amounts, np.nan))

    assert (decision.threshold, decision.reason, decision.payoff) == (0.5, "no row has an amount", None)
