"""A run from recipe to sealed folder, on real data and with real worker processes."""

import json

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data.sources.file import FileSource
from lepton_automl.deliver import Scorer
from lepton_automl.errors import ArtifactError, GovernanceStop, OutputError
from lepton_automl.ledger import verify_ledger
from lepton_automl.tasks import METRICS

FILES = [
    "recipe.yaml",
    "plan.json",
    "environment.lock",
    "data_contract.json",
    "ledger.jsonl",
    "trials.parquet",
    "trials.csv",
    "curves.csv",
    "study.journal",
    "search.json",
    "profile.json",
    "lineage.json",
    "leaderboard.json",
    "ensemble.json",
    "decision.json",
    "evidence.json",
    "test_rows.parquet",
    "metrics.json",
    "report.html",
    "model_card.md",
    "datasheet.md",
    "data_governance_report.md",
    "data_governance_report.html",
    "run.log",
    "artifact",
]


@pytest.fixture
def people(tmp_path):
    """A table with a group, a date and labels that depend on two columns."""
    rng = np.random.default_rng(0)
    n = 240
    frame = pd.DataFrame(
        {
            "age": rng.integers(20, 70, n),
            "city": rng.choice(["Bern", "Rome", "Oslo"], n),
            "household": rng.integers(0, 60, n),
            "seen": pd.date_range("2024-01-01", periods=n, freq="D").astype(str),
        }
    )
    frame["late"] = ((frame["age"] + 15 * (frame["city"] == "Rome") + rng.normal(0, 8, n)) > 52).map({True: "yes", False: "no"})
    path = tmp_path / "people.csv"
    frame.to_csv(path, index=False)
    return path, frame


def table(path, *words):
    return ["recipe=table", f"data.source.path={path}", "task.kind=binary", "task.target=late", *words]


def test_a_finished_run_has_every_file_and_no_working_folder(credit):
    _, result, _ = credit

    assert {path.name for path in result.folder.iterdir()} == set(FILES)


def test_the_ledger_of_a_run_is_whole(credit):
    _, result, _ = credit

    assert verify_ledger(result.folder / "ledger.jsonl") == []


def test_the_figures_are_those_of_the_packed_artefact_on_rows_it_never_saw(credit):
    plan, result, metrics = credit
    split = plan.splitter.holdout(plan.data.source, plan.test_share, plan.seed)
    raw = pd.read_csv(plan.data.place).iloc[split.test].reset_index(drop=True)

    scored = Scorer.load(result.folder / "artifact").score(raw)

    y = plan.task.encode(raw["creditability"])
    assert METRICS["roc_auc"].of(y, scored.values) == pytest.approx(metrics["test"]["roc_auc"]["value"], abs=1e-12)


def test_protected_columns_never_reach_the_artefact(credit):
    _, result, _ = credit

    wanted = {column.column.name for column in Scorer.load(result.folder / "artifact").contract.columns}

    assert wanted.isdisjoint({"personal_status_and_sex", "age_in_years", "foreign_worker", "creditability"})
    assert len(wanted) == 17


def test_a_trial_is_recorded_under_the_names_and_values_it_was_fitted_with(credit):
    _, result, _ = credit

    trials = pd.read_parquet(result.folder / "trials.parquet")

    boosted = json.loads(trials[trials["model"] == "lightgbm"].iloc[0]["params"])
    assert (boosted["num_leaves"], boosted["learning_rate"]) == (31, 0.1)
    assert set(trials["state"]) == {"done"}


def test_counted_trials_give_the_same_bytes_again(credit, run_words, tmp_path):
    _, first, _ = credit

    _, again = run_words(["recipe=credit"], tmp_path / "again")

    raw = FileSource("x", "recipes/data/german_credit.csv").read().frame
    one, two = (Scorer.load(r.folder / "artifact").score(raw).values for r in (first, again))
    assert one.tobytes() == two.tobytes()


def test_without_test_rows_the_evidence_is_out_of_fold_and_says_so(people, run_words, tmp_path):
    path, frame = people

    _, result = run_words(table(path, "split.test_share=0"), tmp_path / "run")

    metrics = json.loads((result.folder / "metrics.json").read_text())
    assert (metrics["evidence"], metrics["rows"]["judged"]) == ("out of fold", len(frame))
    assert metrics["test"]["roc_auc"]["value"] > 0.7


@pytest.mark.parametrize("word", ["split.time=seen", "split.group=household"], ids=["time", "group"])
def test_a_split_by_time_or_group_runs_and_keeps_its_promise(people, run_words, tmp_path, word):
    path, frame = people

    plan, result = run_words(table(path, word), tmp_path / "run")

    split = plan.splitter.holdout(plan.data.source, plan.test_share, plan.seed)
    train, test = frame.iloc[split.train], frame.iloc[split.test]
    if "time" in word:
        assert train["seen"].max() < test["seen"].min()
    else:
        assert set(train["household"]).isdisjoint(test["household"])
    assert result.evidence.n == len(test)


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        ({"no": 0, "yes": 1}, "int64"),
        ({"no": False, "yes": True}, "bool"),
        ({"no": "nein", "yes": "ja"}, "str"),
        ({"no": 1.5, "yes": 2.5}, "float64"),
    ],
    ids=["int", "bool", "text", "float"],
)
def test_labels_come_back_in_their_own_type(people, run_words, tmp_path, labels, dtype):
    _, frame = people
    typed = frame.assign(late=frame["late"].map(labels))
    typed.to_parquet(tmp_path / "people.parquet")

    _, result = run_words(table(tmp_path / "people.parquet"), tmp_path / "run")
    found = Scorer.load(result.folder / "artifact").predict(typed.drop(columns="late"))

    assert str(found["prediction"].dtype) == dtype
    assert set(found["prediction"]) <= set(labels.values())
    assert [f"probability_{name}" for name in sorted(labels.values(), key=lambda v: v)] == list(found.columns[1:3])


def test_rows_without_a_target_stop_the_run_unless_the_recipe_drops_them(people, run_words, tmp_path):
    path, frame = people
    frame.assign(late=frame["late"].where(frame.index % 10 != 0)).to_csv(path, index=False)

    with pytest.raises(GovernanceStop, match=r"the target is missing in 24 of 240 rows"):
        run_words(table(path), tmp_path / "one")
    _, result = run_words(table(path, "task.missing_target=drop"), tmp_path / "two")

    dropped = [json.loads(line) for line in (result.folder / "ledger.jsonl").read_text().splitlines()]
    assert [row["count"] for row in dropped if row["code"] == "GOV001"] == [24]
    assert verify_ledger(result.folder / "ledger.jsonl") == []


def test_a_run_that_did_not_finish_can_not_be_taken_for_one_that_did(people, run_words, tmp_path):
    path, frame = people
    frame.assign(late=frame["late"].where(frame.index > 5)).to_csv(path, index=False)
    with pytest.raises(GovernanceStop):
        run_words(table(path), tmp_path / "run")

    from lepton_automl.cli.predict import artifact_folder

    assert (tmp_path / "run" / "failed.txt").read_text().startswith("GovernanceStop")
    with pytest.raises(ArtifactError, match=r"is not a finished run"):
        artifact_folder(tmp_path / "run")


def test_runs_never_overwrite_each_other(people, run_words, tmp_path):
    path, _ = people
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text("{}")

    with pytest.raises(OutputError, match=r"is not empty"):
        run_words(table(path), tmp_path / "run")


def test_rows_unlike_training_rows_are_flagged_in_their_status(credit):
    plan, result, _ = credit
    raw = FileSource("x", plan.data.place).read().frame.head(3).copy()
    raw["purpose"] = ["a yacht", raw["purpose"][1], raw["purpose"][2]]
    raw["credit_amount"] = ["1169", "much", "2096"]

    found = Scorer.load(result.folder / "artifact").predict(raw)

    assert found["status"].tolist() == ["unseen: purpose", "unreadable: credit_amount", "ok"]
    assert found["probability_bad"].between(0, 1).all()


def test_a_changed_file_of_an_artefact_is_found(credit, tmp_path):
    import shutil

    _, result, _ = credit
    copy = tmp_path / "artifact"
    shutil.copytree(result.folder / "artifact", copy)
    model = next((copy / "models").iterdir())
    model.write_bytes(model.read_bytes()[:-1] + b"x")

    with pytest.raises(ArtifactError, match="its hash differs"):
        Scorer.load(copy)


def test_no_file_of_an_artefact_is_a_pickle(credit):
    _, result, _ = credit
    files = [path for path in (result.folder / "artifact").rglob("*") if path.is_file()]

    assert len(files) > 10
    for path in files:
        assert not path.read_bytes().startswith((b"\x80\x03", b"\x80\x04", b"\x80\x05")), path


def test_a_model_that_does_not_know_the_gpu_stays_on_the_cpu_and_the_plan_says_so():
    from lepton_automl.data import ReadingRules, build_dataset
    from lepton_automl.engine.candidates import choose_candidates
    from lepton_automl.models import Shape
    from lepton_automl.tasks import Goal, Makes

    data, _ = build_dataset(FileSource("x", "recipes/data/german_credit.csv").read(), ReadingRules())
    shape = Shape(1000, 20, Goal(Makes.PROBABILITIES, 2))

    found = choose_candidates({"lightgbm": {}, "xgboost": {}}, shape, data, "gpu", ())

    assert {c.name: c.device for c in found.candidates} == {"lightgbm": "cpu", "xgboost": "gpu"}
