"""A few negative numbers among positive ones."""

import numpy as np
import pytest
from leak_tables import LABELS, NUMBER, findings

from lepton_automl.testing import table

RNG = np.random.default_rng(0)
N = 2000
PIECES = RNG.integers(1, 50, N)
RETURNED = np.where(np.arange(N) % 100 == 0, -PIECES, PIECES)
LABEL = RNG.integers(0, 2, N)


def test_cancelled_pieces_are_told_with_their_count():
    (found,) = findings("negatives", table(target="y", y=LABEL, pieces=RETURNED, more=PIECES), LABELS)

    assert (found.code, found.column, str(found.verdict), found.effect) == ("GOV034", "pieces", "noted", "")
    assert (found.count, found.measured, found.limit) == (20, 0.01, 0.05)
    assert "20 of 2,000 training values are below 0" in found.note


def test_the_target_is_looked_at_where_it_is_numbers():
    (found,) = findings("negatives", table(target="y", y=RETURNED, a=PIECES), NUMBER)
    assert (found.column, found.count) == ("y", 20)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(RNG.normal(15, 8, N), id="a temperature runs through zero"),
        pytest.param(np.where(np.arange(N) % 5 == 0, -PIECES, PIECES), id="many are negative"),
        pytest.param(np.where(np.arange(N) < 4, -PIECES, PIECES), id="four slips"),
        pytest.param(-PIECES, id="all are negative"),
        pytest.param(np.full(N, np.nan), id="all are missing"),
    ],
)
def test_other_columns_pass(values):
    assert findings("negatives", table(target="y", y=LABEL, pieces=values), LABELS) == []


def test_the_share_is_a_setting():
    data = table(target="y", y=LABEL, pieces=np.where(np.arange(N) % 12 == 0, -PIECES, PIECES))
    assert [f.count for f in findings("negatives", data, LABELS, max_share=0.1)] == [167]
    assert findings("negatives", data, LABELS) == []


def test_labels_that_are_numbers_are_no_amounts():
    y = np.where(np.arange(N) % 100 == 0, -1, PIECES % 3 + 1)
    assert findings("negatives", table(target="y", y=y, a=PIECES), LABELS) == []
