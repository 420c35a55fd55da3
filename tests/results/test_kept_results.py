"""The figures that are expected of this repository's recipes: whole, small, and what `lepton compare` can read."""

from pathlib import Path

import pytest

from lepton_automl.engine import Asked, compare_runs, read_run
from lepton_automl.evidence.comparing import Word

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in Path("recipes").glob("*.yaml"))


def test_every_recipe_has_its_figures():
    assert len(NAMES) >= 4
    assert sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__") == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_kept_rows_give_the_kept_figures(name):
    run = read_run(HERE / name)

    for metric in run.task.metrics:
        kept = run.metrics["test"][metric.name]["value"]
        assert metric.of(run.rows.y, run.rows.prediction, run.rows.weight) == pytest.approx(kept, abs=1e-9)
    assert sum(path.stat().st_size for path in (HERE / name).iterdir()) < 200_000


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_the_same_as_itself(name):
    run = read_run(HERE / name)

    (found,) = compare_runs(run, [run], Asked(resamples=50))

    assert found.word is Word.SAME and {figure.word for figure in found.figures} == {Word.SAME}
