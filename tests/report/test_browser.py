"""The page in a real browser: it is whole without the network, on a phone, by keyboard, in the dark and in print."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest
from made_comparisons import made, sweep, whole

from lepton_automl.report.comparing import render_comparison, render_sweep
from lepton_automl.report.language import LANGUAGES
from lepton_automl.report.page import render_page
from lepton_automl.tasks import Payoff

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from browser import CONTRAST, CUT, HEADINGS, Browser, found

pytestmark = pytest.mark.skipif(found() is None, reason="there is no Chromium")
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOLD = "[...document.querySelectorAll('.lines output b')].map((mark) => mark.textContent)"


@pytest.fixture(scope="module")
def browser():
    with Browser() as made:
        yield made


@pytest.fixture(scope="module")
def page(make_facts, tmp_path_factory):
    """Makes the page of a small run: `page("en", "binary")`."""

    def make(language="en", kind="binary"):
        labels = {"binary": ("good", "bad"), "multiclass": tuple("abcdef")}.get(kind, ())
        facts = make_facts(kind, labels, payoff=Payoff(0.0, -1.0, 0.0, -5.0) if len(labels) == 2 else None)
        text = render_page(type(facts)(**{**vars(facts), "recipe": {**facts.recipe, "report": {"language": language}}}))
        path = tmp_path_factory.mktemp("page") / "report.html"
        path.write_text(text, encoding="utf-8")
        return path

    return make


COMPARED = {
    "one": lambda code: render_comparison(made(whole()), language=code),
    "several": lambda code: render_comparison(made(whole(), whole(0.1), whole(0.02)), language=code),
    "sweep": lambda code: render_sweep(sweep(), language=code),
}
"""Pages beside the report, by what they show."""


@pytest.fixture
def compared(tmp_path):
    """Makes the page of a comparison or a sweep: `compared("en", "sweep")`."""

    def make(language, kind):
        path = tmp_path / f"{kind}.html"
        path.write_text(COMPARED[kind](language), encoding="utf-8")
        return path

    return make


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("language", "kind"), [("en", "binary"), ("zh", "binary"), ("en", "multiclass"), ("zh", "forecast")])
def test_a_page_asks_for_nothing_says_no_error_is_not_too_wide_and_can_be_read(browser, page, language, kind, width, scheme):
    assert_readable(browser, page(language, kind), width, scheme)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", COMPARED)
def test_so_does_the_page_of_a_comparison_or_a_sweep(browser, compared, language, kind, width, scheme):
    assert_readable(browser, compared(language, kind), width, scheme)


@pytest.mark.parametrize("kind", ["one", "several"])
def test_on_a_phone_each_row_shows_its_verdict_and_picture_without_a_scroll(browser, compared, kind):
    browser.show(compared("en", kind), 390)

    right = "Math.max(...[...document.querySelectorAll('.forest td.pic')].map((cell) => cell.getBoundingClientRect().right))"
    shown = "[...document.querySelectorAll('.forest .badge')].filter((one) => one.checkVisibility()).length"
    rows = "document.querySelectorAll('.forest tbody tr:not(.of)').length"
    assert browser.ask(right) <= 390
    assert browser.ask(shown) == browser.ask(rows) > 5


def test_the_lines_of_a_sweep_are_read_by_keyboard(browser, compared):
    browser.show(compared("en", "sweep"), 1280)
    read = "[document.getElementById('tip').hidden, document.getElementById('tip').textContent]"
    marked = "document.querySelectorAll('.way.now').length"
    browser.ask("document.getElementById('parallel-t').parentNode.focus()")

    browser.key("ArrowRight")
    first = browser.ask(read)
    browser.key("ArrowRight")
    second, now = browser.ask(read), browser.ask(marked)
    browser.key("Escape")

    assert first == [False, "rank 1: ROC AUC 0.864; zqleaves = 64, zqrate = zqa"]
    assert second == [False, "rank 2: ROC AUC 0.864; zqleaves = 64, zqrate = zqb"] and now == 1
    assert browser.ask(read)[0] is True and browser.ask(marked) == 0


def assert_readable(browser, path, width, scheme):
    """Makes sure that a page asks for nothing, says no error, is not too wide, and can be read."""
    browser.show(path, width, features={"prefers-color-scheme": scheme})

    assert browser.requests() == [path.as_uri()]
    assert browser.wrong() == []
    assert browser.ask(BEYOND) == 0
    assert browser.ask(CONTRAST) == []
    assert browser.ask(CUT) == []
    levels = browser.ask(HEADINGS)
    assert levels[0] == 1 and levels.count(1) == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == [], "no level is left out"


def test_the_line_is_moved_by_keyboard_and_its_figures_are_told(browser, page):
    browser.show(page(), 1280)
    start = browser.ask(TOLD)

    browser.ask("document.getElementById('line-at').focus()")
    browser.key("ArrowRight")
    moved, value = browser.ask(TOLD), browser.ask("document.getElementById('line-at').getAttribute('aria-valuetext')")
    ring = browser.ask("document.querySelectorAll('.dot.ring').length")
    placed = (
        "Number([...document.getElementById('spread-t').parentNode.querySelectorAll('line.rule')].pop().getAttribute('x1'))"
    )
    moved_line = browser.ask(placed)
    browser.ask("document.querySelector('.lines button').click()")

    assert float(moved[0]) > float(start[0]) and value == moved[0]
    assert ring == 2, "the line is marked on both curves"
    assert moved_line > browser.ask(placed), "and on the picture of both labels"
    assert browser.ask(TOLD) == start
    assert browser.ask("document.querySelector('.lines output').getAttribute('aria-live')") == "polite"


def test_points_of_a_curve_are_read_by_keyboard(browser, page):
    browser.show(page(), 1280)
    read = "[document.getElementById('tip').hidden, document.getElementById('tip').textContent]"
    browser.ask("document.getElementById('roc-t').parentNode.focus()")

    browser.key("ArrowRight")
    first = browser.ask(read)
    browser.key("ArrowRight")
    second = browser.ask(read)
    browser.key("Escape")

    assert first[0] is second[0] is False and first[1] != second[1]
    assert second[1].startswith("finds ")
    assert browser.ask(read)[0] is True


def test_the_ledger_is_searched_and_print_shows_all_of_it(browser, page):
    browser.show(page(), 1280)
    shown = "[...document.querySelectorAll('#ledger tbody tr')].filter((row) => row.checkVisibility()).length"
    before = browser.ask(shown)

    browser.ask(
        "(() => { const box = document.getElementById('find'); box.value = 'nearly EMPTY';"
        "box.dispatchEvent(new Event('input')); })()"
    )
    found_rows, said = browser.ask(shown), browser.ask("document.querySelector('.find output').textContent")
    browser.ask("dispatchEvent(new Event('beforeprint'))")

    assert before == 3 and found_rows == 1 and said == "1 of 3 entries"
    assert browser.ask(shown) == 3
    assert browser.ask("document.querySelectorAll('details:not([open]):not(.quiet)').length") == 0
    heads = "[...document.querySelectorAll('th > button')].map((button) => [button.textContent, button.parentNode.textContent])"
    printed = browser.ask(heads)
    assert printed and all(button == "" and head for button, head in printed), "headings are printed again on the next page"
    browser.ask("dispatchEvent(new Event('afterprint'))")
    assert all(button == head for button, head in browser.ask(heads))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_are_switched_and_nothing_is_remembered(browser, page, scheme):
    path, paper = page(), "getComputedStyle(document.body).backgroundColor"
    browser.show(path, 1280, features={"prefers-color-scheme": scheme})
    before = browser.ask(paper)

    browser.ask("document.getElementById('theme').click()")
    switched, faint = browser.ask(paper), browser.ask(CONTRAST)
    browser.call("Emulation.setEmulatedMedia", media="print")
    printed = browser.ask(f"[{paper}, getComputedStyle(document.documentElement).colorScheme]")
    browser.call("Emulation.setEmulatedMedia", media="")
    browser.show(path, 1280, features={"prefers-color-scheme": scheme})

    assert switched != before and faint == []
    assert printed == ["rgb(255, 255, 255)", "light"], "paper is white, its margins too"
    assert browser.ask(paper) == before
    assert (before == "rgb(255, 255, 255)") == (scheme == "light")


def test_a_table_wider_than_a_phone_is_laid_out_row_by_row_and_only_what_moves_is_focused(browser, page):
    wider = "[...document.querySelectorAll('.scroll > table:not(.confusion, .bars)')].filter((table) => {0}).length"
    beyond = wider.format("table.parentNode.clientWidth && table.parentNode.scrollWidth > table.parentNode.clientWidth + 1")
    still = (
        "[...document.querySelectorAll('.scroll')].filter((part) => part.hasAttribute('tabindex') !== "
        "(part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1)).length"
    )
    path = page()

    browser.show(path, 1280)
    assert browser.ask(wider.format("table.matches('.stacked')")) == 0 and browser.ask(still) == 0

    browser.show(path, 390)
    assert browser.ask(wider.format("table.matches('.stacked')")) >= 3
    assert browser.ask(beyond) == 0 and browser.ask(still) == 0
    heads = "[...document.querySelectorAll('table.metrics.stacked tbody tr:first-child td')].map((cell) => cell.dataset.head)"
    assert browser.ask(heads)[:3] == ["Value", "Interval", "Baseline"]


def test_the_tab_key_reaches_everything_in_its_order_and_shows_where_it_is(browser, page):
    browser.show(page(), 1280, features={"prefers-reduced-motion": "reduce"})
    browser.ask("window.before = null")
    look = """(() => {
      const now = document.activeElement, style = getComputedStyle(now), box = now.getBoundingClientRect();
      if (now === document.body) return null;
      const follows = !window.before || Boolean(window.before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING);
      window.before = now;
      return [follows, style.outlineStyle, box.bottom > 0 && box.top < innerHeight, now.tagName];
    })()"""

    seen = []
    for _ in range(300):
        browser.key("Tab")
        told = browser.ask(look)
        if told is None:
            break
        seen.append(told)

    assert told is None and len(seen) > 20, "the keyboard comes out at the end"
    assert {tuple(one[:3]) for one in seen} == {(True, "solid", True)}
    assert {"A", "BUTTON", "INPUT", "SUMMARY", "svg"} <= {one[3] for one in seen}


def test_without_a_script_the_page_shows_all_and_no_dead_control(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.show(page(), 390)
        assert browser.ask("[...document.querySelectorAll('button, input')].filter((one) => one.checkVisibility()).length") == 0
        assert len(browser.ask(TOLD)) == 5 and browser.ask("document.querySelector('.lines output').checkVisibility()")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_page_is_printed(browser, page, tmp_path):
    browser.show(page("zh"), 1280, features={"prefers-color-scheme": "dark"})

    browser.pdf(tmp_path / "report.pdf")

    printed = (tmp_path / "report.pdf").read_bytes()
    assert printed.startswith(b"%PDF") and printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 3
