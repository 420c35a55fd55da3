"""A recipe can not run code."""

import os

import pytest

RESOLVER = "${oc.env:HOME}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("search: {_target_: os.system}", "search._target_"),
        ("search: {models: {lightgbm: {_partial_: true}}}", "search.models.lightgbm._partial_"),
        ("_args_: [1]", "_args_"),
        ("data: {sources: {a: {path: x, _recursive_: false}}}", "data.sources.a._recursive_"),
        ("hydra: {run: {dir: x}}", "hydra"),
        ("name: ${oc.env:HOME}", "name"),
        ("name: x${oc.decode:${seed}}", "name"),
        ("name: '${ oc.env : HOME }'", "name"),
        ("name: ${${engagement.owner}:HOME}", "name"),
        ("name: ${hydra:job.name}", "name"),
        ("name: ${now:%Y}", "name"),
        ("data: {ignore: [a, '${oc.env:HOME}']}", "data.ignore.1"),
        ("data: {kinds: {'${oc.env:HOME}': number}}", "data.kinds.${oc.env:HOME}"),
        ("data: {kinds: {'${name}': number}}", "data.kinds.${name}"),
        ("governance: {rules: {missing: {max_share: '${oc.env:X}'}}}", "governance.rules.missing.max_share"),
        ("engagement: {goal: &a '${oc.env:X}', owner: *a}", "engagement.goal"),
    ],
)
def test_a_recipe_file_that_tries_to_run_code_is_refused_with_its_line(place, text, key):
    place.write("recipes/sly.yaml", f"# lepton recipe=sly\n{text}")

    problems = place.problems("recipe=sly", "data.source.path=x.csv", "task.kind=binary", "task.target=y")

    assert problems[0].key == key
    assert "not allowed" in problems[0].message or "no plain reference" in problems[0].message
    assert problems[0].where == "recipes/sly.yaml:2"
    assert os.environ["HOME"] not in problems[0].line()


@pytest.mark.parametrize(
    "word",
    [
        f"name={RESOLVER}",
        f"'name={RESOLVER}'".strip("'"),
        f"data.ignore=[a,{RESOLVER}]",
        f"data.kinds={{a:{RESOLVER}}}",
        f"++name={RESOLVER}",
        f"name='x {RESOLVER}'",
        f"run={{dir:{RESOLVER}}}",
        "search._target_=os.system",
        "search={_target_:os.system}",
        "search.models.lightgbm={a:[{_target_:os.system}]}",
        "+_partial_=true",
        "hydra.sweeper._target_=os.system",
        "hydra.callbacks={x:{_target_:os.system}}",
        "hydra.searchpath=[file:///tmp]",
        "hydra/launcher=basic",
    ],
)
def test_a_command_line_that_tries_to_run_code_is_refused(place, task, word):
    problems = place.problems(*task, word)

    assert problems[0].where == "command line"
    assert "not allowed" in problems[0].message or "a setting of Hydra" in problems[0].message
    assert os.environ["HOME"] not in problems[0].line()


@pytest.mark.parametrize("group", ["search", "profile"])
def test_a_preset_that_tries_to_run_code_is_refused(place, task, group):
    place.write(f"mine/{group}/sly.yaml", "models: {_target_: os.system}")

    problem = place.problem(*task, f"{group}=sly", dirs=("mine",))

    assert problem.key == "models._target_"
    assert problem.where == f"mine/{group}/sly.yaml:1"


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["data.source={kind: sql, url: 'postgresql://ann:hunter2@db/shop', table: t}"], "data.source.url"),
        (["data.source={kind: sql, url: 'mssql://db/shop?user=ann&password=hunter2', table: t}"], "data.source.url"),
        (["data.source={path: 'ftp://ann:hunter2@host/x.csv'}"], "data.source.path"),
        (["data.source={path: 's3://b/x.csv', storage_options: {secret: hunter2}}"], "data.source.storage_options"),
        (["data.source={path: 's3://b/x.csv', storage_options: {token: hunter2}}"], "data.source.storage_options"),
    ],
    ids=["password in url", "password in query", "password in path", "secret", "token"],
)
def test_a_password_in_a_recipe_is_refused_and_not_repeated(place, words, key):
    problem = place.problem("recipe=table", "task.kind=binary", "task.target=y", *words)

    assert problem.key == key
    assert "{secret: " in problem.fix
    assert "hunter2" not in problem.line()


def test_a_secret_is_named_and_stays_a_name(place, monkeypatch):
    monkeypatch.setenv("SHOP", "postgresql://ann:hunter2@db/shop")
    words = ["recipe=table", "task.kind=binary", "task.target=y"]

    tree = place.tree(*words, "data.source={kind: sql, url: {secret: SHOP}, table: t}")

    assert tree["data"]["source"]["url"] == {"secret": "SHOP"}


def test_a_misspelt_secret_is_told(place):
    words = ["recipe=table", "task.kind=binary", "task.target=y", "data.source={kind: sql, url: {secrt: SHOP}, table: t}"]

    found = {problem.key: problem.line() for problem in place.problems(*words)}

    assert "Did you mean secret?" in found["data.source.url.secrt"]
    assert set(found) == {"data.source.url.secret", "data.source.url.secrt"}


def test_a_plain_reference_and_a_text_with_a_dollar_are_no_code(place, task):
    assert place.tree(*task, "budget.trials=${split.folds}", "split.folds=4")["budget"]["trials"] == 4
    assert place.tree(*task, "engagement.goal='5 $ a head'")["engagement"]["goal"] == "5 $ a head"
