"""One file for each chapter of the evidence, and one template of the same name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.report.facts import Facts
from lepton_automl.report.sections.chapters.calibration import calibration_chapter
from lepton_automl.report.sections.chapters.conformal import conformal_chapter
from lepton_automl.report.sections.chapters.fairness import fairness_chapter
from lepton_automl.report.sections.chapters.learning_curve import learning_curve_chapter
from lepton_automl.report.sections.chapters.ranking import ranking_chapter
from lepton_automl.report.sections.chapters.robustness import robustness_chapter
from lepton_automl.report.sections.chapters.slices import slices_chapter
from lepton_automl.report.sections.chapters.value import value_chapter

CHAPTERS: dict[str, Callable[[Facts, Chapter], dict[str, Any]]] = {
    "value": value_chapter,
    "calibration": calibration_chapter,
    "fairness": fairness_chapter,
    "slices": slices_chapter,
    "ranking": ranking_chapter,
    "conformal": conformal_chapter,
    "robustness": robustness_chapter,
    "learning_curve": learning_curve_chapter,
}


def chapter_sections(facts: Facts) -> list[dict[str, Any]]:
    """Gives what the page shows of each chapter that found something, or says why it did not."""
    found = []
    for name, shown in CHAPTERS.items():
        chapter = facts.evidence.chapters.get(name)
        if chapter is None or not (chapter.figures or chapter.content or chapter.notes):
            continue
        content = shown(facts, chapter) if chapter.figures or chapter.content else {}
        found.append({"name": name, "title": name.replace("_", " ").capitalize(), "notes": chapter.notes, "content": content})
    return found
