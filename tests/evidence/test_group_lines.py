"""A line for each group: groups are alike, and no other lines that make them alike are worth more."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.evidence import Decision, DecisionSettings, decide
from lepton_automl.evidence.fairness import OPPORTUNITY, PARITY, AlikeSettings, Members
from lepton_automl.evidence.groups import group_rows
from lepton_automl.tasks import DecisionRule, GroupColumn, Payoff

COSTS = Payoff(0.0, -1.0, 0.0, -3.0)
KINDS = {"sex": Kind.CATEGORY, "age": Kind.NUMBER, "old": Kind.BOOLEAN}


def people(n=3_000, seed=0):
    """Gives labels, true probabilities and rows whose groups differ in both."""
    rng = np.random.default_rng(seed)
    sex = rng.choice(["f", "m", "x"], n, p=[0.45, 0.53, 0.02])
    age = rng.integers(18, 80, n).astype("float64")
    truth = 1 / (1 + np.exp(-(rng.normal(-1, 1, n) + 1.2 * (sex == "m") - 0.02 * (age - 50))))
    frame = pd.DataFrame({"sex": pd.Categorical(sex), "age": age, "old": (age > 60).astype("int8")})
    frame.loc[:4, "sex"] = None
    columns = tuple(Column(name, KINDS[name], frozenset({Role.PROTECTED}), Reading(KINDS[name])) for name in frame)
    y = (rng.random(n) < truth).astype("int64")
    return y, np.column_stack([1 - truth, truth]), Dataset(frame, columns, np.arange(n), "")


def drawn(y, p, rows, alike=PARITY, within=0.0, columns=("sex",), **more):
    settings = AlikeSettings(columns, alike, within, "section 1 of our law", **more)
    return decide(y, p, DecisionSettings(COSTS, alike=settings), members=Members.of(settings, rows), resamples=20)


def test_groups_get_the_label_as_often_and_at_no_other_common_share_is_it_worth_more():
    y, p, rows = people()
    decision = drawn(y, p, rows)
    said, _ = decision.rule.said(p, decision.rule.known(rows.frame))
    sex = rows.frame["sex"].astype(object)
    shares = [said[sex == name].mean() for name in ("f", "m")]

    assert abs(shares[0] - shares[1]) < 0.002
    one, _ = DecisionRule(decision.threshold).said(p)
    assert one[sex == "m"].mean() - one[sex == "f"].mean() > 0.2
    of_men, of_women = (p[sex == name, 1] for name in ("m", "f"))
    known = np.isin(sex, ("f", "m"))
    mine = COSTS.of(y == 1, said)[known].mean()
    for share in np.linspace(0.005, 0.995, 199):
        line = np.where(sex == "m", np.quantile(of_men, 1 - share), np.quantile(of_women, 1 - share))
        assert COSTS.of(y == 1, p[:, 1] >= line)[known].mean() <= mine + 1e-3
    assert decision.value_per_row < decision.value_one_line, "being alike has a price"


def test_of_rows_whose_label_is_the_favourable_one_as_many_are_found_in_each_group():
    y, p, rows = people(6_000)
    for favourable, truth in (("positive", 1), ("negative", 0)):
        decision = drawn(y, p, rows, OPPORTUNITY, favourable=favourable)
        said, _ = decision.rule.said(p, decision.rule.known(rows.frame))
        sex = rows.frame["sex"].astype(object)
        shares = [said[(sex == name) & (y == truth)].mean() for name in ("f", "m")]

        assert abs(shares[0] - shares[1]) < 0.005


def test_with_room_between_groups_the_price_is_lower_and_the_room_is_kept():
    y, p, rows = people()
    prices = []
    for within in (0.0, 0.05, 0.1, 1.0):
        decision = drawn(y, p, rows, within=within)
        shares = [line.share for line in decision.by_group.lines]
        assert max(shares) - min(shares) <= within + 0.002
        prices.append(decision.value_per_row)

    assert prices == sorted(prices)
    assert prices[-1] >= decision.value_one_line - 1e-9


def test_it_is_worth_as_much_as_the_reference_where_only_accuracy_counts():
    fairlearn = pytest.importorskip("fairlearn.postprocessing")
    y, p, rows = people(8_000)
    sex = rows.frame["sex"].astype(object)
    keep = np.isin(sex, ("f", "m"))
    y, p, rows = y[keep], p[keep], rows.rows(np.flatnonzero(keep))
    costs = Payoff(1.0, 0.0, 1.0, 0.0)
    for alike, constraint in ((PARITY, "demographic_parity"), (OPPORTUNITY, "true_positive_rate_parity")):
        settings = AlikeSettings(("sex",), alike, 0.0, "law")
        mine = decide(y, p, DecisionSettings(costs, alike=settings), members=Members.of(settings, rows), resamples=0)

        class Said:
            def fit(self, x, y):
                return self

            def predict(self, x):
                return np.asarray(x)[:, 0]

        theirs = fairlearn.ThresholdOptimizer(
            estimator=Said(), constraints=constraint, objective="accuracy_score", prefit=True, predict_method="predict"
        )
        groups = rows.frame["sex"].astype(str)
        theirs.fit(p[:, 1:], y, sensitive_features=groups)
        chance = theirs._pmf_predict(p[:, 1:], sensitive_features=groups)[:, 1]
        reference = np.where(y == 1, chance, 1 - chance).mean()

        assert mine.value_per_row == pytest.approx(reference, abs=2e-3)


def test_no_more_rows_get_the_label_than_there_is_capacity_for():
    y, p, rows = people()
    settings = AlikeSettings(("sex",), PARITY, 0.0, "law")
    decision = decide(y, p, DecisionSettings(COSTS, capacity=0.1, alike=settings), members=Members.of(settings, rows))
    said, _ = decision.rule.said(p, decision.rule.known(rows.frame))

    assert 0.08 < said.mean() <= 0.1


def test_small_groups_and_rows_without_a_group_have_the_line_of_all():
    y, p, rows = people()
    decision = drawn(y, p, rows, min_group=100)
    frame = pd.DataFrame({"sex": ["f", "m", "x", None, "unheard of"]})
    known = decision.rule.known(frame)

    assert [line.name for line in decision.by_group.lines] == ["m", "f"]
    assert np.isnan(known.lines[2:]).all() and not np.isnan(known.lines[:2]).any()
    assert decision.rule.line(known)[2] == decision.threshold
    assert drawn(y, p, rows, min_group=10_000).by_group is None


def test_groups_of_two_columns_at_once_have_lines_and_numbers_are_cut():
    y, p, rows = people()
    decision = drawn(y, p, rows, columns=("sex", "age"), cuts={"age": [30, 50]})
    names = [line.name for line in decision.by_group.lines]

    assert "f × 30 to 49" in names and len(names) == 6
    assert decision.by_group.names == ("sex", "age")


@pytest.mark.parametrize("name", ["sex", "age", "old"])
def test_a_row_is_put_in_the_group_it_was_learned_in(name):
    rows = people()[2]
    grouping = group_rows(rows.column(name), rows, None)
    column = GroupColumn.of(rows.values(name), grouping.codes, grouping.edges)

    assert (column.codes(rows.values(name)) == grouping.codes).all()
    again = rows.values(name).astype("float64") if name != "sex" else rows.values(name).astype("object")
    assert (column.codes(again) == grouping.codes).all(), "whatever type the values are kept in"


def test_lines_survive_the_file_they_are_kept_in():
    y, p, rows = people()
    decision = drawn(y, p, rows, columns=("sex", "age"))

    assert Decision.load(decision.to_dict()) == decision
    assert DecisionRule.load(decision.rule.to_dict()) == decision.rule


def test_every_pair_of_lines_that_is_tried_by_hand_is_worth_no_more():
    y, p, rows = people(240, seed=5)
    decision = drawn(y, p, rows, within=0.05, min_group=30)
    sex = rows.frame["sex"].astype(object)
    said, _ = decision.rule.said(p, decision.rule.known(rows.frame))
    groups = [(sex == name).to_numpy() for name in ("f", "m")]
    mine = sum(COSTS.of(y == 1, said)[group].sum() for group in groups)
    best = -np.inf
    for lines in product(*(np.append(p[group, 1], 2.0) for group in groups)):
        shares = [(p[group, 1] >= line).mean() for group, line in zip(groups, lines, strict=True)]
        if abs(shares[0] - shares[1]) <= 0.05:
            best = max(best, sum(COSTS.of(y[g] == 1, p[g, 1] >= line).sum() for g, line in zip(groups, lines, strict=True)))

    assert mine >= best - 2, "the shares are tried in steps"
