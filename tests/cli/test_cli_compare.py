"""Wrong command lines of `lepton compare`: each is told with the way out, before anything is read or run."""

from pathlib import Path

import pytest

from lepton_automl.cli import main

WRONG = [
    ("nothing", [], "needs a baseline and a candidate; no run is given"),
    ("one run", ["a"], "needs a baseline and a candidate; only a is given"),
    ("twice", ["a", "b/../a"], "is given twice: a run is always the same as itself"),
    ("flag", ["a", "b", "--metrc", "x"], "--metrc   is not a flag of `lepton compare`.   Did you mean --metric?"),
    ("flag without value", ["a", "b", "--metric"], "argument --metric: expected one argument"),
    ("format", ["a", "b", "--format", "html"], "--format html   is not one of text, markdown, json, junit"),
    (
        "require",
        ["a", "b", "--require", "beter"],
        "--require beter   is not one of not_worse, better, same.   Did you mean better?",
    ),
    ("confidence word", ["a", "b", "--confidence", "high"], "--confidence high   must be a share from 0.5 to below 1"),
    ("confidence per cent", ["a", "b", "--confidence", "95"], "Write --confidence 0.95 for 95 %"),
    ("confidence of 1", ["a", "b", "--confidence", "1"], "must be a share from 0.5 to below 1"),
    ("margin without value", ["a", "b", "--margin", "roc_auc"], "--margin roc_auc   must be METRIC=VALUE"),
    ("margin below 0", ["a", "b", "--margin", "roc_auc=-1"], "with a number of 0 or more"),
    ("margin word", ["a", "b", "--margin", "roc_auc=small"], "with a number of 0 or more"),
    ("margin not a number", ["a", "b", "--margin", "roc_auc=nan"], "with a number of 0 or more"),
    ("resplits word", ["a", "b", "--resplits", "many"], "--resplits many   must be a whole number"),
    (
        "few resplits",
        ["a", "b", "--resplits", "2"],
        "is 2; a recipe is judged on 5 to 100 fresh splits, or 3 or more origins in time",
    ),
    ("many resplits", ["a", "b", "--resplits", "5000"], "is 5000; a recipe is judged on 5 to 100 fresh splits"),
    ("recipe alone", ["--recipe", "credit"], "--baseline   is required with --recipe"),
    ("recipe and run", ["b", "--recipe", "credit", "--baseline", "a"], "b   can not be given with --recipe"),
    ("baseline alone", ["b", "--baseline", "a"], "--baseline   is only for --recipe.   Name the baseline as the first run"),
    ("key without recipe", ["a", "b", "seed=3"], "seed=3   sets a key of a recipe, and no --recipe is given"),
    ("sweep and runs", ["a", "--sweep", "b"], "--sweep   stands alone; there is also a"),
    ("sweep and resplits", ["--sweep", "b", "--resplits", "5"], "--sweep   stands alone; there is also --resplits"),
    ("language", ["a", "b", "--language", "zz"], "--language zz   is not a language of the pages.   Choose one of: en, zh"),
    ("language of a sweep", ["--sweep", "b", "--language", "hz"], "--language hz   is not a language of the pages"),
    ("out is a file", ["a", "b", "--out", "pyproject.toml"], "--out pyproject.toml   is a file.   Give a folder"),
]
UNREADABLE = [
    ("no run", ["no_such_run", "b"], "no_such_run   does not exist"),
    ("a file", ["pyproject.toml", "b"], "pyproject.toml   is a file"),
    ("no run among folders", ["docs", "tests"], "docs    is not a finished run: it has no metrics.json"),
    ("no baseline", ["--recipe", "credit", "--baseline", "no_such_run"], "no_such_run   does not exist"),
]


@pytest.mark.parametrize(("words", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_command_line_is_told_with_the_way_out(words, message, capsys):
    assert main(["compare", *words]) == 2

    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("CommandError: ")
    assert message in " ".join(said.err.split("  ")).replace("    ", "   ") or message in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(("words", "message"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_what_is_no_run_is_told(words, message, capsys):
    assert main(["compare", *words]) == 3

    assert message in capsys.readouterr().err


def test_all_mistakes_are_told_at_once(capsys):
    assert main(["compare", "a", "--format", "x", "--confidence", "2", "--margin", "m"]) == 2

    assert "CommandError: 4 problems in lepton compare" in capsys.readouterr().err


def test_a_recipe_that_does_not_exist_is_told_before_the_baseline_is_read(capsys):
    assert main(["compare", "--recipe", "credti", "--baseline", "no_such_run"]) == 2

    assert "there is no recipe of that name" in capsys.readouterr().err


def test_the_help_names_every_flag(capsys):
    assert main(["compare", "--help"]) == 0

    said = capsys.readouterr().out
    flags = ("--recipe", "--baseline", "--resplits", "--sweep", "--metric", "--margin", "--confidence", "--require", "--out")
    assert all(flag in said for flag in (*flags, "--format", "--language", "--config-dir"))


def test_the_workflow_in_the_documentation_is_yaml_and_its_commands_are_read():
    import re
    import shlex

    import yaml

    from lepton_automl.cli.compare import _read

    text = re.sub(r"\$\{\{ matrix\.recipe \}\}", "credit", Path("docs/ci.md").read_text(encoding="utf-8"))
    blocks = [yaml.safe_load(part.partition("```")[0]) for part in text.split("```yaml\n")[1:]]
    steps = [step for block in blocks for job in block["jobs"].values() for step in job["steps"]]
    lines = [line for step in steps for line in step.get("run", "").replace("\\\n", " ").splitlines()]
    commands = [line.split("|")[0].split(">")[0] for line in lines if line.strip().startswith("lepton compare")]

    assert len(commands) >= 2
    for command in commands:
        assert _read(shlex.split(command)[2:]).out is not None
