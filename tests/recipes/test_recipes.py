"""Every recipe runs, as small as it can."""

from pathlib import Path

import pytest

from lepton_automl.cli import main

RECIPES = sorted(path.stem for path in Path("recipes").glob("*.yaml"))
MORE = {
    "table": ["data.source.path=recipes/data/german_credit.csv", "task.kind=binary", "task.target=creditability"],
    "intent": ["split.folds=2"],  # of thousands of sentences in seven classes a fit takes seconds
}


def test_these_are_the_recipes():
    assert RECIPES == ["credit", "demand", "intent", "table"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_runs_and_its_model_beats_the_baseline(name, tmp_path, capsys):
    code = main([f"recipe={name}", "profile=smoke", f"run.dir={tmp_path / name}", *MORE.get(name, [])])

    said = capsys.readouterr().out
    assert code == 0, said
    assert f"report    {tmp_path / name / 'report.html'}" in said
    assert (tmp_path / name / "metrics.json").is_file()


@pytest.mark.parametrize("name", RECIPES)
def test_the_first_line_of_a_recipe_is_the_command_that_runs_it(name):
    first = Path(f"recipes/{name}.yaml").read_text().splitlines()[0]

    assert first.startswith(f"# lepton recipe={name}")
