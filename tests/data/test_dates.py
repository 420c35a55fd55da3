"""Dates as text, and as numbers."""

import pandas as pd
import pytest

from lepton_automl.data import Kind, Role


def days(table, name="day"):
    return table.data.values(name).dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00").tolist()


def column(cells):
    return "day,n\n" + "".join(f'"{cell}",{i}\n' for i, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("cells", "found", "date_format"),
    [
        pytest.param(["2024-01-31", "2023-12-01"], ["2024-01-31", "2023-12-01"], "ISO8601", id="ISO"),
        pytest.param(
            ["2024-01-31 10:30", "2023-12-01 09:00"], ["2024-01-31 10:30:00", "2023-12-01 09:00:00"], "ISO8601", id="with time"
        ),
        pytest.param(["2024-01-31T10:00:00+02:00"] * 2, ["2024-01-31 08:00:00"] * 2, "ISO8601", id="a zone becomes UTC"),
        pytest.param(["31/01/2024", "01/12/2023"], ["2024-01-31", "2023-12-01"], "%d/%m/%Y", id="day first, settled"),
        pytest.param(["01/31/2024", "12/01/2023"], ["2024-01-31", "2023-12-01"], "%m/%d/%Y", id="month first, settled"),
        pytest.param(["31.1.2024", "1.12.2023"], ["2024-01-31", "2023-12-01"], "%d.%m.%Y", id="points, without zeros"),
        pytest.param(
            ["12/31/2010 8:45", "1/2/2011 13:04"],
            ["2010-12-31 08:45:00", "2011-01-02 13:04:00"],
            "%m/%d/%Y %H:%M",
            id="month first, time",
        ),
        pytest.param(["31/01/24", "01/12/23"], ["2024-01-31", "2023-12-01"], "%d/%m/%y", id="two digits of the year"),
        pytest.param(
            ["1/31/2024 3:05 PM", "2/1/2024 9:00 AM"],
            ["2024-01-31 15:05:00", "2024-02-01 09:00:00"],
            "%m/%d/%Y %I:%M %p",
            id="AM and PM",
        ),
        pytest.param(["2024/01/31", "2023/12/01"], ["2024-01-31", "2023-12-01"], "ISO8601", id="year first, slashes"),
        pytest.param(["31 Jan 2024", "1 Dec 2023"], ["2024-01-31", "2023-12-01"], "%d %b %Y", id="short month"),
        pytest.param(["January 31, 2024", "May 1, 2023"], ["2024-01-31", "2023-05-01"], "%B %d, %Y", id="month in full"),
        pytest.param(
            ["20240131", "20231201", "20230405"],
            ["2024-01-31", "2023-12-01", "2023-04-05"],
            "%Y%m%d",
            id="days as whole numbers",
        ),
    ],
)
def test_dates_as_text_are_read_and_counted(csv, cells, found, date_format):
    table = csv(column(cells))

    assert table.kind("day") == "datetime" and days(table) == found
    assert table.data.column("day").reading.date_format == date_format
    assert table.counts() == [("LOAD025", "day", len(cells))]


def test_when_nothing_settles_the_order_the_day_comes_first_and_the_ledger_says_so(csv):
    table = csv(column(["01/02/2024", "03/04/2024"]))

    assert days(table) == ["2024-02-01", "2024-04-03"]
    assert table.counts() == [("LOAD027", "day", 0), ("LOAD025", "day", 2)]
    (entry,) = [entry for entry in table.entries if entry.code == "LOAD027"]
    assert "no value settles whether the day or the month comes first; set data.date_order" in entry.note


@pytest.mark.parametrize(
    ("order", "found"),
    [("day_first", ["2024-02-01", "2024-04-03"]), ("month_first", ["2024-01-02", "2024-03-04"])],
)
def test_the_recipe_settles_the_order_without_a_doubt(csv, order, found):
    table = csv(column(["01/02/2024", "03/04/2024"]), date_order=order)

    assert days(table) == found and table.counts() == [("LOAD025", "day", 2)]


def test_one_value_among_many_thousands_settles_the_order(csv):
    dates = pd.date_range("2024-01-01", periods=12, freq="MS")
    cells = [f"{d.month:02d}/{d.day:02d}/{year}" for year in range(1700, 2300) for d in dates]
    cells[4711] = "01/13/2093"

    table = csv(column(cells))

    assert table.data.column("day").reading.date_format == "%m/%d/%Y" and table.data.values("day").notna().all()


def test_an_order_the_recipe_forbids_is_never_used(csv):
    table = csv(column(["31/01/2024", "30/12/2023"]), date_order="month_first")

    assert table.kind("day") == "category"


def test_a_column_written_in_two_formats_is_read_by_both(csv):
    table = csv(column(["2024-01-31", "2023-12-01", "31/01/2022", "01/02/2022"]))

    assert days(table) == ["2024-01-31", "2023-12-01", "2022-01-31", "2022-02-01"]
    assert table.data.column("day").reading.date_format == "ISO8601 | %d/%m/%Y"


def test_day_first_and_month_first_never_mix_in_one_column(csv):
    table = csv(column(["31/01/2024", "01/31/2024"]))

    assert table.kind("day") == "category"


def test_a_date_that_does_not_exist_becomes_missing_and_is_counted(csv):
    table = csv(column([f"{day:02d}/01/2024" for day in range(1, 32)] + ["31/02/2024"]))

    assert table.data.values("day").isna().sum() == 1
    assert table.counts() == [("LOAD022", "day", 1), ("LOAD025", "day", 31)]


def test_a_date_used_for_never_is_a_date(csv):
    assert days(csv(column(["2024-01-31", "9999-12-31"]))) == ["2024-01-31", "9999-12-31"]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["010112", "020213"], id="codes of digits"),
        pytest.param(["10-1234", "20-5678"], id="part numbers"),
        pytest.param(["level 100", "level 2000"], id="words with digits"),
        pytest.param(["12345678", "23456789", "34567890"], id="numbers of eight digits"),
    ],
)
def test_what_only_looks_like_dates_is_none(csv, cells):
    assert csv(column(cells)).kind("day") != "datetime"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        pytest.param(["1704067200", "1704153600"], ["2024-01-01", "2024-01-02"], id="seconds since 1970"),
        pytest.param(["1704067200000", "1704153600000"], ["2024-01-01", "2024-01-02"], id="milliseconds"),
        pytest.param(["20240131", "20240201", "20240202"], ["2024-01-31", "2024-02-01", "2024-02-02"], id="days"),
        pytest.param(["2023", "2024"], ["2023-01-01", "2024-01-01"], id="years"),
    ],
)
def test_numbers_are_dates_when_the_recipe_says_so(csv, cells, found):
    assert days(csv(column(cells), kinds={"day": Kind.DATETIME})) == found


def test_the_time_column_keeps_numbers_as_numbers_and_reads_text_as_dates(csv):
    roles = {"day": frozenset({Role.TIME})}

    assert csv(column(["1", "2", "3"]), roles=roles).kind("day") == "number"
    assert csv(column(["2024-01", "soon"]), roles=roles).counts() == [("LOAD022", "day", 1), ("LOAD025", "day", 1)]


@pytest.mark.parametrize(("size", "unit"), [(1, "s"), (1000, "ms"), (10**6, "us")])
def test_numbers_under_the_name_of_a_time_that_may_be_stamps_are_told_and_left(csv, size, unit):
    stamps = [881250949 * size, 891717742 * size, 878887116 * size]
    table = csv("event_time\n" + "\n".join(map(str, stamps)) + "\n")

    assert table.kind("event_time") == "number" and table.values("event_time") == stamps
    assert table.counts() == [("LOAD027", "event_time", 3)]
    assert f"({unit} since 1970); data.kinds.event_time: datetime" in table.entries[-1].note


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("amount\n881250949\n891717742\n", id="no name of a time"),
        pytest.param("late\n881250949\n891717742\n", id="a name that only holds such a word"),
        pytest.param("time\n81\n91\n", id="minutes"),
        pytest.param("time\n-5\n891717742\n", id="below 1990"),
    ],
)
def test_other_numbers_are_not_taken_for_stamps(csv, content):
    assert csv(content).counts() == []


def test_stamps_that_the_recipe_declares_are_read_and_counted(csv):
    table = csv("event_time\n881250949\n891717742\n", kinds={"event_time": Kind.DATETIME})

    assert days(table, "event_time") == ["1997-12-04 15:55:49", "1998-04-04 19:22:22"]
    assert table.counts() == [("LOAD029", "event_time", 2), ("LOAD025", "event_time", 2)]
