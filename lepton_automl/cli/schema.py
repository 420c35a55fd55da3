"""`lepton schema`: the JSON Schema of a recipe, for editors."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lepton_automl.errors import CommandError, Problem
from lepton_automl.recipe import json_schema

HELP = """\
usage: lepton schema > recipe.schema.json

Prints the JSON Schema of a recipe file. An editor that reads YAML schemas completes and checks recipes with it when the
recipe says: # yaml-language-server: $schema=recipe.schema.json"""


def main(words: Sequence[str]) -> int:
    """Runs the verb."""
    if words and words[0] in ("-h", "--help"):
        print(HELP)
        return 0
    if words:
        raise CommandError(
            Problem(words[0], "is not understood: `lepton schema` takes no words.", "See `lepton schema --help`.")
        )
    print(json.dumps(json_schema(), indent=1, ensure_ascii=False))
    return 0
