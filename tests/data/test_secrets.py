"""Secrets come from the environment and leave no trace."""

import pytest

from lepton_automl.data.sources.file import FileSource
from lepton_automl.data.sources.secrets import public_address, resolve_secret, secrets_in, without_secrets
from lepton_automl.data.sources.sql import SqlSource
from lepton_automl.errors import DataError


def test_a_secret_that_is_not_set_is_refused_with_the_way_to_set_it():
    with pytest.raises(
        DataError, match=r"data\.source\.url +the environment has no SHOP_URL\. +export SHOP_URL=… before the run"
    ):
        SqlSource("data.source", {"secret": "SHOP_URL"}, query="SELECT 1").read()


def test_secrets_are_found_at_any_depth(monkeypatch):
    monkeypatch.setenv("STORE_KEY", "abc")
    options = {
        "key": {"secret": "STORE_KEY"},
        "client_kwargs": {"token": {"secret": "STORE_KEY"}, "region": "eu"},
        "anon": False,
    }

    assert resolve_secret(options, "k") == {"key": "abc", "client_kwargs": {"token": "abc", "region": "eu"}, "anon": False}
    assert secrets_in(options) == {"abc"}


def test_a_secret_of_storage_options_that_is_not_set_is_refused_with_its_key():
    source = FileSource("data.source", "memory://b/x.csv", storage_options={"token": {"secret": "NO_SUCH"}})

    with pytest.raises(DataError, match=r"data\.source\.storage_options\.token +the environment has no NO_SUCH"):
        source.read()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ann:p@ss@db:5432/shop?password=x", "postgresql://db:5432/shop"),
        ("https://host/t.csv?sig=abc#part", "https://host/t.csv"),
        ("s3://bucket/t.csv", "s3://bucket/t.csv"),
        ("data/t?.csv", "data/t?.csv"),
    ],
)
def test_an_address_is_shown_without_user_password_and_query(address, shown):
    assert public_address(address) == shown


def test_a_message_shows_no_secret_however_it_is_spelled(monkeypatch):
    monkeypatch.setenv("SHOP_URL", "mysql://ann:p%40ss%20word@db/shop")

    shown = without_secrets(
        "no access for ann with p@ss word or p%40ss%20word or p%40ss+word", secrets_in({"secret": "SHOP_URL"})
    )

    assert shown == "no access for ann with *** or *** or ***"


def test_a_password_in_the_address_of_a_file_is_in_no_message():
    with pytest.raises(DataError) as caught:
        FileSource("data.source", "nowhere://ann:topsecret@host/x.csv?token=alsosecret").read()

    assert "secret" not in str(caught.value) and "nowhere://host/x.csv" in str(caught.value)
