"""The data profile in the report: pictures of every column, said in words beside them."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Role
from lepton_automl.evidence import Allowance, Profiled, make_profile
from lepton_automl.report.page import render_page
from lepton_automl.report.profiles import association_map, split_picture, target_picture
from lepton_automl.report.sections.profile import SHOWN_COLUMNS
from lepton_automl.testing import table

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"


class Tags(HTMLParser):
    """Reads the tags of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.text += " "

    def handle_data(self, data):
        self.text += data

    def words(self):
        return " ".join(self.text.split())


def profile(n=1_200, more=None, allowance=None):
    rng = np.random.default_rng(0)
    income = rng.lognormal(8, 1, n)
    gap = rng.random(n) < 0.2
    rows = table(
        target="y",
        kinds={"note": Kind.TEXT},
        roles={"sex": Role.PROTECTED, "key": Role.ID},
        income=income,
        wealth=income * 2 + rng.random(n),
        gap=np.where(gap, np.nan, 1.5 * rng.random(n)),
        city=rng.choice(["Bonn", HOSTILE], n),
        since=pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        sex=rng.choice(["m", "f"], n, p=[0.96, 0.04]),
        key=[f"k{k}" for k in range(n)],
        note=[f"Ada Lovelace{k} called" for k in range(n)],
        y=rng.integers(0, 2, n),
        **(more or {}),
    )
    train, test = rows.rows(np.arange(n - 300)), rows.rows(np.arange(n - 300, n)).without(["y"])
    y = train.values("y").to_numpy().astype("int64")
    moved = test.with_column(test.column("income"), test.values("income") * 4)
    return make_profile(Profiled(train, moved, "y", y, ("good", "bad")), allowance or Allowance()).content


@pytest.fixture(scope="module")
def page(make_facts):
    return render_page(replace(make_facts(), profile=profile()))


def test_every_column_is_drawn_by_split_and_by_target_and_said_in_words(page):
    read = Tags(page)
    pictures = [attrs for tag, attrs in read.tags if tag == "svg" and attrs.get("class") == "mini"]
    assert len(pictures) == 2 * 7, "all but the identifier"
    words = read.words()
    assert "2020-" in words and re.search(r"m: 9\d(\.\d)? %; f: \d", words)
    assert "not shown: names rows" in words and "lengths of the texts" in words
    assert "Lovelace" not in page


def test_sampling_legend_and_what_was_left_out_are_said(make_facts, page):
    assert "All rows were looked at, as the rules left them." in Tags(page).words()
    sampled = {**profile(), "rows": {"train": 90_000, "test": 300}, "sampled": {"train": 50_000, "test": 300}}
    words = Tags(render_page(replace(make_facts(), profile=sampled))).words()
    assert "50,000 of 90,000 training rows and 300 of 300 test rows" in words
    late = profile(allowance=Allowance(0.0))
    assert (
        "Left out for want of time: groups of sex; what is missing together; 8 of 8 columns"
        in Tags(render_page(replace(make_facts(), profile=late))).words()
    )


def test_groups_pairs_drift_and_what_is_missing_together_have_tables(page):
    words = Tags(page).words()
    assert "Groups of the protected column sex" in words and "few rows" in words
    assert "income and wealth" in words and "rank correlation" in words
    assert re.search(r"income [\d.]+ [\d.]+ much", words), "the drift of income"
    assert "Columns that are missing in the same training rows" in words


def test_names_and_levels_of_data_are_shown_as_text(page):
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page and "49" not in re.findall(r"&amp;(\d+)", page)


def test_identifiers_are_used_once_and_figures_are_named(page):
    tags = Tags(page).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids)) and {"associations-t", "profile"} <= set(ids)


def test_a_run_without_a_profile_has_no_part_of_it(make_facts):
    text = render_page(make_facts())
    assert 'id="profile"' not in text and 'class="mini"' not in text


def test_a_wide_table_shows_its_first_columns_and_says_where_the_others_are(make_facts):
    wide = {f"n{k}": np.arange(1_200) / (k + 1) for k in range(80)}
    text = render_page(replace(make_facts(), profile=profile(more=wide)))
    assert text.count('class="mini"') <= 2 * SHOWN_COLUMNS
    assert f"{8 + 80 - SHOWN_COLUMNS} more in profile.json" in Tags(text).words()
    assert len(text.encode()) < 600_000


def test_pictures_are_as_high_as_the_largest_share():
    drawn = split_picture([1, 3], [2, 2])
    assert "V26.7" in drawn and "V0.0" in drawn, "a quarter is a third of three quarters"
    assert drawn.count("<path") == 2 and split_picture([1, 3], [0, 0]).count("<path") == 1
    assert target_picture([[1, 0], [0, 2], [0, 0]]).count("<path") == 2
    assert "nan" not in split_picture([], []) + split_picture([0, 0], [0, 0])


def test_the_map_has_a_cell_for_each_pair_that_goes_together():
    found = {"columns": ["a", "b", "c"], "values": [[1, 0.9, 0.01], [0.9, 1, -0.4], [0.01, -0.4, 1]]}
    drawn = association_map(found)
    assert drawn.count('class="plus"') == 2 and drawn.count('class="minus"') == 2
    assert "a, b: 0.9" in drawn and "b, c: −0.4" in drawn
    assert association_map({}) == "" and association_map({"columns": ["a"], "values": [[1]]}) == ""
