"""Finds what names a person inside longer texts, and puts a mark in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lepton_automl.data.personal import checks
from lepton_automl.data.personal.columns import EMAIL, is_phone
from lepton_automl.data.personal.people import HAN, PLACE_ZH, STREET
from lepton_automl.data.personal.words import COMMON_ZH, DOUBLE_ZH, GIVEN, NO_PERSON, SURNAMES, SURNAMES_ZH
from lepton_automl.data.texts import as_mask, strip_texts

MOST_TRIED = 20_000
"""Texts that may hold a mention and are read to know whether one does."""

_SURNAME_ZH = rf"(?:{'|'.join(sorted(DOUBLE_ZH))}|[{''.join(sorted(SURNAMES_ZH))}])"
_END_ZH = rf"(?=[^{HAN}]|先生|女士|小姐|的|电话|手机|在|于|和|与|身份|住|，|$)"
_IPV4 = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
_IPV6 = r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){1,6}(?![\w:])"
_NAME = r"[A-Z][a-z]+(?:['’-][A-Z]?[a-z]+)*"


def _if(test: Callable[[str], bool], mark: str) -> Callable[[re.Match[str]], str]:
    """Gives the mark where the test holds, and the text as it was where it does not."""
    return lambda found: mark if test(found.group()) else found.group()


def _is_ip(text: str) -> bool:
    """Numbers of versions are small; an address has a large part."""
    return checks.is_ip(text) and (":" in text or max(map(int, text.split("."))) > 31)


def _is_long_phone(text: str) -> bool:
    return is_phone(text.strip(" .-"))


def _is_pair(text: str) -> bool:
    """A given name and a surname, both common, beside each other."""
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", text)]
    return words[0] in GIVEN and words[-1] in SURNAMES and not NO_PERSON & set(words)


def _place_zh(found: re.Match[str]) -> str:
    """Leaves the words before an address that say that one follows."""
    text = found.group()
    head = re.match(r".*?[到在至于址是]", text)
    is_before = head is not None and re.search(PLACE_ZH, text[head.end() :]) is not None
    return f"{head.group()}[address]" if head is not None and is_before else "[address]"


def _after_cue(found: re.Match[str]) -> str:
    words = found.group(2).lower().split()
    is_person = not NO_PERSON & set(words) and (found.group(1)[0] in "MDP" or words[0] in GIVEN or words[-1] in SURNAMES)
    return f"{found.group(1)}[name]" if is_person else found.group()


@cache
def _steps() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]:
    """Gives what is looked for, in order: numbers with a check digit before those without; made when first needed."""
    return (
        (EMAIL, lambda _: "[email]"),
        (
            re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![\w])"),
            _if(checks.is_iban, "[iban]"),
        ),
        (re.compile(r"(?<!\w)\d{17}[\dXx](?!\w)", re.ASCII), _if(checks.is_resident_id, "[resident_id]")),
        (re.compile(r"(?<![\w-])\d(?:[ -]?\d){11,18}(?![\w-])", re.ASCII), _if(checks.is_card, "[card]")),
        (re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])", re.ASCII), _if(checks.is_ssn, "[ssn]")),
        (re.compile(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])", re.ASCII), lambda _: "[mac]"),
        (re.compile(_IPV4), _if(_is_ip, "[ip]")),
        (re.compile(_IPV6), _if(_is_ip, "[ip]")),
        (
            re.compile(r"(?<![\w.+/-])(?:\+|\(|0|1|[2-9])\d?[\d() .-]{7,20}\d(?: ?(?:x|ext\.? ?)\d{1,6})?(?![\w/-])", re.ASCII),
            _if(_is_long_phone, "[phone]"),
        ),
        (
            re.compile(
                rf"(?<!\w)\d{{1,6}}[A-Za-z]? (?:[NSEW]\.? )?(?:[A-Z][\w.'’-]* ){{1,3}}(?:{STREET.title()})\b\.?"
                r"(?:,? (?:Apt|Suite|Ste|Unit)\.? #?\d{1,5})?(?:,? [A-Z][a-z]+(?: [A-Z][a-z]+)?, [A-Z]{2} \d{5}(?:-\d{4})?)?"
            ),
            lambda _: "[address]",
        ),
        (re.compile(rf"[{HAN}]{{0,12}}?(?:省|市|区|县)?{PLACE_ZH}(?:[\w-]{{1,6}}[室号楼单元]+)?"), _place_zh),
        (re.compile(rf"\b((?:Mr|Mrs|Ms|Miss|Dr|Prof)\b\.? )({_NAME}(?: {_NAME}){{0,2}})"), _after_cue),
        (re.compile(rf"\b({_NAME}) (?:[A-Z]\.? )?({_NAME})"), _if(_is_pair, "[name]")),
        (
            re.compile(
                rf"((?i:my name is|name:|dear|attn:?|contact(?:ed)?|spoke (?:to|with)|call(?:ed)?|signed by|regards,?) )"
                rf"({_NAME}(?: {_NAME}){{1,2}})"
            ),
            _after_cue,
        ),
        (
            re.compile(
                rf"((?:姓名|联系人|收件人|收货人|客户|患者|病人|我叫|名叫|叫做|本人)[:：是为]?\s*)"
                rf"{_SURNAME_ZH}[{HAN}]{{1,2}}?{_END_ZH}"
            ),
            lambda found: f"{found.group(1)}[name]",
        ),
        (re.compile(rf"[{COMMON_ZH}][{HAN}]{{0,2}}(?=先生|女士|小姐)"), lambda _: "[name]"),
    )


_DIGITS, _HAN = r"\d[\d ().-]{5}", rf"[{HAN}]"


@cache
def _needed() -> tuple[re.Pattern[str], ...]:
    """Gives what a text must hold for a step to be worth its time, in the order of the steps."""
    return tuple(
        map(
            re.compile,
            (
                "@",
                r"[A-Z]{2}\d{2}",
                r"\d{17}",
                _DIGITS,
                r"\d-\d{2}-\d",
                r"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]",
                r"\d\.\d{1,3}\.\d",
                r":[0-9A-Fa-f]{0,4}:",
                _DIGITS,
                r"\d[A-Za-z]? [A-Z]",
                rf"[{HAN}\w](?:\d|[A-Za-z一二三四五六七八九十])[号座室栋幢楼层单弄]",
                r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b",
                r"[A-Z][a-z]+ (?:[A-Z]\.? )?[A-Z]",
                r"[A-Z][a-z]+ [A-Z]",
                r"[名人户者叫]",
                r"先生|女士|小姐",
            ),
        )
    )


MAYBE = (
    r"@|\d(?:[ ().-]{0,3}\d){6,}|[A-Z]{2}\d{2}[ A-Z0-9]{8}|(?:[0-9A-Fa-f]{1,4}:+){2}|(?:[0-9A-Fa-f]{2}-){5}|(?:\d{1,3}\.){3}\d"
    r"|[A-Z][a-z]+ (?:[A-Z]\.? )?[A-Z][a-z]|\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b|\d [A-Z]"
    r"|姓名|联系人|收件人|收货人|客户|患者|病人|我叫|名叫|叫做|本人|先生|女士|小姐|[号座室栋幢楼层单弄]"
)
"""What a text with a mention has at least (RE2)."""


def mask_text(text: str) -> str:
    """Gives a text with a mark in the place of each mention; whoever is named in no such way is not found.

    >>> mask_text("Call Dr. Smith on 415-555-2671, or j.smith@acme.com")
    'Call Dr. [name] on [phone], or [email]'
    >>> mask_text("我叫李娜，手机13812345678")
    '我叫[name]，手机[phone]'
    """
    if text.isdecimal():  # a whole number is judged with the others of its column
        return "[resident_id]" if checks.is_resident_id(text) else text
    for (pattern, put), needed in zip(_steps(), _needed(), strict=True):
        if needed.search(text):
            text = pattern.sub(put, text)
    return text


def mask_texts(texts: Any) -> Any:
    """Gives an Arrow array of texts with a mark in the place of each mention; missing stays so."""
    import pyarrow as pa
    import pyarrow.compute as pc

    maybe = as_mask(pc.match_substring_regex(texts, MAYBE))
    if not maybe.any():
        return texts
    tried = texts.filter(pa.array(maybe)).to_pylist()
    return pc.replace_with_mask(texts, pa.array(maybe), pa.array([mask_text(text) for text in tried], pa.large_string()))


class Mentions(NamedTuple):
    """What personal data a column's texts mention.

    Args:
        counts: Mark, such as `email`, to how many rows hold it among the texts that were read.
        rows: How many rows hold any of them, among the same.
        unread: How many texts that may hold one were not read.
    """

    counts: dict[str, int]
    rows: int
    unread: int


def count_mentions(values: pd.Series) -> Mentions:
    """Counts the texts that mention something personal, by its mark.

    Args:
        values: Texts or categories, shape `(n,)`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        weights = np.bincount(codes[codes >= 0], minlength=len(values.cat.categories))
        texts, _ = strip_texts(pd.Series(values.cat.categories))
    else:
        texts, _ = strip_texts(values)
        weights = np.ones(len(texts), dtype="int64")
    maybe = np.flatnonzero(as_mask(pc.match_substring_regex(texts, MAYBE)) & (weights > 0))
    read = maybe if len(maybe) <= MOST_TRIED else maybe[np.linspace(0, len(maybe) - 1, MOST_TRIED).astype("int64")]
    counts: dict[str, int] = {}
    rows = 0
    for place, text in zip(read, texts.take(pa.array(read)).to_pylist(), strict=True):
        masked = mask_text(text)
        if masked != text:
            rows += int(weights[place])
            for mark in set(re.findall(r"\[([a-z_]+)\]", masked)) - set(re.findall(r"\[([a-z_]+)\]", text)):
                counts[mark] = counts.get(mark, 0) + int(weights[place])
    return Mentions(counts, rows, len(maybe) - len(read))
