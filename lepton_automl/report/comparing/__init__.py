"""Renders comparisons: a page, Markdown for a pull request, JSON, JUnit XML and lines for a terminal."""

from lepton_automl.report.comparing.junit import render_junit
from lepton_automl.report.comparing.markdown import render_markdown
from lepton_automl.report.comparing.page import render_comparison
from lepton_automl.report.comparing.sweep import render_sweep_json, render_sweep_text, write_sweep
from lepton_automl.report.comparing.sweep_page import render_sweep
from lepton_automl.report.comparing.terminal import render_text
from lepton_automl.report.comparing.write import render_json, write_comparison

__all__ = [
    "render_comparison",
    "render_json",
    "render_junit",
    "render_markdown",
    "render_sweep",
    "render_sweep_json",
    "render_sweep_text",
    "render_text",
    "write_comparison",
    "write_sweep",
]
