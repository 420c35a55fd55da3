"""Secrets come from the environment and leave no trace: not in messages, not in the ledger, not in the lineage."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from lepton_automl.errors import DataError, Problem


def resolve_secret(value: Any, key: str) -> Any:
    """Takes each `{"secret": NAME}` from the environment; gives any other value back.

    Raises:
        DataError: If the environment has no such name.
    """
    if isinstance(value, dict) and set(value) == {"secret"}:
        name = str(value["secret"])
        if name not in os.environ:
            raise DataError(Problem(key, f"the environment has no {name}.", f"export {name}=… before the run."))
        return os.environ[name]
    if isinstance(value, dict):
        return {name: resolve_secret(item, f"{key}.{name}") for name, item in value.items()}
    return value


def secrets_in(value: Any) -> set[str]:
    """Gives the texts of `value` that were written as secrets, resolved; and the passwords of URLs in it."""
    return {text for text in _secrets_in(value, False) if text}


def _secrets_in(value: Any, is_secret: bool) -> Iterator[str]:
    if isinstance(value, dict) and set(value) == {"secret"}:
        yield from _secrets_in(os.environ.get(str(value["secret"]), ""), True)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _secrets_in(item, is_secret)
    elif isinstance(value, str):
        if is_secret:
            yield value
        for hit in re.finditer(r"://[^/@:]*:(.+)@", value):
            yield from (hit.group(1), unquote(hit.group(1)))
        for hit in re.finditer(r"[?&;](?:password|pwd|token|sig|secret|key|[\w-]*signature)=([^&;]+)", value, re.IGNORECASE):
            yield from (hit.group(1), unquote(hit.group(1)))


def without_secrets(text: object, hidden: Iterable[str]) -> str:
    """Gives the first line of a text, such as an error's, with every secret as `***`.

    >>> without_secrets("no such user pa%20ss" + chr(10) + "more", {"pa ss"})
    'no such user ***'
    """
    whole = str(text).strip()
    spelled = {form for secret in hidden for form in (secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1])}
    for form in sorted(spelled, key=len, reverse=True):
        whole = whole.replace(form, "***")
    return whole.splitlines()[0].rstrip(". ") if whole else type(text).__name__


def public_address(address: str) -> str:
    """Gives an address without user, password, query and fragment, for messages and lineage.

    >>> public_address("postgresql://ann:pw@db:5432/shop?sslmode=require")
    'postgresql://db:5432/shop'
    >>> public_address("data/orders?.csv")
    'data/orders?.csv'
    """
    if "://" not in address:
        return address
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
