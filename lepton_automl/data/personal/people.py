"""Which texts are names of people, and which are postal addresses."""

from __future__ import annotations

import re

from lepton_automl.data.personal.words import (
    DOUBLE_ZH,
    GIVEN,
    GIVEN_ZH,
    NO_PERSON,
    NO_PERSON_ZH,
    STREETS,
    SUFFIXES,
    SURNAMES,
    SURNAMES_ZH,
    TITLES,
)

HAN = "\u3400-\u9fff"
IS_HAN = re.compile(rf"[{HAN}]+(?:·[{HAN}]+)?")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
MOST_WORDS = 5
STREET = "|".join(sorted(set(STREETS), key=len, reverse=True))
STREET_LINE = (
    rf"(?:^|[,\n] ?)\d{{1,6}}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z0-9][\w.'’-]* ){{1,4}}(?i:{STREET})\b\.?"
    r"|(?i:^(?:p\.?\s?o\.? box|psc|unit|box) \d{2,6})|^USN[SV] [A-Z][a-z]+"
)
TOWN_LINE = re.compile(r", ?[A-Z]{2} \d{5}(?:-\d{4})?$")
UNIT_LINE = re.compile(r"^(?:Apt|Suite|Ste|Unit)\.? #?\d{1,5}$")
PLACE_ZH = (
    rf"[{HAN}]{{1,12}}(?:路|街道?|大道|巷|弄|胡同|道|村|里|苑|小区|社区)[{HAN}\w]{{0,8}}?"
    rf"(?:\d{{1,5}}|[A-Za-z一二三四五六七八九十]{{1,3}})[号座室栋幢楼层单弄]"
)


def name_form(text: str) -> str:
    """Says how a text reads as a name of a person: `full`, `given`, `surname`, or nothing.

    >>> name_form("Braund, Mr. Owen Harris"), name_form("Jennifer"), name_form("Lake Jennifer"), name_form("Smith and Sons")
    ('full', 'given', '', '')
    """
    head, comma, rest = text.partition(",")
    words = WORD.findall(f"{rest} {head}" if comma and rest.strip().rstrip(".").lower() not in SUFFIXES else text)
    if not words or len(words) > MOST_WORDS + 2 or re.search(r"[\d@/:&#$%+=<>{}\[\]_]", text):
        return ""
    plain = [word.rstrip(".").lower() for word in words]
    is_titled = plain[0] in TITLES
    named = [(word, low) for word, low in zip(words, plain, strict=True) if low not in TITLES and low not in SUFFIXES]
    if not named or len(named) > MOST_WORDS or any(low in NO_PERSON for _, low in named):
        return ""
    if not all(word[0].isupper() for word, _ in named):
        return ""
    first, last = named[0][1], named[-1][1].rpartition("-")[2]
    if len(named) == 1:
        return "full" if is_titled else "given" if first in GIVEN else "surname" if last in SURNAMES else ""
    return "full" if is_titled or first in GIVEN or (len(named[0][1]) == 1 and last in SURNAMES) else ""


def name_form_zh(text: str) -> str:
    """Says how a text of Chinese characters reads as a name of a person: `full`, `given`, `surname`, or nothing.

    >>> name_form_zh("张伟"), name_form_zh("欧阳建国"), name_form_zh("建华"), name_form_zh("武汉市"), name_form_zh("王")
    ('full', 'full', 'given', '', 'surname')
    """
    if not IS_HAN.fullmatch(text) or len(text) > 4 or text[-1] in NO_PERSON_ZH:
        return ""
    if text[:2] in DOUBLE_ZH:
        return "full" if len(text) > 2 else "surname"
    if len(text) == 1:
        return "surname" if text in SURNAMES_ZH else "given" if text in GIVEN_ZH else ""
    if text[0] in SURNAMES_ZH and len(text) <= 3:
        return "full"
    return "given" if len(text) == 2 and set(text) <= GIVEN_ZH else ""


def is_address(text: str) -> bool:
    """Says whether a text is a postal address, down to the house, in English or Chinese.

    >>> is_address("123 Main Street Apt. 4"), is_address("湖南省长沙市芙蓉路12号")
    (True, True)
    >>> is_address("长沙市"), is_address("500 Units")
    (False, False)
    """
    return bool(re.search(STREET_LINE, text) or TOWN_LINE.search(text) or UNIT_LINE.match(text) or re.search(PLACE_ZH, text))
