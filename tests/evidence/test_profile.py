"""The profile of the data: what it counts, what it never shows, and that it keeps to its time."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Role
from lepton_automl.evidence import Allowance, Profiled, make_profile
from lepton_automl.evidence.profile.bins import BARS, LEAST_ROWS, cut_levels, cut_numbers
from lepton_automl.evidence.profile.drift import kolmogorov_smirnov, population_stability
from lepton_automl.evidence.profile.make import target_groups
from lepton_automl.evidence.profile.together import associated, correlation_ratio, cramers_v, missing_together
from lepton_automl.testing import table

N = 2_000


def people(n=N, seed=0, **more):
    rng = np.random.default_rng(seed)
    income = rng.lognormal(8, 1, n)
    gap = rng.random(n) < 0.25
    return table(
        target="y",
        kinds={"note": Kind.TEXT},
        roles={"sex": Role.PROTECTED, "age": Role.PROTECTED, "key": Role.ID},
        income=income,
        wealth=income**2,
        first_gap=np.where(gap, np.nan, rng.random(n)),
        second_gap=np.where(gap, np.nan, rng.random(n)),
        city=rng.choice(["Bonn", "Köln", "Trier"], n),
        region=rng.choice(["n", "s"], n),
        member=rng.random(n) < 0.5,
        since=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        sex=rng.choice(["m", "f"], n, p=[0.97, 0.03]),
        age=rng.integers(18, 80, n),
        key=[f"person-{k}" for k in range(n)],
        surname=[f"Surname{k % (n // 3)}" for k in range(n)],
        note=[f"Ada Lovelace{k} called" for k in range(n)],
        y=rng.integers(0, 2, n),
        **more,
    )


def profile_of(train, test=None, allowance=None, labels=("no", "yes")):
    y = train.values("y").to_numpy().astype("int64") if labels else train.values("y").to_numpy(dtype="float64")
    shown = None if test is None else test.without(["y"])
    return make_profile(Profiled(train, shown, "y", y, labels), allowance or Allowance())


@pytest.fixture(scope="module")
def made():
    whole = people()
    return profile_of(whole.rows(np.arange(1_500)), whole.rows(np.arange(1_500, N)))


def column(made, name):
    return next(found for found in made.content["columns"] if found["name"] == name)


def test_counts_by_split_and_by_target_sum_to_the_rows(made):
    for name in ("income", "city", "since", "member"):
        found = column(made, name)
        assert (sum(found["train"]), sum(found["test"])) == (1_500, 500)
        assert len(found["by_target"]) == 2 and sum(map(sum, found["by_target"])) <= 1_500
    assert made.content["rows"] == {"train": 1_500, "test": 500} == made.content["sampled"]
    assert made.left_out == ()


def test_missing_values_are_counted_exactly_and_those_missing_together_are_found(made):
    gap = column(made, "first_gap")["missing"]
    whole = people().frame["first_gap"].isna()
    assert gap == {"train": int(whole[:1_500].sum()), "test": int(whole[1_500:].sum())}
    together = made.content["missing_together"]
    assert together["columns"] == ["first_gap", "second_gap"]
    assert together["patterns"] == [
        {"columns": ["first_gap", "second_gap"], "rows": gap["train"], "share": gap["train"] / 1_500}
    ]
    assert together["correlation"] == [[1.0, 1.0], [1.0, 1.0]]


def test_columns_missing_apart_are_two_patterns_and_rare_ones_are_not_shown():
    frame = pd.DataFrame(
        {"a": [np.nan] * 20 + [1.0] * 80, "b": [1.0] * 50 + [np.nan] * 30 + [1.0] * 20, "c": [np.nan] + [1.0] * 99}
    )
    found = missing_together(frame)
    assert [(one["columns"], one["rows"]) for one in found["patterns"]] == [(["b"], 30), (["a"], 19)]
    assert found["correlation"][0][1] < 0


def test_nothing_that_could_name_a_person_is_in_the_profile(made):
    said = json.dumps(made.content, ensure_ascii=False)
    assert "person-" not in said and "Surname" not in said and "Lovelace" not in said
    assert column(made, "key")["not_shown"] == "names rows"
    assert column(made, "surname")["not_shown"] == "most values are held by fewer than ten rows"
    assert column(made, "note")["of"] == "lengths of the texts"


def test_a_level_of_fewer_than_ten_rows_is_not_named_and_an_extreme_value_is_not_shown():
    city = np.array(["Bonn"] * 500 + ["Trier"] * 491 + ["Hiddenham"] * 9)
    wealth = np.append(np.random.default_rng(0).random(999), 987_654_321.0)
    rows = table(target="y", city=city, wealth=wealth, y=np.arange(1_000) % 2)
    found = profile_of(rows)
    assert column(found, "city")["levels"] == ["Bonn", "Trier", "other"]
    assert column(found, "city")["train"] == [500, 491, 9]
    said = json.dumps(found.content)
    assert "Hiddenham" not in said and "9876" not in said
    assert max(column(found, "wealth")["edges"]) < 1.01


def test_a_bar_of_fewer_than_ten_rows_does_not_tell_their_target():
    values = np.array([0.0] * 400 + [5.0] * 3 + [10.0] * 400)
    found = column(profile_of(table(target="y", a=values, y=np.arange(803) % 2)), "a")
    place = next(k for k, count in enumerate(found["train"]) if count == 3)
    assert [group[place] for group in found["by_target"]] == [0, 0]


def test_groups_of_protected_columns_are_counted_with_their_target(made):
    sex, age = made.content["groups"]
    train = people().rows(np.arange(1_500)).frame
    for group in sex["groups"]:
        mine = train[train["sex"] == group["name"]]
        assert group["train"] == len(mine) and group["target"][1] == pytest.approx((mine["y"] == 1).mean())
        assert group["is_small"] == (group["name"] == "f")
    assert age["column"] == "age" and sum(group["train"] for group in age["groups"]) == 1_500


def test_rows_beyond_the_sample_are_sampled_and_it_is_said():
    rng = np.random.default_rng(0)
    rows = table(target="y", a=np.where(rng.random(60_000) < 0.1, np.nan, rng.random(60_000)), y=rng.integers(0, 2, 60_000))
    found = profile_of(rows)
    assert found.content["sampled"]["train"] == 50_000 and found.content["rows"]["train"] == 60_000
    a = column(found, "a")
    assert a["missing"]["train"] == int(rows.frame["a"].isna().sum())
    assert sum(a["train"]) == pytest.approx(45_000, rel=0.02)


def test_without_time_parts_are_left_out_and_named():
    whole = people(300)
    found = profile_of(whole, allowance=Allowance(0.0))
    assert found.content["columns"] == [] and found.content["associations"] == {}
    assert found.left_out[:3] == ("groups of sex", "groups of age", "what is missing together")
    assert found.left_out[3:] == ("13 of 13 columns", "how columns go together")


def test_it_stops_between_two_columns_when_it_must_end():
    calls = iter([False] * 5 + [True] * 50)
    found = profile_of(people(300), allowance=Allowance(must_end=lambda: next(calls)))
    assert 0 < len(found.content["columns"]) < 13
    assert any(phrase.endswith("of 13 columns") for phrase in found.left_out)


def test_the_same_rows_give_the_same_profile():
    assert profile_of(people(500)).content == profile_of(people(500)).content


def test_a_wide_table_shows_thirty_columns_in_its_map_the_target_first():
    rng = np.random.default_rng(0)
    y = rng.random(400)
    noise = {f"n{k}": rng.random(400) for k in range(40)}
    rows = table(target="y", **noise, near=y + 0.1 * rng.random(400), y=y)
    found = profile_of(rows, labels=None).content["associations"]
    assert len(found["columns"]) == 30 and found["of"] == 42 and found["columns"][0] == "y" and "near" in found["columns"]
    place = found["columns"].index("near")
    assert found["values"][0][place] > 0.9 and found["pearson"][0][place] > 0.9


def test_pairs_that_go_together_are_told_with_their_measure(made):
    (pair,) = made.content["associations"]["strongest"]
    assert pair["columns"] == ["income", "wealth"] and pair["value"] == 1.0 and pair["kind"] == "spearman"
    assert 0.3 < pair["pearson"] < 0.99, "a curve is a weaker line"


def test_drift_is_small_between_like_rows_and_large_where_values_moved():
    whole = people()
    train, test = whole.rows(np.arange(1_500)), whole.rows(np.arange(1_500, N))
    moved = test.with_column(test.column("income"), test.values("income") * 3)
    moved = moved.with_column(moved.column("city"), pd.Series(pd.Categorical(["Bonn"] * 500)))
    still, gone = profile_of(train, test), profile_of(train, moved)
    assert column(still, "income")["drift"]["psi"] < 0.1 and column(still, "city")["drift"]["psi"] < 0.1
    assert column(gone, "income")["drift"]["psi"] > 0.5 and column(gone, "income")["drift"]["ks"] > 0.3
    assert column(gone, "city")["drift"]["psi"] > 0.5


def test_measures_agree_with_those_of_scipy():
    from scipy import stats

    rng = np.random.default_rng(3)
    a, b = rng.normal(size=500), rng.normal(0.4, 1.2, 300)
    assert kolmogorov_smirnov(a, b) == pytest.approx(stats.ks_2samp(a, b).statistic)
    x, y = rng.normal(size=400), rng.normal(size=400)
    y += x
    ranks = [pd.Series(side).rank().to_numpy() for side in (x, y)]
    assert associated(*ranks)[0] == pytest.approx(stats.spearmanr(x, y).statistic)
    one, two = rng.integers(0, 4, 800), rng.integers(0, 3, 800)
    two = np.where(rng.random(800) < 0.5, one % 3, two)
    plain = stats.contingency.association(pd.crosstab(one, two), method="cramer")
    assert cramers_v(one, two) == pytest.approx(plain, abs=0.02)


def test_columns_that_have_nothing_to_do_with_each_other_measure_about_zero():
    rng = np.random.default_rng(4)
    assert cramers_v(rng.integers(0, 20, 2_000), rng.integers(0, 20, 2_000)) < 0.08
    assert correlation_ratio(rng.integers(0, 50, 2_000), rng.normal(size=2_000)) < 0.12
    assert population_stability(np.array([100, 200, 0]), np.array([50, 100, 0])) < 0.005


HARD = {
    "all missing": np.full(60, np.nan),
    "one value": np.ones(60),
    "nearly one value": np.append(np.zeros(59), 7.0),
    "infinite": np.append(np.full(58, np.inf), [1.0, -np.inf]),
    "huge": np.linspace(-1e300, 1e300, 60),
    "whole": np.arange(60),
    "far whole": np.arange(60) * 10**12,
}


@pytest.mark.parametrize("name", HARD)
def test_no_column_of_numbers_breaks_the_profile(name):
    rows = table(target="y", a=HARD[name], y=np.arange(60) % 2)
    found = column(profile_of(rows.rows(np.arange(40)), rows.rows(np.arange(40, 60))), "a")
    assert ("train" in found) != ("not_shown" in found)
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    "values", [np.arange(1_000), np.arange(1_000) / 7, np.repeat([1, 2, 3], 50)], ids=["whole", "parts", "few"]
)
def test_bars_hold_every_known_row_and_are_few(values):
    parts = cut_numbers(values.astype("float64"), values[:10].astype("float64"))
    assert len(parts.names) <= BARS + 1 and parts.counts(parts.train).sum() == len(values)
    assert len(parts.edges) == len(parts.names) + 1


def test_levels_of_test_rows_that_training_rows_lack_are_counted():
    train = pd.Series(pd.Categorical(["a"] * 30 + ["b"] * 20))
    test = pd.Series(pd.Categorical(["c"] * 15 + ["a"] * 5))
    parts = cut_levels(train, test)
    assert parts.names == ("a", "b", "c")
    assert parts.counts(parts.train).tolist() == [30, 20, 0] and parts.counts(parts.test).tolist() == [5, 0, 15]


def test_numbers_to_predict_are_told_apart_by_their_thirds_and_rare_classes_are_left_out():
    groups, names = target_groups(np.arange(90.0), None, "price")
    assert len(names) == 3 and np.bincount(groups).tolist() == [30, 30, 30]
    y = np.repeat([0, 1, 2], [50, LEAST_ROWS - 1, 60])
    groups, names = target_groups(y, ("a", "rare", "c"), "y")
    assert names == ["c", "a"] and (groups[y == 1] == -1).all()


def test_a_hundred_thousand_rows_and_thirty_columns_take_less_than_three_seconds():
    rng = np.random.default_rng(0)
    columns = {f"n{k}": rng.random(100_000) for k in range(20)} | {
        f"c{k}": rng.choice(list("abcdef"), 100_000) for k in range(10)
    }
    rows = table(target="y", **columns, y=rng.integers(0, 2, 100_000))
    started = time.thread_time()
    profile_of(rows.rows(np.arange(80_000)), rows.rows(np.arange(80_000, 100_000)))
    assert time.thread_time() - started < 3.0
