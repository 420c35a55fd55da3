"""Writes the documents of a finished run."""

from __future__ import annotations

from pathlib import Path

from lepton_automl.report.card import render_card
from lepton_automl.report.documents import write_documents
from lepton_automl.report.facts import Facts
from lepton_automl.report.page import render_page


def write_report(facts: Facts, folder: Path) -> Path:
    """Writes `report.html`, self-contained, `model_card.md` and the other documents; gives the path of the report.

    A character that no file can hold, such as half of a surrogate pair in a column's name, becomes a question mark.
    """
    write_model_card(facts, folder)
    write_documents(facts, folder)
    path = folder / "report.html"
    path.write_text(render_page(facts), encoding="utf-8", errors="replace")
    return path


def write_model_card(facts: Facts, folder: Path) -> Path:
    """Writes `model_card.md` into the run's folder; gives its path."""
    path = folder / "model_card.md"
    path.write_text(render_card(facts), encoding="utf-8", errors="replace")
    return path
