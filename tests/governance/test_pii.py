"""The rule about personal data: what it finds, what it does, and what it wants to be told."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from lepton_automl.data import Kind, Role
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Stage, Subject, Waiver, govern, treated_like
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

KEY = {"secret": "LEPTON_PII_KEY"}
PII = RULES.find("pii")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("LEPTON_PII_KEY", "k")


def clients(n=90, **more):
    rng = np.random.default_rng(0)
    first, last = ["James", "Mary", "Robert", "Linda", "Olga"], ["Smith", "Garcia", "Novak", "Brown", "Lee", "Diaz"]
    return table(
        a1=[f"c{i}@mail.example" for i in range(n)],
        a2=[f"{first[i % 5]} {last[i % 6]}" for i in range(n)],
        a3=rng.integers(13_000_000_000, 19_999_999_999, n),
        a4=[f"203.0.{i}.{200 - i}" for i in range(n)],
        birth_date=pd.to_datetime("1950-01-01") + pd.to_timedelta(rng.integers(0, 18_000, n), "D"),
        a5=[f"client {i} wrote from c{i}@mail.example about it" for i in range(n)],
        amount=rng.lognormal(10, 1, n),
        city=rng.choice(["Oslo", "Rome", "Bern"], n),
        kinds={"a5": Kind.TEXT},
        **more,
    )


def look(data, waivers=None, **settings):
    """Lets the rule act; gives the table that is left and the ledger's entries of columns."""
    ledger = Ledger()

    def subject(rows, stage, test=None):
        return Subject(rows, Goal(Makes.PROBABILITIES, 2), None, np.ones(len(rows), dtype=bool))

    after = govern(data, [("pii", PII(**settings))], Stage.DATA, ledger, subject, waivers=waivers)
    return after, {entry.column: entry for entry in ledger.entries if entry.column}


def test_direct_identifiers_are_dropped_birth_dates_become_years_and_mentions_are_masked():
    data = clients()
    after, entries = look(data)

    assert after.names == ["birth_date", "a5", "amount", "city"]
    assert {name: entry.effect for name, entry in entries.items()} == {
        "a1": "column dropped",
        "a2": "column dropped",
        "a3": "column dropped",
        "a4": "column dropped",
        "birth_date": "values changed",
        "a5": "values changed",
    }
    assert after.column("birth_date").kind is Kind.NUMBER
    assert after.values("birth_date").tolist() == data.values("birth_date").dt.year.tolist()
    assert after.values("a5").tolist() == [f"client {i} wrote from [email] about it" for i in range(90)]
    assert entries["a1"].measured == 1.0 and entries["a1"].count == 90
    assert "e-mail addresses" in entries["a1"].note
    assert "email in 90 values" in entries["a5"].note


def test_no_note_holds_a_value():
    _, entries = look(clients())
    said = " ".join(entry.note for entry in entries.values())
    assert not re.search(r"mail\.example|James|Smith|203\.|13\d{9}", said)


@pytest.mark.parametrize(
    ("action", "pattern", "kind"),
    [("hash", r"h_[0-9a-f]{32}", Kind.CATEGORY), ("mask", r"\*{3}", Kind.CATEGORY)],
)
def test_a_kind_or_a_column_is_treated_as_the_recipe_says_and_test_rows_alike(action, pattern, kind):
    data = clients()
    after, _ = look(data, actions={"email": action, "a3": action}, key=KEY)
    test = treated_like(data.rows(np.arange(7)), after)
    for name in ("a1", "a3"):
        assert after.column(name).kind is kind
        assert all(re.fullmatch(pattern, value) for value in after.values(name))
        assert test.values(name).astype(str).tolist() == after.values(name).astype(str).tolist()[:7]
    assert "a2" not in after.names


def test_addresses_of_machines_become_networks_where_the_recipe_says_so():
    after, entries = look(clients(), actions={"ip": "generalise"})
    assert after.values("a4").cat.categories.tolist() == ["203.0.0.0/16"]
    assert "generalised to the network" in entries["a4"].note


def test_what_is_kept_has_a_reason_in_the_ledger():
    why = "the fraud team needs it; agreed by the DPO"
    after, entries = look(clients(), actions={"a4": "keep"}, reasons={"a4": why})
    assert "a4" in after.names
    assert entries["a4"].effect == "noted" and why in entries["a4"].note


def test_a_column_that_the_recipe_names_is_treated_though_it_looks_harmless():
    after, entries = look(clients(), actions={"city": "drop"})
    assert "city" not in after.names
    assert "as the recipe says" in entries["city"].note


def test_a_waived_column_stays():
    waiver = {"pii": Waiver("A. Muster", "test data", date(2100, 1, 1), ("a1",))}
    after, entries = look(clients(), waivers=waiver)
    assert "a1" in after.names and "a2" not in after.names
    assert entries["a1"].effect == "waived"


def test_an_identifier_is_dropped_too_and_a_group_is_no_feature():
    data = clients(roles={"a1": Role.ID, "a2": Role.GROUP})
    after, entries = look(data)
    assert "a1" not in after.names
    assert after.column("a2").roles == {Role.GROUP}
    assert "kept as group" in entries["a2"].note


def test_series_that_are_people_stop_the_run_unless_they_are_hashed():
    data = clients(roles={"a1": Role.SERIES})
    with pytest.raises(GovernanceStop, match=r"Set actions\.a1: hash, and a key"):
        look(data)
    after, _ = look(data, actions={"a1": "hash"}, key=KEY)
    assert after.column("a1").has(Role.SERIES)
    assert after.values("a1").nunique() == 90


def test_an_action_for_no_column_stops_with_the_name_that_is_meant():
    with pytest.raises(GovernanceStop, match=r"actions\.emial names neither.*Did you mean email\?"):
        look(clients(), actions={"emial": "mask"})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"actions": {"email": "keep"}}, "keeps email without a reason"),
        ({"actions": {"email": "hash"}}, "hashes email without a key"),
        ({"actions": {"name": "generalise"}}, "can not generalise names of people"),
        ({"actions": {"mention": "hash"}, "key": KEY}, "can not hash mentions inside text"),
        ({"actions": {"email": "shred"}}, "'drop', 'mask', 'hash', 'generalise' or 'keep'"),
        ({"key": {"secret": "NO_SUCH_KEY_HERE"}}, "the environment has no NO_SUCH_KEY_HERE"),
    ],
)
def test_settings_that_can_not_work_are_refused(settings, said):
    with pytest.raises(ValidationError, match=re.escape(said)):
        PII(**settings)


def test_a_column_that_can_not_be_generalised_stops():
    with pytest.raises(GovernanceStop, match="can not be generalised"):
        look(clients(), actions={"a2": "generalise"})


def test_business_columns_pass():
    data = clients().without(["a1", "a2", "a3", "a4", "a5", "birth_date"])
    after, entries = look(data)
    assert (after.names, entries) == (["amount", "city"], {})
