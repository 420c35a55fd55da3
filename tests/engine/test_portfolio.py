"""Which configurations are tried first, and in what order."""

import pytest

from lepton_automl.engine import portfolio
from lepton_automl.engine.candidates import choose_candidates
from lepton_automl.engine.portfolio import ENTRIES, LARGE, MOST_STARTS, ORDERS, family_of, kind_of, start_of, starts_for
from lepton_automl.models import MODELS, REPRESENTATION, Shape
from lepton_automl.space import Fixed, inside
from lepton_automl.tasks import Goal, Makes

GOALS = {
    "few": Goal(Makes.PROBABILITIES, 2),
    "many": Goal(Makes.PROBABILITIES, 26),
    "numbers": Goal(Makes.VALUES),
}
FAMILIES = sorted({family_of(name) for name in ENTRIES})


def model(family):
    return MODELS.find(family)()


def test_there_are_at_most_60_entries_of_known_families_each_with_its_source():
    assert 40 <= len(ENTRIES) <= 60
    assert set(FAMILIES) <= set(MODELS.names())
    assert all(entry.source for entry in ENTRIES.values())
    assert all(set(entry.view) <= set(REPRESENTATION) for entry in ENTRIES.values())


def test_an_entry_that_is_a_start_of_the_model_says_nothing_else():
    own = {name: entry for name, entry in ENTRIES.items() if entry.own is not None}
    assert len(own) == sum(len(model(family).starts(Shape(1000, 10, GOALS["few"]))) for family in FAMILIES)
    assert all(not entry.params for entry in own.values())


@pytest.mark.parametrize("kind", ORDERS)
def test_an_order_names_entries_from_elsewhere_once(kind):
    names = ORDERS[kind]
    assert len(set(names)) == len(names)
    assert all(ENTRIES[name].own is None for name in names)


@pytest.mark.parametrize("kind", GOALS)
@pytest.mark.parametrize("rows", [60, 5_000, 1_000_000])
def test_every_entry_of_an_order_is_legal_on_tables_of_every_size(kind, rows):
    goal = GOALS[kind]
    assert kind_of(goal) == kind
    for name in ORDERS[kind]:
        family = model(family_of(name))
        start = start_of(name, family, Shape(rows, 12, goal))
        assert start, f"{name} is not legal for {kind}"
        legal = family.legal(goal)
        assert all(inside(Fixed(value), legal[key]) for key, value in start.items()), name


@pytest.mark.parametrize("kind", GOALS)
def test_the_models_own_starts_lead_and_others_follow_in_the_learned_order(kind):
    shape = Shape(4_000, 12, GOALS[kind])
    for family in FAMILIES:
        names = [name for name in ORDERS[kind] if family_of(name) == family]
        own = model(family).starts(shape)
        learned = [start_of(name, model(family), shape) for name in names]
        starts = starts_for(family, model(family), shape)
        assert starts == [*own, *learned][:MOST_STARTS]
        assert starts == starts_for(family, model(family), shape)


def test_sizes_follow_the_table_not_the_entry():
    small, large = (start_of("tabm.plain", model("tabm"), Shape(rows, 10, GOALS["few"])) for rows in (800, 30_000))
    assert (small["batch_size"], large["batch_size"]) == (32, 256)
    assert small["epochs"] > large["epochs"]
    trees = [start_of("extra_trees.r172", model("extra_trees"), Shape(rows, 10, GOALS["few"])) for rows in (800, 60_000)]
    assert [start["n_estimators"] for start in trees] == [200, 100]
    assert start_of("lightgbm.r63", model("lightgbm"), Shape(800, 10, GOALS["few"]))["num_iterations"] == 5000


@pytest.mark.parametrize(
    "shape",
    [
        Shape(3_000, 5, Goal(Makes.QUANTILES, 3, (0.1, 0.5, 0.9))),
        Shape(3_000, 5, GOALS["few"], terms=300),
        Shape(LARGE, 5, GOALS["few"]),
    ],
    ids=["quantiles", "text", "many rows"],
)
def test_where_nothing_was_learned_the_model_has_its_own_starts(shape):
    assert starts_for("lightgbm", model("lightgbm"), shape) == model("lightgbm").starts(shape)


def test_a_family_without_an_entry_has_its_own_starts(monkeypatch):
    monkeypatch.setitem(portfolio.ORDERS, "few", ())
    shape = Shape(3_000, 5, GOALS["few"])
    assert starts_for("catboost", model("catboost"), shape) == model("catboost").starts(shape)


def test_what_the_recipe_fixes_holds_in_every_start():
    given = {"learning_rate": 0.2, "num_leaves": {"low": 4, "high": 16}}
    choices = choose_candidates({"lightgbm": given}, Shape(3_000, 5, GOALS["few"]), None, "cpu", ())
    starts = choices.candidates[0].starts
    assert {start["learning_rate"] for start in starts} == {0.2}
    assert all(4 <= start["num_leaves"] <= 16 for start in starts)


def test_an_entry_with_another_goals_parameter_is_left_out():
    assert start_of("linear.strong_labels", model("linear"), Shape(300, 4, GOALS["numbers"])) is None
    assert start_of("linear.strong_numbers", model("linear"), Shape(300, 4, GOALS["few"])) is None
