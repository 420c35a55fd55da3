"""How a command line is taken apart, and what is said of a wrong one."""

import pytest

from lepton_automl.cli import VERBS, main, usage
from lepton_automl.cli.words import take_apart
from lepton_automl.errors import CommandError


def test_flags_and_words_are_told_apart_in_any_order(tmp_path):
    parts = take_apart(["seed=1", "-m", "recipe=credit", "--config-dir", str(tmp_path), f"--config-dir={tmp_path}", "~split"])

    assert parts.overrides == ("seed=1", "recipe=credit", "~split")
    assert parts.multirun
    assert parts.config_dirs == (tmp_path, tmp_path)
    assert parts.hydra == ()


@pytest.mark.parametrize(
    ("words", "hydra"),
    [
        (["--cfg", "job", "recipe=credit"], ("--cfg", "job")),
        (["-c", "all"], ("--cfg", "all")),
        (["--cfg=hydra", "--resolve"], ("--cfg", "hydra", "--resolve")),
        (["--info", "recipe=credit"], ("--info", "all")),
        (["--info", "defaults", "recipe=credit"], ("--info", "defaults")),
        (["-sc", "query=bash"], ("-sc", "query=bash")),
        (["--shell-completion", "install=zsh"], ("-sc", "install=zsh")),
        (["--cfg", "job", "-p", "search"], ("--cfg", "job", "--package", "search")),
    ],
)
def test_flags_of_hydra_are_handed_on_with_their_value(words, hydra):
    assert take_apart(words).hydra == hydra


@pytest.mark.parametrize(
    ("words", "verb", "said"),
    [
        (["--cfg", "jb"], "run", "Did you mean job?"),
        (["--cfg", "recipe=credit"], "run", "Write --cfg job"),
        (["--multirn"], "run", "Did you mean --multirun?"),
        (["-x"], "run", "is not a flag of `lepton run`."),
        (["-m", "recipe=credit"], "plan", "is a flag of `lepton run`, not of `lepton plan`."),
        (["--cfg", "job"], "validate", "is a flag of `lepton run`, not of `lepton validate`."),
        (["--config-dir"], "run", "has no value."),
        (["--config-dir", "nowhere"], "run", "'nowhere' is not a folder."),
        (["--config-dr", "x"], "validate", "Did you mean --config-dir?"),
    ],
)
def test_a_wrong_flag_is_told_with_what_to_write(words, verb, said):
    with pytest.raises(CommandError) as caught:
        take_apart(words, verb)

    assert said in caught.value.text()
    assert caught.value.exit_code == 2


def test_without_words_the_program_shows_its_help_and_ends_with_2(capsys):
    assert main([]) == 2
    assert capsys.readouterr().out.strip() == usage().strip()


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_that_ends_with_0(verb, capsys):
    try:
        code = main([verb, "--help"])
    except SystemExit as end:
        code = end.code

    assert code == 0
    out = capsys.readouterr().out
    assert f"lepton {verb}" in out or (verb == "run" and "lepton [run]" in out)


def test_the_general_help_names_every_verb():
    assert all(f"\n  {verb} " in usage() for verb in VERBS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pln", "recipe=credit"], "Did you mean plan?"),
        (["credit"], "A recipe is named recipe=credit."),
        (["schema", "x"], "takes no words"),
        (["recipes", "x=3"], "takes no words"),
    ],
)
def test_a_wrong_verb_or_word_is_told(words, said, capsys):
    assert main(words) == 2

    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_the_schema_is_printed_as_json(capsys):
    import json

    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Lepton AutoML recipe"
