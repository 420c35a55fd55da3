"""The decision of whole runs: what is delivered is what was decided, and prediction files say it."""

import json

import numpy as np
import pandas as pd
import pytest
from small_run import WORDS, people

from lepton_automl.cli import main

COSTS = "decision.payoff={false_positive: -1, false_negative: -5}"


@pytest.fixture
def run(run_words, tmp_path):
    """Runs a recipe, all gates of which must pass; gives its folder."""

    def do(*words):
        _, result = run_words(["recipe=table", *WORDS, *words], tmp_path / "run")
        assert all(verdict.passed for verdict in result.verdicts)
        return result.folder

    return do


@pytest.fixture
def loans(tmp_path):
    return ["task.kind=binary", "task.target=late", f"data.source.path={people(tmp_path)}", "data.ignore=[name]"]


def predicted(folder, table):
    out = folder.parent / "out.csv"
    assert main(["predict", str(folder), str(table), "--out", str(out)]) == 0
    return pd.read_csv(out)


def test_a_band_for_humans_reaches_the_prediction_file(run, tmp_path, loans):
    folder = run(*loans, COSTS, "decision.refer={cost: 0.2, max_share: 0.3}")
    found = predicted(folder, tmp_path / "people.csv")
    decision = json.loads((folder / "decision.json").read_text())
    middle = found["probability_yes"].between(decision["refer_from"], decision["threshold"], inclusive="left")

    assert set(found["decision"]) == {"yes", "no", "refer"}
    assert ((found["decision"] == "refer") == middle).all()


def test_payoffs_by_amount_draw_the_line_on_the_expected_gain(run, tmp_path, loans):
    payoff = "decision.payoff={false_positive: {per_amount: -0.1}, false_negative: {per_amount: -0.6}}"
    folder = run(*loans, payoff, "data.roles.amount=income", "gates.value.gain_over_half.min=-100")
    found = predicted(folder, tmp_path / "people.csv")
    income = pd.read_csv(tmp_path / "people.csv")["income"]
    p = found["probability_yes"]

    assert np.allclose(found["expected_gain"], p * 0.6 * income - (1 - p) * 0.1 * income)
    line = json.loads((folder / "decision.json").read_text())["threshold"]
    assert ((found["prediction"] == "yes") == (found["expected_gain"] >= line)).all()
    assert "× income" in (folder / "report.html").read_text()


def test_a_quantity_is_ordered_of_a_number(run, tmp_path, loans):
    words = ["task.kind=regression", "task.target=income", *loans[2:], "decision.cost={over: 1, under: 4}"]
    folder = run(*words, "gates.value.share_covered.min=0.5")
    found = predicted(folder, tmp_path / "people.csv")
    decision = json.loads((folder / "decision.json").read_text())

    assert np.allclose(found["order"], found["prediction"] + decision["shift"])
    assert decision["level"] == 0.8 and decision["shift"] > 0


def test_the_worth_can_be_what_the_search_aims_at(run, tmp_path, loans):
    folder = run(*loans, COSTS, "task.metric=value_per_row", "gates.test.value_per_row.min=-5")
    metrics = json.loads((folder / "metrics.json").read_text())
    board = json.loads((folder / "leaderboard.json").read_text())

    assert metrics["metric"] == "value_per_row"
    assert metrics["test"]["value_per_row"]["value"] == metrics["value_per_row"]["value"]
    assert all(-1 <= row["value_per_row"] <= 0 for row in board if row["state"] == "done")
    assert len(predicted(folder, tmp_path / "people.csv")) == 240


def test_gates_on_chapters_and_on_the_artefact_are_hashed_before_and_judged_after(tmp_path, loans, capsys):
    gates = ["gates.calibration.ece.max=0.0001", "gates.artifact.size_mb.max=0.00001", "gates.artifact.latency_ms.max=10000"]
    folder = tmp_path / "run"
    assert main(["run", "recipe=table", *WORDS, f"run.dir={folder}", *loans, *gates]) == 1
    said = capsys.readouterr().out
    entries = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    effects = [entry["effect"] for entry in entries if entry["code"] == "GATE001"]
    first = next(place for place, entry in enumerate(entries) if entry["code"] == "GATE000")

    assert sorted(effects) == ["gate failed", "gate failed", "gate passed"]
    assert first < next(place for place, entry in enumerate(entries) if entry["code"] == "LOAD000")
    assert "SHA-256" in entries[first]["note"]
    assert said.count("FAILED at") == 2
    assert json.loads((folder / "metrics.json").read_text())["gates_failed"] == ["calibration.ece", "artifact.size_mb"]
