"""What a recipe does so that groups fare alike, in whole runs."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.cli import main
from lepton_automl.deliver import Scorer
from lepton_automl.engine import compile as compile_recipe
from lepton_automl.errors import DataError, RecipeError
from lepton_automl.recipe import compose

PARITY = "sex.demographic_parity_difference"
LINES = "fairness.mitigation.kind=thresholds"
BASIS = "fairness.mitigation.lawful_basis='positive action, section 5 of the act, opinion of counsel'"
PAYOFF = "decision.payoff={false_positive: -1, false_negative: -2}"


@pytest.fixture(scope="module")
def unfair(tmp_path_factory):
    """A table in which a feature tells the group, and the label follows it."""
    rng = np.random.default_rng(0)
    n = 900
    sex = rng.choice(["f", "m"], n)
    proxy = (sex == "m") + rng.normal(0, 0.4, n)
    skill = rng.normal(0, 1, n)
    hired = skill + 1.2 * (sex == "m") + rng.normal(0, 0.7, n) > 0.6
    frame = pd.DataFrame({"sex": sex, "proxy": proxy, "skill": skill, "noise": rng.normal(0, 1, n)})
    path = tmp_path_factory.mktemp("unfair") / "hired.csv"
    frame.assign(hired=np.where(hired, "yes", "no")).to_csv(path, index=False)
    return [
        "recipe=table",
        f"data.source={{kind: csv, path: {path}}}",
        "task.kind=binary",
        "task.target=hired",
        "task.positive=yes",
        "data.roles.protected=[sex]",
        "search.models={linear: {}, lightgbm: {}}",
        "budget.trials=3",
        "split.folds=3",
    ]


def entries(result, code):
    lines = (result.folder / "ledger.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [entry for entry in (one.get("entry", one) for one in found) if entry.get("code") == code]


def chapter(result):
    return result.evidence.chapters["fairness"]


def test_reweighing_brings_groups_nearer_and_the_ledger_says_by_how_much_rows_count(unfair, run_words, tmp_path):
    _, plain = run_words(unfair, tmp_path / "plain")
    _, done = run_words([*unfair, "fairness.mitigation.kind=reweighing"], tmp_path / "done")

    apart = [chapter(result).figures[PARITY].value for result in (plain, done)]
    assert apart[1] < 0.7 * apart[0]
    assert entries(plain, "FAIR001") == []
    (entry,) = entries(done, "FAIR001")
    assert (entry["effect"], entry["column"]) == ("weights set", "sex")
    front = chapter(plain).content["front"]
    assert [choice["is_delivered"] for choice in front].count(True) == 1
    assert len(front) >= 2
    page = (plain.folder / "report.html").read_text()
    assert "What another choice would cost" in page and "is said" in page


def test_a_limit_is_kept_by_the_choice_or_told_not_to_be(unfair, run_words, tmp_path):
    _, loose = run_words([*unfair, f"fairness.constraint={{figure: {PARITY}, max: 0.9}}"], tmp_path / "loose")
    _, tight = run_words([*unfair, f"fairness.constraint={{figure: {PARITY}, max: 0.001}}"], tmp_path / "tight")

    assert [entry["effect"] for entry in entries(loose, "FAIR002")] == ["noted", "kept"]
    told = entries(tight, "FAIR002")
    assert told[0]["count"] in (0, 1) and told[-1]["effect"] in ("kept", "not kept")
    front = chapter(tight).content["front"]
    delivered = next(choice for choice in front if choice["is_delivered"])
    assert delivered["figures"][PARITY] <= min(choice["figures"][PARITY] for choice in front) + 0.02


def test_each_group_has_its_line_in_the_artefact_and_the_report_says_what_it_costs(unfair, run_words, tmp_path, capsys):
    _, plain = run_words([*unfair, PAYOFF], tmp_path / "plain")
    gate = "gates.value.gain_over_one_line.min=-10"
    _, done = run_words([*unfair, PAYOFF, LINES, BASIS, gate], tmp_path / "done")

    assert chapter(done).figures[PARITY].value < 0.5 * chapter(plain).figures[PARITY].value
    (entry,) = entries(done, "FAIR003")
    assert (entry["effect"], entry["column"]) == ("lines set", "sex") and "section 5 of the act" in entry["note"]
    front = chapter(done).content["front"]
    one = next(choice for choice in front if choice["name"] == "the same with one line for all")
    delivered = next(choice for choice in front if choice["is_delivered"])
    assert one["figures"][PARITY] > delivered["figures"][PARITY] and one["worth"] > delivered["worth"]
    page = (done.folder / "report.html").read_text()
    assert "The line of each group of sex" in page and "opinion of counsel" in page

    table = pd.read_csv(str(unfair[1]).partition("path: ")[2].rstrip("}")).drop(columns="hired")
    lines = {
        line["name"]: line["line"] for line in json.loads((done.folder / "decision.json").read_text())["by_group"]["lines"]
    }
    scorer = Scorer.load(done.folder / "artifact")
    found = scorer.predict(table)
    assert ((found["prediction"] == "yes") == (found["probability_yes"] >= table["sex"].map(lines))).all()
    assert len(set(lines.values())) == 2
    swapped = table.assign(sex=table["sex"].map({"f": "m", "m": "f"}))
    assert np.allclose(scorer.predict(swapped)["probability_yes"], found["probability_yes"]), "no model reads it"
    with pytest.raises(DataError, match="is not a column of the table; the model needs it"):
        scorer.predict(table.drop(columns="sex"))

    for number, name in ((int(np.argmax(table["sex"] == "f")), "f"), (int(np.argmax(table["sex"] == "m")), "m")):
        table.iloc[[number]].to_csv(tmp_path / "row.csv", index=False)
        capsys.readouterr()
        assert main(["explain", str(done.folder), str(tmp_path / "row.csv"), "--format", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["threshold"] == pytest.approx(lines[name])
        assert all(reason["column"] != "sex" for reason in told["reasons"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fairness.mitigation.kind=reweighing", "data.roles.protected=[]"], "no column is protected"),
        (["fairness.mitigation.columns=[sexx]"], "Did you mean sex?"),
        (["evidence.fairness.columns=[skill]"], "'skill' is no protected column"),
        (["evidence.fairness.cuts={age: [3]}"], "'age' is no protected column"),
        (["fairness.constraint={figure: sex.parity, max: 0.1}"], "is not a figure of the fairness of this task"),
        (["fairness.constraint={figure: " + PARITY + "}"], "needs either max or min"),
        (["fairness.mitigation.kind=lines"], "reweighing"),
        ([LINES, PAYOFF], "fairness.mitigation.lawful_basis"),
        ([LINES, BASIS], "without payoffs no line is worth more"),
        ([LINES, BASIS, PAYOFF, "decision.refer={cost: 1}"], "decision.refer"),
        ([LINES, BASIS, PAYOFF, "decision.threshold=0.4"], "decision.threshold"),
        ([LINES, BASIS, PAYOFF, "fairness.mitigation.within=2"], "fairness.mitigation.within"),
        ([LINES, BASIS, PAYOFF, "policy=us_credit"], "no applicant is judged by a prohibited basis"),
        (["evidence.slices.columns=[skil]"], "Did you mean skill?"),
    ],
    ids=[
        "none_protected",
        "misspelt",
        "feature",
        "cuts",
        "figure",
        "limitless",
        "kind",
        "no_basis",
        "no_payoffs",
        "a_band_too",
        "a_line_too",
        "too_far_apart",
        "not_lawful",
        "slices",
    ],
)
def test_what_can_not_be_is_refused_with_its_key(unfair, words, said, tmp_path):
    with pytest.raises(RecipeError) as told:
        compile_recipe(compose([*unfair, *words, "budget.seconds=null", "hardware.threads=1"]), tmp_path / "run")

    assert said in str(told.value)


def test_numbers_can_not_be_reweighed(unfair, tmp_path):
    words = [*(w for w in unfair if not w.startswith("task.")), "task={kind: regression, target: skill}"]

    with pytest.raises(RecipeError, match="has no labels"):
        compile_recipe(
            compose([*words, "fairness.mitigation.kind=reweighing", "budget.seconds=null", "hardware.threads=1"]),
            tmp_path / "run",
        )


def test_without_test_rows_groups_are_compared_out_of_fold(unfair, run_words, tmp_path):
    _, result = run_words([*unfair, "split.test_share=0", "budget.trials=2"], tmp_path / "oof")

    found = chapter(result)
    assert result.evidence.kind == "out of fold"
    assert found.figures[PARITY].value > 0.2
    delivered = next(choice for choice in found.content["front"] if choice["is_delivered"])
    assert delivered["figures"][PARITY] == pytest.approx(found.figures[PARITY].value)
