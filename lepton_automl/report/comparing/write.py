"""Writes the files of a comparison."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lepton_automl.evidence.comparing import Comparison
from lepton_automl.report.comparing.junit import render_junit
from lepton_automl.report.comparing.markdown import render_markdown
from lepton_automl.report.comparing.page import render_comparison

FILES = ("comparison.html", "comparison.md", "comparison.json", "comparison.xml")
"""Files that a comparison writes."""


def render_json(comparisons: Sequence[Comparison]) -> str:
    """Gives the comparisons as JSON; figures that are not finite become null."""
    content = {"format": 1, "comparisons": [finite(comparison.to_dict()) for comparison in comparisons]}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def finite(value: Any) -> Any:
    """Gives plain data with null in place of figures that are not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


def write_comparison(comparisons: Sequence[Comparison], folder: Path, language: str | None = None) -> list[Path]:
    """Writes page, Markdown, JSON and JUnit XML into a folder; gives their paths.

    Args:
        comparisons: All of one baseline.
        folder: Where they are written.
        language: Code of the language of page and Markdown; the one that the candidates' recipes ask for if absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = (
        render_comparison(comparisons, language=language),
        render_markdown(comparisons, language),
        render_json(comparisons),
        render_junit(comparisons),
    )
    paths = [folder / name for name in FILES]
    for path, text in zip(paths, made, strict=True):
        path.write_text(text, encoding="utf-8", errors="replace")
    return paths
