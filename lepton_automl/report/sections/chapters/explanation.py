"""Explanation: what moves the predictions."""

from __future__ import annotations

from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.report.facts import Facts


def explanation_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives what the page shows."""
    return dict(chapter.content)
