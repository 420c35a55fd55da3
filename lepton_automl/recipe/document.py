"""Writes `docs/recipe.md` from the schema: every key with what it takes, its unit, its default and its help."""

from __future__ import annotations

import json
from collections.abc import Iterator

from lepton_automl.recipe.describe import Schema, branches, kinds_of, wanted
from lepton_automl.recipe.find import CONF, PRESET_GROUPS, RECIPES
from lepton_automl.recipe.library import DEFAULT_PRESETS
from lepton_automl.recipe.schema import Recipe

OPENING = """\
# The recipe

<!-- Made from the schema by scripts/make_docs: change the schema, not this page. -->

A recipe is one YAML file of plain words and numbers. `lepton recipe=credit` runs `recipes/credit.yaml`: the one in the
folder you work in if there is one, else the one that comes with the package. It holds only what differs from the presets
and the defaults below.

## A whole recipe

```yaml
{recipe}
```

`lepton validate recipe=NAME` says everything that is wrong at once, each with its key, file and line; `lepton plan
recipe=NAME` shows what a run would do. An editor that reads YAML schemas completes and checks a recipe with the second
line of the file above; `lepton schema > recipe.schema.json` writes the schema.

## Ranges

A parameter of a model is a value, a list of choices, or a range to search:

```yaml
search:
  models:
    lightgbm:
      num_leaves: {{low: 4, high: 64, log: true}}
      min_child_samples: [5, 20, 80]
      learning_rate: 0.05
    linear: {{}}
```

`low` and `high` are both included; `log: true` searches on a logarithmic scale. A range is replaced whole, never merged: a
later one, a value or a list takes the place of all of it, wherever the earlier one was written. Parameters that are not
named keep the ranges of the model, listed in `docs/models.md`.

## The command line changes what the file says

| write | to |
| --- | --- |
| `budget.seconds=30` | set a key |
| `search=quick` | take another preset of a group |
| `profile=smoke` | lay a profile over everything |
| `governance.rules.leakage.max_auc=0.98` | change one setting of one rule |
| `~governance.rules.missing` | remove a key |
| `'search.models.lightgbm.num_leaves={{low: 4, high: 64}}'` | set a range; quote it in a shell |
| `data.ignore=[a,b]` | set a list |
| `'engagement.title="Loans, small"'` | set a text that has blanks, commas or brackets |
| `data.source.kind=csv data.source.path=mine.csv` | read another source: one of another kind replaces the old one whole |

The last one wins: defaults of this page, presets, recipe, profile, keys on the command line. So what a recipe says itself
also wins over a preset that is chosen on the command line.

## Several runs at once

`lepton -m recipe=credit,demand seed=1,2` runs every combination, one after the other, each in a folder of its own below
`outputs/sweeps/`; a run that fails does not stop the others. The exit code is the highest of them.

## Presets, and what a recipe starts from

| group | presets | default |
| --- | --- | --- |
{presets}

A recipe chooses another preset, or starts from another recipe, by a defaults list as Hydra has it. It stands at the top of
the file; what the recipe says itself wins:

```yaml
defaults:
  - credit
  - override /search: quick
```

## Your own folder

Recipes in `./recipes/` are found first, and a notice says so when one hides another of the same name. `--config-dir DIR`
goes before them: recipes in `DIR/recipes/*.yaml` or `DIR/*.yaml`, presets in `DIR/<group>/*.yaml`, such as
`DIR/search/mine.yaml` for `search=mine`. A file that can not be read stands in nobody's way until it is chosen.

## What a recipe can not do

It can not run code: `_target_`, `_partial_` and other keys of that form, a `hydra` block, and resolvers such as
`${{oc.env:NAME}}` are refused, in files and on the command line. `${{seed}}` takes the value of another key. A secret is
written `{{secret: NAME}}` and read from the environment variable of that name when it is needed; a password in a URL is
refused, as it would be written into the run's folder.

YAML is read by the rules of version 1.2: `yes`, `no`, `on` and `off` are texts, and so are dates; `1e-3` is a number. The
mark `???` stands for a value that must still be given.

# Keys
"""


def write_recipe_page() -> str:
    """Gives the page as Markdown."""
    schema = Recipe.model_json_schema()
    recipe = (RECIPES / "credit.yaml").read_text(encoding="utf-8").rstrip()
    parts = [OPENING.format(recipe=recipe, presets="\n".join(_presets()))]
    plain = {name: part for name, part in schema["properties"].items() if not _blocks(schema, part)}
    parts.append(_section("Keys at the top", "", plain, schema))
    for name, part in schema["properties"].items():
        if name not in plain:
            parts.extend(_sections(schema, part, name))
    return "\n".join(parts).rstrip() + "\n"


def _presets() -> Iterator[str]:
    """Gives a row for each group of packaged presets."""
    for group in PRESET_GROUPS:
        names = ", ".join(f"`{path.stem}`" for path in sorted((CONF / group).glob("*.yaml")))
        default = DEFAULT_PRESETS.get(group)
        yield f"| `{group}` | {names} | {f'`{default}`' if default else 'none'} |"


def _blocks(root: Schema, part: Schema) -> list[tuple[str, Schema]]:
    """Lists the blocks a key may hold, with what is added to the key's name: `.NAME` for blocks by name."""
    found: list[tuple[str, Schema]] = []
    for branch in branches(root, part):
        if "properties" in branch:
            found.append(("", branch))
        elif isinstance(branch.get("additionalProperties"), dict):
            found.extend((f".NAME{suffix}", block) for suffix, block in _blocks(root, branch["additionalProperties"]))
    return found


def _sections(root: Schema, part: Schema, name: str) -> Iterator[str]:
    """Gives a section for each block a key may hold, and for the blocks in it."""
    found = _blocks(root, part)
    for suffix, block in found:
        kinds = kinds_of(root, block) if len(found) > 1 else []
        name_of_block = "gates.test.NAME" if name == "gates" else name + suffix
        heading = f"`{name_of_block}`" + (f" of kind {', '.join(kinds)}" if kinds else "")
        text = str(block["description"] if kinds else _help(root, part))
        yield _section(heading, text, block["properties"], root, set(block.get("required", ())))
        for key, below in block["properties"].items():
            if (name, key) not in (("data", "test"), ("data", "sources")):
                yield from _sections(root, below, f"{name_of_block}.{key}")


def _section(heading: str, text: str, keys: dict[str, Schema], root: Schema, required: set[str] | None = None) -> str:
    rows = [f"## {heading}", ""]
    if text:
        rows += [text, ""]
    rows += ["| key | takes | default | meaning |", "| --- | --- | --- | --- |"]
    for key, part in sorted(keys.items(), key=lambda item: item[0] != "kind"):
        default = "required" if required and key in required else _default(part)
        rows.append(f"| `{key}` | {_takes(root, part)} | {default} | {_cell(_help(root, part))} |")
    return "\n".join([*rows, ""])


def _takes(root: Schema, part: Schema) -> str:
    if _blocks(root, part):
        by_name = all(suffix for suffix, _ in _blocks(root, part))
        return "blocks by name" if by_name else "a block of keys"
    return _cell(wanted(root, part))


def _help(root: Schema, part: Schema) -> str:
    if "description" in part:
        return str(part["description"])
    return next((str(branch["description"]) for branch in branches(root, part) if "description" in branch), "")


def _default(part: Schema) -> str:
    if "default" not in part:
        return "see below"
    return "none" if part["default"] is None else f"`{_cell(json.dumps(part['default'], ensure_ascii=False))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
