"""The page in every language: nothing of ours is left in English, and what is data stays as it is."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from lepton_automl.data import Kind, Role
from lepton_automl.ensemble import Trialled
from lepton_automl.evidence import Allowance, Profiled, make_profile
from lepton_automl.governance import RULES
from lepton_automl.ledger import Entry
from lepton_automl.report.documents import render_document
from lepton_automl.report.heard import called, heard
from lepton_automl.report.language import LANGUAGES, speaking
from lepton_automl.report.page import render_page
from lepton_automl.search import TrialState
from lepton_automl.testing import table

SHOWN = ("aria-label", "data-tip", "title", "alt", "placeholder", "aria-description")
NAMES = {"lightgbm", "linear", "xgboost", "catboost", "tpe", "racing", "study", "journal", "temperature", "cpu", "auto"}
ABBREVIATIONS = {"lepton", "automl", "roc", "auc", "brier", "rmse", "mae", "mape", "wape", "psi", "sha", "utc", "gpu", "eur"}
METHODS = {"pearson", "anova", "ped", "cram", "python", "json", "lineage", "profile", "evidence", "importance"}
NO_WORD = re.compile(r"zq\w*|(?:ab){8,}|(?:c0ffee)+|\b[A-Z]{3,}\d{3}\b")
ENGLISH = re.compile(r"[A-Za-z]{3,}")


class Texts(HTMLParser):
    """Reads the texts that a person sees or hears; code, recipe and errors are left out."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "link", "br", "wbr", "col", "input"}:
            self.open.append(tag)
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_startendtag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        if data.strip() and not {"script", "style", "code", "pre"} & set(self.open):
            self.found.append(" ".join(data.split()))


def english(page):
    """Gives the texts of a page that hold an English word which is no name, abbreviation or made-up word."""
    known = NAMES | ABBREVIATIONS | METHODS
    return sorted(
        {
            text
            for text in Texts(page).found
            if any(word.lower() not in known for word in ENGLISH.findall(NO_WORD.sub("", text)))
        }
    )


def profile(labels):
    """A profile of made-up columns of every kind."""
    rng = np.random.default_rng(0)
    n = 400
    rows = table(
        target="y",
        kinds={"zqtext": Kind.TEXT},
        roles={"zqgroup": Role.PROTECTED, "zqkey": Role.ID},
        zqincome=rng.lognormal(8, 1, n),
        zqgap=np.where(rng.random(n) < 0.2, np.nan, rng.random(n)),
        zqcity=rng.choice(["zqa", "zqb"], n),
        zqgroup=rng.choice(["zqm", "zqf"], n, p=[0.9, 0.1]),
        zqkey=[f"zq{k}" for k in range(n)],
        zqtext=[f"zq zq{k}" for k in range(n)],
        y=rng.integers(0, 2, n),
    )
    train, test = rows.rows(np.arange(n - 100)), rows.rows(np.arange(n - 100, n)).without(["y"])
    y = train.values("y").to_numpy().astype("int64")
    moved = test.with_column(test.column("zqincome"), test.values("zqincome") * 4)
    return make_profile(Profiled(train, moved, "y", y, labels), Allowance()).content


SEARCHED = {
    "sampler": "tpe",
    "pruner": "racing",
    "storage": "study.journal",
    "studies": ["lightgbm"],
    "objectives": ["metric", "predict_seconds"],
    "values": {0: [-0.7, 0.1], 1: [-0.8, 0.4]},
    "front": [0, 1],
    "ended_seconds": {0: 4.0, 1: 9.5},
    "importances": {
        "lightgbm": {"trials": 12, "shares": {f"zq{n}": 0.1 for n in range(10)}, "why_not": ""},
        "linear": {"trials": 3, "shares": {}, "why_not": "too few trials"},
    },
    "warm_start": [],
}
LINEAGE = {
    "columns": [
        {"name": "zqone", "fate": "read", "rules": [], "prepared": {"v": {"number": 1, "parts of dates": 4}}},
        {
            "name": "zqtwo",
            "fate": "dropped",
            "rules": [{"code": "GOV005", "rule": "missing", "effect": "column dropped"}],
            "prepared": {},
        },
        {"name": "y", "fate": "target", "rules": [], "prepared": {}},
    ],
    "views": {"v": {"number": 2, "parts of dates": 4}},
    "models": [{"trial": 1, "model": "lightgbm", "weight": 0.75, "view": "v"}],
}
ENGAGEMENT = {
    "title": "zq",
    "goal": "zq",
    "owner": "zq",
    "business_measure": {"name": "zq", "unit": "zq", "today": 1.5, "goal": 1.0},
    "constraints": ["zq"],
    "intended_use": "zq",
    "commercial": False,
}


@pytest.fixture
def whole(make_facts, payoff, gate):
    """Makes facts in which every part of the page has something to show, with made-up names in all that is data."""

    def make(kind, labels, **options):
        limits = [] if kind in ("regression", "forecast") else [gate("log_loss", max=0.01), gate("log_loss", max=9.0, min=0.0)]
        facts = make_facts(kind, labels, payoff=payoff if len(labels) == 2 else None, gates=limits, **options)
        plan = facts.plan
        columns = [{**column, "name": "zq", "reason": "zq"} for column in plan["data"]["columns"]]
        entries = [replace(entry, column="zq", note="zq", unit="") for entry in facts.entries]
        trials = [replace(trial, origin="zq", error="zq" if trial.error else "") for trial in facts.trials]
        evidence = replace(facts.evidence, importance={f"zq{name}": x for name, x in facts.evidence.importance.items()})
        return replace(
            facts,
            title="zq",
            evidence=evidence,
            plan={**plan, "recipe": "zq", "out": "zq", "notices": ["zq"], "data": {**plan["data"], "columns": columns}},
            recipe={**facts.recipe, "engagement": ENGAGEMENT},
            entries=[*entries, Entry("gate", "GATE001", "gates", "gate failed", "zq", measured=1.0, limit=2.0)],
            trials=[replace(trial, params={"zq": 1}) for trial in trials],
            calibrated=Trialled("temperature", "log_loss", 0.41, 0.39, None),
            profile=profile(("zqa", "zqb")),
            lineage=LINEAGE,
            searched=SEARCHED,
            head="",
        )

    return make


def spoken(facts, code):
    return render_page(replace(facts, recipe={**facts.recipe, "report": {"language": code}}))


CASES = [
    pytest.param("binary", ("zqgood", "zqbad"), {}, id="binary"),
    pytest.param("binary", ("zqgood", "zqbad"), {"out_of_fold": True}, id="out of fold"),
    pytest.param("multiclass", tuple(f"zq{k}" for k in range(5)), {}, id="multiclass"),
    pytest.param("regression", (), {}, id="regression"),
    pytest.param("forecast", (), {}, id="forecast"),
]


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize(("kind", "labels", "options"), CASES)
def test_no_english_is_left_in_a_page_of_another_language(whole, kind, labels, options, code):
    facts = whole(kind, labels, **options)

    page = spoken(facts, code)

    assert english(page) == []
    assert len(english(spoken(facts, "en"))) > 100, "the same look finds English where there is English"
    assert "{" not in " ".join(Texts(page).found), "every place has its value"


POLICY = {
    "name": "zq",
    "title": "zq",
    "sources": [{"text": "zq", "date": "2024-06-13", "url": ""}],
    "notice": "zq",
    "rules": [{"name": "missing", "why": "zq", "waived": ""}, {"name": "leakage", "why": "zq", "waived": "zq"}],
    "fields": [{"key": "zq", "why": "zq"}],
    "gates": [{"figures": ["zq"], "why": "zq"}, {"figures": [], "why": "zq"}],
    "documents": ["technical_documentation", "instructions_for_use", "monitoring_plan", "validation_pack"],
    "changed": ["zq"],
}


@pytest.fixture
def governed(whole):
    """Facts in which every part of the data governance report has something to show."""
    facts = whole("binary", ("zqgood", "zqbad"))
    name = facts.plan["data"]["columns"][0]["name"]
    entries = [
        Entry("load", "LOAD010", "missing_tokens", "values set missing", "zq", 24),
        Entry("data", "GOV005", "missing", "column dropped", name, 1, note="zq"),
        Entry("data", "GOV008", "duplicates", "rows dropped", "zq", 12, rows_before=252, rows_after=240),
        Entry("train", "GOV007", "leakage", "waived", "zq", 1, measured=1.0, limit=0.98, unit="AUC", note="zq"),
        Entry("split", "SPLIT001", "stratified", "noted", note="192 training rows, 3 folds, 48 test rows"),
        Entry("features", "FEAT001", "number of the level", "columns made", count=4),
    ]
    rules = [
        {"name": rule, "code": "GOV099", "title": RULES.find(rule, "rule", ()).title, "stage": "data"} for rule in RULES.names()
    ]
    waiver = {"by": "zq", "why": "zq", "until": "2030-01-31", "columns": []}
    plan = {**facts.plan, "policy": POLICY, "waivers": {"leakage": waiver}, "rules": rules}
    return replace(facts, plan=plan, entries=entries, head="e" * 64)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("is_bare", [False, True], ids=["full", "bare"])
def test_no_english_is_left_in_the_data_governance_report_and_its_markdown_stays(governed, is_bare, code):
    facts = replace(governed, entries=[], head="", plan={**governed.plan, "policy": {}, "rules": [], "waivers": {}})
    facts = facts if is_bare else governed
    other = replace(facts, recipe={**facts.recipe, "report": {"language": code}})

    page = render_document("data_governance_report.html", other)

    assert english(page) == []
    assert len(english(render_document("data_governance_report.html", facts))) > 20
    assert render_document("data_governance_report.md", other) == render_document("data_governance_report.md", facts)


@pytest.mark.parametrize(("code", "tag"), [("en", "en"), ("zh", "zh-Hans")])
def test_the_page_says_its_language_and_has_the_same_parts_in_each(whole, code, tag):
    facts = whole("binary", ("zqgood", "zqbad"))

    page = spoken(facts, code)

    assert f'<html lang="{tag}">' in page
    assert re.findall(r' id="([^"]*)"', page) == re.findall(r' id="([^"]*)"', spoken(facts, "en"))


def test_rules_outcomes_kinds_and_roles_have_words_in_each_language():
    words = [
        *RULES.names(),
        *(str(role) for role in Role),
        *(str(kind) for kind in Kind),
        *(str(state) for state in TrialState),
    ]

    with speaking("zh"):
        assert [word for word in words if called(word) == word.replace("_", " ")] == []
        assert called("my_own_rule") == "my own rule"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("no payoffs are given", "没有给出收益"),
        ("12 rows without an amount are not valued", "12 行没有金额，未计价值"),
        ("a sentence that nobody knows", "a sentence that nobody knows"),
    ],
)
def test_sentences_of_other_rooms_are_heard_with_their_values(said, found):
    with speaking("zh"):
        assert heard(said) == found
    assert heard(said) == said
