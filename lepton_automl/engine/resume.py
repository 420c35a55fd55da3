"""Going on with a run that was killed: which folder, whether it is the same recipe and data, and what was spent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import yaml

from lepton_automl.engine.plan import Plan
from lepton_automl.errors import ArtifactError, OutputError, Problem, RecipeError
from lepton_automl.ledger import read_ledger
from lepton_automl.limits import Clock
from lepton_automl.recipe import Composed
from lepton_automl.recipe.origin import Origins
from lepton_automl.recipe.tree import flat

WORK = ".work"
"""Folder inside a run's folder that is there while the run goes on, and stays when it is killed."""
LEFT_OUT = ("run", "resume", "tracking")
"""Blocks of a recipe that may differ between a run and its resumption: they change no result."""


def is_finished(folder: Path) -> bool:
    """Says whether the folder holds a finished run."""
    return (folder / "metrics.json").is_file()


def is_unfinished(folder: Path) -> bool:
    """Says whether the folder holds a run that can go on."""
    return not is_finished(folder) and (folder / WORK).is_dir() and (folder / "recipe.yaml").is_file()


def composed_again(folder: Path) -> Composed:
    """Gives the recipe of an unfinished run, as it was resolved.

    Raises:
        ArtifactError: If there is no such run.
    """
    if is_finished(folder):
        raise ArtifactError(Problem(str(folder), "is a finished run.", "Read its report.html, or run the recipe anew."))
    if not is_unfinished(folder):
        raise ArtifactError(
            Problem(
                str(folder), "is not a run that was stopped midway: nothing to go on with is there.", "Run the recipe anew."
            )
        )
    tree = yaml.safe_load((folder / "recipe.yaml").read_text(encoding="utf-8"))
    return Composed(tree, Origins(), tree["name"], (), ())


def latest_run(name: str) -> Path | None:
    """Gives the latest run of a recipe below `outputs/` that can go on, or none."""
    found = [path for path in (Path("outputs") / name).glob("*") if is_unfinished(path)]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def check_same(plan: Plan, folder: Path) -> None:
    """Makes sure that a run goes on with the recipe and the data it began with.

    Raises:
        RecipeError: If the recipe is another; each key that differs is named, with both values.
        ArtifactError: If the data is.
    """
    old, new = flat(yaml.safe_load((folder / "recipe.yaml").read_text(encoding="utf-8"))), flat(plan.recipe)
    keys = [key for key in {**old, **new} if key.split(".")[0] not in LEFT_OUT and old.get(key) != new.get(key)]
    if keys:
        way = f"Give it back its old value, or run without resume; the run is {folder}."
        raise RecipeError(
            [Problem(key, f"was {old.get(key)!r} when the run began, and is {new.get(key)!r} now.", way) for key in keys]
        )
    before = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    was, now = before.get("read_by_rules", {}), plan.read_by_rules()
    if was != now:
        names = ", ".join(sorted(name for name in {**was, **now} if was.get(name) != now.get(name)))
        message = f"{names} is not what it was when the run began: other rows are left."
        raise ArtifactError(Problem("governance.rules", message, "Run the recipe anew without resume, and delete the folder."))
    if before["data"]["fingerprint"] != plan.data.source.fingerprint:
        message = f"{plan.data.place} is not what it was when the run began."
        raise ArtifactError(Problem("data.source", message, "Give back the data of that run, or run without resume."))


def day_of(folder: Path) -> date | None:
    """Gives the day of a run, as its plan says; of an older run, the day of its ledger's first entry, none without one."""
    plan, ledger = folder / "plan.json", folder / "ledger.jsonl"
    said = json.loads(plan.read_text(encoding="utf-8")).get("today") if plan.is_file() else None
    if said is not None:
        return date.fromisoformat(said)
    first = next(iter(read_ledger(ledger)), {}) if ledger.is_file() else {}
    return datetime.fromtimestamp(first["at"], UTC).date() if "at" in first else None


def spent_before(folder: Path) -> float:
    """Gives the seconds a run had spent when it was killed."""
    try:
        return float((folder / WORK / "spent").read_text())
    except (OSError, ValueError):
        return 0.0


def note_spent(folder: Path, clock: Clock) -> None:
    """Writes down how many seconds are spent."""
    draft = folder / WORK / "spent.new"
    draft.write_text(f"{clock.spent():.2f}")
    draft.replace(folder / WORK / "spent")


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Holds a run's folder, so that no other process takes it up meanwhile; let go when this process ends, however it does.

    Raises:
        OutputError: If another process holds it.
    """
    try:
        (folder / WORK).mkdir(parents=True, exist_ok=True)
        lock = (folder / WORK / "lock").open("w")
    except OSError as error:
        raise OutputError(
            Problem("run.dir", f"{folder} can not be written: {error.strerror}.", "Give another folder.")
        ) from error
    with lock as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:  # not a POSIX system: runs are told apart by their folders alone
            pass
        except OSError as error:
            message = f"{folder} is being written by another process."
            raise OutputError(Problem("run.dir", message, "Wait for it to end, or end it.")) from error
        yield
