"""What is written down for the workers: the columns that models read, and of a group only which rows are together."""

from types import SimpleNamespace

import numpy as np
import pytest

from lepton_automl.data import Role, load_dataset
from lepton_automl.search import lay_table
from lepton_automl.testing import table

ROLES = {"key": Role.ID, "sex": Role.PROTECTED, "later": Role.EVALUATION_ONLY, "house": Role.GROUP, "day": Role.TIME}


@pytest.fixture
def laid(tmp_path):
    data = table(
        target="y",
        roles=ROLES,
        y=[0, 1, 0, 1],
        a=[1.0, 2.0, 3.0, 4.0],
        key=["k1", "k2", "k3", "k4"],
        sex=["m", "f", "m", "f"],
        later=[1, 2, 3, 4],
        house=["Bell Street 4", "Abel Road 2", "Bell Street 4", None],
        day=[1, 2, 3, 4],
    )
    lay_table(SimpleNamespace(folder=tmp_path), data, np.array([0, 1, 0, 1]), None, [])
    return tmp_path / "table" / "train.arrow"


def test_identifiers_and_columns_kept_out_of_models_are_not_written_down(laid):
    assert load_dataset(laid).names == ["y", "a", "house", "day"]
    assert b"k3" not in laid.read_bytes()


def test_a_group_is_written_as_numbers_in_the_order_of_its_values(laid):
    values = load_dataset(laid).values("house").astype(object)
    assert [None if value != value else value for value in values] == ["000000001", "000000000", "000000001", None]
    assert b"Street" not in laid.read_bytes()
