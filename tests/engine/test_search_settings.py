"""Sampler, pruner, studies and warm start, from recipe to run."""

import json

import pandas as pd
import pytest

from lepton_automl.engine import compile, replay  # noqa: A004 - the name of what it does
from lepton_automl.errors import LeptonError, RecipeError
from lepton_automl.recipe import compose

WORDS = ["recipe=credit", "search=quick", "budget.seconds=null", "budget.trials=2", "hardware.threads=1"]


def refused(*words):
    """Gives what is said of a recipe that can not be compiled."""
    with pytest.raises(LeptonError) as caught:
        compile(compose([*WORDS, *words]))
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["search.pruner=median", "search.objectives=[metric,model_mb]"], "median is Optuna's and knows one objective"),
        (["search.sampler_options={n_startup_trails: 3}"], "is not an argument of tpe.   Did you mean n_startup_trials?"),
        (["search.storage=nonsense"], "search.storage   is not a usable SQLAlchemy URL"),
        (["search.storage={secret: NOT_THERE}"], "the environment has no NOT_THERE."),
        (["search.warm_start=no/such/run"], "no/such/run is not a finished run: it has no metrics.json."),
    ],
)
def test_what_can_not_be_searched_so_is_said_before_anything_runs(words, said):
    assert said in refused(*words)


def test_several_mistakes_are_told_at_once():
    said = refused("search.storage=nonsense", "search.warm_start=no/such/run", "search.pruner_options={x: 1}")

    assert said.startswith("RecipeError: 3 problems")


def test_a_pruner_that_has_nothing_to_prune_is_a_notice():
    plan = compile(compose([*WORDS, "search.pruner=median"]))

    assert "search.pruner: median prunes nothing, as the budget counts trials." in plan.notices


def test_the_studies_of_a_database_are_named_after_recipe_and_folder(tmp_path):
    words = [*WORDS, f"search.storage=sqlite:///{tmp_path / 'study.db'}"]

    plain, mine = (
        compile(compose(words), tmp_path / "run"),
        compile(compose([*words, "search.study_name=mine"]), tmp_path / "run"),
    )

    assert plain.to_dict()["search"]["studies"] == ["credit/run/lightgbm", "credit/run/linear"]
    assert mine.to_dict()["search"]["studies"] == ["mine/lightgbm", "mine/linear"]
    assert not (tmp_path / "study.db").exists()


def test_an_earlier_runs_best_start_first_and_its_trials_are_told(credit):
    before, result, _ = credit

    plan = compile(compose([*WORDS, f"search.warm_start={result.folder}", "search.models.linear.C=0.5"]))

    trials = pd.read_parquet(result.folder / "trials.parquet")
    boosted = json.loads(trials[trials["model"] == "lightgbm"].iloc[0]["params"])
    started = {candidate.name: candidate.starts for candidate in plan.search.candidates}
    assert started["lightgbm"][0] == {key: value for key, value in boosted.items() if key in started["lightgbm"][0]}
    assert len(started["lightgbm"]) == len(next(c for c in before.search.candidates if c.name == "lightgbm").starts)
    assert [earlier.candidate for earlier in plan.search.studies.earlier] == ["lightgbm"]
    assert [(entry.code, entry.count) for entry in plan.started_from] == [("SEARCH020", 1), ("SEARCH021", 1)]
    assert "outside this recipe's space" in plan.started_from[1].note


def test_a_family_that_is_not_in_the_recipe_is_left_out_and_other_data_is_said(credit, tmp_path):
    _, result, _ = credit
    frame = pd.read_csv("recipes/data/german_credit.csv")
    frame.iloc[:900].to_csv(tmp_path / "less.csv", index=False)
    words = ["data.source.kind=csv", f"data.source.path={tmp_path / 'less.csv'}", "~search.models.linear"]

    plan = compile(compose([*WORDS, f"search.warm_start={result.folder}", *words]))

    assert any("its data is not the same" in notice for notice in plan.notices)
    assert [entry.note for entry in plan.started_from if "families not in this recipe" in entry.note]


def test_another_metric_or_target_is_refused(credit):
    _, result, _ = credit
    start = f"search.warm_start={result.folder}"

    assert "has another metric: 'roc_auc', here 'log_loss'." in refused(start, "task.metric=log_loss")
    assert "has another task.positive: 'bad', here 'good'." in refused(start, "task.positive=good")


def test_a_warm_run_in_a_database_writes_what_it_took_and_can_be_replayed(credit, run_words, tmp_path):
    import optuna

    _, result, _ = credit
    url = f"sqlite:///{tmp_path / 'study.db'}"
    words = [f"search.warm_start={result.folder}", f"search.storage={url}", "search.study_name=mine", "seed=1"]
    words += ["search.objectives=[metric,model_mb]"]

    _, warm = run_words(["recipe=credit", *words], tmp_path / "warm")

    storage = optuna.storages.RDBStorage(url)
    trials = optuna.load_study(study_name="mine/lightgbm", storage=storage).trials
    storage.remove_session()
    storage.engine.dispose()
    assert [trial.user_attrs["origin"] for trial in trials] == ["earlier", "start"]
    assert all(len(trial.values) == 2 for trial in trials)
    searched = json.loads((warm.folder / "search.json").read_text())
    assert searched["studies"] == ["mine/lightgbm", "mine/linear"] and searched["storage"].startswith("sqlite:///")
    assert searched["front"] and set(searched["values"]) == {"0", "1"}
    assert [row["pareto"] for row in json.loads((warm.folder / "leaderboard.json").read_text())].count(True) == len(
        searched["front"]
    )
    page = (warm.folder / "report.html").read_text()
    assert "Pareto front" in page and "configurations start first" in page
    with pytest.raises(RecipeError, match="the storage has a study 'mine/lightgbm' already"):
        compile(compose([*WORDS, *words]), tmp_path / "other")
    assert replay(warm.folder, tmp_path / "again", started=0.0, in_process=True).is_identical
