"""Personal data: what it looks like in English and Chinese, as a column and inside texts. No network, no model."""

import pandas as pd

from lepton_automl.data.personal.columns import Found, find_personal, kind_of
from lepton_automl.data.personal.errors import quoting_nobody, said_safely
from lepton_automl.data.personal.mentions import count_mentions, mask_text, mask_texts

KINDS = {
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "name": "names of people",
    "address": "postal addresses",
    "card": "numbers of payment cards",
    "iban": "IBANs",
    "ssn": "US social security numbers",
    "resident_id": "Chinese resident IDs",
    "ip": "IP addresses",
    "mac": "MAC addresses",
    "birth_date": "dates of birth",
    "postcode": "postcodes",
    "mention": "mentions of people inside text",
}
"""Kind of personal data to its words."""

__all__ = [
    "KINDS",
    "Found",
    "count_mentions",
    "find_personal",
    "is_personal",
    "mask_text",
    "mask_texts",
    "quoting_nobody",
    "said_safely",
    "shown_safely",
]


def shown_safely(value: object) -> str:
    """Gives a value for a message: as it is, or what it is where it is personal.

    >>> shown_safely("ann@example.com"), shown_safely("maybe")
    ('[email]', 'maybe')
    """
    text = str(value)
    kind = kind_of(text)
    return f"[{kind}]" if kind else mask_text(text)


def is_personal(raw: pd.Series, name: str) -> bool:
    """Says whether a raw column is personal, or mentions people.

    Args:
        raw: Values as the source gave them, shape `(n,)`.
        name: Name of the column.
    """
    if find_personal(raw, name) is not None:
        return True
    is_text = isinstance(raw.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(raw)
    return is_text and bool(count_mentions(raw)[0])
