"""The target is sorted along the file or along an identifier."""

from dataclasses import replace

import numpy as np
import pytest
from leak_tables import LABELS, NUMBER, THREE, findings, labels_and_features, numbers_and_features, told

from lepton_automl.data import Role
from lepton_automl.testing import table


def order_of(y, noise=0.0, seed=3):
    rng = np.random.default_rng(seed)
    place = np.argsort(np.lexsort((rng.random(len(y)), y)))
    return np.argsort(np.argsort(place + noise * len(y) * rng.normal(size=len(y))))


@pytest.mark.parametrize(("goal", "noise"), [(LABELS, 0.1), (NUMBER, 0.1)], ids=["labels", "numbers"])
def test_an_identifier_that_follows_the_target_is_dropped(goal, noise):
    y, features = labels_and_features() if goal is LABELS else numbers_and_features()
    data = table(target="y", y=y, **features, case_id=order_of(y, noise) * 7 + 1000)
    (found,) = findings("row_order", data, goal)
    assert (found.column, found.effect) == ("case_id", "column dropped")
    assert found.measured > 0.8
    assert told(findings("row_order", data, goal, action="stop")) == [("GOV015", "case_id", "stop")]


def test_an_identifier_sorted_by_three_labels_is_found_whatever_their_order():
    y = np.random.default_rng(0).integers(0, 3, 900)
    rank = np.array([1, 2, 0])[y]
    (found,) = findings("row_order", table(target="y", y=y, a=np.arange(900) % 7, ref=order_of(rank) + 5), THREE)
    assert found.column == "ref"


def test_an_identifier_that_an_earlier_rule_took_out_and_one_of_role_id_are_told():
    y, features = labels_and_features()
    key = [f"C{place:07d}" for place in order_of(y)]
    aside = table(number=order_of(y))
    data = table(target="y", roles={"key": Role.ID}, y=y, **features, key=key)
    found = findings("row_order", data, LABELS, aside=aside)
    assert told(found) == [("GOV015", "key", "noted"), ("GOV015", "number", "noted")]
    assert all("it is no feature" in f.note for f in found)


def test_numbers_that_are_no_identifiers_may_follow_the_target():
    y, features = numbers_and_features()
    income = np.round(1e6 * (y + 0.3 * np.random.default_rng(0).normal(size=len(y)))).astype("int64")
    assert findings("row_order", table(target="y", y=y, **features, income=income), NUMBER) == []


def test_identifiers_given_out_at_random_pass():
    y, features = labels_and_features()
    data = table(target="y", y=y, **features, case_id=np.random.default_rng(0).permutation(len(y)) * 3)
    assert findings("row_order", data, LABELS) == []


@pytest.mark.parametrize("goal", [LABELS, NUMBER, THREE], ids=["labels", "numbers", "three labels"])
def test_a_file_sorted_by_the_target_is_told_and_never_stops(goal):
    y, features = labels_and_features() if goal is not NUMBER else numbers_and_features()
    y = np.where(np.arange(len(y)) % 5 == 0, 2, y) if goal is THREE else y
    data = replace(table(target="y", y=y, **features), row_ids=order_of(y))
    found = findings("row_order", data, goal, action="stop")
    assert told(found) == [("GOV015", "", "noted")]
    assert found[0].note.startswith("the file is sorted by the target")


def test_few_rows_say_nothing():
    assert told(findings("row_order", table(target="y", y=[0, 1, 0], a=[1, 2, 3]))) == [("GOV015", "", "not applicable")]
