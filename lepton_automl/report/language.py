"""The language of a report: every sentence is written in English where it is used, and looked up here in another language."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = {"en": "English", "zh": "中文"}
"""Code of a language to its own name."""
TAGS = {"en": "en", "zh": "zh-Hans"}
"""Code of a language to its tag in a page (BCP 47)."""
_NOW: ContextVar[str] = ContextVar("language of the report", default="en")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Gives English sentence to the same in the language; empty of English.

    Places for values keep their names: `{rows}`.
    """
    if language == "en":
        return {}
    found: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return found


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Lets `say` speak a language for a while.

    >>> with speaking("zh"):
    ...     say("Gates")
    '门限'
    """
    token = _NOW.set(language)
    try:
        yield
    finally:
        _NOW.reset(token)


def shared(codes: Iterable[str]) -> str:
    """Gives the language that all of several recipes ask for; English where they differ.

    >>> shared(["zh", "zh"]), shared(["zh", "en"])
    ('zh', 'en')
    """
    found = set(codes)
    return found.pop() if len(found) == 1 else "en"


def language() -> str:
    """Gives the code of the language that is spoken now."""
    return _NOW.get()


def say(text: str, **values: Any) -> str:
    """Gives a sentence in the language of the report, with values in their places; in English if it is not in the catalogue.

    >>> say("{n} rows", n=3)
    '3 rows'
    """
    found = catalogue(_NOW.get()).get(text, text)
    return found.format(**values) if values else found


def later(text: str) -> str:
    """Marks a sentence that stands in a table and is given to `say` where it is shown; gives it as it is.

    >>> later("Search")
    'Search'
    """
    return text


def markup(text: str, **values: Any) -> Markup:
    """Gives a sentence that holds tags, such as `<code>`; values are escaped."""
    return Markup(catalogue(_NOW.get()).get(text, text)).format(**values)  # noqa: S704 - the sentence is ours, values are escaped
