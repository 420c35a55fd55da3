"""A sweep and recipe-level comparisons, on kept results and on real runs."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from lepton_automl.cli import main
from lepton_automl.engine import Asked, Rerun, candidate_plan, compare_recipes, compare_sweep, compile, read_run  # noqa: A004
from lepton_automl.engine.judged_rows import FILE
from lepton_automl.errors import ArtifactError, CommandError, DataError, RecipeError
from lepton_automl.evidence.comparing import Word
from lepton_automl.recipe import compose
from lepton_automl.report.heard import heard
from lepton_automl.report.language import speaking

KEPT = ("metrics.json", "recipe.yaml", FILE)


@pytest.fixture
def sweep(credit, tmp_path):
    """Six kept results: two keys, the figure known."""
    for leaves in (4, 16, 64):
        for seed in (1, 2):
            folder = tmp_path / "sweep" / f"++leaves={leaves},seed={seed}"
            folder.mkdir(parents=True)
            for file in KEPT:
                shutil.copy(credit[1].folder / file, folder / file)
            metrics = json.loads((folder / "metrics.json").read_text())
            value = 0.7 + leaves / 1000 + seed / 10_000
            metrics["test"]["roc_auc"] = {"value": value, "low": value - 0.05, "high": value + 0.05}
            (folder / "metrics.json").write_text(json.dumps(metrics))
            tree = yaml.safe_load((folder / "recipe.yaml").read_text())
            tree["search"]["models"]["lightgbm"] = {"num_leaves": leaves}
            (folder / "recipe.yaml").write_text(yaml.safe_dump({**tree, "seed": seed}))
    return tmp_path / "sweep"


def test_runs_are_ranked_and_the_keys_that_were_swept_are_found(sweep):
    found = compare_sweep(sweep, Asked())

    assert found.keys == ["search.models.lightgbm.num_leaves", "seed"]
    assert found.runs[0].name == "leaves=64,seed=2"
    assert [run.value for run in found.runs] == sorted((run.value for run in found.runs), reverse=True)
    assert found.runs[0].against_best is None and {run.against_best for run in found.runs[1:]} == {Word.SAME}
    effects = {(effect.key.split(".")[-1], effect.level): effect.effect for effect in found.effects}
    assert effects["num_leaves", "64"] == pytest.approx(0.036) and effects["seed", "2"] == pytest.approx(0.00005)


def test_the_command_writes_a_page_that_asks_the_network_for_nothing(sweep, tmp_path, capsys):
    (sweep / "half").mkdir()
    (sweep / "half" / "failed.txt").write_text("RunError: <b>no model</b>\n")
    for folder in sweep.iterdir():
        (folder / "plan.json").write_text("{}")

    assert main(["compare", "--sweep", str(sweep), "--out", str(tmp_path / "out")]) == 0

    said, text = capsys.readouterr().out, (tmp_path / "out" / "sweep.html").read_text()
    assert "6 runs of" in said and "search.models.lightgbm.num_leaves = 64" in said
    assert "without result: half: RunError" in said
    assert "<b>no model</b>" not in text and "no model" in text
    assert text.count('class="way') == 6 and "http" not in text.replace("http-equiv", "")
    content = json.loads((tmp_path / "out" / "sweep.json").read_text())["sweep"]
    assert len(content["runs"]) == 6 and content["unfinished"] == {"half": "RunError: <b>no model</b>"}


@pytest.mark.parametrize(("codes", "language"), [(["zh"], "zh"), (["zh", "en"], "en")], ids=["all", "some"])
def test_a_sweep_speaks_the_language_that_all_recipes_ask_for(sweep, codes, language):
    for place, folder in enumerate(sorted(sweep.iterdir())):
        tree = yaml.safe_load((folder / "recipe.yaml").read_text())
        (folder / "recipe.yaml").write_text(yaml.safe_dump({**tree, "report": {"language": codes[place % len(codes)]}}))

    found = compare_sweep(sweep, Asked())

    assert found.language == language
    assert found.keys == ["search.models.lightgbm.num_leaves", "seed"], "the language is no key that was swept"
    with speaking("zh"):
        assert [notice for notice in found.notices if heard(notice) == notice] == []


WRONG = [
    ("nothing", lambda s: [shutil.rmtree(path) for path in s.iterdir()], (), ArtifactError, "holds no finished run"),
    ("one", lambda s: [shutil.rmtree(path) for path in sorted(s.iterdir())[1:]], (), ArtifactError, "only one finished run"),
    ("no folder", shutil.rmtree, (), ArtifactError, "does not exist"),
    (
        "figure",
        lambda s: None,
        ("rok_auc",),
        CommandError,
        r"--metric rok_auc   is not a figure of all runs.   Did you mean roc",
    ),
    ("figures", lambda s: None, ("roc_auc", "f1"), CommandError, "names several figures; a sweep is ranked by one"),
]


@pytest.mark.parametrize(("spoil", "metrics", "kind", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_no_sweep_is_told(sweep, spoil, metrics, kind, message):
    spoil(sweep)

    with pytest.raises(kind, match=message):
        compare_sweep(sweep, Asked(metrics=metrics))


def test_runs_of_different_tasks_are_no_sweep(sweep):
    path = next(sweep.iterdir()) / "metrics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "task": "regression"}))

    with pytest.raises(DataError, match="holds runs of different tasks: binary of creditability, regression of creditability"):
        compare_sweep(sweep, Asked())


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A recipe that takes a second a run."""
    rng = np.random.default_rng(0)
    n = 300
    frame = pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n), "c": rng.normal(size=n)})
    frame["late"] = (4 * frame["a"] + frame["b"] + rng.normal(0, 1, n) > 0).map({True: "yes", False: "no"})
    path = tmp_path_factory.mktemp("small") / "rows.csv"
    frame.to_csv(path, index=False)
    words = [f"data.source.path={path}", "task.kind=binary", "task.target=late", "budget.trials=1", "split.folds=2"]
    return ["recipe=table", "search=quick", *words, "~search.models.lightgbm", "hardware.threads=1", "evidence=fast"]


def test_recipes_are_compared_on_fresh_splits_and_finished_runs_are_used_again(small, tmp_path):
    full = Rerun("full", compile(compose(small), tmp_path / "x").recipe)
    less = Rerun("less", compile(compose([*small, "data.ignore=[a]"]), tmp_path / "y").recipe)
    said = []

    (found,) = compare_recipes(full, [less], 5, Asked(), tmp_path / "runs", said.append)
    (again,) = compare_recipes(full, [less], 5, Asked(), tmp_path / "runs", lambda text: None)

    assert (found.question, found.basis, found.n) == ("recipe", "5 fresh splits", 5)
    assert found.word is Word.WORSE and found.deciding[0].method == "corrected resampled t"
    assert [change.key for change in found.changes] == ["data.ignore"]
    with speaking("zh"):
        assert [said for said in (*found.notices, found.deciding[0].method) if heard(said) == said] == []
    assert sum("running" in text for text in said) == 10
    assert again.to_dict() == found.to_dict()
    runs = [read_run(full.folder(tmp_path / "runs") / f"seed_{seed}") for seed in range(1, 6)]
    assert len({run.rows.about["rows_hash"] for run in runs}) == 5
    assert found.deciding[0].baseline == pytest.approx(np.mean([run.metrics["test"]["roc_auc"]["value"] for run in runs]))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("split.time=a", "split +goes by time"),
        ("split.test_share=0", "split.test_share +is 0: there are no test rows"),
    ],
    ids=["time", "no test rows"],
)
def test_recipes_without_fresh_splits_are_refused(small, tmp_path, word, message):
    tree = compile(compose([*small, word]), tmp_path / "x").recipe

    with pytest.raises(DataError, match=message):
        compare_recipes(Rerun("one", tree), [Rerun("two", tree)], 5, Asked(), tmp_path)


def test_a_candidate_that_would_be_judged_on_other_rows_is_refused_before_it_runs(credit, tmp_path):
    baseline = read_run(credit[1].folder)

    with pytest.raises(RecipeError, match=r"seed +is 3, and was 0 in the baseline: .* Add seed=0"):
        candidate_plan(compose(["recipe=credit", "seed=3"]), baseline, tmp_path / "run")
    with pytest.raises(RecipeError, match=r"split.test_share +is 0.3, and was 0.2"):
        candidate_plan(compose(["recipe=credit", "split.test_share=0.3"]), baseline, tmp_path / "run")
    with pytest.raises(RecipeError, match=r"recipe demand +is a forecast task, the baseline a binary one"):
        candidate_plan(compose(["recipe=demand"]), baseline, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_command_runs_a_recipe_on_the_rows_of_the_baseline_and_compares(small, tmp_path, capsys):
    words = [word for word in small if not word.startswith("recipe=")]
    base, candidate = tmp_path / "base", tmp_path / "candidate"
    assert main([*small, f"run.dir={base}"]) == 0
    capsys.readouterr()

    asked = ["--baseline", str(base), "--format", "json"]
    code = main(["compare", "--recipe", "table", *words, "data.ignore=[a]", f"run.dir={candidate}", *asked])

    said = capsys.readouterr()
    (found,) = json.loads(said.out)["comparisons"]
    assert code == 1 and found["word"] == "worse"
    assert [change["key"] for change in found["changes"]] == ["data.ignore"]
    assert any("2 of 2 columns that both have hold the same values" in notice for notice in found["notices"])
    assert (candidate / "report.html").is_file() and "report" in said.err
