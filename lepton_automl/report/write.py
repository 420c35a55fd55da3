"""Writes the report."""

from __future__ import annotations

from pathlib import Path

from lepton_automl.report.facts import Facts


def write_report(facts: Facts, folder: Path) -> Path:
    """Writes `report.html`, self-contained, into the run's folder."""
    path = folder / "report.html"
    path.write_text(f"<title>{facts.title}</title>", encoding="utf-8")
    return path
