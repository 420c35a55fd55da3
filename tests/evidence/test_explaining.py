"""Effects add up and are exact, reasons name what they may, and what changes the answer is checked."""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.evidence.explaining import (
    Explaining,
    Grounds,
    Phrase,
    draw_background,
    explain_rows,
    find_options,
    learn_grounds,
    reasons_of,
    shapley,
)
from lepton_automl.evidence.explaining.curves import curve_of, interactions
from lepton_automl.evidence.explaining.reasons import toward_adverse
from lepton_automl.evidence.explaining.shapley import Mixed, joined
from lepton_automl.tasks import TASKS, DecisionRule

N = 400
TASK = TASKS.find("binary").load(
    {"kind": "binary", "target": "y", "metric": "roc_auc", "labels": {"values": ["granted", "refused"], "dtype": "str"}}
)


def column(name, kind, *roles):
    return Column(name, kind, frozenset(roles or (Role.FEATURE,)), Reading(kind))


def table(seed=0, n=N):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "debt": rng.integers(0, 10_000, n).astype("float64"),
            "income": rng.normal(3_000, 800, n),
            "job": pd.Categorical(rng.choice(["clerk", "cook", "pilot"], n, p=[0.5, 0.3, 0.2])),
            "mail": [f"ann{i}@example.com" for i in range(n)],
            "sex": pd.Categorical(rng.choice(["f", "m"], n)),
        }
    )
    columns = (
        column("debt", Kind.NUMBER),
        column("income", Kind.NUMBER),
        column("job", Kind.CATEGORY),
        column("mail", Kind.TEXT),
        column("sex", Kind.CATEGORY, Role.PROTECTED),
    )
    return Dataset(frame, columns, np.arange(n))


def score(frame):
    """A model with pairs and triples that act together; it reads the mail, as a careless one would."""
    debt, income = frame["debt"].to_numpy(), frame["income"].to_numpy()
    cook = (frame["job"].astype(object) == "cook").to_numpy(dtype="float64")
    z = (debt - 5_000) / 2_000 - (income - 3_000) / 800 + cook * (debt > 4_000) * 1.5 + 0.3 * frame["mail"].notna().to_numpy()
    p = 1 / (1 + np.exp(-z))
    return np.column_stack([1 - p, p])


def grounds(explaining=None, data=None):
    data = table() if data is None else data
    return learn_grounds(data, TASK, explaining or Explaining(background=40), np.arange(len(data)), score(data.frame))


def exact(rows, background, names):
    """Shapley values by their definition: all coalitions against all background rows."""
    d, found = len(names), np.zeros((len(rows), len(names)))

    def value(known):
        total = np.zeros(len(rows))
        for _, other in background.iterrows():
            mixed = rows.copy()
            for name in names:
                if name not in known:
                    mixed[name] = [other[name]] * len(rows)
            total += score(mixed)[:, 1]
        return total / len(background)

    for place, name in enumerate(names):
        rest = [other for other in names if other != name]
        for size in range(d):
            weight = factorial(size) * factorial(d - size - 1) / factorial(d)
            for known in combinations(rest, size):
                found[:, place] += weight * (value({*known, name}) - value(set(known)))
    return found


def test_effects_add_up_to_the_prediction_whatever_the_model():
    ground = grounds()
    rows = table(1, 30).frame

    found = shapley(Mixed(score, rows, ground.background.frame, ground.names), 40, 0)

    assert found.rounds == 40
    assert np.abs(found.prediction - found.base - found.values.sum(axis=1)).max() < 1e-12
    assert found.prediction == pytest.approx(score(rows))
    ready = ground.background.frame
    assert found.base[0] == pytest.approx(score(ready).mean(axis=0))


def test_effects_are_those_of_the_definition():
    ground = grounds(Explaining(background=25))
    rows = table(2, 6).frame

    found = shapley(Mixed(score, rows, ground.background.frame, ground.names), 25, 0)
    true = exact(rows, ground.background.frame, ground.names)

    assert found.values[:, :, 1] == pytest.approx(true, abs=0.02)
    assert np.corrcoef(found.values[:, :, 1].ravel(), true.ravel())[0, 1] > 0.999
    assert np.abs(found.values[:, :, 1] - true).max() <= 5 * found.error.max()


def test_pairs_of_orders_are_exact_where_no_three_features_act_together():
    def pairs(frame):
        a, b, c = (frame[name].to_numpy() for name in "abc")
        return (2 * a + a * b - 3 * b * c + c**2)[:, None]

    rng = np.random.default_rng(0)
    rows, other = (pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc")) for n in (5, 7))

    first, second = (shapley(Mixed(pairs, rows, other, list("abc")), 7, seed).values for seed in (0, 1))

    assert first == pytest.approx(second, abs=1e-12), "no order matters"
    a, b, c = rows.to_numpy().T
    x, y, z = (other[name].to_numpy()[:, None] for name in "abc")
    of_a = (2 * (a - x) + (a - x) * (b + y) / 2).mean(axis=0)
    of_c = (-3 * (c - z) * (b + y) / 2 + c**2 - z**2).mean(axis=0)
    assert first[:, 0, 0] == pytest.approx(of_a) and first[:, 2, 0] == pytest.approx(of_c)


def test_a_feature_in_which_two_rows_agree_has_no_effect_and_equal_rows_have_none_at_all():
    ground = grounds(Explaining(background=1))
    row = ground.background.frame

    found = shapley(Mixed(score, row, row, ground.names), 1, 0)

    assert (found.values == 0).all() and found.base == pytest.approx(found.prediction)


def test_without_time_only_the_first_rounds_are_made():
    ground = grounds()

    found = shapley(Mixed(score, table(1, 100).frame, ground.background.frame, ground.names), 40, 0, until=0.0)

    assert found.rounds == 2
    assert np.abs(found.prediction - found.base - found.values.sum(axis=1)).max() < 1e-12


def test_columns_a_row_keeps_are_never_exchanged():
    seen = []

    def by_series(frame):
        seen.append(set(zip(frame["shop"], frame["price"], strict=True)))
        return (frame["price"] * (1 + (frame["shop"] == "b"))).to_numpy(dtype="float64")[:, None]

    rows = pd.DataFrame({"price": [1.0, 2.0], "shop": ["a", "b"]})
    other = pd.DataFrame({"price": [5.0, 7.0]})

    found = shapley(Mixed(by_series, rows, other, ["price"], ["shop"]), 2, 0)

    assert found.base.ravel().tolist() == [6.0, 12.0]
    assert found.values.ravel().tolist() == [-5.0, -8.0]
    assert {shop for pairs in seen for shop, _ in pairs} == {"a", "b"}


def test_the_background_is_spread_over_the_predictions_and_so_is_each_beginning_of_it():
    values = np.random.default_rng(0).normal(size=1_000)

    drawn = draw_background(values, 64, 0)

    assert len(set(drawn.tolist())) == 64
    rank = values.argsort().argsort() / len(values)
    for count in (16, 32, 64):
        assert np.quantile(rank[drawn[:count]], [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.06)
    assert (draw_background(values, 64, 0) == drawn).all()
    assert (draw_background(values, 64, 1) != drawn).any()


def test_what_is_kept_holds_no_personal_value_and_no_column_but_the_features():
    ground = grounds()

    assert ground.background.names == ["debt", "income", "job", "mail"]
    assert ground.background.values("mail").isna().all()
    (mail,) = [feature for feature in ground.features if feature.name == "mail"]
    assert (mail.is_named, mail.is_shown, mail.grid) == (False, False, ())
    assert "example.com" not in str(ground.to_dict())
    again = Grounds.load(ground.to_dict(), ground.background)
    assert (again.features, again.outcome, again.names) == (ground.features, ground.outcome, ground.names)


@pytest.mark.parametrize("role", [Role.PROTECTED, Role.EVALUATION_ONLY])
def test_a_reason_never_names_a_column_of_such_a_role_even_if_the_model_reads_it(role):
    data = table()
    data = data.with_roles({"debt": frozenset({Role.FEATURE, role})})
    ground = grounds(Explaining(background=40, reasons=4), data)
    rows = data.frame.iloc[:60].reset_index(drop=True)

    found = shapley(Mixed(score, rows, ground.background.frame, ground.names), 40, 0)
    effects = toward_adverse(found, ground.outcome)
    told = reasons_of(ground, rows, effects)

    assert (effects[:, ground.names.index("debt")] > 0.05).any(), "it would be a reason"
    assert {reason.column for reasons in told for reason in reasons} <= {"income", "job"}
    options = [find_options(score, rows, number, ground, 0.5) for number in range(10)]
    assert {change.column for found in options for option in found for change in option.changes} <= {"income", "job"}


def test_reasons_are_sorted_say_the_phrase_that_fits_and_push_toward_the_adverse_answer():
    phrases = {"debt": Phrase("Debt is high", "Debt is low"), "income": Phrase("Income is high", "Income is low")}
    ground = grounds(Explaining(background=40, reasons=2, phrases=phrases))
    rows = pd.DataFrame(
        {
            "debt": [9_500.0, np.nan],
            "income": [1_500.0, 4_000.0],
            "job": pd.Categorical(["cook", "clerk"]),
            "mail": [None, None],
        }
    )
    effects = np.array([[0.3, 0.4, 0.1, 0.9], [0.2, -0.1, 0.0, 0.5]])

    one, two = reasons_of(ground, rows, effects)

    assert [(r.column, r.words, r.stands) for r in one] == [
        ("income", "Income is low", "below"),
        ("debt", "Debt is high", "above"),
    ]
    assert one[0].share == pytest.approx(0.4 / 1.7)
    assert [(r.column, r.words, r.value) for r in two] == [("debt", "Debt is high (not known)", None)]


def adverse_row(**changed):
    values = {"debt": [6_500.0], "income": [2_900.0], "job": ["clerk"], "mail": ["ann@example.com"], **changed}
    return pd.DataFrame(values).assign(job=pd.Categorical(values["job"], categories=["clerk", "cook", "pilot"]))


def test_what_would_change_the_answer_changes_it_and_is_near():
    ground, row = grounds(), adverse_row()
    assert score(row)[0, 1] > 0.5

    options = find_options(score, row, 0, ground, 0.5)

    assert options and options[0].answer == 0
    assert [option.cost for option in options] == sorted(option.cost for option in options)
    for option in options:
        changed = row.assign(**{change.column: [change.after] for change in option.changes})
        assert score(changed)[0, 1] == pytest.approx(option.value) and option.value < 0.5
    (debt,) = [o.changes[0] for o in options if [c.column for c in o.changes] == ["debt"]]
    assert (debt.before, debt.bound) == (6_500, "at most")
    assert score(row.assign(debt=[debt.after + 300.0]))[0, 1] > 0.5, "hardly further than needed"


@pytest.mark.parametrize(
    ("explaining", "free"),
    [
        (Explaining(background=40, immutable=("debt",)), {"income", "job"}),
        (Explaining(background=40, changes={"debt": "up"}), {"income", "job"}),
        (Explaining(background=40, changes={"income": "down"}, immutable=("job",)), {"debt"}),
    ],
    ids=["immutable", "only up", "only down"],
)
def test_columns_change_only_as_the_recipe_allows(explaining, free):
    options = find_options(score, adverse_row(), 0, grounds(explaining), 0.5)

    assert options
    assert {change.column for option in options for change in option.changes} <= free


def test_where_nothing_changes_the_answer_nothing_is_said_to():
    def always(frame):
        return np.column_stack([np.full(len(frame), 0.1), np.full(len(frame), 0.9)])

    assert find_options(always, adverse_row(), 0, grounds(), 0.5) == []


def test_what_is_told_of_a_row_does_not_depend_on_the_rows_beside_it():
    ground, rows = grounds(), table(3, 4).frame

    together = explain_rows(score, rows, ground, DecisionRule(0.5), [1, 2, 3, 4], ["ok"] * 4)
    alone = explain_rows(score, rows.iloc[[2]].reset_index(drop=True), ground, DecisionRule(0.5), [3], ["ok"])

    assert together[2] == alone[0]
    assert sum(e["effect"] for e in alone[0].effects) == pytest.approx(alone[0].value - alone[0].usual)
    assert all(e["value"] is None for one in together for e in one.effects if e["column"] == "mail")


def test_the_curve_of_a_number_follows_it_and_that_of_a_category_shows_its_levels():
    ground, rows = grounds(), table(4, 300).frame

    number = curve_of(score, rows, ground, 0, 1)
    levels = curve_of(score, rows, ground, 2, 1)

    assert number.kind == "ale" and (np.diff(number.effects) > 0).all()
    assert sum(number.rows) == 300
    assert levels.kind == "partial dependence"
    assert dict(zip(levels.at, levels.effects, strict=True))["cook"] == max(levels.effects)
    assert curve_of(score, rows, ground, 3, 1) is None, "values of personal columns are not shown"


def test_the_curve_of_a_sum_is_its_part_of_it():
    def summed(frame):
        return (3 * frame["debt"] + frame["income"] ** 2).to_numpy()[:, None]

    ground = grounds()
    curve = curve_of(summed, table(4, 300).frame, ground, 0, 0)

    assert np.diff(curve.effects) == pytest.approx(3 * np.diff(curve.at))


def test_features_whose_effects_add_up_do_not_act_together_and_a_product_does():
    def partly(frame):
        debt, income = frame["debt"].to_numpy() / 1e4, frame["income"].to_numpy() / 1e3
        cook = (frame["job"].astype(object) == "cook").to_numpy()
        return (debt + income**2 + debt * cook)[:, None]

    ground, rows = grounds(), table(5, 100).frame
    mixed = Mixed(partly, rows, ground.background.frame, ground.names)

    found = interactions(mixed, [0, 1, 2], np.zeros(100, dtype="int64"), 200, 0)

    strength = {tuple(item["columns"]): item["strength"] for item in found}
    assert next(iter(strength)) == ("debt", "job") and strength["debt", "job"] > 0.02
    assert strength["debt", "income"] == pytest.approx(0, abs=1e-12)


def test_levels_of_two_tables_are_joined_and_missing_values_stay():
    first = pd.Series(pd.Categorical(["a", None]))
    second = pd.Series(pd.Categorical(["b"], categories=["b", "c"]))

    both = joined(first, second)

    assert both.astype(object).where(both.notna(), None).tolist() == ["a", None, "b"]
    assert joined(pd.Series([True]), pd.Series([np.nan])).tolist()[0] == 1.0
