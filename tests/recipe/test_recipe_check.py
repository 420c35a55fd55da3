"""What is said of a wrong value: key, file and line, what was found, what to write."""

import pytest

from lepton_automl.recipe import Recipe, compose, default_tree
from lepton_automl.recipe.describe import wanted


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("split.folds=99", "split.folds   must be a whole number from 2 to 20, or auto, got 99."),
        ("split.folds=autp", 'split.folds   must be a whole number from 2 to 20, or auto, got "autp".   Did you mean auto?'),
        ("split.folds='5'", 'split.folds   must be a whole number from 2 to 20, or auto, got "5".   Write 5 without quotes.'),
        ("split.test_share=20", "split.test_share   must be a share from 0 to 0.9, got 20.   Write 0.2 for 20 %."),
        ("budget.seconds=0", "budget.seconds   must be a number of seconds above 0, or null, got 0."),
        ("budget.seconds=inf", "budget.seconds   must be a number of seconds above 0, or null, got Infinity."),
        ("hardware.memory_gb=-1", "hardware.memory_gb   must be a number of GiB above 0, or auto, got -1."),
        ("data.cache='true'", 'data.cache   must be true or false, got "true".   Write true or false, without quotes.'),
        (
            "search.sampler=tpex",
            'search.sampler   must be one of: tpe, random, cmaes, gp, nsgaii, qmc, got "tpex".   Did you mean tpe?',
        ),
        (
            "search.objectives=[model_mb,metric]",
            "search.objectives   is [model_mb, metric]: the metric comes first, and none stands there twice.",
        ),
        ("search.storage='postgresql://ann:pw@db/x'", "search.storage   holds a password."),
        ("search.models=3", "search.models   must be a block of keys, got 3."),
        ("budget=fast", 'budget   must be a block of keys, got "fast".   Its keys are: seconds, trials.'),
        ("data.ignore=age", 'data.ignore   must be a list, each item a text, got "age".   Write [age].'),
        ("data.ignore=[age,3]", "data.ignore.1   must be a text, got 3."),
        ("task.target=''", 'task.target   must be a text that is not empty, got "".'),
        ("task.target={a: 1}", 'task.target   must be a text that is not empty, got {"a": 1}.'),
        (
            "task.kind=binry",
            "task.kind   is 'binry', which is not one of: binary, multiclass, regression, forecast.   Did you mean binary?",
        ),
        (
            "data.source.kind=sqll",
            "is 'sqll', which is not one of: auto, csv, parquet, jsonl, excel, sql, duckdb, example.   Did you mean sql?",
        ),
        ("task.positve=1", "task.positve   is not a key here.   Did you mean positive?"),
        ("task.horizon=3", "task.horizon   is a key of another kind: forecast.   Remove it (~task.horizon), or set task.kind."),
        ("seconds=30", "seconds   is not a key here.   Did you mean budget.seconds?"),
        ("target=y", "target   is not a key here.   Did you mean task.target?"),
        ("bugdet.seconds=30", "bugdet   is not a key here.   Did you mean budget?"),
        ("gates.tset.roc_auc.min=0.5", "gates.tset   is not a key here.   Did you mean test?"),
        (
            "gates.test.roc_auc={min: 1, max: 0}",
            "gates.test.roc_auc   has min 1 above max 0: nothing can pass.   Exchange them.",
        ),
        (
            "data.query='select 1'",
            "data   has a query, but no sources that it could join.   Name the tables under data.sources.",
        ),
        ("data.sources.a.path=y.csv", "data   has both source and sources.   Keep one of them."),
        ("name='../up'", "name   is '../up', which can not name a folder.   Use letters, digits, blanks, - and _."),
        (
            "data.source={kind: sql, url: 'sqlite://'}",
            "data.source   needs exactly one of query and table.   Give one, remove the other.",
        ),
        (
            "data.kinds.age=nmber",
            'data.kinds.age   must be one of: number, category, text, datetime, boolean, got "nmber".   Did you mean number?',
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_the_key_takes(place, task, word, line):
    problem = place.problem(*task, word)

    assert line in problem.line()
    assert problem.where == "command line"


@pytest.mark.parametrize(
    ("words", "key", "fix"),
    [
        ([], "task", "Write task.kind=KIND; kinds are binary, multiclass, regression, forecast."),
        (["task.target=y"], "task.kind", "Choose one of: binary, multiclass, regression, forecast."),
        (["task.kind=binary"], "task.target", "Write task.target: a text that is not empty."),
        (
            ["task.kind=binary", "task.target=y", "data.source.kind=csv"],
            "data.source.path",
            "Write data.source.path: a text that is not empty.",
        ),
    ],
    ids=["task", "its kind", "its target", "path"],
)
def test_what_is_required_and_absent_is_told(place, words, key, fix):
    problem = place.problem("recipe=table", *words)

    assert (problem.key, problem.message, problem.fix) == (key, "is required and absent.", fix)
    assert problem.where


def test_a_forecast_without_the_median_is_refused(place):
    problem = place.problem("recipe=demand", "task.quantiles=[0.1,0.9]")

    assert problem.line().startswith("task.quantiles   is [0.1, 0.9]: it needs 0.5")


def test_every_mistake_of_a_file_is_told_at_once_each_with_its_line(place):
    place.write(
        "recipes/wrong.yaml",
        """
        # lepton recipe=wrong
        data:
          source: {path: x.csv, encodng: utf-8}
        split:
          folds: 1
          test_share: 25
        task: {kind: binary, target: 3}
        budgt: {seconds: 10}
        """,
    )

    problems = place.problems("recipe=wrong", "search.sampler=tpex")

    assert [(p.key, p.where) for p in problems] == [
        ("data.source.encodng", "recipes/wrong.yaml:3"),
        ("split.test_share", "recipes/wrong.yaml:6"),
        ("split.folds", "recipes/wrong.yaml:5"),
        ("task.target", "recipes/wrong.yaml:7"),
        ("search.sampler", "command line"),
        ("budgt", "recipes/wrong.yaml:8"),
    ]


def test_a_key_that_is_nowhere_names_the_file_of_the_recipe(place):
    place.write("recipes/bare.yaml", "seed: 1")

    assert place.problem("recipe=bare").where == "recipes/bare.yaml"


def test_the_defaults_of_the_schema_are_a_legal_recipe_but_for_the_task():
    tree = {**default_tree(), "task": {"kind": "regression", "target": "y"}}

    assert Recipe.model_validate(tree).model_dump()["split"] == {
        "kind": "auto",
        "test_share": 0.2,
        "folds": "auto",
        "time": None,
        "group": None,
        "origin": 0,
    }


def test_a_recipe_can_not_be_changed_after_it_was_checked(place):
    from lepton_automl.recipe import check

    recipe = check(compose(["recipe=credit"]))

    with pytest.raises(ValueError, match="frozen"):
        recipe.seed = 3


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "integer", "minimum": 2, "maximum": 20}, "a whole number from 2 to 20"),
        ({"type": "number", "exclusiveMinimum": 0, "unit": "seconds"}, "a number of seconds above 0"),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "unit": "share"}, "a share above 0 below 1"),
        ({"enum": ["cpu", "gpu"], "type": "string"}, "one of: cpu, gpu"),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, "true or false, or null"),
        ({"type": "array", "items": {"type": "string"}}, "a list, each item a text"),
    ],
)
def test_what_a_key_takes_is_said_in_words(part, words):
    assert wanted({}, part) == words
