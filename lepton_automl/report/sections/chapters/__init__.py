"""One file for each chapter of the evidence, and one template of the same name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import heard
from lepton_automl.report.language import later, say
from lepton_automl.report.sections.chapters.calibration import calibration_chapter
from lepton_automl.report.sections.chapters.conformal import conformal_chapter
from lepton_automl.report.sections.chapters.explanation import explanation_chapter
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
    "explanation": explanation_chapter,
}


TITLES = {
    "value": later("Value of the decision"),
    "calibration": later("Calibration"),
    "fairness": later("Fairness"),
    "slices": later("Slices"),
    "ranking": later("Ranking"),
    "conformal": later("Conformal"),
    "learning_curve": later("Learning curve"),
    "robustness": later("Robustness"),
    "explanation": later("Explanation"),
}
"""Name of a chapter to its title."""


def _title(name: str) -> str:
    return say(TITLES[name]) if name in TITLES else name.replace("_", " ").capitalize()


def _notes(chapter: Chapter) -> str:
    """Gives the notes of a chapter as one sentence; empty where there are none."""
    notes = say("; ").join(heard(note) for note in chapter.notes)
    return say("{said}.", said=notes[0].upper() + notes[1:]) if notes else ""


def chapter_sections(facts: Facts) -> list[dict[str, Any]]:
    """Gives what the page shows of each chapter that found something, or says why it did not."""
    found = []
    for name, shown in CHAPTERS.items():
        chapter = facts.evidence.chapters.get(name)
        if chapter is None or not (chapter.figures or chapter.content or chapter.notes):
            continue
        content = shown(facts, chapter) if chapter.figures or chapter.content else {}
        found.append({"name": name, "title": _title(name), "notes": _notes(chapter), "content": content})
    return found
