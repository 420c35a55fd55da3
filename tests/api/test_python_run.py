"""Running recipes from Python: the same composition and the same errors as on the command line."""

import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from people_table import RECIPE, people

from lepton_automl import load, run
from lepton_automl.api.words import compose_given, word_of, words_of
from lepton_automl.engine import replay
from lepton_automl.errors import (
    ArtifactError,
    CommandError,
    DataError,
    GovernanceStop,
    HardwareError,
    LeptonError,
    OutputError,
    RecipeError,
)
from lepton_automl.recipe import compose


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, lepton_automl; print(sorted(set(sys.modules) & {'numpy', 'pandas', 'sklearn', 'optuna', 'pydantic'}))"

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "[]"


def test_a_table_becomes_the_source_beside_the_folder_and_the_run_can_be_replayed(finished, tmp_path):
    source = Path(finished.recipe["data"]["source"]["path"])

    assert source.parent == finished.folder.parent / "tables" and stat.S_IMODE(source.stat().st_mode) == 0o600
    assert pd.read_parquet(source).equals(people())
    assert sorted(path.name for path in finished.folder.rglob("*.parquet")) == ["test_rows.parquet", "trials.parquet"]
    assert replay(finished.folder, tmp_path / "again", 0.0, in_process=True).is_identical


def test_words_and_keys_say_the_same_as_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [
        "recipe=credit",
        "search=quick",
        "seed=3",
        "data.ignore=[age_in_years, 'a, b']",
        "search.models.lightgbm={num_leaves:{low:4,high:9}}",
    ]
    given = {
        "search": "quick",
        "seed": np.int64(3),
        "data.ignore": ("age_in_years", "a, b"),
        "search.models.lightgbm": {"num_leaves": {"low": 4, "high": 9}},
    }

    trees = [compose(words).tree, compose_given("credit", words[1:]).tree, compose_given("credit", given).tree]

    assert trees[0] == trees[1] == trees[2]


@pytest.mark.parametrize(
    "value",
    [
        'say "no"',
        "back\\",
        'quote\\"',
        "a, b: {c}",
        "null",
        "true",
        "1e5",
        " blank ",
        "é 中",
        "",
        "o'clock",
        1,
        -0.5,
        True,
        None,
    ],
)
def test_a_value_comes_through_the_grammar_unchanged(value):
    tree = compose(
        ["recipe=credit", f"report.title={word_of(value, 'k')}", f"engagement.constraints={word_of([value], 'k')}"]
    ).tree

    assert tree["report"]["title"] == value and type(tree["report"]["title"]) is type(value)
    assert tree["engagement"]["constraints"] == [value]


def test_a_file_and_the_same_as_a_dict_compose_to_one_recipe(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("loans.yaml").write_text(yaml.safe_dump({**RECIPE, "name": "loans"}))

    of_path, of_name = compose_given(Path("loans.yaml"), ()), compose_given("loans.yaml", ())
    of_dict = compose_given({**RECIPE, "name": "loans"}, ())

    assert of_path.tree == of_name.tree == of_dict.tree and of_dict.name == "loans"
    assert of_path.origins.of(("budget", "trials")).startswith("loans.yaml:") and not of_dict.origins.of(("budget", "trials"))


def test_a_run_of_the_command_line_and_of_python_are_the_same_run(finished, tmp_path):
    path = tmp_path / "loans.yaml"
    path.write_text(
        yaml.safe_dump({**RECIPE, "data": {"source": {"kind": "parquet", "path": finished.recipe["data"]["source"]["path"]}}})
    )
    words = [
        sys.executable,
        "-m",
        "lepton_automl",
        "run",
        "--config-dir",
        str(tmp_path),
        "recipe=loans",
        f"run.dir={tmp_path / 'run'}",
    ]

    subprocess.run(words, check=True, capture_output=True)
    other = load(tmp_path / "run")

    assert other.metrics["recipe_hash"] == finished.metrics["recipe_hash"]
    assert other.predict_proba(people()).to_numpy().tobytes() == finished.predict_proba(people()).to_numpy().tobytes()


def test_a_gate_that_fails_is_a_result(tmp_path):
    found = run(RECIPE, {"gates": {"test": {"roc_auc": {"min": 0.9999}}}}, people(), out=tmp_path / "run", in_process=True)

    assert not found.passed and found.metrics["gates_failed"] == ["roc_auc"]
    assert "gates failed: roc_auc" in repr(found) and "Gates failed: roc_auc" in found._repr_html_()


def test_a_rule_that_stops_raises_and_leaves_a_folder_that_says_so(tmp_path):
    table = people().assign(paid=lambda rows: rows["outcome"] == "paid")

    with pytest.raises(GovernanceStop, match="paid"):
        run(RECIPE, ["governance=regulated"], table, out=tmp_path / "run", in_process=True)
    with pytest.raises(ArtifactError, match="is not a finished run: GovernanceStop"):
        load(tmp_path / "run")


def test_progress_is_one_line_that_goes(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("lepton_automl.api.progress.LINE_SECONDS", 0.0)
    run(RECIPE, data=people(), out=tmp_path / "run", in_process=True, progress=True)

    said = capsys.readouterr().out
    assert "\n" not in said
    assert "2 trials, best roc_auc" in said
    assert said.endswith(" " * 100 + "\r")


def test_silence_where_nobody_looks_on(tmp_path, capfd):
    run(RECIPE, data=people(), out=tmp_path / "run", in_process=True)

    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda: run("credti"), CommandError, "recipe=credti   there is no recipe of that name.   Did you mean credit"),
        (lambda: run(Path("absent.yaml")), CommandError, "absent.yaml is not a file"),
        (lambda: run(17), CommandError, "recipe   is a int.   Give the name of a recipe"),
        (lambda: run("credit", "seed=3"), CommandError, "overrides   is one text"),
        (lambda: run("credit", ["seed"]), CommandError, "is not `key=value`"),
        (lambda: run("credit", ["seed=1,2"]), CommandError, "a run takes one"),
        (lambda: run("credit", {"search.models.lightgbm.num_leafs": 4}), RecipeError, "Did you mean num_leaves"),
        (lambda: run("credit", {"seed": object()}), RecipeError, "seed   is a object"),
        (lambda: run({"task": {"kind": "binary"}}), RecipeError, "task.target +is required and absent"),
        (lambda: run({"task": {"_target_": "os.system"}}), RecipeError, "_target_"),
        (lambda: run({**RECIPE, "seed": float("nan")}, data=people()), RecipeError, "seed   is nan"),
        (lambda: run(RECIPE), RecipeError, "data.source   is required and absent"),
        (lambda: run("credit", in_process=True), RecipeError, "in_process   is True, and the budget counts seconds"),
        (lambda: run(RECIPE, data=[[1, 2]]), DataError, "data   is a list.   Give a pandas DataFrame"),
        (lambda: run(RECIPE, data=people()[[]]), DataError, "0 columns"),
        (
            lambda: run(RECIPE, data=people().assign(x=[{1}, "a"] * 60)),
            DataError,
            "data x   holds values of types .*: set, str",
        ),
        (lambda: run(RECIPE, data=people().drop(columns="outcome")), DataError, "'outcome' is not a column"),
        (lambda: run(RECIPE, data=pd.concat([people(), people()], axis=1)), DataError, "has two columns named 'age'"),
        (lambda: run(RECIPE, {"hardware.threads": 999}, people()), HardwareError, "hardware.threads   is 999"),
        (lambda: run(RECIPE, data=people(), out="full"), OutputError, "full is not empty"),
        (lambda: run("credit", config_dirs=["absent"]), CommandError, "'absent' is not a folder"),
        (lambda: load("absent"), ArtifactError, "absent   does not exist"),
        (lambda: load("full"), ArtifactError, "is not a finished run: it has no metrics.json"),
    ],
)
def test_a_malformed_use_raises_the_error_of_the_command_line(ask, error, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("full").mkdir()
    Path("full/file").touch()

    with pytest.raises(error, match=said) as found:
        ask()
    assert isinstance(found.value, LeptonError) and not isinstance(found.value, SystemExit)
    assert not list(Path().rglob("plan.json")) and not list(Path().rglob("*.parquet"))


def test_a_dict_stands_in_front_of_a_recipe_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = compose_given(
        {"name": "credit", "defaults": [{"override /search": "quick"}], "task": {"kind": "regression", "target": "y"}}, ()
    )

    assert mine.tree["task"] == {"kind": "regression", "target": "y"} and set(mine.tree["search"]["models"]) == {
        "linear",
        "lightgbm",
    }


def test_test_rows_can_be_a_table_of_their_own(tmp_path):
    found = run(RECIPE, data=people(), test=people(60, seed=1), out=tmp_path / "run", in_process=True)

    assert found.metrics["rows"] == {"source": 120, "judged": 60} and found.evidence["kind"] == "test"


def test_words_are_left_as_they_are():
    assert words_of(["~governance.rules.missing", "seed=3"]) == ["~governance.rules.missing", "seed=3"]
