"""How the recipe wants single predictions explained: read, checked against the data, and packed."""

from __future__ import annotations

from pathlib import Path

from lepton_automl.data import Dataset, Role
from lepton_automl.data.personal import find_personal
from lepton_automl.deliver.pack import BACKGROUND, GROUNDS, load_grounds
from lepton_automl.errors import Problem
from lepton_automl.evidence.explaining import Explaining, Phrase
from lepton_automl.ledger import Entry
from lepton_automl.recipe import Recipe
from lepton_automl.registry import did_you_mean
from lepton_automl.tasks import Goal, Labels, Makes

KEY = "explanation.phrases"
KEPT_OUT = (Role.PROTECTED, Role.EVALUATION_ONLY)


def read_explaining(recipe: Recipe) -> Explaining:
    """Gives what the recipe says of it."""
    asked = recipe.explanation
    phrases = {
        name: Phrase(said, said) if isinstance(said, str) else Phrase(said.up, said.down, said.missing)
        for name, said in asked.phrases.items()
    }
    return Explaining(
        asked.reasons,
        phrases,
        tuple(asked.immutable),
        dict(asked.changes),
        asked.adverse,
        asked.background,
        recipe.engagement.human_oversight,
        recipe.engagement.redress,
        recipe.engagement.title,
        recipe.seed,
    )


def explanation_problems(recipe: Recipe, data: Dataset | None, goal: Goal, labels: Labels | None) -> list[Problem]:
    """Says whether the columns and the label it names are there, and whether phrases are where a policy asks for them."""
    if data is None:
        return []
    asked, problems = recipe.explanation, list[Problem]()
    named = [("phrases", list(asked.phrases)), ("immutable", asked.immutable), ("changes", list(asked.changes))]
    for key, names in named:
        for name in names:
            place = "explanation.immutable" if key == "immutable" else f"explanation.{key}.{name}"
            problems.extend(_column_problem(place, name, data, recipe.data.ignore))
    problems.extend(_adverse_problems(recipe, goal, labels))
    if KEY in recipe.policy.fields and asked.phrases:
        without = without_phrase(recipe, data)
        if without:
            message = f"has no phrase for {_listed(without)}; policy {recipe.policy.name} asks for one of every feature."
            fix = f"Write explanation.phrases.{without[0]}: {{up: …, down: …}}, or leave the column out by data.ignore."
            problems.append(Problem(KEY, message, fix))
    return problems


def _column_problem(key: str, name: str, data: Dataset, ignored: list[str]) -> list[Problem]:
    if name in ignored:
        return []
    if name not in data.names:
        return [Problem(key, f"{name!r} is not a column of the data.", did_you_mean(name, data.names))]
    column = data.column(name)
    roles = [str(role) for role in KEPT_OUT if column.has(role)]
    if roles and key.startswith(KEY):
        return [Problem(key, f"{name!r} is {roles[0]}: no reason is ever taken from it.", "Remove the phrase.")]
    return []


def _adverse_problems(recipe: Recipe, goal: Goal, labels: Labels | None) -> list[Problem]:
    adverse = recipe.explanation.adverse
    if adverse is None:
        return []
    if goal.makes is not Makes.PROBABILITIES:
        if adverse in ("high", "low"):
            return []
        return [Problem("explanation.adverse", f"is {adverse!r}, and numbers are predicted.", "Write high or low.")]
    if labels is None or str(adverse) in labels.names:
        return []
    return [Problem("explanation.adverse", f"{adverse!r} is not a label.", did_you_mean(str(adverse), labels.names))]


def without_phrase(recipe: Recipe, data: Dataset) -> list[str]:
    """Gives the features of which nothing is said, but for personal ones: no reason names those."""
    silent = [c for c in data.features if not c.has(Role.TARGET) and c.name not in recipe.explanation.phrases]
    return [column.name for column in silent if find_personal(data.values(column.name), column.name) is None]


def explanation_notices(recipe: Recipe, data: Dataset) -> list[str]:
    """Warns of features without a phrase, where some have one."""
    without = without_phrase(recipe, data) if recipe.explanation.phrases else []
    if not without:
        return []
    return [f"explanation.phrases has none for {_listed(without)}: their reasons are said by the name of the column."]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def grounds_entry(artifact: Path) -> Entry:
    """Gives what the ledger says of what the artefact keeps to explain itself."""
    paths = [artifact / name for name in (BACKGROUND, GROUNDS)]
    if not all(path.is_file() for path in paths):
        note = "the artefact keeps nothing to explain predictions with: explanation.background is 0, or there is no feature"
        return Entry("ensemble", "EXPLAIN001", "explanation", "noted", note=note)
    background, told = load_grounds(artifact)
    hidden = [feature["name"] for feature in told["features"] if not feature["is_shown"]]
    rest = f"; values of {_listed(hidden)} are not kept" if hidden else ""
    kilobytes, rows = sum(path.stat().st_size for path in paths) / 1000, len(background)
    note = f"{rows} governed training rows travel in the artefact to explain predictions with, {kilobytes:.0f} kB{rest}"
    return Entry("ensemble", "EXPLAIN001", "explanation", "noted", count=rows, measured=kilobytes, unit="kB", note=note)
