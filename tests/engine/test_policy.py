"""What a policy pack asks of a recipe, and what stands in the plan and the folder of a run that has it all."""

import hashlib
import json
import re
import shutil
import time
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml
from small_run import FIELDS, WORDS, people

from lepton_automl.cli import main
from lepton_automl.engine import compile, preview, replay, run  # noqa: A004 - the name of what it does
from lepton_automl.engine.resume import day_of
from lepton_automl.errors import RecipeError
from lepton_automl.evidence import EXAMINERS, DecisionSettings
from lepton_automl.evidence.fairness.differences import DIFFERENCES
from lepton_automl.governance import RULES
from lepton_automl.ledger import Entry, Ledger, read_ledger, verify_ledger
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose, default_tree, packaged_preset
from lepton_automl.recipe.find import CONF
from lepton_automl.tasks import METRICS, TASKS

PACKS = sorted(path.stem for path in (CONF / "policy").glob("*.yaml"))
PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
GATES = [
    "gates.test.roc_auc.min=0.5",
    "gates.test.log_loss.max=2",
    "gates.fairness.household.equal_opportunity_difference.max=1",
    "gates.robustness.noise_drop.max=1",
]


def table(path, *words):
    return ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=late", *WORDS, *words]


def problems(words):
    with pytest.raises(RecipeError) as caught:
        compile(compose(words))
    assert caught.value.exit_code == 2
    return caught.value.problems


def test_there_are_four_packs():
    assert PACKS == ["eu_ai_act_high_risk", "health", "none", "us_credit"]


@pytest.mark.parametrize("name", [name for name in PACKS if name != "none"])
def test_a_pack_names_its_texts_their_dates_and_what_it_is_not(name):
    pack = packaged_preset("policy", name)

    assert pack["name"] == name and pack["title"]
    assert "no legal advice" in pack["notice"]
    assert pack["sources"]
    for source in pack["sources"]:
        assert len(source["text"]) > 20 and source["url"].startswith("https://")
        assert date(2010, 1, 1) < date.fromisoformat(source["date"])


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_asks_only_for_what_there_is(name):
    pack, tree = packaged_preset("policy", name), default_tree()

    assert set(pack.get("rules", {})) <= set(RULES.names())
    for key in pack.get("fields", {}):
        place = tree
        for part in key.split("."):
            place = place[part]
    figures = {figure for gate in pack.get("gates", {}).values() for figure in gate["one_of"]}
    tasks = [TASKS.find(k).learn({"target": "y"}, pd.Series(y)) for k, y in (("binary", ["n", "y"]), ("regression", [0.5, 2]))]
    chapters = {
        f"{name}.{figure}"
        for name in EXAMINERS.names()
        for task in tasks
        for figure in EXAMINERS.find(name)().figures(task, DecisionSettings())
    }
    groups = {f"fairness.*.{figure}" for kind in ("labels", "numbers") for figure in DIFFERENCES[kind]}
    assert figures <= {*METRICS, "pinball", *chapters, *groups}


@pytest.mark.parametrize("name", [name for name in PACKS if name != "none"])
def test_the_regulated_profile_has_every_rule_a_pack_asks_for(name):
    regulated = packaged_preset("governance", "regulated")["rules"]

    assert set(packaged_preset("policy", name)["rules"]) <= set(regulated)


def test_the_regulated_profile_has_every_rule_of_standard():
    standard, regulated = (packaged_preset("governance", name)["rules"] for name in ("standard", "regulated"))

    assert list(standard) and set(standard) <= set(regulated)
    assert regulated["leakage"]["action"] == "stop"
    assert regulated["missing"]["max_share"] < 0.98


@pytest.mark.parametrize("name", [name for name in PACKS if name != "none"])
def test_all_that_is_absent_is_told_at_once_each_with_its_fix(name, tmp_path):
    path = people(tmp_path)
    pack = packaged_preset("policy", name)

    found = problems(table(path, f"policy={name}", "governance=none"))

    keys = [problem.key for problem in found]
    assert [key for key in keys if key.startswith("governance.rules.")] == [
        f"governance.rules.{rule}" for rule in pack["rules"]
    ]
    assert {key for key in keys if not key.startswith(("governance", "gates"))} == {
        key for key in pack["fields"] if key != "engagement.goal"
    }
    asked = [gate for gate in pack["gates"] if gate != "groups"]  # without a protected column there are no groups to compare
    assert len([key for key in keys if key.startswith("gates.")]) == len(asked)
    for problem in found:
        assert name in problem.message and problem.fix.startswith("Write ")


def test_a_field_of_blanks_only_is_empty(tmp_path):
    words = table(people(tmp_path), "policy=us_credit", "governance=regulated", *FIELDS, *GATES)

    found = problems([*words, "engagement.redress='  '"])

    assert [problem.key for problem in found] == ["engagement.redress"]


@pytest.mark.parametrize("name", [name for name in PACKS if name != "none"])
def test_a_recipe_that_has_it_all_is_planned_and_the_plan_says_what_was_asked(name, tmp_path):
    pack = packaged_preset("policy", name)

    plan = compile(compose(table(people(tmp_path), f"policy={name}", "governance=regulated", *FIELDS, *GATES)))

    told = json.loads(json.dumps(plan.to_dict()))["policy"]
    assert (told["name"], told["title"], told["changed"]) == (name, pack["title"], [])
    assert [source["text"] for source in told["sources"]] == [source["text"] for source in pack["sources"]]
    assert [rule["name"] for rule in told["rules"]] == list(pack["rules"])
    assert [field["key"] for field in told["fields"]] == list(pack["fields"])
    settings = [f"{key}: {' or '.join(said['one_of'])}" for key, said in pack.get("settings", {}).items()]
    assert [setting["asked"] for setting in told["settings"]] == settings
    assert told["documents"] == pack["documents"]
    assert any("no legal advice" in notice for notice in plan.notices)
    (entry,) = [entry for entry in preview(plan).entries if entry.stage == "policy"]
    assert (entry.code, entry.rule, entry.effect) == ("POLICY001", name, "passed")


def test_the_example_of_the_page_is_refused_without_its_answers_and_planned_with_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    example = PAGE.partition("# lepton recipe=us_credit_scoring\n")[2].partition("```")[0]
    (tmp_path / "us_credit_scoring.yaml").write_text(example)
    told = re.findall(
        r"^  (engagement\.\w+|gates\.test) ", PAGE.partition("RecipeError: 6 problems")[2].partition("```")[0], re.M
    )

    assert [problem.key for problem in problems(["recipe=credit", "policy=us_credit"])] == told
    plan = compile(compose(["recipe=us_credit_scoring"], [tmp_path]))

    assert (plan.policy.name, plan.policy.changed) == ("us_credit", ())
    assert [gate["figures"] for gate in plan.policy.gates] == [["roc_auc"], ["log_loss"]]


def test_without_a_policy_nothing_is_asked_and_nothing_told(tmp_path):
    plan = compile(compose(table(people(tmp_path))))

    assert plan.policy.name == "none" and plan.policy.entries() == []
    assert not [notice for notice in plan.notices if "olicy" in notice]


def test_a_gate_on_a_figure_that_the_task_does_not_have_is_passed_over_and_told(tmp_path):
    words = ["recipe=table", f"data.source.path={people(tmp_path)}", "task.kind=regression", "task.target=age", *WORDS]

    plan = compile(
        compose(
            [
                *words,
                "policy=health",
                "governance=regulated",
                *FIELDS,
                "gates.test.rmse.max=99",
                "gates.fairness.household.mae_difference.max=99",
            ]
        )
    )

    assert [(gate["name"], gate["applies"], gate["figures"]) for gate in plan.policy.gates] == [
        ("discrimination", True, ["rmse"]),
        ("calibration", False, []),
        ("groups", True, ["fairness.household.mae_difference"]),
    ]
    assert any("no figure for the policy's gate on calibration" in notice for notice in plan.notices)


def test_a_pack_that_the_recipe_changes_is_told(tmp_path):
    words = table(people(tmp_path), "policy=us_credit", *FIELDS, *GATES, "~policy.rules.leakage", "policy.title=Loans")

    plan = compile(compose(words))

    assert plan.policy.changed == ("policy.title", "policy.rules.leakage")
    assert any("differs from the packaged us_credit: policy.title, policy.rules.leakage." in notice for notice in plan.notices)
    (entry,) = plan.policy.entries()
    assert "policy.rules.leakage" in entry.note


def test_a_pack_of_ones_own_is_found_and_its_mistakes_are_told(tmp_path):
    (tmp_path / "mine" / "policy").mkdir(parents=True)
    pack = {
        "name": "ours",
        "rules": {"leakge": "we say so"},
        "fields": {"engagement.ownr": "we say so", "split.time": "we say so"},
    }
    (tmp_path / "mine" / "policy" / "ours.yaml").write_text(yaml.safe_dump(pack))

    with pytest.raises(RecipeError) as caught:
        compile(compose(table(people(tmp_path), "policy=ours"), [tmp_path / "mine"]))

    assert [(problem.key, problem.fix) for problem in caught.value.problems] == [
        ("policy.rules.leakge", "Did you mean leakage?"),
        ("policy.fields.engagement.ownr", "Did you mean owner?"),
        ("split.time", "Write split.time: a sentence."),
    ]


def ours(folder, settings, **more):
    """Writes a pack of one's own that asks for settings; gives what is wrong with a recipe under it."""

    def told(*words):
        (folder / "mine" / "policy").mkdir(parents=True, exist_ok=True)
        asked = {
            key: {"why": "we say so", **({} if one_of is None else {"one_of": one_of})} for key, one_of in settings.items()
        }
        content = yaml.safe_dump({"name": "ours", "settings": asked, **more}, sort_keys=False)
        (folder / "mine" / "policy" / "ours.yaml").write_text(content)
        try:
            plan = compile(compose(table(people(folder), "policy=ours", *words), [folder / "mine"]))
        except RecipeError as error:
            return [(problem.key, problem.message, problem.fix) for problem in error.problems]
        return [setting["asked"] for setting in plan.policy.settings]

    return told


LEAKAGE = "governance.rules.leakage.action"
CONTRACT = "governance.rules.contract.columns"


def test_settings_that_a_pack_asks_for_are_told_at_once_each_with_what_to_write(tmp_path):
    told = ours(tmp_path, {LEAKAGE: ["stop"], CONTRACT: None, "evidence.confidence": [0.9, 0.99], "split.time": None})

    assert told() == [
        (LEAKAGE, "is 'drop'; policy ours asks for stop (we say so).", f"Write {LEAKAGE}=stop."),
        (
            CONTRACT,
            "is empty; policy ours asks for it (we say so).",
            "Write governance.rules.contract.file: contract.yaml, as lepton contract DATA proposes.",
        ),
        ("evidence.confidence", "is 0.95; policy ours asks for 0.9 or 0.99 (we say so).", "Write evidence.confidence=0.9."),
        ("split.time", "is empty; policy ours asks for it (we say so).", "Write split.time: and what holds."),
    ]


def test_a_setting_that_holds_by_default_or_from_a_file_is_there(tmp_path):
    (tmp_path / "contract.yaml").write_text("columns: {age: {min: 0}}")
    told = ours(tmp_path, {CONTRACT: None, LEAKAGE: ["stop", "drop"], "governance.rules.leakage.max_auc": [0.985]})

    asked = told(f"governance.rules.contract.file={tmp_path / 'contract.yaml'}")

    assert asked == [f"{CONTRACT}: anything", f"{LEAKAGE}: stop or drop", "governance.rules.leakage.max_auc: 0.985"]


def test_the_fix_of_a_rule_that_is_absent_holds_what_is_asked_of_it(tmp_path):
    told = ours(tmp_path, {LEAKAGE: ["stop"]}, rules={"leakage": "we say so"})
    ((key, _, fix),) = told("governance=none")
    assert (key, fix) == (
        "governance.rules.leakage",
        "Write governance=regulated, or governance.rules.leakage={action: stop}.",
    )
    alone = ours(tmp_path, {LEAKAGE: ["stop"]})
    assert alone("governance=none") == [
        (LEAKAGE, "is not set; policy ours asks for stop (we say so).", f"Write {LEAKAGE}=stop.")
    ]


def test_a_setting_that_no_recipe_has_is_a_mistake_of_the_pack(tmp_path):
    told = ours(tmp_path, {"governance.rules.leakage.akction": ["stop"], "evidenc.confidence": [0.9]})
    assert [(key, fix) for key, _, fix in told()] == [
        ("policy.settings.governance.rules.leakage.akction", "Did you mean action?"),
        ("policy.settings.evidenc.confidence", "Write the path of a key from the top."),
    ]


@pytest.fixture(scope="module")
def regulated(tmp_path_factory, run_words):
    """A finished run under the policy that asks for everything, with names of people in two columns."""
    folder = tmp_path_factory.mktemp("regulated")
    words = table(people(folder), "policy=eu_ai_act_high_risk", "governance=regulated", *FIELDS, *GATES)
    return run_words(words, folder / "run")


def test_every_document_the_policy_asks_for_lies_in_the_folder(regulated):
    plan, result = regulated

    names = {path.name for path in result.folder.iterdir()}

    assert {"technical_documentation.md", "instructions_for_use.md", "monitoring_plan.md", "validation_pack"} <= names
    assert {"model_card.md", "datasheet.md", "data_governance_report.md", "data_governance_report.html"} <= names
    assert plan.policy.title in (result.folder / "report.html").read_text()
    assert json.loads((result.folder / "plan.json").read_text())["policy"]["name"] == "eu_ai_act_high_risk"


def test_the_head_of_the_ledger_in_the_report_is_the_hash_of_its_last_line(regulated):
    _, result = regulated

    last = read_ledger(result.folder / "ledger.jsonl")[-1]["hash"]

    assert last in (result.folder / "data_governance_report.md").read_text()
    assert last in (result.folder / "data_governance_report.html").read_text()


def test_no_value_of_the_data_stands_in_a_document(regulated, tmp_path):
    plan, result = regulated
    table = pd.read_csv(plan.data.place)
    names, cities = (set(table[name].astype(str)) for name in ("name", "city"))
    documents = [
        path
        for path in [*result.folder.iterdir(), *(result.folder / "validation_pack").iterdir()]
        if path.suffix in (".md", ".html")
    ]

    assert len(names) > 100 and len(documents) == 12
    for path in documents:
        text = path.read_text()
        values = names if path.name == "report.html" else names | cities  # its profile shows levels that many rows hold
        assert [value for value in values if re.search(rf"\b{re.escape(value)}\b", text)] == [], path


def test_the_validation_pack_is_whole_and_its_sums_are_right(regulated):
    _, result = regulated
    pack = result.folder / "validation_pack"

    lines = [line.split("  ") for line in (pack / "SHA256SUMS").read_text().splitlines()]

    assert {name for _, name in lines} >= {
        "README.md",
        "recipe.yaml",
        "ledger.jsonl",
        "manifest.json",
        "fingerprint.json",
        "metrics.json",
    }
    for digest, name in lines:
        assert hashlib.sha256((pack / name).read_bytes()).hexdigest() == digest, name
    assert json.loads((pack / "metrics.json").read_text()) == json.loads((result.folder / "metrics.json").read_text())
    fingerprint = json.loads((pack / "fingerprint.json").read_text())
    assert fingerprint["ledger_head"] == read_ledger(pack / "ledger.jsonl")[-1]["hash"]
    assert verify_ledger(pack / "ledger.jsonl") == []


def test_an_independent_person_can_replay_the_pack_alone(regulated, tmp_path, capsys):
    _, result = regulated
    pack = tmp_path / "sent"
    shutil.copytree(result.folder / "validation_pack", pack)

    readme = (pack / "README.md").read_text()
    assert "lepton ledger . --verify" in readme and "lepton replay . --out replayed" in readme

    assert main(["ledger", str(pack), "--verify"]) == 0
    assert main(["replay", str(pack), "--out", str(tmp_path / "replayed")]) == 0
    assert "identical to the last bit" in capsys.readouterr().out
    again = json.loads((tmp_path / "replayed" / "metrics.json").read_text())
    assert again["test"] == json.loads((pack / "metrics.json").read_text())["test"]


def test_a_pack_that_was_left_half_written_is_written_anew(regulated, tmp_path):
    from lepton_automl.report.documents import write_validation_pack

    plan, result = regulated
    folder = tmp_path / "run"
    shutil.copytree(result.folder, folder)
    (folder / "validation_pack" / "old.txt").write_text("left over")
    facts = type("Facts", (), {"plan": plan.to_dict(), "head": "0" * 64, "title": "t"})()

    pack = write_validation_pack(facts, folder, {"test": {}, "gates_failed": ["roc_auc"]})

    assert not (pack / "old.txt").exists()
    assert "Gates that failed: roc\\_auc." in (pack / "README.md").read_text()


@pytest.fixture(scope="module")
def early(tmp_path_factory):
    """A run without a policy on a day in 2020, on which its waiver still held; it asks for one more document."""
    folder = tmp_path_factory.mktemp("early")
    waiver = "governance.waivers.leakage={by: Ana, why: known, until: 2020-06-30}"
    composed = compose(table(people(folder), waiver, "report.documents=[monitoring_plan]"))
    plan = compile(composed, folder / "run", date(2020, 6, 30))
    run(plan, Clock(time.time(), plan.budget), in_process=True)
    return composed, folder / "run"


def test_the_recipe_can_ask_for_a_document_without_a_policy(early):
    _, folder = early

    assert (folder / "monitoring_plan.md").is_file()
    assert not (folder / "technical_documentation.md").exists()


def test_a_replay_goes_by_the_day_of_its_run_not_by_todays(early, tmp_path):
    composed, folder = early
    with pytest.raises(RecipeError, match=r"governance\.waivers\.leakage\.until"):
        compile(composed, tmp_path / "new")
    assert day_of(folder) == date(2020, 6, 30)

    assert replay(folder, tmp_path / "again", time.time(), in_process=True).is_identical


def test_the_day_of_a_run_whose_plan_does_not_say_it_is_that_of_its_ledger(tmp_path):
    (tmp_path / "plan.json").write_text("{}")
    assert day_of(tmp_path) is None
    Ledger.open(tmp_path).add(Entry("load", "LOAD000", "read", "noted"))
    assert abs(day_of(tmp_path) - date.today()) <= timedelta(days=1)
