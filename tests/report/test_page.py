"""The page: complete in itself, safe with hostile data, and true to the facts."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from lepton_automl.ledger import Entry
from lepton_automl.report import write_report
from lepton_automl.report.page import render_page
from lepton_automl.report.sections import answer_section, proof_section
from lepton_automl.report.wording import number, share
from lepton_automl.search import Trial, TrialState

HOSTILE = "<script>alert(1)</script>\"'&</table><img src=x onerror=alert(2)> {{ 7*7 }} \u202e " + "x" * 300
VOID = {"meta", "link", "br", "wbr", "img", "input", "hr", "col"}
FETCHES = {"src", "href", "srcset", "data", "action", "poster", "xlink:href"}


class Page(HTMLParser):
    """Reads a page: its tags with attributes, its text, and whether every tag that opens closes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.wrong, self.text = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)
        self.text += " "

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text += data

    def ids(self):
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]

    def figures(self):
        return {
            attrs["aria-labelledby"].removesuffix("-t")
            for tag, attrs in self.tags
            if tag == "svg" and attrs.get("role") == "img"
        }


def words(text):
    """The page's text with all white space made single."""
    return " ".join(Page(text).text.split())


CASES = [
    pytest.param("binary", ("good", "bad"), {"headline", "roc", "precision-recall", "calibration"}, id="binary"),
    pytest.param("multiclass", tuple("abcdefg"), {"headline"}, id="multiclass"),
    pytest.param("regression", (), {"headline", "observed", "residuals"}, id="regression"),
    pytest.param("forecast", (), {"headline", "observed", "residuals", "coverage"}, id="forecast"),
]


@pytest.mark.parametrize(("kind", "labels", "figures"), CASES)
def test_each_kind_of_task_shows_the_figures_that_fit_it(make_facts, kind, labels, figures):
    page = Page(render_page(make_facts(kind, labels)))

    assert figures <= page.figures()
    shown = {"roc", "precision-recall", "calibration", "observed", "residuals", "coverage"} & page.figures()
    assert shown == figures - {"headline"}
    assert any(tag == "table" and "confusion" in attrs.get("class", "") for tag, attrs in page.tags) == bool(labels)


@pytest.mark.parametrize(("kind", "labels", "figures"), CASES)
def test_the_page_asks_the_network_for_nothing(make_facts, kind, labels, figures):
    text = render_page(make_facts(kind, labels))

    fetched = [(tag, name, value) for tag, attrs in Page(text).tags for name, value in attrs.items() if name in FETCHES]
    places = {value for _, _, value in fetched} - {"data:,"}
    assert {value for value in places if not value.startswith("#chapter-")} == {
        "#answer",
        "#evidence",
        "#data",
        "#search",
        "#ensemble",
        "#appendix",
    }
    assert {value[1:] for value in places} <= set(Page(text).ids())
    assert "http://" not in text and "https://" not in text and "@import" not in text and "url(" not in text
    (policy,) = [attrs["content"] for _, attrs in Page(text).tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")


@pytest.mark.parametrize(("kind", "labels", "figures"), CASES)
def test_every_tag_closes_and_every_identifier_is_used_once(make_facts, payoff, kind, labels, figures):
    page = Page(render_page(make_facts(kind, labels, payoff=payoff)))

    assert page.wrong == [] and page.open == []
    assert len(page.ids()) == len(set(page.ids()))
    named = {part for _, attrs in page.tags for part in attrs.get("aria-labelledby", "").split()}
    assert named <= set(page.ids())
    tables = sum(tag == "table" for tag, _ in page.tags)
    assert tables == sum(tag == "caption" for tag, _ in page.tags) >= 6


def test_text_of_data_is_shown_as_text_wherever_it_comes_from(make_facts):
    facts = make_facts(labels=("good", HOSTILE))
    column = {"name": HOSTILE, "kind": "text", "reason": HOSTILE, "roles": ["feature"], "missing": 1}
    data = {**facts.plan["data"], "columns": [column], "place": HOSTILE}
    trial = Trial(0, HOSTILE, {HOSTILE: HOSTILE}, "start", TrialState.FAILED, {}, HOSTILE)
    engagement = {"goal": HOSTILE, "owner": HOSTILE, "constraints": [HOSTILE], "business_measure": {"name": HOSTILE}}
    facts = replace(
        facts,
        title=HOSTILE,
        plan={**facts.plan, "data": data, "not_tried": {HOSTILE: HOSTILE}, "notices": [HOSTILE]},
        recipe={"engagement": engagement},
        trials=[*facts.trials, trial],
        entries=[Entry(HOSTILE, "X", HOSTILE, HOSTILE, HOSTILE, note=HOSTILE)],
        evidence=replace(facts.evidence, importance={HOSTILE: 0.1}),
    )

    text = render_page(facts)
    page = Page(text)

    assert "<script>alert" not in text and "<img" not in text and "49" not in re.findall(r"\}\}|\b49 \u202e", text)
    assert page.wrong == [] and page.open == []
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert page.text.count("<script>alert(1)</script>") >= 12


def test_a_name_that_no_file_can_hold_does_not_stop_the_report(make_facts, tmp_path):
    facts = make_facts(title="half \ud800 a pair")

    path = write_report(facts, tmp_path)

    assert "half ? a pair" in path.read_text(encoding="utf-8")
    assert "half ? a pair" in (tmp_path / "model_card.md").read_text(encoding="utf-8")


def test_the_answer_names_metric_interval_baseline_rows_and_price(make_facts):
    facts = make_facts()
    measure = facts.evidence.scores["roc_auc"]

    text = words(render_page(facts))

    assert f"{measure.value:.3f} ROC AUC higher is better" in text
    assert f"95 % interval {measure.low:.3f} to {measure.high:.3f}, from 240 rows of test data" in text
    assert "Better than the baseline of 0.500: the whole interval lies on the better side." in text
    assert "Price 0.012 EUR 3.6 an hour" in text and "Wall clock 12.0 s of 20.0 s" in text and "Peak memory 400 MB" in text
    assert "loss a case: today 12.5 EUR" in text and "Be kind." in text


def test_out_of_fold_evidence_is_marked_before_anything_else_is_said(make_facts):
    marked, unmarked = (render_page(make_facts(out_of_fold=value)) for value in (True, False))

    assert 'class="alarm"' in marked and 'class="alarm"' not in unmarked
    assert marked.index('class="alarm"') < marked.index('class="hero"')
    assert "out-of-fold rows, not test rows" in marked and "out-of-fold rows, not test rows" not in unmarked
    assert "Which features matter was not measured: no test rows were set aside." in words(marked)


def test_a_gate_that_failed_is_shown_as_failed_with_its_limit(make_facts, gate):
    facts = make_facts(gates=[gate("roc_auc", min=0.999), gate("log_loss", max=5.0)])

    text = words(render_page(facts))

    assert "Failed 1 of 2 gates failed: the model does not keep the limits set before the run." in text
    value = f"{facts.evidence.scores['roc_auc'].value:.4f}".rstrip("0")
    assert f"ROC AUC gates.test.roc_auc ≥ 0.999 {value} the value failed" in text
    assert "Log loss gates.test.log_loss ≤ 5" in text


def test_a_gate_with_two_limits_is_one_row_and_fails_if_either_is_broken(make_facts, gate):
    text = words(render_page(make_facts(gates=[gate("roc_auc", min=0.1, max=0.2)])))

    assert "The gate failed" in text and text.count("gates.test.roc_auc") == 1 and "≥ 0.1 and ≤ 0.2" in text


@pytest.mark.parametrize(("payoffs", "says"), [(True, "Every row “bad”"), (False, "no payoffs are given")])
def test_the_line_is_shown_with_its_worth_only_where_payoffs_are_known(make_facts, payoff, payoffs, says):
    text = render_page(make_facts(payoff=payoff if payoffs else None))

    assert says in words(text)
    assert ("worth" in Page(text).figures()) == payoffs == ("Worth of a row, in EUR" in words(text))


def test_another_line_can_be_tried_and_the_page_starts_at_the_decisions_own(make_facts, payoff):
    facts = make_facts(payoff=payoff)
    shown = answer_section(facts)["worth"]["lines"]
    counts = facts.evidence.pictures["confusion"]["counts"]
    hits, alarms, positives = counts[1][1], counts[0][1], sum(counts[1])

    line, precision, recall, called, worth = shown["rows"][shown["at"]]

    assert line == number(facts.decision.threshold, 3)
    assert (precision, recall) == (share(hits / (hits + alarms)), share(hits / positives))
    assert called == share((hits + alarms) / 240)
    assert worth == number(round(facts.evidence.value.value, 9), 3)
    assert list(shown["names"]) == ["Line", "Precision", "Recall", "Called “bad”", "Worth of a row, EUR"]
    text = words(render_page(facts))
    assert f"Precision {precision} Recall {recall}" in text, "without a script the chosen line is shown"


def test_the_confusion_tells_of_each_label_the_share_found_and_the_share_right(make_facts):
    facts = make_facts()
    counts = facts.evidence.pictures["confusion"]["counts"]

    shown = proof_section(facts)["confusion"]

    assert [row["found"] for row in shown["rows"]] == [share(counts[k][k] / sum(counts[k])) for k in (0, 1)]
    assert shown["right"] == [share(counts[k][k] / (counts[0][k] + counts[1][k])) for k in (0, 1)]


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
def test_where_no_line_is_drawn_none_can_be_tried(make_facts, kind):
    assert 'type="range"' not in render_page(make_facts(kind, tuple("abc") if kind == "multiclass" else ()))


def test_the_worth_without_a_model_is_that_of_the_judged_rows(make_facts, payoff):
    facts = make_facts(payoff=payoff)
    positive = facts.evidence.pictures["positive_share"]

    found = facts.value_without_model

    assert found == {"all_positive": pytest.approx(-(1 - positive)), "all_negative": pytest.approx(-5 * positive)}
    assert make_facts().value_without_model == {}


def test_failed_trials_show_their_first_error_and_do_not_break_the_figure(make_facts):
    text = render_page(make_facts())

    assert "MemoryError: no room <left>" in words(text) and "xgboost 1 trial" in words(text)
    assert "race" in Page(text).figures() and "inf" not in re.findall(r'(?:cx|cy|d)="([^"]*)"', text)
    assert "Trials without a score (2) are not shown." in words(text)
    assert "catboost the package catboost is not installed" in words(text)


def test_a_device_that_was_asked_for_and_not_there_is_told(make_facts):
    facts = make_facts()
    hardware = {**facts.plan["hardware"], "asked_device": "gpu"}

    text = words(render_page(replace(facts, plan={**facts.plan, "hardware": hardware})))

    assert "cpu; gpu was asked for, and none was there" in text


def test_random_folds_that_believe_too_well_of_the_future_are_an_alarm_before_the_evidence(make_facts):
    facts = make_facts()
    entry = Entry("split", "SPLIT002", "time_check", "disagrees", "day", 200, note="11.7 believed, 46.2 found <b>")

    page = render_page(replace(facts, entries=[*facts.entries, entry]))

    assert "Random folds and the order of time disagree 11.7 believed, 46.2 found <b>" in words(page)
    assert page.index("46.2 found &lt;b&gt;") < page.index('id="evidence"')


def test_a_run_in_which_no_trial_was_completed_still_has_a_page(make_facts):
    facts = make_facts()
    trial = replace(facts.trials[0], state=TrialState.SKIPPED)

    page = Page(render_page(replace(facts, trials=[trial], verdicts=[], entries=[])))

    assert "race" not in page.figures() and page.wrong == []


def test_the_ledger_shows_what_was_changed_and_how_much(make_facts):
    text = words(render_page(make_facts()))

    assert "Changed: rows dropped 12, column dropped 1." in text
    assert "GOV005 missing column dropped empty nearly empty 1 0.99 share (limit 0.95)" in text
    assert "rows 252 → 240" in text
    assert "Rules on the whole table 2 entries: 1 column dropped, 1 rows dropped" in text


def test_a_part_of_the_features_that_was_shuffled_is_said_to_be_a_part(make_facts):
    text = words(render_page(make_facts()))

    assert "Only 2 of 5 features were shuffled before the time was up" in text
    assert "income 0.2" in text and "age −0.01" in text


def test_colours_for_the_dark_and_rules_for_print_and_narrow_pages_are_in_the_page(make_facts):
    text = render_page(make_facts())

    assert "prefers-color-scheme: dark" in text and "@media print" in text and "max-width: 46rem" in text
    assert 'name="viewport"' in text and '<html lang="en">' in text


def test_the_password_of_a_database_is_not_in_the_report(make_facts):
    facts = make_facts()
    url = "postgresql://ana:hunter2@host/db"
    data = {**facts.plan["data"], "place": url}

    text = render_page(replace(facts, plan={**facts.plan, "data": data}, recipe={"data": {"source": {"url": url}}}))

    assert "hunter2" not in text and text.count("ana:•••@host/db") == 2


def test_a_wide_and_many_classed_run_is_rendered_in_less_than_a_megabyte(make_facts):
    labels = [f"class {k}" for k in range(26)]
    facts = make_facts("multiclass", labels)
    counts = [[k * j for j in range(26)] for k in range(26)]
    columns = [{"name": f"column_{k}", "kind": "number", "reason": "", "roles": ["feature"], "missing": k} for k in range(400)]
    entries = [Entry("data", "GOV003", "constants", "column dropped", f"c{k}", note="one value") for k in range(400)]
    facts = replace(
        facts,
        plan={**facts.plan, "data": {**facts.plan["data"], "columns": columns}},
        entries=entries,
        evidence=replace(facts.evidence, pictures={"confusion": {"labels": labels, "counts": counts, "of": 26}}),
    )

    text = render_page(facts)

    assert len(text.encode()) < 1_000_000
    assert '<details class="stage">' in text, "a long stage of the ledger is closed at first"
    assert text.count('style="--s:') == 26 * 26
