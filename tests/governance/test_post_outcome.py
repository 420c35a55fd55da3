"""Columns known only after the outcome, by declaration and by dates; rows from the future."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from leak_tables import NUMBER, findings, told
from pydantic import ValidationError

from lepton_automl.data import Role
from lepton_automl.governance import RULES
from lepton_automl.testing import table

N = 60
OPENED = pd.Series(pd.Timestamp("2021-01-01") + pd.to_timedelta(np.arange(N) * 3, unit="D"))


def days(least, most, seed=0):
    return pd.to_timedelta(np.random.default_rng(seed).integers(least, most, N), unit="D")


def test_declared_columns_are_dropped_and_the_event_is_named():
    data = table(target="y", y=np.zeros(N), paid=np.arange(N), note=np.arange(N), age=np.arange(N))
    found = findings("post_outcome", data, NUMBER, columns={"paid": "default_date"})
    assert told(found) == [("GOV013", "paid", "acted")]
    assert (found[0].effect, found[0].note) == ("column dropped", "is declared as known only after default_date")
    assert told(findings("post_outcome", data, NUMBER, columns=["paid", "note"])) == [
        ("GOV013", "paid", "acted"),
        ("GOV013", "note", "acted"),
    ]


def test_a_declared_column_that_is_no_feature_or_not_there_is_told():
    data = table(target="y", roles={"paid": Role.EVALUATION_ONLY}, y=np.zeros(N), paid=np.arange(N), age=np.arange(N))
    found = findings("post_outcome", data, NUMBER, columns=["paid", "gone"])
    assert told(found) == [("GOV013", "paid", "noted"), ("GOV013", "gone", "not applicable")]


def test_dates_after_the_rows_own_time_in_most_rows_are_told_and_stop_where_the_recipe_says_so():
    data = table(target="y", roles={"opened": Role.TIME}, y=np.zeros(N), opened=OPENED, closed=OPENED + days(1, 30))
    found = findings("post_outcome", data, NUMBER)
    assert told(found) == [("GOV013", "closed", "noted")]
    assert (found[0].count, found[0].measured, found[0].limit) == (N, 1.0, 0.5)
    assert told(findings("post_outcome", data, NUMBER, action="stop")) == [("GOV013", "closed", "stop")]


def test_the_rows_own_time_can_be_named():
    data = table(target="y", y=np.zeros(N), opened=OPENED, closed=OPENED + days(1, 30), born=OPENED - days(9000, 20000))
    assert findings("post_outcome", data, NUMBER) == []
    assert told(findings("post_outcome", data, NUMBER, time="opened")) == [("GOV013", "closed", "noted")]


def test_dates_after_the_outcome_and_the_outcomes_own_time_are_dropped():
    data = table(
        target="y",
        y=np.zeros(N),
        opened=OPENED,
        ended=OPENED + days(40, 60),
        sued=OPENED + days(90, 100),
        due=OPENED + days(5, 9),
    )
    found = findings("post_outcome", data, NUMBER, outcome_time="ended")
    assert [(f.column, f.effect) for f in found] == [("ended", "column dropped"), ("sued", "column dropped")]


def test_a_date_that_lies_later_in_few_rows_only_is_believed():
    moved = OPENED - days(1, 9)
    moved[:20] = OPENED[:20] + pd.Timedelta(days=4)
    data = table(target="y", roles={"opened": Role.TIME}, y=np.zeros(N), opened=OPENED, seen=moved)
    assert findings("post_outcome", data, NUMBER) == []
    assert told(findings("post_outcome", data, NUMBER, max_later_share=0.3)) == [("GOV013", "seen", "noted")]


def test_few_dates_say_nothing():
    closed = (OPENED + days(1, 30)).where(np.arange(N) < 29)
    data = table(target="y", roles={"opened": Role.TIME}, y=np.zeros(N), opened=OPENED, closed=closed)
    assert findings("post_outcome", data, NUMBER) == []


def test_a_single_row_from_the_future_is_told():
    moved = OPENED.copy()
    moved[7] = pd.Timestamp.now().normalize() + pd.Timedelta(days=400)
    today = pd.Timestamp.now().date()
    (found,) = findings("post_outcome", table(target="y", y=np.zeros(N), opened=moved), NUMBER, today=today)
    assert (found.column, str(found.verdict), found.count, found.note) == (
        "opened",
        "noted",
        1,
        f"1 rows are dated in the future, after {today}",
    )


def test_rows_after_the_day_up_to_which_the_data_goes_can_be_dropped_or_stop():
    roles = {"opened": Role.TIME}
    data = table(target="y", roles=roles, y=np.zeros(N), opened=OPENED)
    last = date(2021, 1, 1 + 3 * 5)
    (found,) = findings("post_outcome", data, NUMBER, as_of=last, future_rows="drop")
    assert (found.effect, found.count) == ("rows dropped", N - 6)
    assert found.rows.tolist() == list(range(6, N))
    assert told(findings("post_outcome", data, NUMBER, as_of=last, future_rows="stop")) == [("GOV013", "opened", "stop")]


def dated(moments):
    return table(target="y", roles={"opened": Role.TIME}, y=np.zeros(len(moments)), opened=pd.Series(list(moments)))


def test_the_day_of_the_run_is_what_the_future_begins_after():
    found = findings("post_outcome", dated(OPENED), NUMBER, today=date(2021, 1, 16))
    assert [(f.count, f.note) for f in found] == [(N - 6, f"{N - 6} rows are dated in the future, after 2021-01-16")]


def test_rows_of_a_test_table_from_the_future_are_told_and_stay():
    train, test = dated(OPENED[:50]), dated([*OPENED[50:60], pd.Timestamp("2031-05-01"), pd.NaT])
    (found,) = findings("post_outcome", train, NUMBER, test=test, today=date(2026, 1, 1), future_rows="drop")
    assert (found.column, str(found.verdict), found.effect, found.count) == ("opened", "noted", "", 1)
    assert found.note == "1 of 12 rows of the test table are dated in the future, after 2026-01-01; test rows are never dropped"
    found = findings("post_outcome", train, NUMBER, test=test, today=date(2026, 1, 1), future_rows="stop")
    assert told(found) == [("GOV013", "opened", "stop")]


@pytest.mark.parametrize(
    ("asked", "verdict", "effect"), [("note", "noted", ""), ("drop", "acted", "rows dropped"), ("stop", "stop", "")]
)
def test_training_rows_after_the_first_row_of_a_test_table_are_found(asked, verdict, effect):
    train, test = dated(OPENED), dated([*OPENED[N - 10 :], pd.NaT])
    (found,) = findings("post_outcome", train, NUMBER, test=test, today=date(2030, 1, 1), future_rows=asked)
    assert (found.column, str(found.verdict), found.effect, found.count) == ("opened", verdict, effect, 9)
    assert found.note == f"9 of {N} training rows are dated after the first row of the test table"
    if effect:
        assert found.rows.tolist() == list(range(N - 9, N))


def test_a_test_table_that_begins_when_the_training_rows_end_is_as_it_should_be():
    train, test = dated(OPENED[: N - 10]), dated(OPENED[N - 11 :])
    assert findings("post_outcome", train, NUMBER, test=test, today=date(2030, 1, 1)) == []
    undated = table(target="y", y=np.zeros(3), a=np.arange(3))
    assert findings("post_outcome", train, NUMBER, test=undated, today=date(2030, 1, 1)) == []
    assert findings("post_outcome", train, NUMBER, test=dated([pd.NaT, pd.NaT]), today=date(2030, 1, 1)) == []


def test_a_test_table_before_all_training_rows_stops_where_its_rows_would_all_be_dropped():
    train, test = dated(OPENED[10:]), dated(OPENED[:10])
    found = findings("post_outcome", train, NUMBER, test=test, today=date(2030, 1, 1), future_rows="drop")
    assert [(str(f.verdict), f.count) for f in found] == [("stop", N - 10)]


def test_the_last_moment_of_the_day_is_no_future():
    moments = pd.Series([pd.Timestamp("2021-05-01 23:59:59")] * N)
    data = table(target="y", roles={"opened": Role.TIME}, y=np.zeros(N), opened=moments)
    assert findings("post_outcome", data, NUMBER, as_of="2021-05-01") == []
    assert [f.count for f in findings("post_outcome", data, NUMBER, as_of="2021-04-30")] == [N]


def test_rows_are_dropped_by_their_own_time_only():
    data = table(target="y", y=np.zeros(N), due=OPENED)
    (found,) = findings("post_outcome", data, NUMBER, as_of="2021-06-20", future_rows="drop")
    assert (str(found.verdict), found.effect) == ("noted", "")


def test_a_date_known_ahead_may_lie_in_the_future():
    roles = {"opened": Role.TIME, "holiday": Role.KNOWN_FUTURE}
    data = table(target="y", roles=roles, y=np.zeros(N), opened=OPENED, holiday=OPENED + days(20000, 20100))
    assert findings("post_outcome", data, NUMBER) == []


def test_a_day_that_is_none_is_refused():
    with pytest.raises(ValidationError):
        RULES.find("post_outcome")(as_of="soon")
