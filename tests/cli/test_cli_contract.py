"""`lepton contract`, and a contract in a file of its own: from proposal to a refused recipe, as a user does it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from lepton_automl.cli import main
from lepton_automl.engine import compile, preview  # noqa: A004 - the name of what it does
from lepton_automl.errors import GovernanceStop
from lepton_automl.recipe import compose

CSV = Path("recipes/data/german_credit.csv").resolve()
SECRET = "Ottokar Weissenfels"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working folder with a table, a recipe and no contract yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loans.csv").write_bytes(CSV.read_bytes())
    (tmp_path / "recipes").mkdir()
    write_recipe({})
    return tmp_path


def write_recipe(rules):
    recipe = {
        "data": {"source": {"path": "loans.csv"}},
        "task": {"kind": "binary", "target": "creditability", "positive": "bad"},
        "governance": {"rules": rules},
        "budget": {"trials": 1},
    }
    Path("recipes/loans.yaml").write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")


def change(column, rows, value):
    frame = pd.read_csv("loans.csv", keep_default_na=False)
    frame[column] = frame[column].astype(object)
    frame.loc[rows, column] = value
    frame.to_csv("loans.csv", index=False)


def words(*more):
    return ["recipe=loans", "hardware.threads=1", *more]


def test_a_contract_is_proposed_read_and_kept_by_the_same_table(place, capsys):
    assert main(["contract", "loans.csv", "--target", "creditability", "--out", "recipes/contract.yaml"]) == 0
    assert "written   recipes/contract.yaml" in capsys.readouterr().out
    text = Path("recipes/contract.yaml").read_text(encoding="utf-8")
    assert text.startswith("# What loans.csv is promised to be, proposed from 1,000 rows")
    assert len(yaml.safe_load(text)["columns"]) == 20

    write_recipe({"contract": {"file": "contract.yaml"}})

    assert main(["validate", *words()]) == 0
    assert "The contract is read from recipes/contract.yaml." in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["validate", "plan", "run"])
def test_a_table_that_breaks_its_contract_ends_with_3_and_every_reason(place, capsys, verb):
    assert main(["contract", "loans.csv", "--target", "creditability", "--out", "contract.yaml"]) == 0
    write_recipe({"contract": {"file": "contract.yaml"}})
    change("age_in_years", [4, 17], 230)
    change("purpose", [5], SECRET)
    change("credit_amount", [8, 9, 10], "")

    assert main([verb, *words(f"run.dir={place / 'out'}")]) == 3

    shown = capsys.readouterr()
    assert "3 problems" in shown.err
    assert "columns.age_in_years.max: expected at most 81; 2 rows are not so (0.20%), counted from 0: 4, 17" in shown.err
    assert "columns.purpose.values: expected one of business, car (new)" in shown.err
    assert "columns.credit_amount.max_missing_share: expected no missing value; 3 rows are not so (0.30%)" in shown.err
    assert SECRET not in shown.err + shown.out
    for path in place.rglob("*"):
        if path.is_file() and path.name != "loans.csv":
            assert SECRET.encode() not in path.read_bytes(), path


def test_a_contract_is_printed_where_no_file_is_named(place, capsys):
    assert main(["contract", "loans.csv"]) == 0
    assert "creditability" in yaml.safe_load(capsys.readouterr().out)["columns"]


def test_a_contract_is_proposed_from_the_data_of_a_recipe_as_its_run_reads_it(place, capsys):
    assert main(["contract", "recipe=loans", "data.kinds.installment_rate_in_percentage_of_disposable_income=category"]) == 0
    columns = yaml.safe_load(capsys.readouterr().out)["columns"]
    assert "creditability" not in columns
    assert columns["installment_rate_in_percentage_of_disposable_income"]["values"] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (["nowhere.csv"], 3, "does not exist"),
        (["loans.csv", "--target", "creditabilty"], 2, "Did you mean creditability?"),
        (["loans.csv", "more.csv"], 2, "is one word too many"),
        (["loans.csv", "--out", "loans.csv"], 2, "is there already"),
        (["recipe=lons"], 2, "loans"),
    ],
)
def test_a_wrong_word_is_told(place, capsys, line, code, said):
    assert main(["contract", *line]) == code
    assert said in capsys.readouterr().err


def test_the_file_becomes_a_part_of_the_recipe_and_of_its_hash(place):
    Path("contract.yaml").write_text("columns:\n  age_in_years: {min: 18, max: 100}\nmin_rows: 10\n")
    write_recipe({"contract": {"file": "contract.yaml", "columns": {"age_in_years": {"max": 90}}}})

    plan = compile(compose(words()))

    assert plan.recipe["governance"]["rules"]["contract"] == {
        "columns": {"age_in_years": {"min": 18, "max": 90}},
        "min_rows": 10,
    }
    assert json.dumps(plan.recipe)
    Path("contract.yaml").write_text("columns:\n  age_in_years: {min: 18, max: 100}\nmin_rows: 11\n")
    assert compile(compose(words())).recipe_hash != plan.recipe_hash


@pytest.mark.parametrize("prefix", ["", "contract", "governance.rules.contract"])
def test_the_file_may_hold_the_terms_alone_or_in_their_place(place, prefix):
    tree = {"min_rows": 5000}
    for key in reversed(prefix.split(".") if prefix else []):
        tree = {key: tree}
    Path("contract.yaml").write_text(yaml.safe_dump(tree))
    write_recipe({"contract": {"file": "contract.yaml"}})
    with pytest.raises(GovernanceStop, match="expected at least 5000 rows, there are 1000"):
        preview(compile(compose(words())))


def test_mistakes_of_a_contract_are_told_at_once_with_file_and_line(place, capsys):
    Path("contract.yaml").write_text(
        "min_row: 3\n"
        "columns:\n"
        "  age_in_years: {minn: 18}\n"
        "  purpose: {pattern: '[a', max_missing_share: 5}\n"
        "  housing: {action: {unique: missing}}\n"
        "relations:\n"
        "  safe: __import__('os').system('touch here') == 0\n"
        "  fine: {expression: age_in_years.real > 1}\n"
    )
    write_recipe({"contract": {"file": "contract.yaml"}})

    assert main(["validate", *words()]) == 2

    error = capsys.readouterr().err
    for key, said, line in [
        ("min_row", "Did you mean min_rows?", 1),
        ("columns.age_in_years.minn", "Did you mean min?", 3),
        ("columns.purpose.pattern", "is no pattern", 4),
        ("columns.purpose.max_missing_share", "Write 0.05 for 5 %.", 4),
        ("columns.housing", "can not answer unique by 'missing'.", 5),
        ("relations.safe", "calls a function, which a relation can not do", 7),
        ("relations.fine.expression", "reads an attribute", 8),
    ]:
        (found,) = [text for text in error.splitlines() if text.split()[:1] == [f"governance.rules.contract.{key}"]]
        assert said in found and f"contract.yaml:{line}" in found, found
    assert not (place / "here").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [("contrct.yaml", "is not there"), ([1], "must be the name of a file"), ("list.yaml", "is not a mapping")],
)
def test_a_file_that_can_not_be_read_is_a_mistake_of_the_recipe(place, capsys, file, said):
    Path("list.yaml").write_text("- 1\n")
    write_recipe({"contract": {"file": file}, "missing": {"max_shar": 0.5}})
    assert main(["validate", *words()]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "2 problems" in error and "Did you mean max_share?" in error


def test_the_contract_looks_before_other_rules_change_the_table(place):
    terms = {"columns": {"key": {"unique": True}, "one": {"values": [1]}}}
    write_recipe({"constants": {}, "identifiers": {}, "contract": terms})
    frame = pd.read_csv("loans.csv", keep_default_na=False)
    frame.assign(key=[f"k{i}" for i in range(len(frame))], one=1).to_csv("loans.csv", index=False)
    entries = [e for e in preview(compile(compose(words()))).entries if e.code.startswith("GOV")]
    assert [(e.rule, e.effect) for e in entries][:2] == [("target", "passed"), ("contract", "passed")]
    assert {e.column for e in entries if e.effect == "column dropped"} >= {"key", "one"}


def test_what_a_contract_makes_missing_is_so_when_one_row_or_many_are_scored(place, capsys):
    terms = {
        "age_in_years": {"max": 100, "action": "missing"},
        "purpose": {"values": [*sorted(set(pd.read_csv("loans.csv").purpose) - {"others"})], "action": "missing"},
    }
    change("age_in_years", list(range(0, 300, 3)), 230)
    write_recipe({"contract": {"columns": terms}})
    line = words(f"run.dir={place / 'out'}", "search=quick", "evidence.resamples=50")
    assert main(["run", *line, "search.models={lightgbm: {}}"]) in (0, 1)
    assert main(["ledger", "out"]) == 0
    told = capsys.readouterr().out
    assert "values set missing" in told and "GOV009" in told

    rows = pd.read_csv("loans.csv", keep_default_na=False).drop(columns="creditability").iloc[:40]
    as_they_were = rows.assign(age_in_years=30.0, purpose="repairs")
    good = rows.assign(age_in_years=np.nan, purpose=pd.Series([None] * 40, dtype="str"))
    bad = rows.assign(age_in_years=231.0, purpose="others")
    for n in (1, 40):
        scored = []
        for name, frame in (("good", good), ("bad", bad), ("other", as_they_were)):
            frame.head(n).to_parquet(f"{name}.parquet")
            assert main(["predict", "out", f"{name}.parquet", "--out", f"{name}_{n}.parquet"]) == 0
            scored.append(pd.read_parquet(f"{name}_{n}.parquet").select_dtypes("number"))
        assert scored[0].equals(scored[1])
        assert not scored[0].equals(scored[2])
