"""What a preparation made of the columns it was given, to be written down: kinds, columns and how many; never a value."""

from __future__ import annotations

from dataclasses import dataclass

from lepton_automl.features.history import HistoryStep
from lepton_automl.features.made import MadeStep
from lepton_automl.features.prepare import Preparation
from lepton_automl.features.protocol import Step
from lepton_automl.features.reading import ReadingStep
from lepton_automl.features.steps import CodeStep, DateStep, NumberStep, OneHotStep
from lepton_automl.features.svd import SvdStep
from lepton_automl.features.target import TargetStep
from lepton_automl.features.texts import TextStep


@dataclass(frozen=True)
class Making:
    """Columns of one kind that a preparation made.

    Args:
        code: Stable code: `FEAT001`, ….
        kind: What they are: `mean target of levels`, ….
        count: Columns made.
        of: What they were made of: columns, or pairs of them.
    """

    code: str
    kind: str
    count: int
    of: tuple[str, ...]


def account(preparation: Preparation) -> list[Making]:
    """Gives what a preparation made, one item a kind, in the order of their codes."""
    found: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
    for step in preparation.steps:
        told = _told(step)
        if told is not None:
            count, of = found.get(told[:2], (0, ()))
            found[told[:2]] = count + len(step.names), (*of, *told[2])
    return [Making(code, kind, *found[code, kind]) for code, kind in sorted(found)]


def _told(step: Step) -> tuple[str, str, tuple[str, ...]] | None:
    """Gives code, kind and what the columns were made of; none for columns that are what they were."""
    if isinstance(step, TargetStep):
        return "FEAT001", "mean target of levels", tuple(" x ".join(names) for names in step.columns)
    if isinstance(step, MadeStep):
        return "FEAT002", "made of two columns", step.names
    if isinstance(step, ReadingStep):
        return "FEAT003", "target read in texts", step.columns
    if isinstance(step, SvdStep):
        return "FEAT004", "topics of texts", (step.text.column,)
    if isinstance(step, TextStep):
        return "FEAT005", "terms of texts", (step.column,)
    if isinstance(step, DateStep):
        return "FEAT006", "parts of dates", (step.column,)
    return None


def traced(preparation: Preparation) -> dict[str, dict[str, int]]:
    """Gives for each kind of prepared column the columns of the table it reads, and how many such columns each has a part in.

    Names of prepared columns stay out: those of levels and terms hold values.
    """
    found: dict[str, dict[str, int]] = {}
    for step in preparation.steps:
        kind, parts = _parts(step)
        for names, count in parts:
            for name in dict.fromkeys(names):
                known = found.setdefault(kind, {})
                known[name] = known.get(name, 0) + count
    return found


def _parts(step: Step) -> tuple[str, list[tuple[tuple[str, ...], int]]]:
    """Gives the kind of a step's columns, and which columns how many of them were made of."""
    if isinstance(step, MadeStep):
        return "made of two columns", [((first, second), 1) for _, first, second in step.pairs]
    if isinstance(step, TargetStep):
        each = len(step.names) // max(1, len(step.columns))
        return "mean target of levels", [(tuple(names), each) for names in step.columns]
    if isinstance(step, ReadingStep):
        return "target read in texts", [(tuple(step.columns), len(step.names))]
    kinds = (
        (NumberStep, "number"),
        (CodeStep, "number of the level"),
        (OneHotStep, "a column for each level"),
        (DateStep, "parts of dates"),
        (SvdStep, "topics of texts"),
        (TextStep, "terms of texts"),
        (HistoryStep, "past of the target"),
    )
    kind = next((said for type_, said in kinds if isinstance(step, type_)), type(step).__name__)
    if isinstance(step, HistoryStep):
        return kind, [((step.target,), len(step.names))]
    return kind, [((source,), 1) for source in step.sources]
