"""docs/policy.md says what the packs say."""

from pathlib import Path

import pytest

from lepton_automl.recipe import packaged_preset
from lepton_automl.recipe.find import CONF

PAGE = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
PACKS = [path.stem for path in sorted((CONF / "policy").glob("*.yaml")) if path.stem != "none"]
HEAD, *ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.partition("### What each asks for")[2].partition("Of the figures")[0].splitlines()
    if line.startswith("|") and "---" not in line
]


def cells(name, row):
    """The cell of a pack in the row whose first cell begins so."""
    (found,) = [cells for cells in ROWS if cells[0].startswith(row)]
    return found[HEAD.index(f"`{name}`")]


def test_the_table_has_a_column_for_every_pack():
    assert len(PACKS) == 3
    assert HEAD[1:] == [f"`{name}`" for name in PACKS if name == "eu_ai_act_high_risk"] + ["`us_credit`", "`health`"]


@pytest.mark.parametrize("name", PACKS)
def test_rules_and_documents_of_a_pack_stand_in_its_column(name):
    pack = packaged_preset("policy", name)

    assert cells(name, "rules").split(", ") == list(pack["rules"])
    assert cells(name, "documents").split(", ") == [document.replace("_", " ") for document in pack["documents"]]


@pytest.mark.parametrize("name", PACKS)
def test_a_key_is_marked_where_a_pack_asks_for_it_and_only_there(name):
    asked = set(packaged_preset("policy", name)["fields"])
    marked = set()
    for first, *_ in ROWS:
        if first.startswith("`") and cells(name, first) == "yes":
            keys = first.replace("`", "").split(", ")
            marked |= {key if "." in key else f"engagement.{key}" for key in keys}

    assert marked == asked


@pytest.mark.parametrize("name", PACKS)
def test_a_setting_that_a_pack_asks_for_stands_in_its_column(name):
    asked = packaged_preset("policy", name).get("settings", {})
    keys = {key for pack in PACKS for key in packaged_preset("policy", pack).get("settings", {})}
    for key in keys:
        assert cells(name, f"`{key}`") == " or ".join(asked.get(key, {}).get("one_of", []))


@pytest.mark.parametrize("name", PACKS)
def test_every_text_a_pack_goes_back_to_is_listed(name):
    for source in packaged_preset("policy", name)["sources"]:
        assert source["text"].partition(": updated")[0] in PAGE
