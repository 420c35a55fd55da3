"""Two finished runs beside each other: joined row by row, or refused with the reason and the way out."""

import json
import shutil

import numpy as np
import pytest
import yaml

from lepton_automl.cli import main
from lepton_automl.engine import Asked, compare_runs, read_run
from lepton_automl.engine.comparing import changes_of
from lepton_automl.engine.judged_rows import FILE
from lepton_automl.errors import ArtifactError, CommandError, DataError
from lepton_automl.evidence.comparing import Word
from lepton_automl.ledger import verify_ledger
from lepton_automl.report.heard import heard
from lepton_automl.report.language import speaking

KEPT = ("metrics.json", "recipe.yaml", FILE)


@pytest.fixture(scope="session")
def other(tmp_path_factory, run_words):
    """A run of the credit recipe without boosting by LightGBM."""
    out = tmp_path_factory.mktemp("runs") / "other"
    run_words(["recipe=credit", "~search.models.lightgbm"], out)
    return out


@pytest.fixture
def copy_of(credit, tmp_path):
    """Copies what a comparison reads of the credit run, changed."""

    def do(name="copy", about=None, table=None, metrics=None, recipe=None):
        from pyarrow import Table, parquet

        folder = tmp_path / name
        folder.mkdir()
        for file in KEPT:
            shutil.copy(credit[1].folder / file, folder / file)
        content = parquet.read_table(folder / FILE)
        facts = json.loads(content.schema.metadata[b"lepton"])
        frame = content.to_pandas() if table is None else table(content.to_pandas())
        facts = facts if about is None else about(facts)
        parquet.write_table(
            Table.from_pandas(frame, preserve_index=False).replace_schema_metadata({b"lepton": json.dumps(facts).encode()}),
            folder / FILE,
        )
        if metrics is not None:
            found = json.loads((folder / "metrics.json").read_text())
            (folder / "metrics.json").write_text(json.dumps({**found, **metrics}))
        if recipe is not None:
            tree = yaml.safe_load((folder / "recipe.yaml").read_text())
            (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe(tree)))
        return folder

    return do


def task(**changes):
    return lambda about: {**about, "task": {**about["task"], **changes}}


def decision(**changes):
    return lambda about: {**about, "decision": {**about["decision"], **changes}}


def payoff(value):
    return decision(prices={"payoff": value, "refer": None, "cost": None})


def test_the_same_run_twice_is_the_same_on_every_figure(credit, copy_of):
    (found,) = compare_runs(read_run(credit[1].folder), [read_run(copy_of())], Asked())

    assert found.word is Word.SAME
    assert {figure.word for figure in found.figures} == {Word.SAME}
    assert (found.n, found.basis, found.changes) == (200, "test", ())


def test_a_shuffled_prediction_is_worse_and_what_differs_is_named(credit, copy_of):
    def shuffled(frame):
        p = np.random.default_rng(0).permutation(frame["prediction_1"].to_numpy())
        said, positive = p >= credit[1].artifact.scorer.rule.threshold, frame["target"] == 1
        worth = np.where(positive, np.where(said, 0.0, -5.0), np.where(said, -1.0, 0.0))
        return frame.assign(prediction_0=1 - p, prediction_1=p, worth=worth)

    candidate = copy_of(table=shuffled, recipe=lambda tree: {**tree, "budget": {**tree["budget"], "trials": 9}, "seed": 5})

    (found,) = compare_runs(read_run(credit[1].folder), [read_run(candidate)], Asked(margins={"roc_auc": 0.002}))

    deciding = {figure.name: figure for figure in found.deciding}
    assert found.word is Word.WORSE and set(deciding) == {"roc_auc", "value_per_row"}
    assert deciding["roc_auc"].word is Word.WORSE and deciding["roc_auc"].margin == 0.002
    assert deciding["value_per_row"].unit == "units" and deciding["value_per_row"].difference < 0
    assert [(change.key, change.baseline, change.candidate) for change in found.changes] == [
        ("budget.trials", "2", "9"),
        ("seed", "0", "5"),
    ]


def test_the_worth_of_a_row_is_that_of_the_run_at_its_own_line(credit, other):
    metrics = json.loads((other / "metrics.json").read_text())

    (found,) = compare_runs(read_run(credit[1].folder), [read_run(other)], Asked())

    (money,) = [figure for figure in found.figures if (figure.name, figure.slice) == ("value_per_row", "")]
    assert money.baseline == pytest.approx(credit[2]["value_per_row"]["value"])
    assert money.candidate == pytest.approx(metrics["value_per_row"]["value"])
    assert {change.key for change in found.changes} == {"search.models.lightgbm"}
    assert any(figure.slice.startswith("age_in_years = ") for figure in found.figures)


REFUSED = [
    ("kind", {"about": task(kind="multiclass")}, "is a multiclass task, the baseline a binary one"),
    ("target", {"about": task(target="purpose")}, "predicts 'purpose', the baseline 'creditability'"),
    (
        "positive",
        {"about": task(labels={"values": ["bad", "good"], "dtype": "str"})},
        r"has 'good' as its positive label, the baseline 'bad'.   Run it with task.positive=bad",
    ),
    (
        "labels",
        {"about": task(labels={"values": ["ok", "bad"], "dtype": "str"})},
        "knows other labels than the baseline: good, ok",
    ),
    ("kind of rows", {"about": lambda a: {**a, "kind": "out of fold"}}, "was judged on out of fold rows, the baseline on test"),
    ("fewer rows", {"table": lambda f: f.iloc[20:]}, "the baseline has 200, it has 180, and 180 are in both"),
    (
        "other rows",
        {"table": lambda f: f.assign(row_id=f["row_id"] + 5000)},
        "the baseline has 200, it has 200, and 0 are in both",
    ),
    ("other labels", {"table": lambda f: f.assign(target=1 - f["target"])}, "has another target in 200 of 200 rows"),
    (
        "other table",
        {"about": lambda a: {**a, "fingerprint": "0", "columns": dict.fromkeys(a["columns"], "0")}},
        r"other rows at the same places: 0 of \d+ shared columns",
    ),
    ("weights", {"table": lambda f: f.assign(weight=2.0)}, "weighs its rows differently"),
]


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_runs_that_do_not_fit_are_refused_with_the_reason(credit, copy_of, change, message):
    baseline, candidate = read_run(credit[1].folder), read_run(copy_of(**change))

    with pytest.raises(DataError, match=message) as found:
        compare_runs(baseline, [candidate], Asked())

    assert found.value.exit_code == 3
    assert all(problem.fix for problem in found.value.problems)


def test_the_keys_that_set_other_rows_aside_are_named(credit, copy_of):
    changed = {"recipe": lambda t: {**t, "seed": 7, "split": {**t["split"], "test_share": 0.3}}}
    candidate = copy_of(table=lambda f: f.assign(row_id=f["row_id"] + 1), **changed)

    with pytest.raises(DataError, match=r"Run both alike in: seed \(0 and 7\), split.test_share \(0.2 and 0.3\)"):
        compare_runs(read_run(credit[1].folder), [read_run(candidate)], Asked())


def test_every_candidate_that_does_not_fit_is_told_at_once(credit, copy_of):
    runs = [read_run(copy_of("one", about=task(target="a"))), read_run(copy_of("two", about=task(target="b")))]

    with pytest.raises(DataError, match="2 problems in the runs that are to be compared"):
        compare_runs(read_run(credit[1].folder), runs, Asked())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (decision(currency="CHF"), "the currencies differ (units, CHF)"),
        (
            payoff({"true_positive": 0.0, "false_positive": -2.0, "true_negative": 0.0, "false_negative": -5.0}),
            "the payoffs differ (payoff.false_positive -1.0 and -2.0)",
        ),
        (payoff(None), "the payoffs differ (payoff … and null, payoff.false_negative -5.0 and …"),
    ],
    ids=["currency", "payoffs", "no payoffs"],
)
def test_money_is_left_out_with_the_reason_and_refused_where_it_is_asked_for(credit, copy_of, change, reason):
    baseline, candidate = read_run(credit[1].folder), read_run(copy_of(about=change))

    (found,) = compare_runs(baseline, [candidate], Asked())

    assert "value_per_row" not in {figure.name for figure in found.figures}
    assert any(reason in notice for notice in found.notices)
    with pytest.raises(CommandError, match="value_per_row   Money is not compared"):
        compare_runs(baseline, [candidate], Asked(metrics=("value_per_row",)))


def test_tables_that_were_read_differently_are_compared_and_the_reader_is_told(credit, copy_of):
    candidate = copy_of(about=lambda a: {**a, "fingerprint": "0", "columns": {**a["columns"], "purpose": "0"}})

    (found,) = compare_runs(read_run(credit[1].folder), [read_run(candidate)], Asked())

    assert any("16 of 17 columns that both have hold the same values" in notice for notice in found.notices)


def unheard(notices):
    """Gives the notices that stay English on a Chinese page."""
    with speaking("zh"):
        return [notice for notice in notices if heard(notice) == notice]


def test_every_notice_of_a_comparison_has_words_in_another_language(credit, copy_of):
    changed = {"about": lambda a: {**decision(currency="CHF")(a), "fingerprint": "0", "share": 0.5}}
    one = read_run(copy_of("one", about=lambda a: {**a, "share": 0.5, "kind": "out of fold"}))
    other = read_run(copy_of("other", metrics={"version": "0.0.1"}, **changed))
    other.rows.about["kind"] = "out of fold"

    (found,) = compare_runs(one, [other], Asked())

    assert len(found.notices) == 6
    assert unheard(found.notices) == [] and unheard(figure.method for figure in found.figures) == []


def test_the_language_of_the_recipe_goes_with_its_side_and_is_no_difference(credit, copy_of, tmp_path):
    candidate = copy_of(recipe=lambda tree: {**tree, "report": {**(tree.get("report") or {}), "language": "zh"}})

    (found,) = compare_runs(read_run(credit[1].folder), [read_run(candidate)], Asked())
    code = main(["compare", str(credit[1].folder), str(candidate), "--out", str(tmp_path / "out")])
    english = main(["compare", str(credit[1].folder), str(candidate), "--out", str(tmp_path / "en"), "--language", "en"])

    assert (found.baseline.language, found.candidate.language, found.changes) == ("en", "zh", ())
    assert code == english == 0
    assert '<html lang="zh-Hans">' in (tmp_path / "out" / "comparison.html").read_text()
    assert "判定方法" in (tmp_path / "out" / "comparison.md").read_text()
    assert '<html lang="en">' in (tmp_path / "en" / "comparison.html").read_text()


@pytest.mark.parametrize(
    ("one", "other", "keys"),
    [
        ({"models": {"lightgbm": {}}}, {"models": {"lightgbm": {"num_leaves": 7}}}, ["models.lightgbm.num_leaves"]),
        ({"models": {"lightgbm": {}}}, {"models": {}}, ["models.lightgbm"]),
        ({"pruner": None}, {"pruner": {"kind": "racing"}}, ["pruner", "pruner.kind"]),
    ],
    ids=["filled", "gone", "nothing"],
)
def test_an_empty_block_that_is_filled_is_told_by_what_fills_it(one, other, keys):
    assert [change.key for change in changes_of(one, other)] == keys


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: shutil.rmtree(folder), "does not exist"),
        (lambda folder: (folder / "metrics.json").unlink(), "is not a finished run: it has no metrics.json"),
        (lambda folder: (folder / "metrics.json").write_text("{"), "can not be read: "),
        (lambda folder: (folder / "metrics.json").write_text("{}"), "can not be read: 'test'"),
        (lambda folder: (folder / "recipe.yaml").unlink(), "can not be read: "),
        (lambda folder: (folder / FILE).unlink(), r"has no test_rows\.parquet: it was made before runs kept it"),
        (lambda folder: (folder / FILE).write_bytes(b"PAR1"), r"test_rows\.parquet +can not be read: "),
    ],
    ids=["no folder", "unfinished", "broken json", "empty json", "no recipe", "no rows", "broken rows"],
)
def test_a_folder_that_is_no_whole_run_is_told(copy_of, spoil, message):
    folder = copy_of()
    spoil(folder)

    with pytest.raises(ArtifactError, match=message):
        read_run(folder)


def test_why_a_run_did_not_finish_is_told(tmp_path):
    (tmp_path / "failed.txt").write_text("RunError: no model could be fitted.\nmore")

    with pytest.raises(ArtifactError, match="is not a finished run: RunError: no model could be fitted"):
        read_run(tmp_path)


def test_an_artefact_and_a_sweep_are_shown_the_way(credit):
    with pytest.raises(ArtifactError, match="It is an artefact: give the run's folder"):
        read_run(credit[1].folder / "artifact")
    with pytest.raises(ArtifactError, match=r"Give one of the runs in it, such as .*; a sweep is compared with --sweep"):
        read_run(credit[1].folder.parent)


def test_the_command_prints_writes_and_ends_as_it_says(credit, copy_of, tmp_path, capsys):
    worse = copy_of(table=lambda f: f.assign(prediction_0=f["prediction_1"], prediction_1=f["prediction_0"]))
    same, base = copy_of("same"), str(credit[1].folder)

    codes = [
        main(["compare", base, str(worse), "--out", str(tmp_path / "out")]),
        main(["compare", base, str(same)]),
        main(["compare", base, str(same), "--require", "better"]),
    ]

    said = capsys.readouterr().out
    assert codes == [1, 0, 1]
    assert "WORSE: ROC AUC is worse by" in said and "SAME: ROC AUC is the same on every row" in said
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["comparisons"][0]["word"] == "worse"
    assert (tmp_path / "out" / "comparison.md").read_text().startswith("## ❌ credit: worse")
    assert '<failure message="worse: ' in (tmp_path / "out" / "comparison.xml").read_text()
    assert verify_ledger(credit[1].folder / "ledger.jsonl") == []


@pytest.mark.parametrize("form", ["markdown", "json", "junit"])
def test_what_is_printed_can_be_read_by_its_reader(credit, other, form, capsys):
    from xml.etree import ElementTree

    main(["compare", str(credit[1].folder), str(other), "--format", form])

    said = capsys.readouterr().out
    if form == "json":
        assert json.loads(said)["comparisons"][0]["candidate"]["name"] == str(other)
    elif form == "junit":
        suite = ElementTree.fromstring(said).find("testsuite")
        assert int(suite.get("tests")) == len(suite.findall("testcase")) > 8
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
    else:
        assert said.count("<details>") == said.count("</details>") == 3
        assert "search.models.lightgbm" in said
