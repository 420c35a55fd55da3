"""The pages of comparisons and sweeps in every language, and to every reader."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from made_comparisons import METHODS, figure, made, sweep, whole
from test_pages import Texts, english

from lepton_automl.evidence.comparing import VALUE, Change, Side
from lepton_automl.report.comparing import (
    render_comparison,
    render_junit,
    render_markdown,
    render_sweep,
    render_sweep_text,
    render_text,
    write_comparison,
    write_sweep,
)
from lepton_automl.report.heard import heard
from lepton_automl.report.language import LANGUAGES, speaking

OTHERS = [code for code in LANGUAGES if code != "en"]
HOLM = {"holm", "delong", "diebold", "mariano", "lepton", "compare", "resplits"}
"""Names of methods that every language keeps."""
FIVE = "5 fresh splits"
SPLITS = [figure(value=0.001, error=0.02, method="corrected resampled t"), figure(VALUE, value=0.2, unit="EUR")]
CASES = [
    pytest.param(made(whole()), id="one candidate"),
    pytest.param(made(whole(), whole(0.1), [figure(value=0.0001, error=0.001)]), id="three candidates"),
    pytest.param(made(SPLITS, question="recipe", basis=FIVE, n=5), id="recipes"),
    pytest.param(made([figure(value=0.0, error=0.0)], basis="out of fold", changes=(), notices=()), id="the same"),
    pytest.param(made([figure("pinball", value=-0.1, is_score=False, margin=0.0)], SPLITS), id="no margin"),
]
PAGES = [
    *(pytest.param(lambda code, found=case.values[0]: render_comparison(found, language=code), id=case.id) for case in CASES),
    pytest.param(lambda code: render_sweep(sweep(), language=code), id="sweep"),
    pytest.param(lambda code: render_sweep(sweep("log_loss"), language=code), id="sweep of a loss"),
    pytest.param(lambda code: render_sweep(replace(sweep(), effects=()), language=code), id="sweep without effects"),
]


def left(page):
    """Gives the English texts of a page, but for the names of methods."""
    return [text for text in english(page) if set(re.findall(r"[a-z]{3,}", text.lower())) - HOLM - {"zq", "roc", "auc", "eur"}]


class Tables(HTMLParser):
    """Collects tables, heads of cells, and pictures."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.heads, self.pictures, self.scrolls = [], [], [], []
        self.open = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "th":
            self.heads.append(attrs)
        elif tag == "svg":
            self.pictures.append((attrs, []))
        elif tag == "div" and "scroll" in attrs.get("class", "").split():
            self.scrolls.append(attrs)
        if tag == "caption" and self.tables:
            self.tables[-1].append(tag)
        if tag in ("title", "desc") and self.pictures:
            self.pictures[-1][1].append((tag, attrs.get("id")))


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("render", PAGES)
def test_no_english_is_left_in_a_page_of_another_language(render, code):
    page = render(code)

    assert left(page) == []
    assert len(left(render("en"))) > 20, "the same look finds English where there is English"
    assert "{" not in "".join(text for text in Texts(page).found if text != "{}"), "every place has its value"


@pytest.mark.parametrize("render", PAGES)
def test_a_page_has_the_same_parts_in_each_language(render):
    pages = {code: render(code) for code in LANGUAGES}

    assert '<html lang="zh-Hans">' in pages["zh"] and '<html lang="en">' in pages["en"]
    assert len({tuple(re.findall(r' id="([^"]*)"', page)) for page in pages.values()}) == 1


@pytest.mark.parametrize("render", PAGES)
def test_tables_have_captions_cells_have_heads_and_pictures_are_told(render):
    found = Tables(render("en"))

    assert found.tables and all(inside == ["caption"] for inside in found.tables)
    assert all(head.get("scope") in ("col", "row", "rowgroup") for head in found.heads)
    assert all(scroll.get("tabindex") == "0" and scroll.get("aria-label") for scroll in found.scrolls)
    told = [(attrs, inside) for attrs, inside in found.pictures if attrs.get("aria-hidden") != "true"]
    assert told
    for attrs, inside in told:
        assert attrs["role"] == "img"
        assert [tag for tag, _ in inside][:2] == ["title", "desc"]
        assert [attrs["aria-labelledby"], attrs["aria-describedby"]] == [name for _, name in inside[:2]]


@pytest.mark.parametrize("words", CASES)
@pytest.mark.parametrize("code", OTHERS)
def test_the_markdown_of_a_pull_request_follows_the_language(words, code):
    text = render_markdown(words, code)

    plain = re.sub(r"`[^`]*`|</?\w+>|Holm|DeLong|ROC|AUC|EUR|Brier|zq\w*", "", text)
    assert re.findall(r"[A-Za-z]{3,}", plain) == []


@pytest.mark.parametrize(
    ("languages", "asked", "tag"),
    [
        (("zh",), None, "zh-Hans"),
        (("en",), None, "en"),
        (("zh", "zh"), None, "zh-Hans"),
        (("zh", "en"), None, "en"),
        (("zh",), "en", "en"),
        (("en",), "zh", "zh-Hans"),
    ],
)
def test_a_comparison_speaks_the_language_of_the_candidates_unless_another_is_asked_for(languages, asked, tag, tmp_path):
    found = made(*[whole()] * len(languages), languages=languages)

    page, markdown, content, junit = (path.read_text() for path in write_comparison(found, tmp_path, asked))

    assert f'<html lang="{tag}">' in page
    assert ("判定方法" in markdown) == (tag != "en")
    assert "判定方法" not in content and "better" in junit and render_junit(found) == junit
    assert render_text(found).splitlines()[-1].startswith("BETTER: ROC AUC is better by +0.030")


@pytest.mark.parametrize(("language", "asked", "tag"), [("zh", None, "zh-Hans"), ("zh", "en", "en"), ("en", "zh", "zh-Hans")])
def test_a_sweep_speaks_the_language_of_its_recipes_unless_another_is_asked_for(language, asked, tag, tmp_path):
    found = sweep(language=language)

    page, content = (path.read_text() for path in write_sweep(found, tmp_path, asked))

    assert f'<html lang="{tag}">' in page and '"metric": "roc_auc"' in content
    assert render_sweep_text(found).startswith("6 runs of zqsweep, by ROC AUC; higher is better")


@pytest.mark.parametrize("method", METHODS)
def test_methods_have_words_in_each_language(method):
    with speaking("zh"):
        assert heard(method) != method


def test_the_first_screen_gives_a_verdict_to_each_deciding_figure_and_money_for_a_thousand_rows():
    first = render_comparison(made(whole())).split('id="c0-figures"')[0]

    assert re.findall(r'<h3>([^<]*) <span class="badge (\w+)">(\w+)<', first) == [
        ("ROC AUC", "good", "better"),
        ("Worth of a row, EUR", "acted", "underpowered"),
    ]
    assert "For 1,000 rows that is −20 EUR (−119 to +79)." in first
    assert "Beside these 5 other figures: 1 better, 2 same, 1 worse, 1 underpowered" in first


def test_figures_of_unlike_units_share_an_axis_of_margins_and_say_where_they_go_on():
    page = render_comparison(made([figure(value=0.005, error=0.001), figure("f1", value=0.3, error=0.01, is_deciding=False)]))

    zones = set(re.findall(r'style="--a:([\d.]+)%;--b:([\d.]+)%"', page))
    assert len(zones) == 1, "the margin is one band through all rows"
    assert page.count("▸") == 1 and page.count("◂") == 0, "what lies beyond ends in an arrow"


def test_slices_stand_below_their_column_in_the_order_of_their_bands():
    page = render_comparison(made(whole()))

    by_slice = page[page.index(">By slice<") :]
    assert re.findall(r'scope="rowgroup"[^>]*>([^<]*)<', by_slice) == ["zqage", "zqsex"]
    rows = re.findall(r'<th scope="row">([^<]*?) <code>', by_slice)
    assert rows == ["up to 27", "27 to 41", "over 41", "zqm", "(others)"]


def test_a_key_that_only_one_of_several_candidates_changes_is_marked_there_and_plain_elsewhere():
    one, other = made(whole(), whole())
    other = replace(other, changes=(Change("zq.seed", "1", "3"),), candidate=Side("zq/other", "zqrecipe"))

    page = render_comparison([one, other])

    table = page[page.index('class="diff"') : page.index('id="method"')]
    rows = [re.sub(r"\s+", " ", row) for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.DOTALL)]
    assert len(rows) == 2 and "<b>gone</b>" in rows[0] and "<b>seed</b>" in rows[1]
    assert "<ins><i>not set</i></ins>" in rows[0] and rows[0].count("<ins>") == 1 and '<td class="faint">' in rows[0]
    assert re.findall(r"<ins><code>(\d)</code></ins>", rows[1]) == ["2", "3"]


def test_the_answer_of_a_sweep_names_what_helps_and_says_when_the_best_stands_alone():
    page = render_sweep(sweep())
    alone = render_sweep(replace(sweep(), runs=tuple(replace(run, against_best=None) for run in sweep().runs)))

    assert "What helps: zqleaves = over 16 (+0.0200, interval +0.0100 to +0.0300)." in page
    assert "No clear winner" in page and "3 of the 5 other runs can not be told from it" in page
    assert "No clear winner" not in alone and "No other run can be taken for as good" in alone
