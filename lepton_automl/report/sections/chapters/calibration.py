"""Calibration: how far what is said lies from what happens."""

from __future__ import annotations

from typing import Any

from lepton_automl.evidence import Chapter
from lepton_automl.report.facts import Facts
from lepton_automl.report.wording import rounded

WORDS = {
    "ece": ("Expected calibration error", "mean distance between what was said and how often it happened; 0 is perfect"),
    "brier_score": ("Brier score", "mean squared error of the probability; lower is better"),
    "reliability": ("Reliability", "part of the Brier score that calibration could remove; 0 is perfect"),
    "resolution": ("Resolution", "part by which bins differ from the overall share; higher is better"),
}


def calibration_chapter(facts: Facts, chapter: Chapter) -> dict[str, Any]:
    """Gives the rows of the table."""
    rows = [
        {
            "title": WORDS[name][0],
            "said": WORDS[name][1],
            "value": rounded(measure.value, measure),
            "interval": f"{rounded(measure.low, measure)} to {rounded(measure.high, measure)}",
        }
        for name, measure in chapter.figures.items()
    ]
    return {"rows": rows, "bins": chapter.content["bins"]}
