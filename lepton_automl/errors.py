"""Every error a user can cause, drawn once.

    LeptonError                  exit code 4
    ├── RecipeError              2   the recipe, or a value given on the command line, is wrong
    ├── CommandError             2   the command line itself is wrong
    ├── HardwareError            2   the recipe asks for hardware that is not here
    ├── OutputError              2   the output folder can not be used
    ├── DataError                3   the data can not be read, or does not fit the recipe
    ├── GovernanceStop           3   a rule forbids going on
    ├── ArtifactError            3   a run's folder or artefact is damaged or unknown
    ├── ShapeError               4   arrays that do not agree; a mistake in code, not in a recipe
    └── RunError                 4   the run failed

A gate that fails is a result, not an error: it ends with exit code 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and what to do about it.

    Args:
        key: The recipe key, column or argument that is wrong, such as `search.models.lightgbm.num_leafs`.
        message: What is wrong with it, and the value found.
        fix: What to do, as a sentence.
        where: File and line, or `command line`; empty if there is no such place.
    """

    key: str
    message: str
    fix: str = ""
    where: str = ""

    def line(self, width: int = 0) -> str:
        """Gives the problem as one line, its key padded to `width` characters."""
        tail = "   ".join(part for part in (self.message, self.fix) if part)
        place = f"   [{self.where}]" if self.where else ""
        return f"{self.key.ljust(width)}   {tail}{place}"


class LeptonError(Exception):
    """The root of all errors that a user can cause; never a bare traceback."""

    exit_code = 4

    def __init__(self, problems: Problem | Iterable[Problem] | str, title: str = "") -> None:
        if isinstance(problems, str):
            problems = [Problem("", problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.title = title
        super().__init__(self.text())

    def text(self) -> str:
        """Gives the whole message: one head line, then a line for each problem."""
        count = len(self.problems)
        head = f"{type(self).__name__}: {count} problem{'s' if count != 1 else ''}"
        if self.title:
            head += f" in {self.title}"
        if count == 1 and not self.problems[0].key:
            return f"{type(self).__name__}: {self.problems[0].line().strip()}"
        width = min(44, max((len(problem.key) for problem in self.problems), default=0))
        return "\n".join([head, *(f"  {problem.line(width)}" for problem in self.problems)])


class RecipeError(LeptonError):
    """The recipe, or a value given on the command line, is wrong."""

    exit_code = 2


class CommandError(LeptonError):
    """The command line itself is wrong."""

    exit_code = 2


class HardwareError(LeptonError):
    """The recipe asks for hardware, or for an optional package, that is not here."""

    exit_code = 2


class OutputError(LeptonError):
    """The output folder can not be used."""

    exit_code = 2


class DataError(LeptonError):
    """The data can not be read, or does not fit the recipe."""

    exit_code = 3


class GovernanceStop(LeptonError):  # noqa: N818 - it is named after what it does
    """A governance rule forbids going on."""

    exit_code = 3


class ArtifactError(LeptonError):
    """A run's folder or artefact is damaged, incomplete or of an unknown format."""

    exit_code = 3


class ShapeError(LeptonError):
    """Arrays that do not agree in shape."""


class RunError(LeptonError):
    """The run failed for a reason that is not in the recipe or the data."""
