"""What a risk officer sees on the command line: policies, waivers, and rules that stop."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from small_run import FIELDS, WORDS, people

from lepton_automl.cli import main

TODAY = datetime.now(UTC).date()
OVER = "2020-12-31"


@pytest.fixture
def ask(tmp_path, monkeypatch, capsys):
    """Runs the program in a folder of its own; gives exit code, what it prints, and what it says is wrong."""
    monkeypatch.chdir(tmp_path)

    def do(*words):
        capsys.readouterr()
        code = main(list(words))
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return do


def table(folder, *words, leaks=()):
    path = people(folder, leaks)
    return ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=late", *WORDS, *words]


def waiver(name, until=TODAY + timedelta(days=30), **more):
    inner = ", ".join(
        f"{key}: {value}" for key, value in {"by": "Ana", "why": "known at that time", "until": until, **more}.items()
    )
    return f"governance.waivers.{name}={{{inner}}}"


@pytest.mark.parametrize("verb", ["validate", "plan", "run"])
def test_a_recipe_without_what_the_policy_asks_for_is_refused_with_all_of_it(verb, ask, tmp_path):
    code, _, said = ask(verb, *table(tmp_path, "policy=us_credit", "~governance.rules.leakage"))

    assert code == 2
    for key in ("governance.rules.leakage", "engagement.owner", "engagement.redress", "data.roles.protected", "gates.test"):
        assert key in said
    assert "12 CFR 1002.9" in said and "gates.test.roc_auc.min=LIMIT" in said and "gates.test.log_loss.max=LIMIT" in said
    assert not (tmp_path / "outputs").exists()


def test_a_mistake_elsewhere_is_told_together_with_what_the_policy_asks_for(ask, tmp_path):
    code, _, said = ask("validate", *table(tmp_path, "policy=us_credit", "task.metric=rok_auc"))

    assert code == 2
    assert "task.metric" in said and "engagement.redress" in said


def test_an_unknown_policy_is_named_with_the_nearest_one(ask, tmp_path):
    code, _, said = ask("validate", *table(tmp_path, "policy=us_credits"))

    assert code == 2
    assert "Did you mean us_credit?" in said


@pytest.mark.parametrize("verb", ["validate", "plan", "run"])
def test_regulated_credit_with_one_waiver_that_is_over_is_refused(verb, ask):
    code, _, said = ask(verb, "recipe=credit", "governance=regulated", waiver("leakage", OVER), waiver("missing"))

    assert code == 2
    assert "governance.waivers.leakage.until" in said and f"is {OVER}: the waiver is over since then." in said
    assert "governance.waivers.missing" not in said


def test_regulated_credit_can_run(ask):
    code, said, _ = ask("validate", "recipe=credit", "governance=regulated", waiver("leakage"))

    assert code == 0
    assert "recipe 'credit' can run" in said


def test_a_waiver_holds_on_its_last_day(ask, tmp_path):
    code, _, _ = ask("validate", *table(tmp_path, waiver("leakage", TODAY), leaks=["paid"]))

    assert code == 0


@pytest.mark.parametrize(
    ("word", "key", "fix"),
    [
        (waiver("leakage", "'31.12.2030'"), "governance.waivers.leakage.until", "Write it as 2026-12-31."),
        (waiver("leakage", 2030), "governance.waivers.leakage.until", ""),
        (waiver("leakge"), "governance.waivers.leakge", "Did you mean leakage?"),
        ("governance.waivers.leakage={by: Ana, until: 2030-01-01}", "governance.waivers.leakage.why", ""),
        (waiver("leakage", by="''"), "governance.waivers.leakage.by", ""),
    ],
    ids=["no day", "a number", "no rule", "no reason", "nobody"],
)
def test_a_waiver_that_is_none_is_refused(word, key, fix, ask, tmp_path):
    code, _, said = ask("validate", *table(tmp_path, word))

    assert code == 2
    assert key in said and fix in said


def test_a_rule_that_stops_ends_with_all_its_reasons_at_once(ask, tmp_path):
    words = table(tmp_path, "governance=regulated", leaks=["paid", "reminder"])

    code, _, said = ask("validate", *words)

    assert code == 3
    assert "GovernanceStop: 2 problems" in said
    assert "governance.rules.leakage paid" in said and "governance.rules.leakage reminder" in said
    assert "governance.waivers.leakage={by: …, why: …, until: …}" in said


def test_a_run_that_a_rule_stops_leaves_its_reasons_and_no_result(ask, tmp_path):
    code, _, _ = ask("run", *table(tmp_path, "governance=regulated", "run.dir=out", leaks=["paid", "reminder"]))

    assert code == 3
    assert "reminder" in (tmp_path / "out" / "failed.txt").read_text()
    assert not (tmp_path / "out" / "metrics.json").exists()


def test_a_waiver_of_one_column_leaves_the_other_to_the_rule(ask, tmp_path):
    words = table(tmp_path, "governance=regulated", waiver("leakage", columns="[paid]"), leaks=["paid", "reminder"])

    code, _, said = ask("validate", *words)

    assert code == 3
    assert "governance.rules.leakage reminder" in said and "leakage paid" not in said


def test_a_waived_rule_is_shown_in_plan_ledger_report_and_documents(ask, tmp_path):
    rules = ("governance=regulated", "~governance.rules.target_copies", waiver("leakage"))
    words = table(tmp_path, *rules, leaks=["paid"])

    code, plan, _ = ask("plan", *words, "--save", "plan.json")
    assert code == 0
    assert "waiver: leakage, by Ana until" in plan and "known at that time" in plan
    assert json.loads((tmp_path / "plan.json").read_text())["waivers"]["leakage"]["by"] == "Ana"

    code, _, _ = ask("run", *words, "run.dir=out", "tracking.progress=none")
    assert code == 0
    _, ledger, _ = ask("ledger", "out")
    (line,) = [line for line in ledger.splitlines() if "GOV007" in line and "paid" in line]
    assert "waived" in line
    lines = (tmp_path / "out" / "ledger.jsonl").read_text().splitlines()
    (entry,) = [entry for entry in map(json.loads, lines) if entry["effect"] == "waived"]
    assert entry["column"] == "paid" and "waived by Ana until" in entry["note"]
    assert "waived by Ana" in (tmp_path / "out" / "report.html").read_text()
    for name in ("model_card.md", "data_governance_report.md", "data_governance_report.html"):
        assert "Ana" in (tmp_path / "out" / name).read_text()
    assert "paid" in json.loads((tmp_path / "out/artifact/model.json").read_text())["contract"]["columns"][-1]["column"]["name"]


def test_the_plan_shows_what_the_policy_asked_for_and_who_waived_what(ask, tmp_path):
    words = table(tmp_path, "policy=us_credit", "governance=regulated", *FIELDS, waiver("missing"))

    code, said, _ = ask("plan", *words, "gates.test.roc_auc.min=0.5", "gates.test.brier_score.max=0.9")

    assert code == 0
    said = " ".join(said.split())
    for part in (
        "Policy us_credit, Credit decisions in the United States",
        "Regulation B (12 CFR Part 1002)",
        "missing (waived by Ana)",
        "engagement.redress",
        "brier_score",
        "validation_pack",
        "no legal advice",
    ):
        assert part in said
