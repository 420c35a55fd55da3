"""How groups fare: rates by hand, intervals that mean something, and what is left out."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lepton_automl.data import Role
from lepton_automl.evidence import EXAMINERS, Decision, DecisionSettings, Judged
from lepton_automl.evidence.chapter import Rival
from lepton_automl.evidence.fairness import reweighed
from lepton_automl.evidence.fairness.differences import DIFFERENCES, interval_of_difference
from lepton_automl.tasks import TASKS, DecisionRule, Payoff
from lepton_automl.testing import table

Fair = EXAMINERS.find("fairness")


def task_of(kind="binary", labels=(0, 1)):
    state = {"kind": kind, "target": "y", "metric": "rmse" if kind == "regression" else "log_loss", "dtype": "float64"}
    return TASKS.find(kind).load({**state, "labels": {"values": list(labels), "dtype": "int64"}})


def judged_of(
    y, values, kind="binary", labels=(0, 1), threshold=0.5, resamples=60, block=None, weight=None, rivals=(), **columns
):
    y, values = np.asarray(y), np.asarray(values, dtype="float64")
    values = np.column_stack([1 - values, values]) if kind == "binary" else values
    data = table(target="y", roles=dict.fromkeys(columns, Role.PROTECTED), y=y, **columns)
    decision = Decision(threshold if kind == "binary" else None, "")
    return Judged(
        data, y, values, values, task_of(kind, labels), decision, weight, block, resamples=resamples, rivals=tuple(rivals)
    )


def by_hand():
    """Forty rows of f: half of them said, of 20 true ones 15; forty of m: 10 said, of 20 true ones 10."""
    sex = ["f"] * 40 + ["m"] * 40
    y = ([1] * 20 + [0] * 20) * 2
    said = [1] * 15 + [0] * 5 + [1] * 5 + [0] * 15 + [1] * 10 + [0] * 30
    return y, np.where(np.array(said) == 1, 0.8, 0.3), sex


def test_the_figures_are_those_counted_by_hand():
    y, p, sex = by_hand()

    chapter = Fair(columns=("sex",)).examine(judged_of(y, p, sex=sex), float("inf"))

    found = {name: measure.value for name, measure in chapter.figures.items()}
    assert found == pytest.approx(
        {
            "sex.demographic_parity_difference": 0.25,
            "sex.disparate_impact_ratio": 0.5,
            "sex.equal_opportunity_difference": 0.25,
            "sex.equalised_odds_difference": 0.25,
            "sex.predictive_parity_difference": 0.25,
            "sex.calibration_gap": 0.125,
        }
    )
    assert set(found) == set(Fair(columns=("sex",)).figures(task_of(), DecisionSettings()))
    (column,) = chapter.content["columns"]
    assert [group["name"] for group in column["groups"]] == ["f", "m"]
    assert column["groups"][0]["rates"]["selection"][0] == 0.5
    assert (column["figures"][0]["highest"], column["figures"][0]["lowest"]) == ("f", "m")
    json.dumps(chapter.to_dict(), allow_nan=False)


def test_the_favourable_outcome_can_be_the_other_label():
    y, p, sex = by_hand()

    chapter = Fair(columns=("sex",), favourable="negative").examine(judged_of(y, p, sex=sex), float("inf"))

    assert chapter.content["favourable"] == "0"
    assert chapter.figures["sex.disparate_impact_ratio"].value == pytest.approx(0.5 / 0.75)
    assert chapter.figures["sex.equal_opportunity_difference"].value == pytest.approx(1.0 - 0.75)


def test_the_line_of_the_decision_says_who_is_selected():
    y, p, sex = by_hand()

    chapter = Fair(columns=("sex",)).examine(judged_of(y, p, threshold=0.2, sex=sex), float("inf"))

    assert chapter.figures["sex.demographic_parity_difference"].value == 0.0
    assert chapter.figures["sex.disparate_impact_ratio"].value == 1.0


def test_weights_count_rows_as_often():
    y, p, sex = by_hand()
    y, sex = np.array(y), np.array(sex)
    twice = np.repeat(np.arange(80), np.where(sex == "m", 3, 1))

    weighed = Fair(columns=("sex",)).examine(judged_of(y, p, weight=np.where(sex == "m", 3.0, 1.0), sex=sex), float("inf"))
    repeated = Fair(columns=("sex",)).examine(judged_of(y[twice], p[twice], sex=sex[twice]), float("inf"))

    for name, measure in weighed.figures.items():
        assert measure.value == pytest.approx(repeated.figures[name].value), name


def test_small_groups_are_shown_and_not_compared():
    y, p, sex = by_hand()
    y, p, sex = [*y, *[1] * 12, *[1] * 4], np.append(p, np.full(16, 0.9)), [*sex, *["d"] * 12, *["x"] * 4]

    chapter = Fair(columns=("sex",)).examine(judged_of(y, p, sex=sex), float("inf"))

    assert chapter.figures["sex.demographic_parity_difference"].value == 0.25
    groups = {group["name"]: group for group in chapter.content["columns"][0]["groups"]}
    assert groups["d"] == {"name": "d", "n": 12, "is_small": True}
    assert groups["other"] == {"name": "other", "n": None, "is_small": True}, "its size is not told either"


def test_intersections_find_what_single_columns_hide():
    rng = np.random.default_rng(0)
    sex, home = rng.choice(["f", "m"], 2_000), rng.choice(["north", "south"], 2_000)
    p = np.where((sex == "f") == (home == "north"), 0.8, 0.2) + rng.normal(0, 0.05, 2_000)
    y = rng.integers(0, 2, 2_000)

    found = Fair(columns=("sex", "home")).examine(judged_of(y, p, sex=sex, home=home), float("inf")).figures

    assert found["sex.demographic_parity_difference"].high < 0.1
    assert found["sex*home.demographic_parity_difference"].low > 0.9


def test_no_difference_gives_an_interval_with_zero_and_ten_rows_tell_nothing():
    rng = np.random.default_rng(3)
    sex = rng.choice(["f", "m"], 90)
    few = Fair(columns=("sex",)).examine(judged_of(rng.integers(0, 2, 90), rng.random(90), sex=sex), float("inf"))
    many_sex = rng.choice(["f", "m"], 20_000)
    many = Fair(columns=("sex",)).examine(judged_of(rng.integers(0, 2, 20_000), rng.random(20_000), sex=many_sex), float("inf"))

    told = [{row["name"]: row["is_underpowered"] for row in one.content["columns"][0]["figures"]} for one in (few, many)]
    assert few.figures["sex.demographic_parity_difference"].low == 0.0
    assert told[0]["demographic_parity_difference"] and told[0]["disparate_impact_ratio"]
    assert not told[1]["demographic_parity_difference"] and not told[1]["disparate_impact_ratio"]


def test_a_rate_of_all_or_none_is_not_taken_for_certain():
    sex = ["f"] * 31 + ["m"] * 2_000
    p = [0.9] * 31 + [0.9] * 1_900 + [0.1] * 100
    y = np.random.default_rng(0).integers(0, 2, 2_031)

    chapter = Fair(columns=("sex",)).examine(judged_of(y, p, sex=sex, resamples=400), float("inf"))

    groups = {group["name"]: group for group in chapter.content["columns"][0]["groups"]}
    value, low, high = groups["f"]["rates"]["selection"]
    assert (value, high) == (1.0, 1.0) and 0.88 < low < 0.95
    assert chapter.figures["sex.demographic_parity_difference"].low == 0.0


def rates_and_draws(rates, error=0.02, seed=0):
    """Selection rates of groups, all other rates not known, and resamples of them."""
    rng = np.random.default_rng(seed)
    found = np.full((5, len(rates), 1), np.nan)
    found[0, :, 0] = rates
    draws = np.broadcast_to(found, (4_000, *found.shape)).copy()
    draws[:, 0, :, 0] += rng.normal(0, error, (4_000, len(rates)))
    return found, draws, np.ones(len(rates), dtype=bool), np.full(len(rates), 500)


def test_the_interval_of_two_groups_is_that_of_their_plain_difference():
    parity = DIFFERENCES["labels"]["demographic_parity_difference"]
    ratio = DIFFERENCES["labels"]["disparate_impact_ratio"]
    reach = 1.96 * 0.02 * np.sqrt(2)

    apart = interval_of_difference(parity, "labels", *rates_and_draws([0.3, 0.5]), 0.95)
    alike = interval_of_difference(parity, "labels", *rates_and_draws([0.3, 0.32]), 0.95)
    shares = interval_of_difference(ratio, "labels", *rates_and_draws([0.3, 0.5]), 0.95)

    assert apart == pytest.approx((0.2 - reach, 0.2 + reach), abs=0.003)
    assert alike[0] == 0.0 and alike[1] > 0.06
    assert shares[0] < 0.6 - 0.06 and shares[1] > 0.6 + 0.06


def test_the_more_groups_the_farther_their_worst_pair_must_lie_apart():
    parity = DIFFERENCES["labels"]["demographic_parity_difference"]

    two, ten = (
        interval_of_difference(parity, "labels", *rates_and_draws([0.3, *[0.35] * between, 0.4]), 0.95) for between in (0, 8)
    )

    assert two[0] > 0.03
    assert ten[0] < 0.02


def test_whole_blocks_are_drawn_so_that_intervals_widen():
    rng = np.random.default_rng(1)
    block = np.repeat(np.arange(20), 50)
    sex = np.where(block % 2 == 0, "f", "m")
    p = np.where(rng.random(20) < 0.5, 0.9, 0.1)[block]
    y = rng.integers(0, 2, 1_000)

    apart = Fair(columns=("sex",)).examine(judged_of(y, p, sex=sex, resamples=200), float("inf"))
    together = Fair(columns=("sex",)).examine(judged_of(y, p, block=block, sex=sex, resamples=200), float("inf"))

    name = "sex.demographic_parity_difference"
    assert together.figures[name].high - together.figures[name].low > 2 * (apart.figures[name].high - apart.figures[name].low)


def test_of_several_labels_the_worst_one_counts():
    rng = np.random.default_rng(0)
    sex = np.repeat(["f", "m"], 300)
    y = rng.integers(0, 3, 600)
    values = np.full((600, 3), 0.1)
    values[np.arange(600), np.where(sex == "f", y, np.where(y == 2, 0, y))] = 0.8

    chapter = Fair(columns=("sex",)).examine(judged_of(y, values, "multiclass", (0, 1, 2), sex=sex), float("inf"))

    row = next(r for r in chapter.content["columns"][0]["figures"] if r["name"] == "equal_opportunity_difference")
    assert (row["value"], row["label"], row["highest"]) == (1.0, "2", "f")
    assert set(chapter.figures) == set(Fair(columns=("sex",)).figures(task_of("multiclass", (0, 1, 2)), DecisionSettings()))


def test_of_numbers_errors_are_compared():
    sex = np.repeat(["f", "m"], 50)
    y = np.arange(100.0)
    values = (y + np.where(sex == "f", 2.0, -1.0))[:, None]

    found = Fair(columns=("sex",)).examine(judged_of(y, values, "regression", sex=sex), float("inf")).figures

    assert found["sex.mean_error_difference"].value == pytest.approx(3.0)
    assert found["sex.mae_difference"].value == pytest.approx(1.0)
    assert found["sex.mean_prediction_difference"].value == pytest.approx(47.0)
    assert set(found) == set(Fair(columns=("sex",)).figures(task_of("regression"), DecisionSettings()))


def test_without_protected_columns_there_is_nothing_to_say():
    y, p, sex = by_hand()

    chapter = Fair().examine(judged_of(y, p, sex=sex), float("inf"))

    assert not chapter.figures and not chapter.content and not chapter.notes
    assert Fair().figures(task_of(), DecisionSettings()) == ()


def test_choices_are_compared_by_the_figure_that_is_limited():
    y, p, sex = by_hand()
    fair = Rival("all alike", np.full((80, 2), 0.5), DecisionRule(0.5), 0.7)
    mine = Rival("delivered", np.column_stack([1 - p, p]), DecisionRule(0.5), 0.5, is_delivered=True)
    examiner = Fair(columns=("sex",), front_figure="sex.demographic_parity_difference")

    front = examiner.examine(judged_of(y, p, sex=sex, rivals=(mine, fair)), float("inf")).content["front"]

    assert [(choice["name"], choice["figures"]["sex.demographic_parity_difference"]) for choice in front] == [
        ("delivered", 0.25),
        ("all alike", 0.0),
    ]


def test_reweighed_rows_make_label_and_group_independent_and_keep_their_sums():
    rng = np.random.default_rng(0)
    groups = rng.integers(-1, 3, 1_000)
    y = (rng.random(1_000) < 0.2 + 0.2 * groups.clip(0)).astype("int64")
    given = rng.random(1_000) + 0.5

    weight = reweighed(groups, y, given)

    shares = [np.average(y[groups == g], weights=weight[groups == g]) for g in range(-1, 3)]
    assert shares == pytest.approx([np.average(y, weights=given)] * 4)
    for g in range(-1, 3):
        assert weight[groups == g].sum() == pytest.approx(given[groups == g].sum())


def test_who_is_selected_follows_the_amount_where_the_decision_does():
    rng = np.random.default_rng(0)
    n = 2_000
    sex, p = rng.choice(["f", "m"], n), rng.uniform(0.2, 0.4, n)
    y = (rng.random(n) < p).astype("int64")
    amount = np.where(sex == "f", 10.0, 1_000.0)
    payoff = Payoff(0.0, -100.0, 0.0, 0.0, (0.0, 0.0, 0.0, -1.0), "amount")
    judged = judged_of(y, p, threshold=0.0, sex=sex, amount=amount)
    judged = replace(judged, decision=Decision(0.0, "", payoff=payoff))
    chapter = Fair(columns=("sex",)).examine(judged, float("inf"))

    assert chapter.figures["sex.demographic_parity_difference"].value == 1.0, "none of the small amounts is worth a refusal"
