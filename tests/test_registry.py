"""Names find classes; a wrong name finds the nearest one."""

from importlib.metadata import EntryPoint

import pytest

from lepton_automl import registry
from lepton_automl.errors import RecipeError
from lepton_automl.registry import Registry, did_you_mean, nearest

MODELS = Registry(
    "model", "lepton_automl.models", {"linear": "collections:OrderedDict", "broken": "no_such_module:X", "gone": "json:Gone"}
)


def test_a_name_finds_its_class():
    from collections import OrderedDict

    assert MODELS.find("linear") is OrderedDict
    assert MODELS.names() == ["linear", "broken", "gone"]


def test_a_wrong_name_is_refused_with_the_nearest_one_and_its_key():
    with pytest.raises(RecipeError, match=r"search.models.liner .*'liner' is not a model\. +Did you mean linear\?"):
        MODELS.find("liner", "search.models.liner")


def test_a_name_like_no_other_is_answered_with_all():
    with pytest.raises(RecipeError, match=r"Choose one of: broken, gone, linear\."):
        MODELS.find("zzz")
    assert did_you_mean("x", []) == "There is none to choose from."


@pytest.mark.parametrize("name", ["broken", "gone"])
def test_a_class_that_can_not_be_loaded_is_an_error_of_ours(name):
    with pytest.raises(RecipeError, match=rf"'{name}' can not be loaded from .*Install or repair the package"):
        MODELS.find(name)


@pytest.mark.parametrize(
    ("word", "found"), [("num-leaves", "num_leaves"), ("NumLeaves", "num_leaves"), ("depth", "max_depth"), ("q", None)]
)
def test_the_nearest_name_passes_over_case_and_dashes(word, found):
    assert nearest(word, ["num_leaves", "max_depth"]) == found


class Dist:
    name = "My_Plugin"


def test_a_plugin_is_known_once_its_package_is_allowed_however_it_is_spelt(monkeypatch):
    point = EntryPoint("mine", "collections:Counter", "lepton_automl.models")
    taken = EntryPoint("linear", "collections:Counter", "lepton_automl.models")
    for one in (point, taken):
        vars(one)["dist"] = Dist()
    monkeypatch.setattr(registry, "entry_points", lambda group: [point, taken] if group == "lepton_automl.models" else [])

    assert "mine" not in MODELS.names()
    assert MODELS.names(["other"]) == MODELS.names()
    assert MODELS.places(["my-plugin"])["mine"] == "collections:Counter"
    assert MODELS.places(["my-plugin"])["linear"] == "collections:OrderedDict"
