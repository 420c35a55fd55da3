"""What only people can answer: marked in the document, and counted at its top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from lepton_automl.report.card import plain

MARK = "[to be filled by "


def written(markdown: str) -> Markup:
    """Says of text that it is Markdown already: `plain` wrote it, or this room did."""
    return Markup(markdown)  # noqa: S704 - nothing of data or recipe comes here but through `plain`


class Asking:
    """Answers from the recipe where it says something, and marks for people where it does not.

    Args:
        engagement: What the recipe says of the engagement.
    """

    def __init__(self, engagement: Mapping[str, Any]) -> None:
        self._engagement = engagement
        self.answered = 0
        self.open = 0

    def recipe(self, key: str, who: str) -> Markup:
        """Gives what `engagement.<key>` says, or a mark for somebody who knows.

        Args:
            key: A key of `engagement`.
            who: Who is to fill it in: `the owner`.
        """
        said = str(self._engagement.get(key) or "").strip()
        if not said:
            return self.person(who, f"engagement.{key}")
        self.answered += 1
        return written(plain(said))

    def person(self, who: str, what: str = "") -> Markup:
        """Gives a mark for what no run can know."""
        self.open += 1
        return written(f"{MARK}{who}{f': {what}' if what else ''}]")

    def known(self, text: object) -> Markup:
        """Gives what the run knows, and counts it as answered."""
        self.answered += 1
        return text if isinstance(text, Markup) else written(plain(text))
