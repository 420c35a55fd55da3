"""Rows that lie where no training row lay are told."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Column, Dataset, Kind, Reading, Role
from lepton_automl.features import Coded, Columns, Domain, learn_domain


def made(n=3_000, seed=0, missing=0.0):
    rng = np.random.default_rng(seed)
    income = np.exp(rng.normal(3, 0.8, n))
    frame = pd.DataFrame(
        {
            "income": income,
            "spending": 0.8 * income * np.exp(rng.normal(0, 0.1, n)),
            "children": rng.integers(0, 4, n).astype("float64"),
            "city": pd.Categorical(rng.choice(["Bern", "Rome", "Oslo"], n, p=[0.6, 0.39, 0.01])),
        }
    )
    frame.loc[rng.random(n) < missing, "income"] = np.nan
    kinds = [Kind.NUMBER, Kind.NUMBER, Kind.NUMBER, Kind.CATEGORY]
    columns = tuple(
        Column(name, kind, frozenset({Role.FEATURE}), Reading(kind)) for name, kind in zip(frame, kinds, strict=True)
    )
    return Dataset(frame, columns, np.arange(n), "")


@pytest.fixture(scope="module")
def domain():
    return learn_domain(made(), 0.01, 0)


@pytest.mark.parametrize("share", [0.01, 0.05])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_of_new_rows_like_the_training_rows_the_share_that_was_asked_for_lies_outside(share, missing):
    found = learn_domain(made(missing=missing), share, 0).outside(made(seed=1, missing=missing).frame)

    assert np.mean([bool(name) for name in found]) == pytest.approx(share, abs=0.6 * share)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"income": 4_000.0, "spending": 3_200.0}, ("income", "spending")),
        ({"spending": 900.0, "income": 4.0}, ("income", "spending")),
        ({"children": 40.0}, ("children",)),
        ({"city": "Kyiv"}, ("city",)),
    ],
    ids=["far beyond all", "each usual, not together", "an impossible number", "an unseen level"],
)
def test_an_outsider_is_told_with_the_column_that_makes_it_one(domain, change, named):
    row = {"income": 20.0, "spending": 16.0, "children": 2.0, "city": "Bern"}
    usual, odd = (
        pd.DataFrame([values]).assign(city=lambda frame: frame["city"].astype("category"))
        for values in (row, {**row, **change})
    )

    assert domain.outside(usual) == [""]
    assert domain.outside(odd)[0] in named


def test_a_value_that_is_never_missing_in_training_is_odd_when_it_is_and_a_usual_one_is_not(domain):
    row = pd.DataFrame({"income": [np.nan], "spending": [16.0], "children": [2.0], "city": pd.Categorical(["Bern"])})

    assert domain.outside(row) == ["income"]
    assert learn_domain(made(missing=0.2), 0.01, 0).outside(row) == [""]


def test_rows_by_column_are_told_as_a_frame_is(domain):
    frame = made(50, seed=2).frame
    city = frame["city"].cat
    parts = {name: frame[name].to_numpy() for name in ("income", "spending", "children")}
    columns = Columns({**parts, "city": Coded(city.categories, city.codes.to_numpy())}, len(frame))

    assert np.array_equal(domain.distances(frame), domain.distances(columns))


def test_what_is_learned_comes_back_as_it_was(domain):
    meta, arrays = domain.state()
    back = Domain.load(json.loads(json.dumps(meta)), arrays)

    assert np.array_equal(back.distances(made(seed=3).frame), domain.distances(made(seed=3).frame))
    assert (back.limit, back.most) == (domain.limit, domain.most)


def test_of_texts_and_dates_alone_nothing_is_learned():
    frame = pd.DataFrame({"said": ["a b", "c d"] * 20})
    text = Dataset(frame, (Column("said", Kind.TEXT, frozenset({Role.FEATURE}), Reading(Kind.TEXT)),), np.arange(40), "")

    assert learn_domain(text, 0.01, 0) is None
