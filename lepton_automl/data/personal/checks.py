"""Check digits and other proofs that a value is what it looks like."""

from __future__ import annotations

import ipaddress
import re
from datetime import date

from lepton_automl.data.personal.words import AREAS, words

CARD = re.compile(r"(?:4|5[0-8]|2[2-7]|3[0-9]|6|1800|2131)\d+")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_DIGITS = "10X98765432"
MOST_YEARS = 120
COUNTRIES = frozenset(
    words(
        """
AD AE AL AT AZ BA BE BG BH BR BY CH CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI GL GR GT HR HU IE IL IQ IS IT JO KW
KZ LB LC LI LT LU LV LY MC MD ME MK MR MT MU NL NO PK PL PS PT QA RO RS SA SC SE SI SK SM ST SV TL TN TR UA VA VG XK
"""
    )
)
"""Countries that have IBANs."""


def is_luhn(digits: str) -> bool:
    """Says whether the last digit checks the others.

    Source: Luhn (1960), US patent 2,950,048.

    >>> is_luhn("4111111111111111"), is_luhn("4111111111111112")
    (True, False)
    """
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(digit), 10)) for digit in even)) % 10 == 0


def is_card(text: str) -> bool:
    """Says whether it is the number of a payment card: a known beginning, 13 to 19 digits, Luhn.

    >>> is_card("4111 1111 1111 1111"), is_card("1234567812345670")
    (True, False)
    """
    digits = re.sub(r"[ -]", "", text)
    return 12 <= len(digits) <= 19 and CARD.fullmatch(digits) is not None and is_luhn(digits) and len(set(digits)) > 1


def is_iban(text: str) -> bool:
    """Says whether it is an IBAN.

    Source: ISO 13616: the rest of the division by 97 is 1.

    >>> is_iban("GB82 WEST 1234 5698 7654 32"), is_iban("GB82 WEST 1234 5698 7654 33")
    (True, False)
    """
    plain = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", plain) or plain[:2] not in COUNTRIES:
        return False
    return int("".join(str(int(mark, 36)) for mark in plain[4:] + plain[:4])) % 97 == 1


def is_ssn(text: str) -> bool:
    """Says whether nine digits can be a US social security number: no part of it is zero, and it is no 666 or 9xx.

    >>> is_ssn("078-05-1120"), is_ssn("900-12-3456")
    (True, False)
    """
    digits = text.replace("-", "").replace(" ", "")
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return len(digits) == 9 and area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_resident_id(text: str) -> bool:
    """Says whether it is a Chinese resident ID of 18 places: a region, a day of birth, and the check digit.

    Source: GB 11643-1999, check digit after ISO 7064 MOD 11-2.

    >>> is_resident_id("11010519491231002X"), is_resident_id("110105194912310021")
    (True, False)
    """
    plain = text.upper()
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", plain) or not is_day(plain[6:14]):
        return False
    return ID_DIGITS[sum(int(digit) * weight for digit, weight in zip(plain, ID_WEIGHTS, strict=False)) % 11] == plain[17]


def is_day(digits: str) -> bool:
    """Says whether `YYYYMMDD` is a day on which somebody alive may be born."""
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return 0 <= date.today().year - day.year <= MOST_YEARS


def is_us_phone(digits: str) -> bool:
    """Says whether ten digits are a number of the North American numbering plan.

    >>> is_us_phone("4155552671"), is_us_phone("1234567890")
    (True, False)
    """
    return len(digits) == 10 and digits[:3] in AREAS and digits[3] in "23456789"


def is_ip(text: str) -> bool:
    """Says whether it is an address of the Internet, version 4 or 6, that names a machine."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (found.is_unspecified or found.is_loopback)
