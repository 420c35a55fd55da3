"""Another language: every sentence that is looked up is there, with the same places, and nothing else is."""

import ast
import json
import re
from pathlib import Path

import pytest

from lepton_automl.report.language import FOLDER, LANGUAGES, say, speaking

ROOM = FOLDER.parent
IN_TEMPLATE = re.compile(r"""\b(?:say|markup)\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
SAYS = ("say", "markup", "later")
ENGLISH = {"card.py", "letter.py", "grids.py"}
"""Files and folders whose texts are in English only: what is written beside the page, and what is drawn for notebooks."""


def texts(node):
    """Gives the texts that a call looks up; what `plural` counts is looked up as `{n} rows`."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    if name in SAYS:
        return given[:1]
    return [f"{{n}} {given[1] if len(given) > 1 else given[0] + 's'}"] if name == "plural" else []


def looked_up():
    """Gives every sentence that the room says, from its code and its templates."""
    found = set()
    for path in ROOM.rglob("*.html"):
        found |= {ast.literal_eval(text) for text in IN_TEMPLATE.findall(path.read_text())}
    for path in ROOM.rglob("*.py"):
        if path.name not in ENGLISH and not ENGLISH & set(path.parts):
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
            found |= {text for call in calls for text in texts(call)}
    return found


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_a_catalogue_has_every_sentence_with_its_places(code):
    catalogue = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    wanted = looked_up()

    assert sorted(wanted - set(catalogue)) == []
    assert sorted(set(catalogue) - wanted) == []
    for english, other in catalogue.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", other)), english
        assert sorted(re.findall(r"</?\w+", english)) == sorted(re.findall(r"</?\w+", other)), english


def test_a_value_that_looks_like_a_place_is_left_alone():
    with speaking("zh"):
        assert say("{n} rows", n="{x}") == "{x} 行"


def test_the_catalogues_are_in_the_package():
    assert {path.stem for path in Path(FOLDER).glob("*.json")} == set(LANGUAGES) - {"en"}
