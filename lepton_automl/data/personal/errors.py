"""Errors of libraries quote what they stumbled over: nothing personal of it is handed on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from lepton_automl.data.personal.columns import kind_of
from lepton_automl.data.personal.mentions import mask_text

CONVERTED = re.compile(r"((?:string|value|input|syntax for type [\w ]+:) *)(\"[^\"]*\"|'[^']*')")
"""How databases quote the value that they could not convert."""
LEAST_TEXT = 8
"""Characters of a text from which it is told apart from the words of a message."""
QUOTED = re.compile(r"([\"'])([^\"'\n]{0,200})\1")


def said_safely(error: object) -> str:
    """Gives the text of an error with a mark in the place of what it quotes of people.

    >>> said_safely(ValueError("Could not convert string 'Ann' to INT32; ask ann@acme.com"))
    "Could not convert string '[value]' to INT32; ask [email]"
    """
    said = CONVERTED.sub(lambda found: f"{found.group(1)}{found.group(2)[0]}[value]{found.group(2)[0]}", str(error))
    return mask_text(QUOTED.sub(_judged, said))


def _judged(found: re.Match[str]) -> str:
    """Gives a quoted text, or what it is where it is personal by itself."""
    kind = kind_of(found.group(2))
    return f"{found.group(1)}[{kind}]{found.group(1)}" if kind else found.group()


@contextmanager
def quoting_nobody(texts: Callable[[], Iterable[str]] = tuple) -> Iterator[None]:
    """Lets errors out that say what happened, and quote neither people nor whole texts of the table.

    The error that comes out has the name and the trace of the one that went in; errors that it arose from are left behind, as
    they may quote the same.

    Args:
        texts: Gives the texts of the table, asked only where there is an error.

    Raises:
        Exception: What was raised inside, its text made safe.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a library may raise anything, and what it raised goes on
        said = str(error)
        for text in set(texts()):
            if len(text) >= LEAST_TEXT and text in said:
                said = said.replace(text, "[text]")
        safe = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})(said_safely(said))
        raise safe.with_traceback(error.__traceback__) from None
