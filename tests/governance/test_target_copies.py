"""Near-copies of the target: shifted, rescaled, recoded, with noise, or spread over two columns."""

import numpy as np
import pytest
from leak_tables import LABELS, NUMBER, QUANTILES, THREE, findings, labels_and_features, numbers_and_features, told

from lepton_automl.governance.rules.target_copies import equal_share
from lepton_automl.testing import table


def test_numbers_that_are_the_target_with_noise_are_dropped_where_nothing_else_is_in_them():
    y, features = numbers_and_features()
    data = table(target="y", y=y, **features, copy=y + 0.15 * y.std() * np.random.default_rng(1).normal(size=len(y)))
    (found,) = findings("target_copies", data, NUMBER)
    assert (found.column, found.effect, found.unit) == ("copy", "column dropped", "rank correlation")
    assert 0.97 < found.measured < 0.995
    assert "target with noise" in found.note


def test_a_weaker_copy_is_told_and_stops_the_run_where_the_recipe_says_so():
    y, features = numbers_and_features()
    data = table(target="y", y=y, **features, copy=y + 0.35 * y.std() * np.random.default_rng(1).normal(size=len(y)))
    assert told(findings("target_copies", data, NUMBER)) == [("GOV011", "copy", "noted")]
    assert told(findings("target_copies", data, NUMBER, action="stop")) == [("GOV011", "copy", "stop")]


def test_a_strong_feature_that_goes_with_others_is_no_copy():
    rng = np.random.default_rng(0)
    base, second = rng.normal(size=2000), rng.normal(size=2000)
    y = base + 0.3 * second
    strong = base + 0.1 * rng.normal(size=2000)
    data = table(target="y", y=y, strong=strong, other=base + 0.5 * rng.normal(size=2000), second=second)
    assert findings("target_copies", data, NUMBER) == []


@pytest.mark.parametrize("scale", [1.0, 0.01, 3.7])
def test_the_target_rescaled_or_shifted_in_most_rows_is_dropped(scale):
    y, features = numbers_and_features()
    rng = np.random.default_rng(1)
    shown = np.where(rng.random(len(y)) < 0.3, rng.permutation(y), y) * scale + (5 if scale == 1 else 0)
    found = findings("target_copies", table(target="y", y=y, **features, copy=shown), NUMBER)
    assert [(f.column, f.effect, f.unit) for f in found] == [("copy", "column dropped", "share")]
    assert found[0].measured == pytest.approx(0.7, abs=0.03)


def test_the_same_whole_numbers_now_and_then_are_no_copy():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 40, 2000).astype("float64")
    near = y + rng.integers(-2, 3, 2000)
    assert 0.1 < equal_share(near, y) < 0.3
    found = findings("target_copies", table(target="y", y=y, near=near, other=y + rng.normal(size=2000) * 5), NUMBER)
    assert {f.unit for f in found} <= {"rank correlation"}


def test_labels_under_other_names_with_some_wrong_are_dropped():
    y, features = labels_and_features()
    wrong = np.random.default_rng(1).random(len(y)) < 0.03
    state = np.where(np.where(wrong, 1 - y, y) == 1, "open", "closed")
    (found,) = findings("target_copies", table(target="y", y=y, **features, state=state), LABELS)
    assert (found.column, found.effect, found.unit) == ("state", "column dropped", "AUC")


def test_a_noisy_score_of_three_labels_is_told():
    y, features = labels_and_features()
    y = y + (np.random.default_rng(4).random(len(y)) < 0.2) * y
    copy = y + 0.4 * np.random.default_rng(1).normal(size=len(y))
    found = findings("target_copies", table(target="y", y=y, **features, copy=copy), THREE)
    assert "copy" in [f.column for f in found]


@pytest.mark.parametrize("join", [np.add, np.subtract, np.multiply, np.divide], ids=lambda join: join.__name__)
def test_two_columns_that_together_are_the_target_are_told(join):
    rng = np.random.default_rng(0)
    a, b = rng.gamma(2.0, 3.0, 1500) + 0.1, rng.gamma(3.0, 2.0, 1500) + 0.1
    found = findings("target_copies", table(target="y", y=join(a, b), a=a, b=b, c=rng.normal(size=1500)), NUMBER)
    assert told(found) == [("GOV011", "a", "noted")]
    assert found[0].note.startswith("with b it gives the target away")
    assert found[0].measured > 0.9999


@pytest.mark.parametrize("words", ["difference", "ratio"])
def test_two_columns_whose_difference_or_ratio_tells_a_label_are_told(words):
    rng = np.random.default_rng(0)
    planned = rng.uniform(100, 900, 1500)
    actual = planned + rng.normal(size=1500) * 40 if words == "difference" else planned * np.exp(rng.normal(size=1500) * 0.05)
    y = (actual - planned > 10) if words == "difference" else (actual / planned > 1.02)
    found = findings("target_copies", table(target="y", y=y.astype("int64"), planned=planned, actual=actual), LABELS)
    assert told(found) == [("GOV011", "planned", "noted")]
    assert words in found[0].note


def test_two_ordinary_columns_are_no_pair():
    y, features = numbers_and_features()
    assert findings("target_copies", table(target="y", y=y, **features), NUMBER) == []


def test_forecasts_are_left_alone():
    (found,) = findings("target_copies", table(target="y", y=[1.0, 2.0], a=[1, 2]), QUANTILES)
    assert found.verdict == "not applicable"


def test_a_strong_feature_is_told_where_no_other_goes_with_the_target():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    data = table(target="y", y=y, copy=y + 0.5 * rng.normal(size=400), noise=rng.normal(size=400))
    (found,) = findings("target_copies", data, LABELS)
    assert (found.column, str(found.verdict)) == ("copy", "noted")
    assert "no other feature says" in found.note
