"""Another language: every sentence that is looked up is there, with the same places, and nothing else is."""

import ast
import json
import re
from pathlib import Path

import pytest

from lepton_automl.report.language import FOLDER, LANGUAGES, say, speaking

ROOM = FOLDER.parent
IN_TEMPLATE = re.compile(r"""\b(?:say|markup)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def looked_up():
    """Gives every sentence that the room says, from its code and its templates."""
    found = set()
    for path in ROOM.rglob("*.html"):
        found |= {ast.literal_eval(text) for text in IN_TEMPLATE.findall(path.read_text())}
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_said = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "markup")
            if is_said and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    return found


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_catalogue_has_every_sentence_with_its_places(code):
    catalogue = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    wanted = looked_up()

    assert sorted(wanted - set(catalogue)) == []
    for english, other in catalogue.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", other)), english
        assert sorted(re.findall(r"</?\w+", english)) == sorted(re.findall(r"</?\w+", other)), english


def test_a_value_that_looks_like_a_place_is_left_alone():
    with speaking("zh"):
        assert say("{n} rows", n="{x}") == "{x} 行"


def test_the_catalogues_are_in_the_package():
    assert {path.stem for path in Path(FOLDER).glob("*.json")} == set(LANGUAGES) - {"en"}
