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
from lepton_automl.report.comparing.words import sentence
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
        ("data.test={kind: csv, path: PATH}", "data.test +is a table of its own"),
        ("split.test_share=0", "split.test_share +is 0: there are no test rows"),
    ],
    ids=["own test table", "no test rows"],
)
def test_recipes_without_fresh_splits_are_refused(small, tmp_path, word, message):
    path = next(text.partition("=")[2] for text in small if text.startswith("data.source.path="))
    tree = compile(compose([*small, word.replace("PATH", path)]), tmp_path / "x").recipe

    with pytest.raises(DataError, match=message):
        compare_recipes(Rerun("one", tree), [Rerun("two", tree)], 5, Asked(), tmp_path)


@pytest.fixture(scope="module")
def daily(tmp_path_factory):
    """A recipe whose test rows are the latest: two rows a day for 200 days."""
    rng = np.random.default_rng(0)
    n = 400
    frame = pd.DataFrame({"day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n) // 2, "D")})
    frame["a"], frame["b"] = rng.normal(size=n), rng.normal(size=n)
    frame["sold"] = 3 * frame["a"] + frame["b"] + rng.normal(0, 0.3, n)
    path = tmp_path_factory.mktemp("daily") / "rows.csv"
    frame.to_csv(path, index=False)
    words = [f"data.source.path={path}", "task.kind=regression", "task.target=sold", "split.time=day", "split.folds=2"]
    words += ["budget.trials=1", "search=quick", "~search.models.lightgbm", "hardware.threads=1", "evidence=fast"]
    return ["recipe=table", *words]


def test_recipes_whose_test_rows_are_the_latest_are_compared_from_origins_in_time(daily, tmp_path):
    full = Rerun("full", compile(compose(daily), tmp_path / "x").recipe)
    less = Rerun("less", compile(compose([*daily, "data.ignore=[a]"]), tmp_path / "y").recipe)
    said = []

    (found,) = compare_recipes(full, [less], 3, Asked(), tmp_path / "runs", said.append)
    (again,) = compare_recipes(full, [less], 3, Asked(), tmp_path / "runs", lambda text: None)

    runs = [read_run(full.folder(tmp_path / "runs") / f"origin_{origin}") for origin in range(3)]
    windows = [set(run.rows.row_ids) for run in runs]
    assert [len(window) for window in windows] == [80, 64, 52], "a fifth of what is left each time, whole days"
    assert [max(window) + 1 for window in windows] == [400, 320, 256], "each ends where the one after it begins"
    assert [run.rows.about["trained"] for run in runs] == [320, 256, 204]
    assert (found.question, found.basis, found.n) == ("origins", "3 origins in time", 196)
    assert found.word is Word.WORSE and found.deciding[0].method.startswith("paired bootstrap of blocks")
    assert found.deciding[0].baseline == pytest.approx(
        np.sqrt(np.average([r.metrics["test"]["rmse"]["value"] ** 2 for r in runs], weights=[80, 64, 52]))
    )
    assert [change.key for change in found.changes] == ["data.ignore"]
    assert "less is ahead in 0 of 3 windows" in found.notices[0]
    assert sum("running" in text for text in said) == 6 and again.to_dict() == found.to_dict()
    entries = [json.loads(line) for line in (runs[1].folder / "ledger.jsonl").read_text().splitlines()]
    (left_out,) = [entry for entry in entries if entry["code"] == "LOAD015"]
    assert (left_out["count"], left_out["rows_before"], left_out["rows_after"]) == (80, 400, 320)
    assert "From 3 origins in time, 196 test rows" in sentence(found)


@pytest.mark.parametrize(
    ("count", "error", "message"),
    [
        (2, CommandError, r"is 2; a recipe is judged on 5 to 100 fresh splits, or 3 or more origins in time"),
        (9, DataError, r"is 9; 7 windows back there is too little: \d+ training rows are left, .* Write --resplits 7 or less"),
    ],
    ids=["few", "too far back"],
)
def test_origins_that_there_is_no_room_for_are_refused_before_anything_runs(daily, tmp_path, count, error, message):
    tree = compile(compose(daily), tmp_path / "x").recipe

    with pytest.raises(error, match=message):
        compare_recipes(Rerun("one", tree), [Rerun("two", tree)], count, Asked(), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_recipes_of_which_only_one_goes_by_time_are_not_compared(daily, tmp_path):
    one, other = (
        Rerun(name, compile(compose(words), tmp_path / name).recipe)
        for name, words in (("late", daily), ("any", [word for word in daily if word != "split.time=day"]))
    )

    with pytest.raises(DataError, match=r"any split +sets any rows aside, and late sets the latest rows aside"):
        compare_recipes(one, [other], 5, Asked(), tmp_path / "runs")


def test_four_splits_are_too_few_where_rows_do_not_go_by_time(small, tmp_path):
    tree = compile(compose(small), tmp_path / "x").recipe

    with pytest.raises(CommandError, match="is 4; a recipe is judged on 5 to 100 fresh splits"):
        compare_recipes(Rerun("one", tree), [Rerun("two", tree)], 4, Asked(), tmp_path)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["split.time=day", "split.origin=40"], DataError, "split.origin +is 40, and only .* windows can be set aside"),
        (["split.origin=1"], RecipeError, "split.origin +is 1, and rows do not go by time"),
        (["split.time=day", "split.origin=1", "split.test_share=0"], RecipeError, "split.test_share is 0"),
    ],
    ids=["no moments left", "not by time", "no test rows"],
)
def test_an_origin_that_can_not_be_is_refused(daily, tmp_path, words, error, message):
    with pytest.raises(error, match=message):
        compile(compose([*(word for word in daily if word != "split.time=day"), *words]), tmp_path / "x")


def test_days_to_come_without_a_target_are_no_window(daily, tmp_path):
    path = next(text.partition("=")[2] for text in daily if text.startswith("data.source.path="))
    frame = pd.read_csv(path)
    frame.loc[frame.index[-40:], "sold"] = np.nan
    frame.to_csv(tmp_path / "open.csv", index=False)
    words = [word for word in daily if not word.startswith("data.source.path=")]

    plan = compile(compose([*words, f"data.source.path={tmp_path / 'open.csv'}", "split.origin=1"]), tmp_path / "x")

    assert len(plan.data.source) == 288, "the 360 days that are known less a fifth"


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
