"""What Hydra answers: the composed recipe, where it came from, and completion in the shell."""

import pytest
import yaml

from lepton_automl.cli import main
from lepton_automl.recipe import compose


def test_cfg_job_shows_the_recipe_as_it_is_composed(capsys):
    words = ["recipe=credit", "search=quick", "search.models.lightgbm.num_leaves={low:4,high:9}", "~governance.rules.missing"]

    assert main(["--cfg", "job", *words]) == 0

    shown = yaml.safe_load(capsys.readouterr().out)
    assert shown == compose(words).tree


def test_cfg_job_of_an_unknown_preset_is_an_error_with_a_hint(capsys):
    assert main(["--cfg", "job", "recipe=credit", "search=quik"]) == 2
    assert "Did you mean quick?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("lepton recipe=c", {"recipe=credit"}),
        ("lepton plan recipe=", {"recipe=credit", "recipe=demand", "recipe=intent", "recipe=table"}),
        ("lepton validate search=q", {"search=quick"}),
        ("lepton recipe=credit search.sam", {"search.sampler=", "search.sampler_options."}),
        ("lepton run recipe=credit governance.rules.lea", {"governance.rules.leakage."}),
    ],
)
def test_the_shell_completes_names_and_keys_with_and_without_a_verb(line, found, capsys, monkeypatch):
    monkeypatch.setenv("COMP_LINE", line)
    monkeypatch.setenv("COMP_POINT", str(len(line)))

    assert main(["-sc", "query=bash"]) == 0

    assert set(capsys.readouterr().out.split()) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_installed_in_three_shells(shell, capsys):
    assert main(["-sc", f"install={shell}"]) == 0
    assert "lepton" in capsys.readouterr().out
