"""A score that is too good to be true."""

import numpy as np
import pytest
from leak_tables import LABELS, NUMBER, THREE, findings, labels_and_features, numbers_and_features, told

from lepton_automl.data import Kind
from lepton_automl.testing import table


@pytest.mark.parametrize("goal", [LABELS, THREE], ids=["labels", "three labels"])
def test_two_columns_that_tell_the_labels_for_sure_are_named(goal):
    rng = np.random.default_rng(0)
    left, right = rng.uniform(0, 10, 3000), rng.uniform(0, 10, 3000)
    y = (left > 5).astype("int64") + ((right > 4) & (left > 5) if goal is THREE else 0)
    y = y if goal is THREE else ((left > 5) | (right > 4)).astype("int64")
    data = table(target="y", y=y, left=left, noise=rng.normal(size=3000), right=right)
    (found,) = findings("perfect_score", data, goal)
    assert (found.column, str(found.verdict), found.unit) == ("", "noted", "AUC")
    assert found.measured > 0.999
    carried = found.note.partition("carried by ")[2].split(", ")
    assert set(carried[:2]) == {"left", "right"}
    assert told(findings("perfect_score", data, goal, action="stop")) == [("GOV017", "", "stop")]


def test_numbers_that_are_explained_to_the_last_are_told():
    rng = np.random.default_rng(0)
    step = rng.integers(0, 20, 4000)
    y = 100.0 * step + rng.normal(size=4000)
    (found,) = findings("perfect_score", table(target="y", y=y, step=step, noise=rng.normal(size=4000)), NUMBER, max_r2=0.99)
    assert found.unit == "R²" and "carried by step" in found.note


@pytest.mark.parametrize("goal", [LABELS, NUMBER], ids=["labels", "numbers"])
def test_ordinary_features_pass(goal):
    y, features = labels_and_features() if goal is LABELS else numbers_and_features()
    assert findings("perfect_score", table(target="y", y=y, **features), goal) == []


def test_too_few_rows_or_labels_and_nothing_but_text_say_nothing():
    y, features = labels_and_features(300)
    small = table(target="y", y=y, **features).rows(np.arange(199))
    rare = table(target="y", y=(np.arange(300) < 19).astype("int64"), **features)
    words = table(target="y", kinds={"words": Kind.TEXT}, y=y, words=["a few words here"] * 300)
    notes = [findings("perfect_score", data, LABELS)[0] for data in (small, rare, words)]
    assert [str(f.verdict) for f in notes] == ["not applicable"] * 3
    assert [f.note for f in notes] == [
        "fewer than 200 rows",
        "fewer than 20 rows of all labels but one",
        "there is no feature but text",
    ]
