"""Renders the documents from their templates; all text of data and recipe is written so that it can not change their form."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lepton_automl.report.card import plain
from lepton_automl.report.documents.asking import Asking, written
from lepton_automl.report.documents.content import document_content
from lepton_automl.report.facts import Facts
from lepton_automl.report.language import later, speaking
from lepton_automl.report.page import rendered
from lepton_automl.report.wording import LEDGER_STAGES

TEMPLATES = Path(__file__).parent / "templates"
EVERY_RUN = ("datasheet.md", "data_governance_report.md", "data_governance_report.html")
"""Documents of every run, besides the model card."""
TITLES = {
    "datasheet": later("Datasheet"),
    "data_governance_report": later("Data governance report"),
    "technical_documentation": later("Technical documentation"),
    "instructions_for_use": later("Instructions for use"),
    "monitoring_plan": later("Monitoring plan"),
    "validation_pack": later("Validation pack"),
}
"""Document to its title."""


def markdown_safe(value: Any) -> Any:
    """Writes a value of a template so that Markdown shows it as it is; text that is Markdown already stays."""
    return value if isinstance(value, Markup) else written(plain("" if value is None else value))


def code(value: object) -> Markup:
    """Writes a value as code, on one line and without a mark that would end it.

    >>> code("a|b`c")
    Markup("`a\\\\|b'c`")
    """
    return written("`" + " ".join(str(value).split()).replace("`", "'").replace("|", "\\|") + "`")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=markdown_safe,
    )
    environment.filters.update(code=code)
    return environment


def render_document(name: str, facts: Facts, content: Mapping[str, Any] | None = None) -> str:
    """Gives one document: a page in the language of the report, Markdown in English.

    Args:
        name: Its file: `datasheet.md`.
        facts: The facts of the run.
        content: What `document_content` gives of them, where it is there already.
    """
    content = {**(content or document_content(facts)), "titles": TITLES}
    if name.endswith(".html"):
        with speaking((facts.recipe.get("report") or {}).get("language", "en")):
            return rendered(name, **{**content, "written": "", "stages": LEDGER_STAGES})
    template = _environment().get_template(name)
    counting = Asking(facts.engagement)
    template.render(**content, ask=counting, open=0, answered=0)
    return template.render(**content, ask=Asking(facts.engagement), open=counting.open, answered=counting.answered)


def write_documents(facts: Facts, folder: Path) -> list[Path]:
    """Writes the documents of every run, and those that recipe and policy ask for; gives their paths.

    The validation pack is not among them: it holds what is written last.
    """
    asked = (facts.plan.get("policy") or {}).get("documents", ())
    names = [*EVERY_RUN, *(f"{name}.md" for name in asked if name != "validation_pack")]
    paths, content = [], document_content(facts)
    for name in names:
        path = folder / name
        path.write_text(render_document(name, facts, content), encoding="utf-8", errors="replace")
        paths.append(path)
    return paths
