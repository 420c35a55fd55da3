"""Each rule, where it acts and where it does not, with the figures it records."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Role
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Stage, Subject, govern
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

LABELS, NUMBER, QUANTILES = Goal(Makes.PROBABILITIES, 2), Goal(Makes.VALUES), Goal(Makes.QUANTILES, 1, (0.5,))


def apply_rule(name, data, goal=LABELS, y=None, **settings):
    """Applies a rule; gives the table that is left, and what was recorded but passes."""
    rule = RULES.find(name)(**settings)
    has_target = data.values("y").notna().to_numpy() if "y" in data.names else np.ones(len(data), dtype=bool)

    def subject(rows, stage, test=None):
        if stage is Stage.DATA:
            seen = rows.without(["y"]) if "y" in rows.names else rows
            return Subject(seen, goal, None, has_target)
        return Subject(rows, goal, rows.values("y").to_numpy() if y is None else np.asarray(y), has_target)

    ledger = Ledger()
    return govern(data, [(name, rule)], rule.stage, ledger, subject), [e for e in ledger.entries if e.effect != "passed"]


def told(entries):
    return [(e.code, e.column, e.effect, e.count) for e in entries]


def test_a_row_without_a_target_is_refused_with_the_way_out():
    data = table(target="y", y=[1.0, None, 2.0], a=[1, 2, 3])
    with pytest.raises(
        GovernanceStop, match=r"governance.rules.target .*missing in 1 of 3 rows\. Set task.missing_target: drop"
    ):
        apply_rule("target", data)


def test_a_row_without_a_target_is_dropped_and_counted_where_the_recipe_says_so():
    data = table(target="y", y=[1.0, None, 2.0, None], a=[1, 2, 3, 4])
    kept, entries = apply_rule("target", data, missing="drop")
    assert kept.row_ids.tolist() == [0, 2]
    assert told(entries) == [("GOV001", "", "rows dropped", 2)]
    assert (entries[0].rows_before, entries[0].rows_after, entries[0].measured) == (4, 2, 0.5)


def test_rows_that_all_have_a_target_pass():
    kept, entries = apply_rule("target", table(target="y", y=[1.0, 2.0], a=[1, 2]))
    assert (len(kept), entries) == (2, [])


def test_columns_with_a_role_of_their_own_are_named():
    roles = {"sex": Role.PROTECTED, "key": Role.ID, "w": Role.WEIGHT, "later": Role.EVALUATION_ONLY, "house": Role.GROUP}
    data = table(roles=roles, sex=["m", "f"], key=[1, 2], w=[1.0, 2.0], later=[1, 2], house=["a", "b"], a=[1, 2])
    kept, entries = apply_rule("roles", data)
    assert kept.names == data.names
    assert told(entries) == [("GOV002", name, "noted", 0) for name in ("sex", "key", "w", "later", "house")]
    assert entries[0].note == "kept out of every model: protected"


def test_plain_features_need_no_naming():
    assert apply_rule("roles", table(a=[1, 2]))[1] == []


def test_a_feature_of_one_value_is_dropped():
    data = table(a=[1, 1, 1], b=[1, 2, 1], empty=[np.nan] * 3, c=["x"] * 3, nearly=[1.0, 1.0, np.nan])
    kept, entries = apply_rule("constants", data)
    assert kept.names == ["b", "nearly"]
    assert told(entries) == [("GOV003", name, "column dropped", 3) for name in ("a", "empty", "c")]
    assert [e.note for e in entries] == ["one value only", "every value is missing", "one value only"]


def test_features_of_several_values_stay():
    assert apply_rule("constants", table(a=[1, 2], c=["x", None]))[1] == []


def test_of_features_with_the_same_values_the_first_is_kept():
    data = table(a=[1, 2, 3], b=[1.0, 2.0, 3.0], c=["x", None, "y"], d=["x", None, "y"], e=[1, 2, 4])
    kept, entries = apply_rule("duplicate_columns", data)
    assert kept.names == ["a", "c", "e"]
    assert told(entries) == [("GOV004", "b", "column dropped", 3), ("GOV004", "d", "column dropped", 3)]
    assert entries[0].note == "the same values as a"


def test_features_that_differ_in_one_row_both_stay():
    assert apply_rule("duplicate_columns", table(a=[1, 2, 3], b=[1, 2, 4], c=["1", "2", "3"]))[1] == []


def test_a_nearly_empty_feature_is_dropped_and_other_gaps_are_told():
    data = table(a=[1.0] + [np.nan] * 9, b=[1.0] * 5 + [np.nan] * 5, c=range(10))
    kept, entries = apply_rule("missing", data, max_share=0.8)
    assert kept.names == ["b", "c"]
    assert told(entries) == [("GOV005", "a", "column dropped", 9), ("GOV005", "b", "noted", 5)]
    assert (entries[0].measured, entries[0].limit, entries[0].unit) == (0.9, 0.8, "share")


def test_a_share_of_missing_values_at_the_limit_is_allowed():
    kept, _ = apply_rule("missing", table(a=[1.0, np.nan]), max_share=0.5)
    assert kept.names == ["a"]


def test_names_of_rows_are_dropped():
    n = 60
    rng = np.random.default_rng(0)
    data = table(
        key=[f"k{i}" for i in range(n)], number=rng.permutation(n) + 500, age=rng.integers(0, 90, n), amount=rng.normal(size=n)
    )
    kept, entries = apply_rule("identifiers", data)
    assert kept.names == ["age", "amount"]
    assert told(entries) == [("GOV006", "key", "column dropped", n), ("GOV006", "number", "column dropped", n)]


def test_categories_that_repeat_and_numbers_with_gaps_stay():
    n = 60
    data = table(city=[f"c{i % 30}" for i in range(n)], big=np.arange(n) * 10, real=np.arange(n) / 7)
    assert apply_rule("identifiers", data)[1] == []


def test_the_share_of_different_values_can_be_set():
    data = table(city=[f"c{i % 30}" for i in range(60)])
    kept, _ = apply_rule("identifiers", data, min_unique_share=0.5)
    assert kept.names == []


def test_whole_numbers_that_are_named_as_an_identifier_are_one_though_they_have_gaps():
    rng = np.random.default_rng(0)
    wide = rng.permutation(1_000_000)[:300]
    kept, entries = apply_rule("identifiers", table(id=wide, CaseID=wide + 1, paid=wide + 2, valid_index=wide + 3))
    assert kept.names == ["paid", "valid_index"]
    assert told(entries) == [("GOV006", "id", "column dropped", 300), ("GOV006", "CaseID", "column dropped", 300)]


def test_people_who_come_again_are_no_identifiers_of_rows():
    assert apply_rule("identifiers", table(customer_id=np.arange(300) // 2 * 97))[1] == []


def test_few_rows_say_nothing_of_identifiers():
    _, entries = apply_rule("identifiers", table(key=["a", "b"]))
    assert told(entries) == [("GOV006", "", "not applicable", 0)]


def leaky(n=200):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    return table(
        target="y",
        y=y,
        copy=y * 2 + rng.random(n) * 0.1,
        code=np.where(y == 1, "paid", "open"),
        age=rng.normal(size=n),
        city=rng.choice(list("abc"), n),
        paid_at=pd.Series(pd.Timestamp("2024-01-01")).repeat(n).reset_index(drop=True).where(y == 1),
    )


def test_a_feature_that_alone_gives_the_label_away_is_dropped():
    kept, entries = apply_rule("leakage", leaky())
    assert kept.names == ["y", "age", "city"]
    assert [(e.code, e.column, e.effect) for e in entries] == [
        ("GOV007", c, "column dropped") for c in ("copy", "code", "paid_at")
    ]
    assert entries[0].measured == 1.0
    assert (entries[0].limit, entries[0].unit) == (0.985, "AUC")


def test_features_of_ordinary_power_stay():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 300)
    data = table(target="y", y=y, a=y + rng.normal(size=300), key=[f"k{i}" for i in range(300)])
    assert apply_rule("leakage", data)[1] == []


def test_a_feature_of_the_same_order_as_a_number_is_dropped():
    y = np.random.default_rng(2).normal(size=100)
    data = table(target="y", y=y, euros=np.exp(-y), noise=y + np.random.default_rng(3).normal(size=100))
    kept, entries = apply_rule("leakage", data, NUMBER)
    assert kept.names == ["y", "noise"]
    assert (entries[0].measured, entries[0].unit) == (pytest.approx(1.0), "rank correlation")


def test_one_class_of_three_that_is_given_away_is_enough():
    y = np.random.default_rng(2).integers(0, 3, 300)
    data = table(target="y", y=y, is_two=(y == 2))
    assert apply_rule("leakage", data, Goal(Makes.PROBABILITIES, 3))[0].names == ["y"]


def test_one_class_of_many_may_be_told_by_one_feature():
    y = np.random.default_rng(2).integers(0, 12, 1200)
    data = table(target="y", y=y, is_two=(y == 2), code=np.char.add("c", y.astype(str)))
    assert apply_rule("leakage", data, Goal(Makes.PROBABILITIES, 12))[0].names == ["y", "is_two"]


@pytest.mark.parametrize("action", ["drop", "stop"])
def test_a_category_that_tells_one_label_of_many_without_error_is_told_and_stays(action):
    y = np.random.default_rng(2).integers(0, 12, 1200)
    data = table(target="y", y=y, part=np.where(y == 2, "late", "early"), city=np.where(y % 5 == 1, "a", "b"))
    kept, entries = apply_rule("leakage", data, Goal(Makes.PROBABILITIES, 12), action=action)
    assert kept.names == ["y", "part", "city"]
    assert [(e.code, e.column, e.effect, e.count) for e in entries] == [("GOV007", "part", "noted", int((y == 2).sum()))]
    assert "tells 1 of 12 labels" in entries[0].note


def test_a_label_of_few_rows_may_well_be_told_by_a_level():
    y = np.where(np.arange(1200) < 20, 11, np.random.default_rng(2).integers(0, 11, 1200))
    data = table(target="y", y=y, part=np.where(y == 11, "late", "early"))
    assert apply_rule("leakage", data, Goal(Makes.PROBABILITIES, 12))[1] == []


def test_leakage_can_be_noted_only_or_stop_the_run():
    kept, entries = apply_rule("leakage", leaky(), action="note")
    assert len(kept.names) == 6
    assert {e.effect for e in entries} == {"noted"}
    with pytest.raises(
        GovernanceStop, match=r"governance.rules.leakage copy .*alone reaches 1.000 AUC on training rows; more than 0.985"
    ):
        apply_rule("leakage", leaky(), action="stop")


def test_leakage_does_not_apply_to_forecasts():
    _, entries = apply_rule("leakage", table(target="y", y=[1.0, 2.0], a=[1, 2]), QUANTILES)
    assert told(entries) == [("GOV007", "", "not applicable", 0)]


def test_repeated_rows_are_counted_or_dropped():
    data = table(target="y", y=[0, 1, 0, 1], a=[1, 1, 2, 1], c=["x", "x", "x", "x"])
    kept, entries = apply_rule("duplicates", data)
    assert (len(kept), told(entries)) == (4, [("GOV008", "", "noted", 2)])
    assert entries[0].measured == 0.5
    kept, entries = apply_rule("duplicates", data, action="drop")
    assert kept.row_ids.tolist() == [0, 2]
    assert told(entries) == [("GOV008", "", "rows dropped", 2)]


def test_rows_that_differ_in_one_column_are_no_duplicates():
    assert apply_rule("duplicates", table(a=[1, 1, 2], c=["x", None, "x"]))[1] == []


@pytest.mark.parametrize("name", ["constants", "duplicate_columns"])
def test_a_column_that_the_task_needs_is_never_taken_out_of_the_table(name):
    day = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"])
    roles = {"shop": Role.SERIES, "day": Role.TIME}
    data = table(roles=roles, copy=day, day=day if name == "duplicate_columns" else day[:1].repeat(3), shop=["a"] * 3)
    kept, entries = apply_rule(name, data)
    gone = {e.column for e in entries if e.effect == "column dropped"}
    assert {"shop", "day"} <= set(kept.names)
    assert gone and not gone & {column.name for column in kept.features}
    assert all("kept as" in e.note for e in entries if e.column in roles and e.effect == "column dropped")


HOSTILE = {
    "all missing": {"a": [np.nan] * 6},
    "all missing text": {"a": pd.Series([None] * 6, dtype="object")},
    "all missing dates": {"a": pd.Series([pd.NaT] * 6)},
    "one value": {"a": [3] * 6},
    "dates": {"a": pd.to_datetime(["2024-01-01", "2024-01-02", None] * 2)},
    "last days of calendars": {"a": np.array(["9999-12-31", "0001-01-01", "2024-01-01"] * 2, dtype="datetime64[us]")},
    "booleans": {"a": [True, False] * 3},
    "huge numbers": {"a": [1e308, -1e308, 0.0] * 2},
    "large integers": {"a": np.array([2**62, -(2**62), 0] * 2)},
    "text": {"a": ["one two three", None, ""] * 2, "kinds": {"a": Kind.TEXT}},
    "strange names": {"a\x1f\u2028'\"": ["x", "y", None] * 2},
    "mixed types": {"a": pd.Series([1, "x", None, 2.5, True, [1, 2]], dtype="object"), "kinds": {"a": Kind.SEQUENCE}},
    "nothing": {},
}


@pytest.mark.parametrize("goal", [LABELS, NUMBER, QUANTILES], ids=["labels", "numbers", "quantiles"])
@pytest.mark.parametrize("columns", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", RULES.names())
def test_no_column_crashes_a_rule(name, columns, goal):
    y = [0, 1, 1, 0, 1, 0] if goal is LABELS else [0.5, 1.0, 2.0, 3.0, 4.0, 5.0]
    apply_rule(name, table(target="y", y=y, **columns), goal)
