"""Which file a name stands for."""

import pytest

from lepton_automl.recipe import Library, compose

WORDS = ["data.source.path=x.csv", "task.kind=binary", "task.target=y"]


def test_the_working_folder_hides_the_package_and_a_notice_says_so(place):
    place.write("recipes/credit.yaml", "seed: 5")

    composed = compose(["recipe=credit", *WORDS])

    assert composed.tree["seed"] == 5
    assert composed.notices == ("recipes/credit.yaml is used; it hides the packaged recipe 'credit'.",)


def test_a_recipe_that_hides_nothing_gives_no_notice(place):
    place.write("recipes/own.yaml", "seed: 5")

    assert compose(["recipe=own", *WORDS]).notices == ()


@pytest.mark.parametrize("path", ["mine/recipes/credit.yaml", "mine/credit.yaml", "mine/recipe/credit.yaml"])
def test_a_folder_given_on_the_command_line_wins_over_the_working_folder(place, path):
    place.write("recipes/credit.yaml", "seed: 5")
    place.write(path, "seed: 6")

    composed = compose(["recipe=credit", *WORDS], [place.root / "mine"])

    assert composed.tree["seed"] == 6
    assert composed.notices == (f"{path} is used; it hides the recipes/credit.yaml, recipe 'credit'.",)


def test_a_preset_of_the_user_is_chosen_by_its_group(place):
    place.write("mine/search/tiny.yaml", "models: {linear: {}}")

    tree = compose(["recipe=credit", "search=tiny"], [place.root / "mine"]).tree

    assert list(tree["search"]["models"]) == ["linear"]


def test_a_broken_recipe_stands_in_nobodys_way_until_it_is_chosen(place):
    place.write("recipes/broken.yaml", "task: [unclosed")

    assert compose(["recipe=credit"]).name == "credit"
    problem = place.problem("recipe=broken")
    assert problem.key == "recipes/broken.yaml"
    assert problem.fix.startswith("Line ")


def test_a_broken_recipe_that_another_starts_from_is_told(place):
    place.write("recipes/broken.yaml", "seed: 1\nseed: 2")
    place.write("recipes/child.yaml", "defaults: [broken]")

    problem = place.problem("recipe=child")

    assert (problem.key, problem.message, problem.where) == ("seed", "is written twice.", "recipes/broken.yaml:2")


def test_a_folder_that_ends_in_yaml_is_no_recipe_to_run(place):
    (place.root / "recipes" / "odd.yaml").mkdir(parents=True)

    assert "can not be read" in place.problem("recipe=odd").message
    assert ("recipe", "odd") in Library.open().faults


def test_the_comments_at_the_head_of_a_file_are_read_without_the_line_for_editors():
    option = Library.open().options["recipe"]["credit"]

    assert option.comments()[0] == "lepton recipe=credit"
    assert option.comments()[1].startswith("Credit scoring")
