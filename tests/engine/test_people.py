"""Whose rows a run used: kept as keyed hashes, and found and taken out again."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from small_run import WORDS, people

from lepton_automl.cli import main
from lepton_automl.data.dataset import load_dataset
from lepton_automl.data.people import hash_id
from lepton_automl.deliver import Scorer, check_files
from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.errors import ArtifactError
from lepton_automl.ledger import read_ledger, verify_ledger
from lepton_automl.recipe import Composed
from lepton_automl.recipe.origin import Origins

KEY = "a key of the bank"
HORIZON = 7


@pytest.fixture(scope="module")
def forecast_run(tmp_path_factory, run_words):
    """A run on the sales of four people, each with a number of its own."""
    folder = tmp_path_factory.mktemp("people")
    rng = np.random.default_rng(0)
    days = pd.date_range("2024-01-01", periods=90, freq="D")
    frame = pd.DataFrame(
        [
            {"shop": f"s{person}", "owner": 7_000_000 + person, "day": day, "sold": 20 + 5 * day.day_of_week + person + noise}
            for person in range(4)
            for day, noise in zip(days, rng.normal(size=90), strict=True)
        ]
    )
    frame.to_csv(folder / "sales.csv", index=False)
    words = [f"data.source.path={folder / 'sales.csv'}", "data.roles.id=[owner]", "task.kind=forecast", "task.target=sold"]
    words += ["task.time=day", "task.series=[shop]", f"task.horizon={HORIZON}", "task.season=7"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEPTON_ID_KEY", KEY)
        run_words(["recipe=table", *words], folder / "outputs" / "sales")
        patch.delenv("LEPTON_ID_KEY")
        run_words(["recipe=table", *words], folder / "outputs" / "blind")
    return folder


@pytest.fixture
def person(forecast_run, tmp_path, monkeypatch):
    monkeypatch.setenv("LEPTON_ID_KEY", KEY)
    monkeypatch.setenv("LEPTON_CACHE", str(tmp_path / "cache"))
    (tmp_path / "ids.txt").write_text("7000002\n\n9999999\n")
    return [str(forecast_run / "outputs"), "--ids", str(tmp_path / "ids.txt")]


def test_a_run_keeps_hashes_and_no_identifier(forecast_run):
    run = forecast_run / "outputs" / "sales"
    people = pd.read_parquet(run / "people.parquet")
    assert (people["part"] == "train").sum() == 4 * (90 - HORIZON)
    assert (people["part"] == "test").sum() == 4 * HORIZON
    assert people["hash"].nunique() == 5
    assert all("7000002" not in path.read_text(errors="ignore") for path in run.rglob("*") if path.is_file())


def test_a_run_without_a_key_says_that_it_keeps_none(forecast_run):
    run = forecast_run / "outputs" / "blind"
    assert not (run / "people.parquet").exists()
    (entry,) = [row for row in read_ledger(run / "ledger.jsonl") if row["code"] == "ID001"]
    assert "no hashes of owner are kept: set LEPTON_ID_KEY" in entry["note"]


def test_a_list_of_another_key_is_told_and_nothing_is_changed(person, tmp_path, monkeypatch, capsys):
    place = tmp_path / "people.json"
    (tmp_path / "none").mkdir()
    words = ["forget", str(tmp_path / "none"), *person[1:], "--list", str(place)]
    assert main(words) == 0
    assert f"{place}: 2 hashes; the rule forgotten leaves their rows out of later runs" in capsys.readouterr().out
    before = place.read_bytes()
    monkeypatch.setenv("LEPTON_ID_KEY", "of another bank")
    assert main(words) == 3
    assert f"{place}   was made with another key" in capsys.readouterr().err
    assert place.read_bytes() == before
    assert main([*words[:-1], str(tmp_path / "no folder" / "people.json")]) == 2


def test_another_key_is_told_and_nothing_is_changed(person, forecast_run, monkeypatch, capsys):
    monkeypatch.setenv("LEPTON_ID_KEY", "of another bank")
    assert main(["forget", *person]) == 3
    assert "was made with another key" in capsys.readouterr().err
    assert not (forecast_run / "outputs" / "forgotten.json").exists()


def test_without_key_folder_and_file_nothing_is_done(person, monkeypatch, capsys):
    monkeypatch.delenv("LEPTON_ID_KEY")
    assert main(["forget", "no such folder", "--ids", "no such file"]) == 2
    said = capsys.readouterr().err
    assert "no such folder" in said and "no such file is not a file" in said and "LEPTON_ID_KEY" in said


def test_a_run_that_did_not_finish_is_named(person, tmp_path, capsys):
    run = tmp_path / "outputs" / "open"
    (run / ".work").mkdir(parents=True)
    (run / "plan.json").write_text("{}")
    assert main(["forget", str(tmp_path / "outputs"), *person[1:]]) == 0
    said = capsys.readouterr().out
    assert "keeps no hashes" in said and "did not finish, and its working folder may hold rows" in said


def test_an_artefact_that_was_changed_is_not_sealed_again(person, forecast_run, tmp_path, capsys):
    shutil.copytree(forecast_run / "outputs" / "sales", tmp_path / "sales")
    with (tmp_path / "sales" / "artifact" / "model.json").open("a") as file:
        file.write(" ")
    assert main(["forget", str(tmp_path / "sales"), *person[1:]]) == 3
    assert "model.json" in capsys.readouterr().err


def test_a_cached_table_is_deleted(person, tmp_path, capsys):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "a.arrow").write_bytes(b"rows")
    (tmp_path / "none").mkdir()
    assert main(["forget", str(tmp_path / "none"), *person[1:], "--dry-run"]) == 0
    assert "cache: 1 tables would be deleted" in capsys.readouterr().out
    assert main(["forget", str(tmp_path / "none"), *person[1:]]) == 0
    assert not list((tmp_path / "cache").iterdir())


def test_rows_of_a_person_are_found_and_taken_out_of_the_context(person, forecast_run, capsys):
    run = forecast_run / "outputs" / "sales"
    before = load_dataset(run / "artifact" / "context.arrow").frame["shop"].astype(str).value_counts()

    assert main(["forget", *person, "--dry-run"]) == 0
    dry = capsys.readouterr().out
    assert load_dataset(run / "artifact" / "context.arrow").frame["shop"].astype(str).value_counts().equals(before)

    assert main(["forget", *person]) == 0
    said = capsys.readouterr().out

    theirs = before["s2"]
    assert theirs > 0
    used = f"{run}: {90 - HORIZON} training rows and {HORIZON} test rows; {theirs}"
    assert f"{used} would leave the artefact's context; its models learned from them" in dry
    assert f"{used} left the artefact's context; its models learned from them" in said
    assert f"{forecast_run / 'outputs' / 'blind'}: keeps no hashes" in said
    assert "1 of 2 runs used their rows." in said
    left = load_dataset(run / "artifact" / "context.arrow").frame["shop"].astype(str).value_counts()
    assert "s2" not in left and left["s1"] == before["s1"]
    check_files(run / "artifact")
    assert verify_ledger(run / "ledger.jsonl") == []
    assert read_ledger(run / "ledger.jsonl")[-1]["code"] == "ID002"
    assert len(json.loads((forecast_run / "outputs" / "forgotten.json").read_text())) == 3
    later = pd.DataFrame({"shop": "s1", "owner": 1, "day": pd.date_range("2024-03-24", periods=HORIZON, freq="D")})
    assert np.isfinite(Scorer.load(run / "artifact").score(later).values).all()

    assert main(["forget", *person]) == 0
    assert "; 0 left the artefact's context" in capsys.readouterr().out


@pytest.fixture
def clients(tmp_path, monkeypatch):
    """A table of people with e-mail addresses for identifiers, and words of a recipe that learns from it."""
    monkeypatch.setenv("LEPTON_ID_KEY", KEY)
    monkeypatch.setenv("LEPTON_CACHE", str(tmp_path / "cache"))
    path = people(tmp_path)
    frame = pd.read_csv(path)
    frame["name"] = [f"person{number // 2}@planted.example" for number in range(len(frame))]
    frame.to_csv(path, index=False)
    (tmp_path / "ids.txt").write_text("person7@planted.example\n")
    words = ["recipe=table", f"data.source.path={path}", "data.roles.id=[name]", "task.kind=binary", "task.target=late"]
    monkeypatch.chdir(tmp_path)
    return words


def test_a_run_after_forgetting_leaves_their_rows_out(clients, run_words, tmp_path):
    _, before = run_words(clients, tmp_path / "outputs" / "t" / "before")
    assert main(["forget", "outputs", "--ids", "ids.txt"]) == 0

    _, after = run_words(clients, tmp_path / "outputs" / "t" / "after")

    told = [[e for e in read_ledger(run.folder / "ledger.jsonl") if e["code"] == "GOV036"] for run in (before, after)]
    assert [e["effect"] for e in told[0]] == ["not applicable"]
    assert [(e["effect"], e["count"], e["rows_after"]) for e in told[1]] == [("rows dropped", 2, 238)]
    kept = [pd.read_parquet(run.folder / "people.parquet") for run in (before, after)]
    assert [int((rows["hash"] == hash_id("person7@planted.example", KEY.encode())).sum()) for rows in kept] == [2, 0]
    assert main(["forget", "outputs", "--ids", "ids.txt"]) == 0
    assert verify_ledger(after.folder / "ledger.jsonl") == []


def test_a_list_without_its_key_stops_the_run_with_what_to_do(clients, tmp_path, monkeypatch, capsys):
    assert main(["forget", str(tmp_path), "--ids", "ids.txt", "--list", "people.json"]) == 0
    monkeypatch.delenv("LEPTON_ID_KEY")
    words = [*clients, *WORDS, "governance.rules.forgotten.file=people.json"]
    assert main([*words, f"run.dir={tmp_path / 'run'}"]) == 3
    said = capsys.readouterr().err
    assert "people.json names people to be forgotten, and LEPTON_ID_KEY is not set: set it to the key of the list" in said
    assert "planted.example" not in said


def test_a_run_that_was_stopped_does_not_go_on_with_another_list(clients, run_words, tmp_path):
    (tmp_path / "outputs").mkdir()
    plan, result = run_words(clients, tmp_path / "run")
    stopped = tmp_path / "stopped"
    (stopped / ".work").mkdir(parents=True)
    for name in ("plan.json", "recipe.yaml", "ledger.jsonl"):
        shutil.copyfile(result.folder / name, stopped / name)
    composed = Composed({**plan.recipe, "resume": True}, Origins(), "table", (), ())
    assert compile(composed, stopped).today == plan.today
    assert main(["forget", "outputs", "--ids", "ids.txt"]) == 0

    with pytest.raises(ArtifactError, match=r"outputs/forgotten\.json is not what it was when the run began"):
        compile(composed, stopped)
