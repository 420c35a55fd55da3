"""Retention, consent, people to be forgotten, licence and purpose: which rows may be used, and what for."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Role
from lepton_automl.data.people import read_forgotten, remember, wanted_hashes
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Stage, Subject, govern
from lepton_automl.ledger import Ledger, verify_ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

DAYS = pd.to_datetime(["2020-01-01", "2021-06-30 23:59", "2021-07-01", "2026-06-30 12:00", "2026-07-01", None], format="mixed")


def applied(name, data, test=None, engagement=None, ledger=None, today=None, **settings):
    """Applies a rule; gives the table that is left, and what was recorded."""

    def subject(rows, stage, shown=None):
        return Subject(
            rows, Goal(Makes.VALUES), None, np.ones(len(rows), dtype=bool), shown, engagement=engagement, today=today
        )

    ledger = ledger or Ledger()
    after = govern(data, [(name, RULES.find(name)(**settings))], Stage.DATA, ledger, subject, test=test)
    return after, ledger.entries


def rows(days=DAYS, **more):
    return table(a=np.arange(len(days)), seen=days, **more)


def test_rows_outside_of_the_period_are_dropped_and_counted(tmp_path):
    ledger = Ledger.open(tmp_path)
    settings = {"column": "seen", "max_days": 1825, "as_of": "2026-06-30", "until": "2026-06-30"}

    after, entries = applied("retention", rows(), ledger=ledger, **settings)

    assert after.row_ids.tolist() == [2, 3]
    assert [(e.code, e.column, e.effect, e.count) for e in entries] == [
        ("GOV019", "seen", "rows dropped", 3),
        ("GOV019", "seen", "rows dropped", 1),
    ]
    assert entries[0].note == "outside of the period from 2021-07-01 to 2026-06-30"
    assert entries[1].note == "without a date"
    assert verify_ledger(tmp_path / "ledger.jsonl") == []


def test_rows_without_a_date_can_be_kept():
    after, _ = applied("retention", rows(), column="seen", since=date(2021, 7, 1), undated="keep")
    assert after.row_ids.tolist() == [2, 3, 4, 5]


def test_days_count_back_from_today_where_no_day_is_given():
    today = datetime.now(UTC).replace(tzinfo=None)
    after, _ = applied("retention", rows(pd.to_datetime([today - timedelta(days=40), today])), column="seen", max_days=30)
    assert after.row_ids.tolist() == [1]


def test_days_count_back_from_the_day_of_the_run_and_the_record_tells_it():
    settings = {"column": "seen", "max_days": 1825, "undated": "keep"}
    after, entries = applied("retention", rows(), today=date(2026, 6, 30), **settings)
    assert after.row_ids.tolist() == [2, 3, 4, 5]
    assert [(e.effect, e.count) for e in entries] == [("noted", 0), ("rows dropped", 2)]
    assert entries[0].note == "1825 days count back from 2026-06-30, the day of the run; as_of sets another"
    assert applied("retention", rows(), today=date(2026, 7, 2), **settings)[0].row_ids.tolist() == [3, 4, 5]
    later, entries = applied("retention", rows(), today=date(2026, 7, 2), as_of="2026-06-30", **settings)
    assert later.row_ids.tolist() == [2, 3, 4, 5]
    assert [e.effect for e in entries] == ["rows dropped"]


def test_rows_of_a_test_table_are_flagged_and_stay():
    test = rows(DAYS[:3])
    _, entries = applied("retention", rows(DAYS[3:]), test, column="seen", since="2021-07-01")
    flagged = entries[-1]
    assert (flagged.effect, flagged.count) == ("noted", 2)
    assert "test rows are never dropped" in flagged.note
    assert len(test) == 3


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("sen", "there is no column 'sen' to know the age of rows by. Did you mean seen?"),
        ("a", "not as dates; set data.kinds.a"),
    ],
)
def test_rows_whose_age_nobody_knows_stop_the_run(column, says):
    with pytest.raises(GovernanceStop) as caught:
        applied("retention", rows(), column=column, since="2021-07-01")
    assert says in str(caught.value)


def test_a_period_without_any_row_stops_the_run():
    with pytest.raises(GovernanceStop, match="every row is outside of the period from 2030-01-01"):
        applied("retention", rows(DAYS[:4]), column="seen", since="2030-01-01")


@pytest.mark.parametrize("name", ["retention", "consent", "licence"])
def test_a_rule_that_is_told_nothing_does_not_apply(name):
    _, (entry,) = applied(name, rows())
    assert entry.effect == "not applicable" and "declare" in entry.note


@pytest.mark.parametrize(
    ("values", "says_yes"),
    [
        pytest.param(["Granted", "withdrawn", None, "granted"], {"values": ["granted"]}, id="words"),
        pytest.param(["Yes", "no", None, "YES"], {}, id="yes and no"),
        pytest.param([True, False, False, True], {}, id="truth"),
        pytest.param([1, 0, 2, 1], {"values": [1]}, id="numbers"),
        pytest.param([1.0, 0.0, np.nan, 1.0], {"values": [True]}, id="numbers with a gap"),
    ],
)
def test_rows_without_consent_are_dropped_and_the_consent_is_no_feature(values, says_yes):
    after, entries = applied("consent", table(a=[1, 2, 3, 4], may=values), column="may", **says_yes)
    assert after.row_ids.tolist() == [0, 3]
    assert after.names == ["a"]
    assert [(e.code, e.effect, e.count) for e in entries] == [("GOV020", "rows dropped", 2), ("GOV020", "column dropped", 4)]


def test_consent_with_a_role_of_its_own_stays_in_the_table():
    data = table(roles={"may": Role.EVALUATION_ONLY}, a=[1, 2], may=["yes", "no"])
    assert applied("consent", data, column="may")[0].names == ["a", "may"]


def test_test_rows_without_consent_are_flagged():
    data, test = table(a=[1, 2], may=["yes", "yes"]), table(a=[1, 2, 3], may=["yes", "no", None])
    _, entries = applied("consent", data, test, column="may")
    assert (entries[-1].effect, entries[-1].count) == ("noted", 2)
    _, entries = applied("consent", data, test.without(["may"]), column="may")
    assert (entries[-1].effect, entries[-1].count) == ("noted", 3)
    assert "nobody knows" in entries[-1].note


@pytest.mark.parametrize(("column", "says"), [("mai", "Did you mean may?"), ("may", "no row says one of: yes, true, 1")])
def test_a_table_without_consent_stops_the_run(column, says):
    with pytest.raises(GovernanceStop) as caught:
        applied("consent", table(a=[1, 2], may=["no", "never"], kinds={"may": Kind.CATEGORY}), column=column)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "licence", ["CC-BY-NC-4.0", "cc by-nc-sa 3.0", "CC-BY-4.0 AND CC-BY-NC-4.0", "research use only", "non-commercial use"]
)
def test_a_licence_against_commercial_use_stops_a_commercial_engagement(licence):
    for engagement in (None, {"commercial": True}):
        with pytest.raises(GovernanceStop, match="does not allow commercial use"):
            applied("licence", rows(), engagement=engagement, licence=licence)
    _, entries = applied("licence", rows(), engagement={"commercial": False}, licence=licence)
    assert {entry.effect for entry in entries} == {"noted"}


@pytest.mark.parametrize(
    ("licence", "says"),
    [
        ("CC-BY-4.0", "allows the use"),
        ("CC0", "allows the use"),
        ("Apache-2.0", "allows the use"),
        ("public domain", "allows the use"),
        ("CC-BY-ND-4.0", "allows no derivatives"),
        ("Terms of Acme Data Inc.", "not known to this rule"),
    ],
)
def test_other_licences_are_told(licence, says):
    _, (entry,) = applied("licence", rows(), licence=licence)
    assert entry.effect == "noted" and says in entry.note


def test_a_licence_can_be_required():
    with pytest.raises(GovernanceStop, match="no licence of the data is declared"):
        applied("licence", rows(), is_required=True)


def test_an_engagement_without_purpose_and_owner_stops_with_both_reasons():
    with pytest.raises(GovernanceStop) as caught:
        applied("purpose", rows(), engagement={"title": "Loans", "owner": " ", "intended_use": ""})
    assert [problem.message for problem in caught.value.problems] == [
        "engagement.intended_use is empty: write it down (GOV022)",
        "engagement.owner is empty: write it down (GOV022)",
    ]


def test_an_engagement_that_says_what_is_asked_passes():
    _, (entry,) = applied("purpose", rows(), engagement={"owner": "Risk", "intended_use": "Small loans"})
    assert entry.effect == "passed"


KEY, IDS = b"a key of the bank", [7000001, 7000002, 7000002, 7000003]


@pytest.fixture
def listed(tmp_path, monkeypatch):
    """A list of people who are to be forgotten, made with the key that the environment has."""
    monkeypatch.setenv("LEPTON_ID_KEY", KEY.decode())
    path = tmp_path / "forgotten.json"
    remember(path, wanted_hashes(["7000002", "9999999"], KEY), KEY)
    return path


def with_ids(ids=IDS, name="owner"):
    return table(roles={name: Role.ID}, a=np.arange(len(ids)), **{name: ids})


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param(IDS, id="numbers"),
        pytest.param([7000001.0, 7000002.0, 7000002.0, np.nan], id="numbers with a gap"),
        pytest.param(["7000001", " 7000002", "7000002", None], id="texts"),
    ],
)
def test_rows_of_people_to_be_forgotten_are_dropped_and_counted(listed, ids):
    after, (entry,) = applied("forgotten", with_ids(ids), file=str(listed))
    assert after.row_ids.tolist() == [0, 3]
    assert (entry.code, entry.effect, entry.count, entry.rows_after) == ("GOV036", "rows dropped", 2, 2)
    sha = hashlib.sha256(listed.read_bytes()).hexdigest()
    assert entry.note == f"of people to be forgotten, of 2 hashes in {listed}, SHA-256 {sha[:16]}"
    assert "7000002" not in listed.read_text()


def test_a_table_without_any_of_them_is_told_and_stays(listed):
    after, (entry,) = applied("forgotten", with_ids([1, 2, 3]), file=str(listed))
    assert (len(after), entry.effect) == (3, "noted")
    assert entry.note.startswith("no row is of people to be forgotten, of 2 hashes")


def test_rows_of_people_to_be_forgotten_in_a_test_table_are_flagged_and_stay(listed):
    test = with_ids([7000002, 5])
    _, entries = applied("forgotten", with_ids([1, 2]), test, file=str(listed))
    assert (entries[-1].effect, entries[-1].count, len(test)) == ("noted", 1, 2)
    assert "take them out of the table" in entries[-1].note


@pytest.mark.parametrize(
    ("key", "content", "ids", "says"),
    [
        pytest.param("", None, IDS, "LEPTON_ID_KEY is not set: set it to the key of the list", id="no key"),
        pytest.param("of another", None, IDS, "was made with another key: set LEPTON_ID_KEY to it", id="another key"),
        pytest.param("k", "[1]", IDS, "is no list of people to be forgotten", id="no list"),
        pytest.param("k", "no JSON", IDS, "is no list of people to be forgotten", id="no JSON"),
        pytest.param(KEY.decode(), None, [7000002, 7000002], "every row is of people to be forgotten", id="all of them"),
    ],
)
def test_a_list_that_can_not_be_gone_by_stops_the_run(listed, monkeypatch, key, content, ids, says):
    monkeypatch.setenv("LEPTON_ID_KEY", key)
    if content is not None:
        listed.write_text(content)
    with pytest.raises(GovernanceStop) as caught:
        applied("forgotten", with_ids(ids), file=str(listed))
    assert says in str(caught.value)


@pytest.mark.parametrize("what", ["no list", "an empty list", "no id"])
def test_without_a_list_or_an_id_nobody_is_sought_and_no_key_is_needed(listed, monkeypatch, what):
    monkeypatch.delenv("LEPTON_ID_KEY")
    file = str(listed) if what == "no id" else str(listed.with_name("none.json"))
    if what == "an empty list":
        listed.with_name("none.json").write_text("{}")
    _, (entry,) = applied("forgotten", rows() if what == "no id" else with_ids(), file=file)
    assert entry.effect == "not applicable"
    assert ("role id" if what == "no id" else "nobody is to be forgotten") in entry.note


def test_a_list_keeps_the_day_on_which_each_was_put_on_it(listed):
    content = json.loads(listed.read_text())
    (first, *_) = [name for name in content if name != "key"]
    listed.write_text(json.dumps({**content, first: "2020-01-01"}))
    assert remember(listed, {first, "0" * 32}, KEY) == 3
    found = read_forgotten(listed)
    assert found.hashes[first] == "2020-01-01" and found.hashes["0" * 32] == str(datetime.now(UTC).date())
