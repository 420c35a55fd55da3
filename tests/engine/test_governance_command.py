"""What a risk officer sees on the command line: policies, waivers, and rules that stop."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_run import FIELDS, WORDS, people

from lepton_automl.cli import main
from lepton_automl.ledger import read_ledger, verify_ledger

TODAY = datetime.now(UTC).date()
OVER = "2020-12-31"
CREDIT = Path("recipes/data/german_credit.csv").absolute()
PLANTED = {
    "target": "GOV001",
    "licence": "GOV021",
    "post_outcome decided": "GOV013",
    "row_order case_number": "GOV015",
    "missingness collected": "GOV012",
    "leakage reminders": "GOV007",
    "leakage case_number": "GOV007",
    "shift": "GOV032",
}
"""What stops a run of `planted`, in the order of the rules; the first three before the split."""


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


def planted(folder, *words):
    """The credit recipe, regulated, on applicants of whom some things are known only afterwards, and test rows unlike them."""
    frame, rng = pd.read_csv(CREDIT), np.random.default_rng(0)
    n, is_bad = len(frame), (frame["creditability"] == "bad").to_numpy()
    frame["reminders"] = is_bad * 5 + rng.random(n)
    frame["collected"] = pd.Series(rng.normal(size=n)).mask(rng.random(n) < np.where(is_bad, 0.97, 0.02))
    frame["case_number"] = (np.argsort(np.argsort(is_bad + 0.3 * rng.normal(size=n))) + 7) * 11
    frame["decided"] = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    frame.loc[3, "decided"] = pd.Timestamp("2090-01-01")
    frame.loc[[5, 9], "creditability"] = None
    frame.loc[800:, "duration_in_month"] += 200
    frame[:800].to_csv(folder / "train.csv", index=False)
    frame[800:].to_csv(folder / "test.csv", index=False)
    paths = ["data.source.kind=auto", f"data.source.path={folder / 'train.csv'}", f"data.test.path={folder / 'test.csv'}"]
    rules = ["licence.licence=CC-BY-NC-4.0", "post_outcome.time=decided", "shift.max_auc=0.8"]
    return ["recipe=credit", "governance=regulated", *paths, *(f"governance.rules.{rule}" for rule in rules), *words]


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


@pytest.mark.parametrize("verb", ["validate", "plan", "run"])
def test_stops_of_before_and_after_the_split_and_of_test_rows_are_told_at_once(verb, ask, tmp_path):
    code, _, said = ask(verb, *planted(tmp_path, "run.dir=out", *WORDS))

    assert code == 3
    head, *lines = said.strip().splitlines()
    assert head == f"GovernanceStop: {len(PLANTED)} problems in the data"
    for line, (name, gov) in zip(lines, PLANTED.items(), strict=True):
        key, said, fix = (part for part in line.strip().split("   ") if part)
        assert key == f"governance.rules.{name}" and f"({gov}" in said and fix.strip().startswith("Mend the data")
    (leak,) = [line for line in lines if "leakage reminders" in line]
    assert "(GOV007: measured 1, limit 0.98 AUC)" in leak and "governance.waivers.leakage={by: …, why: …, until: …}" in leak
    assert not (tmp_path / "outputs").exists()
    assert (tmp_path / "out").exists() == (verb == "run")


def test_the_ledger_of_a_run_that_is_stopped_has_all_its_reasons_and_nothing_was_fitted(ask, tmp_path):
    ask("run", *planted(tmp_path, "run.dir=out", *WORDS))

    out = tmp_path / "out"
    assert verify_ledger(out / "ledger.jsonl") == []
    entries = read_ledger(out / "ledger.jsonl")
    stops = [entry for entry in entries if entry["effect"] == "stop"]
    assert [f"{e['rule']} {e['column']}".strip() for e in stops] == list(PLANTED)
    assert [e["code"] for e in stops] == list(PLANTED.values())
    assert {e["code"] for e in entries} >= {"STOP001", "GOV030"} and "STOP002" not in {e["code"] for e in entries}
    assert {path.name for path in out.iterdir()} == {
        "plan.json",
        "recipe.yaml",
        "environment.lock",
        "run.log",
        "ledger.jsonl",
        "failed.txt",
    }
    assert all(name in (out / "failed.txt").read_text() for name in PLANTED)
    assert "STOP001" in ask("ledger", "out")[1] and ask("ledger", "out", "--verify")[0] == 0


def test_where_the_table_can_not_be_split_the_other_reasons_are_told_all_the_same(ask, tmp_path):
    path = people(tmp_path)
    frame = pd.read_csv(path)
    frame.loc[0, "late"] = None
    frame.assign(one="same").to_csv(path, index=False)
    words = ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=late", "split.group=one", *WORDS]

    code, _, said = ask("validate", *words)

    assert code == 3
    assert "governance.rules.target" in said and "split.group" in said and "has 1 groups, 2 are needed" in said
    assert "rules after the split" in said and "could not look at the table." in said


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


@pytest.mark.parametrize(("profile", "way"), [("standard", "alone"), ("regulated", "together")])
def test_the_plan_tells_how_well_features_know_each_protected_column(profile, way, ask, tmp_path):
    code, _, _ = ask("plan", "recipe=credit", f"governance={profile}", "--save", "plan.json")

    assert code == 0
    told = [entry for entry in json.loads((tmp_path / "plan.json").read_text())["ledger"] if entry["code"] == "GOV035"]
    assert [entry["column"] for entry in told] == ["personal_status_and_sex", "age_in_years", "foreign_worker"]
    assert {(entry["effect"], entry["note"].partition(" ")[0]) for entry in told} == {("noted", way)}


@pytest.mark.parametrize("policy", ["us_credit", "eu_ai_act_high_risk"])
def test_policies_about_people_ask_for_what_stands_for_protected_columns(policy, ask, tmp_path):
    code, _, said = ask("validate", *table(tmp_path, f"policy={policy}", "~governance.rules.proxies"))

    assert code == 2
    assert "governance.rules.proxies" in said and f"is required by policy {policy}" in said


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
