"""What wins over what, from preset to command line."""

import itertools

import pytest

from lepton_automl.errors import CommandError
from lepton_automl.recipe import Library, compose
from lepton_automl.recipe.compose import prepare_overrides

LEAVES = "search.models.lightgbm.num_leaves"
VALUES = {
    "value": ("31", 31),
    "choices": ("[8, 16]", [8, 16]),
    "range": ("{low: 4, high: 64}", {"low": 4, "high": 64}),
    "log range": ("{low: 2, high: 9, log: true}", {"low": 2, "high": 9, "log": True}),
    "half a range": ("{low: 3}", {"low": 3}),
}
PAIRS = list(itertools.permutations(VALUES, 2))


def leaves(tree):
    return tree["search"]["models"]["lightgbm"]["num_leaves"]


def test_the_packaged_recipes_and_presets_are_found(place):
    options = Library.open().options

    assert list(options["recipe"]) == ["credit", "demand", "intent", "table"]
    assert {group: len(found) for group, found in options.items() if not found} == {}


def test_a_recipe_holds_its_own_keys_over_presets_over_defaults(place):
    tree = place.tree("recipe=credit")

    assert tree["name"] == "credit"
    assert tree["task"]["target"] == "creditability"
    trees = ["lightgbm", "xgboost", "catboost", "extra_trees"]
    assert set(tree["search"]["models"]) == {"linear", "tabm", "realmlp", *trees}
    assert tree["governance"]["rules"]["leakage"] == {}
    assert (tree["ensemble"]["steps"], tree["ensemble"]["final"]) == (25, "auto")


def test_the_command_line_wins_over_the_recipe_and_the_profile(place):
    tree = place.tree("recipe=credit", "profile=smoke", "budget.trials=5", "search=quick")

    assert tree["budget"] == {"seconds": None, "trials": 5}
    assert tree["evidence"]["resamples"] == 50
    assert list(tree["search"]["models"]) == ["linear", "lightgbm"]


@pytest.mark.parametrize(("older", "newer"), PAIRS, ids=[f"{newer} over {older}" for older, newer in PAIRS])
def test_on_the_command_line_a_later_parameter_replaces_an_earlier_one_whole(place, task, older, newer):
    word = {name: f"{LEAVES}={text.replace(', ', ',').replace(': ', ':')}" for name, (text, _) in VALUES.items()}

    assert leaves(place.tree(*task, word[older], word[newer])) == VALUES[newer][1]


@pytest.mark.parametrize(("older", "newer"), PAIRS, ids=[f"{newer} over {older}" for older, newer in PAIRS])
def test_a_recipe_replaces_the_parameter_of_its_preset_whole(place, task, older, newer):
    place.write("mine/search/leafy.yaml", f"models: {{lightgbm: {{num_leaves: {VALUES[older][0]}, max_depth: 3}}}}")
    place.write(
        "recipes/leafy.yaml",
        f"""
        defaults: [{{override /search: leafy}}]
        search: {{models: {{lightgbm: {{num_leaves: {VALUES[newer][0]}}}}}}}
        """,
    )

    tree = place.tree("recipe=leafy", *task[1:], dirs=("mine",))

    assert leaves(tree) == VALUES[newer][1]
    assert tree["search"]["models"]["lightgbm"]["max_depth"] == 3


def test_the_command_line_replaces_the_range_of_recipe_and_preset_whole(place, task):
    place.write("mine/search/leafy.yaml", "models: {lightgbm: {num_leaves: {low: 9, high: 99, log: true}}}")
    place.write("recipes/leafy.yaml", "search: {models: {lightgbm: {num_leaves: {low: 5, high: 50, log: true}}}}")
    words = ["recipe=leafy", "search=leafy", *task[1:]]

    assert leaves(place.tree(*words, dirs=("mine",))) == {"low": 5, "high": 50, "log": True}
    assert leaves(place.tree(*words, f"{LEAVES}={{low:2,high:3}}", dirs=("mine",))) == {"low": 2, "high": 3}
    block = "search={models:{lightgbm:{num_leaves:{low:2,high:4}}}}"
    assert leaves(place.tree(*words, block, dirs=("mine",))) == {"low": 2, "high": 4}


def test_one_setting_of_one_rule_changes_and_one_rule_goes(place):
    rules = place.tree("recipe=credit", "governance.rules.leakage.max_auc=0.98", "~governance.rules.missing")["governance"][
        "rules"
    ]

    assert rules["leakage"] == {"max_auc": 0.98}
    assert "missing" not in rules
    assert "duplicates" in rules


def test_words_are_obeyed_in_their_order(place, task):
    wipe_then_set = place.tree(*task, "~search.models.linear", "search.models.linear.alpha=1")
    set_then_wipe = place.tree(*task, "search.models.linear.alpha=1", "~search.models.linear")

    assert wipe_then_set["search"]["models"]["linear"] == {"alpha": 1}
    assert "linear" not in set_then_wipe["search"]["models"]


@pytest.mark.parametrize(
    "words",
    [
        ["data.source.path=mine.csv", "data.source.kind=csv"],
        ["data.source.kind=csv", "data.source.path=mine.csv"],
        ["data.source={kind: csv, path: mine.csv}"],
    ],
    ids=["path first", "kind first", "as a block"],
)
def test_a_source_of_another_kind_replaces_the_old_one_whole(place, words):
    assert place.tree("recipe=credit", *words)["data"]["source"] == {"kind": "csv", "path": "mine.csv"}


def test_a_task_of_another_kind_keeps_its_target(place):
    assert place.tree("recipe=intent", "task.kind=binary", "task.metric=roc_auc")["task"]["target"] == "intent"


def test_a_gate_may_be_written_with_dots_or_nested_and_changed_by_either(place):
    place.write("recipes/gated.yaml", "gates: {test.roc_auc: {min: 0.7}, test: {accuracy: {min: 0.6}}, test.f1: {min: 0.5}}")
    words = ["recipe=gated", "data.source.path=x.csv", "task.kind=binary", "task.target=y"]

    gates = place.tree(*words, "gates.test.roc_auc.min=0.8", "gates={test.f1: {min: 0.4}}", "~gates.test.accuracy")["gates"]

    assert {name: group for name, group in gates.items() if group} == {"test": {"roc_auc": {"min": 0.8}, "f1": {"min": 0.4}}}


def test_a_recipe_may_start_from_another_and_remembers_where_each_key_stands(place):
    place.write("recipes/base.yaml", "seed: 3\nsplit:\n  folds: 4\n  test_share: 0.3")
    place.write(
        "recipes/child.yaml", "# lepton recipe=child\ndefaults:\n  - base\n  - override /search: quick\nsplit: {folds: 6}"
    )

    composed = compose(["recipe=child", "data.source.path=x.csv", "task.kind=binary", "task.target=y"])

    assert (composed.name, composed.tree["name"]) == ("child", "child")
    assert (composed.tree["seed"], composed.tree["split"]["folds"], composed.tree["split"]["test_share"]) == (3, 6, 0.3)
    assert list(composed.tree["search"]["models"]) == ["linear", "lightgbm"]
    assert composed.origins.of(("seed",)) == "recipes/base.yaml:1"
    assert composed.origins.of(("split", "folds")) == "recipes/child.yaml:5"
    assert composed.origins.of(("split", "test_share")) == "recipes/base.yaml:4"
    assert composed.origins.of(("task", "kind")) == "command line"


def test_a_recipe_that_starts_from_itself_is_refused(place):
    place.write("recipes/a.yaml", "defaults: [b]")
    place.write("recipes/b.yaml", "defaults: [a]")

    problem = place.problem("recipe=a")

    assert "circle" in problem.message or "more than once" in problem.message


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{override /search: quik}", "Did you mean quick?"),
        ("{override /serach: quick}", "Did you mean search?"),
        ("{search: quick}", "Write `override /search: quick`."),
        ("nobody", "there is no recipe named 'nobody'"),
        ("{override hydra/launcher: basic}", "is not allowed in a recipe"),
    ],
    ids=["preset misspelt", "group misspelt", "without override", "unknown recipe", "a setting of Hydra"],
)
def test_a_wrong_defaults_list_says_what_to_write(place, entry, said):
    place.write("recipes/odd.yaml", f"seed: 1\ndefaults: [{entry}]")

    problem = place.problem("recipe=odd")

    assert said in problem.line()
    assert (problem.key, problem.where) == ("defaults", "recipes/odd.yaml:2")


def test_a_reference_takes_the_value_of_another_key(place, task):
    tree = place.tree(*task, "seed=7", "budget.trials=${seed}", "engagement.goal='${task.target} of ${seed}'")

    assert tree["budget"]["trials"] == 7
    assert tree["engagement"]["goal"] == "y of 7"


@pytest.mark.parametrize(
    "words", [["budget.trials=${sead}"], ["budget.trials=${budget.trials}"]], ids=["to nothing", "to itself"]
)
def test_a_reference_that_leads_nowhere_is_told_with_its_key(place, task, words):
    problem = place.problem(*task, *words)

    assert problem.key == "budget.trials"
    assert "refers to what is not there" in problem.message
    assert problem.where == "command line"


def test_a_value_marked_as_still_to_be_given_is_absent(place):
    place.write("recipes/open.yaml", "task:\n  kind: binary\n  target: ???\ndata: {source: {path: x.csv}}")

    problem = place.problem("recipe=open")

    assert (problem.key, problem.message, problem.where) == ("task.target", "is required and absent.", "recipes/open.yaml:3")
    assert place.tree("recipe=open", "task.target=y")["task"]["target"] == "y"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("search=null", "~search"),
        ("recipe=null", "recipe=NAME"),
        ("recipe=crdit", "Did you mean credit?"),
        ("search=quik", "Did you mean quick?"),
        ("seed=1,2", "Add -m"),
        ("seed", "is not `key=value`"),
        ("=3", "is not `key=value`"),
        ("seed=[1", "is not `key=value`"),
        ("hydra.job.name=x", "a setting of Hydra"),
        ("~governance.rules.mising", "Did you mean missing?"),
        ("~governance.rules.missing=3", "has another value"),
        ("search@other=quick", "Did you mean search?"),
    ],
)
def test_a_wrong_word_says_what_to_write(place, task, word, said):
    problem = place.problem(*task, word)

    assert said in problem.line()


def test_all_wrong_words_are_told_at_once(place, task):
    keys = [problem.key for problem in place.problems(*task, "~sead", "budget.secnds=3", "split.folds=99", "task.kindd=1")]

    assert keys == ["~sead", "split.folds", "task.kindd", "budget.secnds"]


def test_hydra_is_handed_the_words_it_knows_as_they_are_and_others_as_new_keys(place):
    words = [
        "recipe=credit",
        "seed=1,2",
        "run.dir=here",
        "~split.time",
        "+a=1",
        "task.kindd=x",
        "split={folds: 3}",
        "hydra.job.name=x",
    ]

    ready = prepare_overrides(words, Library.open())

    assert ready == [*words[:5], "++task.kindd=x", "++split={folds: 3}", "hydra.job.name=x"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("recipe=credit,demnd", "Did you mean demand?"),
        ("recipe='credit','demnd'", "Did you mean demand?"),
        ("recipe=glob(zz*)", "gives no values to run"),
        ("seed=interval(1,9)", "gives no values to run"),
        ("name='${oc.env:HOME}','b'", "is not allowed"),
        ("seed=1,${oc.env:X}", "is not allowed"),
    ],
)
def test_a_wrong_sweep_is_told_before_its_first_run(place, word, said):
    words = [word] if word.startswith("recipe") else ["recipe=credit", word]

    with pytest.raises(CommandError) as caught:
        prepare_overrides(words, Library.open())

    assert said in caught.value.text()


@pytest.mark.parametrize(
    "word", ["recipe=credit,demand", "recipe=glob(*)", "seed=range(1,4)", "split.folds=3,5", "name='a b','c'"]
)
def test_a_sweep_is_handed_to_hydra_as_it_is(place, word):
    assert prepare_overrides([word], Library.open()) == [word]
