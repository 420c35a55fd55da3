"""Whether a value is there gives the target away."""

import numpy as np
import pandas as pd
import pytest
from leak_tables import LABELS, NUMBER, QUANTILES, THREE, findings, labels_and_features, numbers_and_features, told

from lepton_automl.data import Kind
from lepton_automl.testing import table


def hidden(y, in_class, elsewhere, seed=1):
    rng = np.random.default_rng(seed)
    return rng.random(len(y)) < np.where(y, in_class, elsewhere)


def test_a_column_that_is_missing_for_one_label_is_dropped():
    y, features = labels_and_features()
    gaps = pd.Series(np.random.default_rng(2).normal(size=len(y))).mask(hidden(y == 1, 0.95, 0.03))
    (found,) = findings("missingness", table(target="y", y=y, **features, gaps=gaps), LABELS)
    assert (found.column, found.effect, found.unit, found.limit) == ("gaps", "column dropped", "AUC", 0.9)
    assert found.measured == pytest.approx(0.96, abs=0.02)
    assert found.count == gaps.isna().sum()


def test_one_label_of_several_that_is_given_away_is_told():
    y, features = labels_and_features()
    y = np.where(np.random.default_rng(5).random(len(y)) < 0.15, 2, y)
    gaps = pd.Series(np.ones(len(y))).mask(hidden(y == 2, 0.97, 0.02))
    found = findings("missingness", table(target="y", y=y, **features, gaps=gaps), THREE)
    assert told(found) == [("GOV012", "gaps", "noted")]
    assert "for one of several labels" in found[0].note


def test_it_can_be_told_only_or_stop_the_run():
    y, features = labels_and_features()
    data = table(target="y", y=y, **features, gaps=pd.Series(y * 1.0).mask(hidden(y == 1, 0.95, 0.03)))
    assert told(findings("missingness", data, LABELS, action="note")) == [("GOV012", "gaps", "noted")]
    assert told(findings("missingness", data, LABELS, action="stop")) == [("GOV012", "gaps", "stop")]


def test_texts_that_are_missing_for_one_label_are_found():
    y, features = labels_and_features()
    note = pd.Series(["the customer called back twice"] * len(y)).mask(hidden(y == 0, 0.97, 0.02))
    found = findings("missingness", table(target="y", kinds={"note": Kind.TEXT}, y=y, **features, note=note), LABELS)
    assert told(found) == [("GOV012", "note", "acted")]


def test_a_column_that_is_missing_where_a_number_is_large_is_dropped():
    y, features = numbers_and_features()
    gaps = pd.Series(np.ones(len(y))).mask(hidden(y > np.quantile(y, 0.7), 0.98, 0.02))
    (found,) = findings("missingness", table(target="y", y=y, **features, gaps=gaps), NUMBER)
    assert (found.column, found.effect) == ("gaps", "column dropped")


def test_a_column_that_is_filled_for_some_rows_of_one_label_only_is_told():
    y, features = labels_and_features()
    filled = (y == 1) & (np.random.default_rng(3).random(len(y)) < 0.4)
    refund = np.where(filled, np.random.default_rng(4).gamma(2, 100, len(y)), 0.0)
    refunded = pd.Series(refund).where(filled)
    found = findings("missingness", table(target="y", y=y, **features, refund=refund, refunded=refunded), LABELS)
    assert told(found) == [("GOV012", "refund", "noted"), ("GOV012", "refunded", "noted")]
    assert [f.measured for f in found] == [1.0, 1.0]
    assert f"{filled.sum()} rows" in found[0].note


def test_too_few_rows_without_a_value_say_nothing():
    y, features = labels_and_features()
    gaps = pd.Series(np.ones(len(y)))
    gaps[np.flatnonzero(y == 1)[:29]] = np.nan
    data = table(target="y", y=y, **features, gaps=gaps)
    assert findings("missingness", data, LABELS) == []


@pytest.mark.parametrize("goal", [LABELS, THREE])
def test_gaps_at_random_and_gaps_that_say_something_are_believed(goal):
    y, features = labels_and_features()
    random = pd.Series(np.ones(len(y))).mask(hidden(y >= 0, 0.3, 0.3))
    telling = pd.Series(np.ones(len(y))).mask(hidden(y == 1, 0.6, 0.2, seed=5))
    assert findings("missingness", table(target="y", y=y, **features, random=random, telling=telling), goal) == []


def test_a_rare_label_is_needed_for_purity_to_say_something():
    rng = np.random.default_rng(0)
    y = (rng.random(4000) < 0.05).astype("int64")
    gaps = pd.Series(np.ones(4000)).mask((rng.random(4000) < 0.2) & (y == 0))
    assert findings("missingness", table(target="y", y=y, gaps=gaps), LABELS) == []


def test_forecasts_are_left_alone():
    (found,) = findings("missingness", table(target="y", y=[1.0, 2.0], a=[1, None]), QUANTILES)
    assert found.verdict == "not applicable"
