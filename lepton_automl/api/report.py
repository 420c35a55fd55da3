"""The report of a run, as an object: in a cell, in a browser, or saved."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path

from markupsafe import Markup

from lepton_automl.errors import OutputError, Problem

FRAME = Markup(
    '<iframe srcdoc="{}" title="Report" sandbox="allow-scripts" style="width:100%;height:{}px;border:1px solid #8884"></iframe>'
)
"""The page stands in a frame of its own: its style and script can not reach the notebook, nor the notebook's reach it."""
HEIGHT = 820


class ReportPage:
    """A self-contained HTML page.

    Args:
        html: It.
        path: Its file; none where it is in memory only.
    """

    def __init__(self, html: str, path: Path | None = None) -> None:
        self.html, self.path = html, path

    def __repr__(self) -> str:
        return f"ReportPage({self.path if self.path is not None else f'{len(self.html):,} characters'})"

    def _repr_html_(self) -> str:
        return str(FRAME.format(self.html, HEIGHT))

    def open(self) -> Path:
        """Shows it in a browser; gives the file."""
        path = self.path
        if path is None:
            path = Path(tempfile.mkdtemp(prefix="lepton_")) / "report.html"
            self.save(path)
        webbrowser.open(path.resolve().as_uri())
        return path

    def save(self, path: str | Path) -> Path:
        """Writes it into a file; gives its path.

        Raises:
            OutputError: If it can not be written.
        """
        return write_text(Path(path), self.html)


def write_text(path: Path, text: str) -> Path:
    """Writes a text; gives the path.

    Raises:
        OutputError: If it can not be written.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        problem = Problem("path", f"{path} can not be written: {error.strerror}.", "Give another file.")
        raise OutputError(problem) from error
    return path
