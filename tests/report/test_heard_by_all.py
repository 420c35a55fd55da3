"""The page for who hears it or has no mouse: its headings, figures, tables and inputs have names, in an order that holds."""

from html.parser import HTMLParser
from itertools import pairwise

import pytest

from lepton_automl.report.page import render_page
from lepton_automl.tasks import Payoff

EMPTY = {"meta", "link", "br", "wbr", "col", "input", "rect", "line", "path", "circle"}


class Mark:
    """A tag with its attributes, its children and the text in it."""

    def __init__(self, tag, attrs, above):
        self.tag, self.attrs, self.above, self.inner, self.text = tag, dict(attrs), above, [], ""

    def all(self, *tags):
        """Gives the marks of these tags in this one, in their order."""
        for mark in self.inner:
            if mark.tag in tags:
                yield mark
            yield from mark.all(*tags)

    @property
    def said(self):
        """All text in it, its own children's too."""
        return (self.text + " ".join(mark.said for mark in self.inner)).strip()

    def is_inside(self, found):
        """Says whether one of the marks around it fits."""
        return self.above is not None and (found(self.above) or self.above.is_inside(found))


class Tree(HTMLParser):
    """Reads a page into marks."""

    def __init__(self, page):
        super().__init__()
        self.root = self.now = Mark("page", (), None)
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        mark = Mark(tag, attrs, self.now)
        self.now.inner.append(mark)
        if tag not in EMPTY:
            self.now = mark

    def handle_startendtag(self, tag, attrs):
        self.now.inner.append(Mark(tag, attrs, self.now))

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            assert self.now.tag == tag
            self.now = self.now.above

    def handle_data(self, data):
        self.now.text += data


@pytest.fixture(scope="module")
def trees(make_facts):
    """The page of each kind of task, in both languages."""

    def made(kind, labels, language):
        facts = make_facts(kind, labels, payoff=Payoff(0.0, -1.0, 0.0, -5.0) if len(labels) == 2 else None)
        recipe = {**facts.recipe, "report": {"language": language}}
        return Tree(render_page(type(facts)(**{**vars(facts), "recipe": recipe}))).root

    kinds = {"binary": ("good", "bad"), "multiclass": tuple("abcdef"), "regression": (), "forecast": ()}
    return {(kind, language): made(kind, labels, language) for kind, labels in kinds.items() for language in ("en", "zh")}


@pytest.fixture(params=[(kind, code) for kind in ("binary", "multiclass", "regression", "forecast") for code in ("en", "zh")])
def tree(request, trees):
    return trees[request.param]


def test_headings_begin_with_one_title_and_leave_no_level_out(tree):
    levels = [int(mark.tag[1]) for mark in tree.all("h1", "h2", "h3", "h4")]

    assert levels[0] == 1 and levels.count(1) == 1 and len(levels) > 15
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []
    assert [mark for mark in tree.all("h1", "h2", "h3", "h4") if not mark.said] == []


def test_every_figure_has_a_name_and_a_sentence_or_stands_beside_its_figures(tree):
    texts = {mark.attrs["id"]: mark.said for mark in tree.all("title", "desc") if "id" in mark.attrs}
    figures = list(tree.all("svg"))
    told = [mark for mark in figures if mark.attrs.get("role") == "img"]

    assert len(told) >= 8
    for mark in told:
        named, described = texts[mark.attrs["aria-labelledby"]], texts[mark.attrs["aria-describedby"]]
        assert named and described.endswith((".", "。")) and named != described
        assert next(part.attrs.get("aria-hidden") for part in mark.all("g")) == "true", "its ticks are not read out"
    assert {mark.attrs.get("aria-hidden") for mark in figures if mark not in told} <= {"true"}


def test_every_table_has_a_caption_and_every_column_and_row_a_heading(tree):
    tables = list(tree.all("table"))

    assert len(tables) >= 8
    for table in tables:
        assert [mark.said for mark in table.all("caption")] != [""]
        heads = [mark for part in table.all("thead") for mark in part.all("th", "td")]
        assert heads and all(mark.tag == "th" and mark.attrs["scope"] == "col" and mark.said for mark in heads)
        rows = [row for part in table.all("tbody") for row in part.all("tr")]
        for row in rows:
            assert len(list(row.all("th", "td"))) == len(heads)
        if "ledger" not in table.attrs.get("class", ""):
            assert all(mark.attrs["scope"] == "row" and mark.said for row in rows for mark in row.all("th"))
            assert all(list(row.all("th")) for row in rows)


def test_every_input_has_a_label_every_button_a_word_and_what_scrolls_a_name(tree):
    labels = {mark.attrs["for"]: mark.said for mark in tree.all("label")}
    inputs, buttons = list(tree.all("input")), list(tree.all("button"))
    scrolling = [mark for mark in tree.all("div") if "scroll" in mark.attrs.get("class", "").split()]

    assert inputs and all(labels[mark.attrs["id"]] for mark in inputs)
    assert buttons and all(mark.said for mark in buttons)
    assert len(scrolling) >= 8
    assert all(
        mark.attrs["tabindex"] == "0" and mark.attrs["aria-label"] and mark.attrs["role"] == "group" for mark in scrolling
    )


def test_all_content_is_in_a_landmark_and_each_section_has_a_name(tree):
    ids = {mark.attrs["id"] for mark in tree.all("h2") if "id" in mark.attrs}
    sections = list(tree.all("section"))
    landmarks = ("header", "nav", "main", "footer")

    assert [len(list(tree.all(tag))) for tag in landmarks] == [1, 1, 1, 1]
    assert len(sections) == 6 and {mark.attrs["aria-labelledby"] for mark in sections} <= ids
    assert all(mark.is_inside(lambda above: above.tag in landmarks) for mark in tree.all("p", "table", "figure", "h2", "h3"))
