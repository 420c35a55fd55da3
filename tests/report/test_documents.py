"""The documents that a reviewer asks for: what is known stands in them, what only people know is marked and counted."""

import re
from dataclasses import replace
from html import unescape

import pytest

from lepton_automl.ledger import Entry
from lepton_automl.report import write_report
from lepton_automl.report.card import render_card
from lepton_automl.report.documents import EVERY_RUN, render_document
from lepton_automl.report.documents.asking import MARK
from lepton_automl.report.documents.render import TEMPLATES
from lepton_automl.report.page import render_page

DOCUMENTS = [
    "data_governance_report.html",
    "data_governance_report.md",
    "datasheet.md",
    "instructions_for_use.md",
    "monitoring_plan.md",
    "technical_documentation.md",
]
PACK = {
    "name": "made",
    "title": "A law made for tests",
    "sources": [{"text": "The Act, Article 1", "date": "2024-06-13", "url": "https://law.example/act"}],
    "notice": "This is no legal advice.",
    "rules": [{"name": "missing", "why": "Article 2", "waived": ""}, {"name": "leakage", "why": "Article 3", "waived": "Ana"}],
    "fields": [{"key": "engagement.owner", "why": "Article 4"}],
    "gates": [
        {"name": "accuracy", "why": "Article 5", "figures": ["roc_auc"], "applies": True},
        {"name": "calibration", "why": "Article 6", "figures": [], "applies": False},
    ],
    "documents": ["technical_documentation", "instructions_for_use", "monitoring_plan"],
    "changed": ["policy.rules.roles"],
}
WAIVER = {"by": "Ana", "why": "the column is known at that time", "until": "2030-01-31", "columns": ["paid_at"]}
SAID = {
    "affected_people": "Applicants.",
    "human_oversight": "A clerk decides.",
    "redress": "By letter.",
    "risks": "Wrong refusals.",
    "retention": "Two years.",
    "monitoring": "Each month.",
}


def made_column(name, kind="number", roles=("feature",), missing=0):
    return {"name": name, "kind": kind, "reason": "looks so", "roles": list(roles), "missing": missing}


def filled(facts, **engagement):
    """Facts with everything that a run may have: policy, rules, waivers, dropped and changed columns, the ledger's head."""
    entries = [
        *facts.entries,
        Entry("load", "LOAD010", "missing_tokens", "values set missing", "age", 24),
        Entry(
            "train", "GOV007", "leakage", "waived", "paid_at", 1, measured=1.0, limit=0.98, unit="AUC", note="alone it tells"
        ),
        Entry("split", "SPLIT001", "stratified", "noted", note="192 training rows, 3 folds, 48 test rows"),
        Entry("features", "FEAT001", "mean_targets", "columns made", count=4, note="codes (lightgbm 1): a secret phrase"),
    ]
    columns = [*facts.plan["data"]["columns"], made_column("empty", missing=238), made_column("paid_at", "datetime")]
    rules = [
        {"name": "missing", "code": "GOV005", "title": "A feature that is nearly empty is dropped", "stage": "data"},
        {"name": "leakage", "code": "GOV007", "title": "No feature alone gives the target away", "stage": "train"},
        {"name": "silent", "code": "GOV099", "title": "A rule that did not look", "stage": "train"},
    ]
    plan = {
        **facts.plan,
        "policy": PACK,
        "waivers": {"leakage": WAIVER},
        "rules": rules,
        "data": {**facts.plan["data"], "columns": columns, "test_rows": 48},
    }
    recipe = {**facts.recipe, "engagement": {**facts.recipe["engagement"], **SAID, **engagement}}
    return replace(facts, plan=plan, recipe=recipe, entries=entries, head="e" * 64)


@pytest.fixture
def variants(make_facts, payoff, gate):
    """Facts of every make: bare and full, every task, with and without test rows, gates and payoffs."""
    bare = make_facts(recipe={"name": "small", "engagement": {}, "task": {"target": "y"}}, latency=None)
    return {
        "bare": bare,
        "full": filled(make_facts(payoff=payoff, gates=[gate("roc_auc", min=0.7), gate("log_loss", max=0.01)])),
        "out of fold": make_facts(out_of_fold=True),
        "multiclass": make_facts("multiclass", ("a", "b", "c")),
        "regression": filled(make_facts("regression", ())),
        "forecast": make_facts("forecast", (), entries=[]),
    }


def test_every_template_is_tested():
    assert sorted(path.name for path in TEMPLATES.iterdir()) == sorted([*DOCUMENTS, "validation_readme.md"])


@pytest.mark.parametrize("variant", ["bare", "full", "out of fold", "multiclass", "regression", "forecast"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_renders_whatever_facts_there_are(name, variant, variants):
    text = render_document(name, variants[variant])

    assert variants[variant].title in text
    assert "None" not in re.sub(r"\nNone\.\n", "", text) and "{{" not in text and "Undefined" not in text


@pytest.mark.parametrize("variant", ["bare", "full"])
@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "governance" not in name])
def test_fields_that_only_people_can_fill_are_marked_and_counted_at_the_top(name, variant, variants):
    text = render_document(name, variants[variant])

    marks = text.count(MARK) - 1  # the sentence at the top that tells of them
    assert marks >= 5
    head = text.partition("\n## ")[0]
    said = re.search(r"(\d+)(?: fields)? are marked", head)
    assert said is not None and int(said.group(1)) == marks


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "governance" not in name])
def test_what_the_recipe_says_takes_the_place_of_a_mark(name, variants):
    bare, full = render_document(name, variants["bare"]), render_document(name, variants["full"])

    assert "engagement.owner]" in bare and "engagement.owner]" not in full
    assert "The owners" in full
    assert full.count(MARK) < bare.count(MARK)


def test_the_governance_report_gives_every_rule_its_verdict(variants):
    text = render_document("data_governance_report.md", variants["full"])

    assert (
        "| GOV005 | missing | A feature that is nearly empty is dropped | data | **acted** | 1 column dropped | 1 | – |" in text
    )
    assert "| GOV007 | leakage | No feature alone gives the target away | train | **waived** | 1 waived | – | – |" in text
    assert "| GOV008 | duplicates |  | data | **acted** | 1 rows dropped | – | 12 |" in text
    assert "| GOV099 | silent | A rule that did not look | train | **did not look** | – | – | – |" in text


@pytest.mark.parametrize("ending", ["md", "html"])
def test_the_governance_report_has_waivers_lineage_policy_and_the_head_of_the_ledger(ending, variants):
    text = render_document(f"data_governance_report.{ending}", variants["full"]).replace("\\", "").replace("<wbr>", "")

    assert "e" * 64 in text
    for said in ("Ana", "2030-01-31", "the column is known at that time", "paid_at"):
        assert said in text
    assert "dropped by GOV005" in text and "nearly empty" in text
    for said in ("A law made for tests", "The Act, Article 1", "2024-06-13", "no legal advice", "policy.rules.roles"):
        assert said in text
    assert "passed over: the task has no such figure" in text
    assert "LOAD010" in text


def test_the_lineage_says_where_each_column_ends(variants):
    text = render_document("data_governance_report.md", variants["full"]).replace("\\", "")

    rows = dict(
        re.findall(
            r"^\| (\w+) \| \w+ \| .* \| (in the model|predicted|kept out of the model|dropped by GOV\d+) \|$", text, re.M
        )
    )
    assert rows == {
        "income": "in the model",
        "age": "in the model",
        "sex": "kept out of the model",
        "y": "predicted",
        "empty": "dropped by GOV005",
        "paid_at": "in the model",
    }


def test_without_policy_waivers_and_findings_the_report_says_so(make_facts):
    text = render_document("data_governance_report.md", make_facts(entries=[]))

    for said in (
        "No rule looked at the data.",
        "No rule was waived.",
        "No row was dropped.",
        "Every value was taken as it was.",
    ):
        assert said in text
    assert "## Policy" not in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_text_of_recipe_and_data_can_not_change_the_form_of_a_document(name, make_facts):
    evil = "x|y\n# <script>alert(1)</script> [to be filled by you] *b*"
    facts = make_facts(title=evil)
    columns = [made_column(evil), *facts.plan["data"]["columns"]]
    plan = {**facts.plan, "data": {**facts.plan["data"], "columns": columns, "place": evil}}
    entries = [Entry("data", "GOV005", "missing", "column dropped", evil, 1, note=evil)]
    recipe = {**facts.recipe, "engagement": dict.fromkeys([*SAID, "owner", "goal", "limits", "intended_use"], evil)}

    text = render_document(name, replace(facts, plan=plan, recipe=recipe, entries=entries))

    assert "<script>alert" not in text and text.count("<script") == name.endswith(".html")
    if name.endswith(".md"):
        assert not any(line.startswith("# &lt;") for line in text.splitlines())
        assert not re.search(r"(?<!\\)\|y|(?<!\\)\[to be filled by you|(?<!\\)\*b", text)


def test_a_page_asks_the_network_for_nothing(variants):
    page = render_document("data_governance_report.html", variants["full"])

    assert "default-src 'none'" in unescape(page)
    assert re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*", page) == []


def test_notes_that_may_hold_words_of_a_text_stay_out(variants):
    for name in DOCUMENTS:
        assert "a secret phrase" not in render_document(name, variants["full"])


def test_the_documents_of_every_run_lie_beside_the_report_and_the_others_where_they_are_asked_for(variants, tmp_path):
    (tmp_path / "bare").mkdir()
    (tmp_path / "full").mkdir()

    write_report(variants["bare"], tmp_path / "bare")
    write_report(variants["full"], tmp_path / "full")

    assert {path.name for path in (tmp_path / "bare").iterdir()} == {"report.html", "model_card.md", *EVERY_RUN}
    asked = {f"{name}.md" for name in PACK["documents"]}
    assert {path.name for path in (tmp_path / "full").iterdir()} == {"report.html", "model_card.md", *EVERY_RUN, *asked}


def test_the_data_governance_report_of_a_wide_table_names_every_column(variants):
    facts = variants["full"]
    columns = [made_column(f"c{number}", missing=number) for number in range(500)]
    entries = [
        *facts.entries,
        *(Entry("data", "GOV005", "missing", "column dropped", f"c{n}", 1, note="empty") for n in range(400)),
    ]
    wide = replace(facts, plan={**facts.plan, "data": {**facts.plan["data"], "columns": columns}}, entries=entries)

    texts = {name: render_document(name, wide) for name in DOCUMENTS}

    assert all(f"c{number}" in texts["data_governance_report.md"] for number in range(500))


def test_the_monitoring_plan_names_the_features_that_matter_most_first(variants):
    text = render_document("monitoring_plan.md", variants["full"]).replace("\\", "")

    assert re.findall(r"^\| (income|age|paid_at) \|", text, re.M) == ["income", "age", "paid_at"]
    assert "| empty |" not in text and "≥ 0.7" in text and "≤ 0.01" in text


def test_the_card_says_what_it_means_for_people(variants):
    bare, full = render_card(variants["bare"]), render_card(variants["full"])

    assert "- **Human oversight**: A clerk decides." in full
    assert "- **Waived rule leakage**: by Ana until 2030-01-31: the column is known at that time" in full.replace("\\", "")
    assert "- **Policy**: A law made for tests. This is no legal advice." in full
    assert f"- **Human oversight**: {MARK}the owner: engagement.human_oversight]" in bare


def test_the_report_shows_policy_and_waivers(variants):
    page = render_page(variants["full"])

    for said in ("A law made for tests", "The Act, Article 1, 2024-06-13", "Article 5", "waived by Ana", "2030-01-31"):
        assert said in page
    assert 'id="policy"' not in render_page(variants["bare"])
