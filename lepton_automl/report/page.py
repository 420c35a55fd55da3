"""Renders the page: the template, the style and the few lines of script, all in one file that asks the network for nothing."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lepton_automl import __version__
from lepton_automl.report.facts import Facts
from lepton_automl.report.heard import called, heard
from lepton_automl.report.language import TAGS, language, markup, say, speaking
from lepton_automl.report.sections import (
    answer_section,
    appendix_section,
    data_section,
    ensemble_section,
    proof_section,
    search_section,
)
from lepton_automl.report.sections.chapters import chapter_sections
from lepton_automl.report.wording import GAPS, breakable, dated, listed, plural

TEMPLATES = Path(__file__).parent / "templates"
DOCUMENTS = Path(__file__).parent / "documents" / "templates"
_SHARE = re.compile(r"(?<=\d) %")


def _held_together(value: Any) -> Any:
    """Keeps a figure and its per cent sign on one line; drawings and what has lines of its own stay as they are."""
    if not isinstance(value, str) or "\n" in value or value.startswith("<svg"):
        return value
    held = _SHARE.sub("\u00a0%", value)
    return Markup(held) if isinstance(value, Markup) else held  # noqa: S704 - what was escaped stays so


@functools.cache
def _environment() -> Environment:
    """Gives the templates, which are compiled once in a process."""
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, DOCUMENTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_held_together,
    )
    environment.filters["breakable"] = breakable
    environment.globals.update(say=say, markup=markup, heard=heard, called=called, listed=listed, plural=plural)
    return environment


def rendered(template: str, more_style: str = "", **content: Any) -> str:
    """Renders a template with the style and the script that all pages share.

    All text of data and recipe is escaped by the template. The page's own content policy forbids every request and every
    script but its own, by its hash.

    Args:
        template: File in `templates/`; one of a whole page fills the parts of `base.html`.
        more_style: Another file there, whose style is laid over the shared one; none if empty.
        content: What the template shows. `written` is the time of writing, in words; without it the page has none.
    """
    environment = _environment()
    script, *styles = (
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.js", "report.css", more_style) if name
    )
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    return environment.get_template(template).render(
        language=TAGS[language()],
        gap=GAPS.get(language(), " "),
        style="\n".join(styles),
        script=script,
        content_policy=policy,
        **{"version": __version__, "written": "", **content},
    )


def render_page(facts: Facts, written: datetime | None = None) -> str:
    """Gives the report as one HTML file.

    Args:
        facts: What is shown.
        written: Moment that is shown as the time of writing; now if absent.
    """
    with speaking((facts.recipe.get("report") or {}).get("language", "en")):
        return rendered(
            "report.html",
            facts=facts,
            written=dated(written or datetime.now(UTC)),
            answer=answer_section(facts),
            proof=proof_section(facts),
            chapters=chapter_sections(facts),
            data=data_section(facts),
            search=search_section(facts),
            ensemble=ensemble_section(facts),
            appendix=appendix_section(facts),
        )
