"""Says of what kind of personal data the values of a column are; its name only helps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lepton_automl.data.personal import checks
from lepton_automl.data.personal.people import is_address, name_form, name_form_zh
from lepton_automl.data.personal.words import GIVEN_ZH

SAMPLE = 5_000
"""Different values of a column that are looked at, spread over all."""
LEAST_NUMBER = 100_000
FEWEST = 8
"""Different values from which numbers and names without a mark of their own are believed."""
MANY = 40

NAMED = {
    "email": r"e-?mail|邮箱|邮件",
    "phone": r"phone|mobile|^tel$|telephone|cell|fax|电话|手机|联系方式",
    "name": r"^name$|(?:first|last|full|given|sur|family|middle|maiden|customer|client|patient|employee|contact|person)_?name"
    r"|surname|姓名|联系人",
    "ssn": r"ssn|social_?sec",
    "birth_date": r"birth|\bdob\b|^dob|_dob|born|出生|生日",
    "address": r"addr|street|住址|地址",
    "postcode": r"\bzip|zip_?code|post_?code|postal|邮编|邮政编码",
}
"""Kind to what names of columns say of it."""


@dataclass(frozen=True)
class Found:
    """What the values of a column are.

    Args:
        kind: One of `KINDS`.
        share: Share of the present values that are; by their number of rows, among those looked at.
        looked_at: Different values looked at.
        of: Different values there are, where all were counted; else values.
    """

    kind: str
    share: float
    looked_at: int
    of: int

    @property
    def is_sample(self) -> bool:
        """Says whether only some were looked at."""
        return self.looked_at < self.of


@dataclass(frozen=True)
class Seen:
    """Different values of a column: texts, how often each is there, and what the column is called."""

    texts: list[str]
    weights: np.ndarray
    of: int
    name: str
    is_number: bool

    def share(self, hit: np.ndarray | list[bool]) -> float:
        """Gives the share of rows whose value is marked."""
        return float(self.weights[np.asarray(hit, dtype=bool)].sum() / self.weights.sum())

    def called(self, kind: str) -> bool:
        """Says whether the name of the column speaks of the kind."""
        return re.search(NAMED[kind], re.sub(r"([a-z])([A-Z])", r"\1_\2", self.name).lower()) is not None


def see(values: pd.Series, name: str) -> Seen | None:
    """Takes different values of a column as text; none where it can hold nothing personal.

    Args:
        values: Values stored as their kind asks, shape `(n,)`.
        name: Name of the column.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy()
        counts = np.bincount(codes[codes >= 0], minlength=len(values.cat.categories))
        places = np.flatnonzero(counts)
        of, places = len(places), _spread(places)
        return _seen([str(values.cat.categories[place]) for place in places], counts[places], of, name, False)
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_bool_dtype(values):
        return None
    if pd.api.types.is_numeric_dtype(values):
        return _see_numbers(values, name)
    if pd.api.types.is_object_dtype(values) and pd.api.types.infer_dtype(values, skipna=True) != "string":
        return None
    present = values.dropna()
    found = present.iloc[_spread(np.arange(len(present)))].value_counts(sort=False)
    return _seen([str(text) for text in found.index], found.to_numpy(), len(present), name, False)


def _see_numbers(values: pd.Series, name: str) -> Seen | None:
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    places = _spread(np.flatnonzero(np.isfinite(numbers)), 4 * SAMPLE)
    whole = numbers[places]
    if not len(whole) or (whole % 1).any() or np.median(whole) < LEAST_NUMBER or (whole < 0).any() or whole.max() >= 2**63:
        return None
    exact = values.iloc[places].to_numpy(dtype="int64")
    found, counts = np.unique(exact, return_counts=True)
    keep = _spread(np.arange(len(found)))
    return _seen([str(number) for number in found[keep]], counts[keep], len(found), name, True)


def _spread(places: np.ndarray, most: int = SAMPLE) -> np.ndarray:
    return places if len(places) <= most else places[np.linspace(0, len(places) - 1, most).astype("int64")]


def _seen(texts: list[str], counts: np.ndarray, of: int, name: str, is_number: bool) -> Seen | None:
    stripped = [text.strip() for text in texts]
    return Seen(stripped, counts.astype("float64"), of, name, is_number) if len(texts) else None


EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE_US = re.compile(
    r"(?P<c>\+?1[ .-]?|001[ .-]?)?(?P<a>\(\d{3}\) ?|\d{3}[ .-]?)(?P<b>\d{3}[ .-]?)(?P<d>\d{4})(?: ?(?:x|ext\.? ?)\d{1,6})?"
)
PHONE_CN = re.compile(
    r"(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|(?:\+?86[ -]?)?\(?0(?:10|2\d|[3-9]\d{2})\)?[ -]?\d{7,8}(?:-\d{1,5})?"
)
PHONE_ANY = re.compile(r"\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?(?:\d[ .-]?){6,12}\d|0\d{1,4}[ -]\d{3,4}[ -]?\d{3,4}")
MAC = re.compile(r"[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}")
DIGITS = re.compile(r"\d+")
BARE = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}|(?:86)?1[3-9]\d{9}|0(?:10|2\d|[3-9]\d{2})\d{7,8}", re.ASCII)
"""Numbers of telephones without any mark: American, Chinese mobile, Chinese landline."""


def is_phone(text: str) -> bool:
    """Says whether a text is the number of a telephone: American, Chinese, or with the code of a country.

    >>> is_phone("(415) 555-2671"), is_phone("13812345678"), is_phone("+44 20 7946 0958"), is_phone("123-45-6789")
    (True, True, True, False)
    """
    american = PHONE_US.fullmatch(text)
    if american:
        digits = "".join(DIGITS.findall("".join(american.group("a", "b", "d"))))
        if digits[0] in "23456789" and digits[3] in "23456789" and (not text.isdecimal() or checks.is_us_phone(digits)):
            return True
    return bool(PHONE_CN.fullmatch(text) or PHONE_ANY.fullmatch(text))


SURE: Mapping[str, tuple[Callable[[str], bool], float]] = {
    "email": (lambda text: EMAIL.fullmatch(text) is not None, 0.5),
    "resident_id": (checks.is_resident_id, 0.5),
    "iban": (checks.is_iban, 0.5),
    "card": (checks.is_card, 0.6),
    "mac": (lambda text: MAC.fullmatch(text) is not None, 0.6),
    "address": (is_address, 0.4),
}
"""Kinds that a value shows by itself: the test, and the share of values from which a column is of the kind."""


def kind_of(text: str) -> str:
    """Gives the kind of personal data that a value is by itself, or nothing.

    >>> kind_of("4111111111111111"), kind_of("Jennifer Smith"), kind_of("李娜"), kind_of("高级")
    ('card', 'name', 'name', '')
    """
    found = next((kind for kind, (test, _) in SURE.items() if test(text)), "")
    if found or checks.is_ip(text):
        return found or "ip"
    is_name = name_form(text) == "full" or (name_form_zh(text) == "full" and set(text[1:]) <= GIVEN_ZH)
    return "phone" if is_phone(text) else "name" if is_name else ""


def find_personal(values: pd.Series, name: str) -> Found | None:
    """Says of what kind of personal data a column is; none where it is of none.

    Args:
        values: Values stored as their kind asks, shape `(n,)`.
        name: Name of the column.
    """
    if pd.api.types.is_datetime64_any_dtype(values):
        return _births(values, name)
    seen = see(values, name)
    if seen is None:
        return None
    for kind, (test, least) in SURE.items():
        if seen.is_number and kind not in ("card", "resident_id"):
            continue
        share = seen.share([test(text) for text in seen.texts])
        if share >= least and len(seen.texts) >= (1 if kind == "email" else 3):
            return Found(kind, share, len(seen.texts), seen.of)
    for look in (_addresses_of_machines, _phones, _social_numbers, _names, _births_as_text, _postcodes):
        found = look(seen)
        if found is not None:
            return found
    return None


def _addresses_of_machines(seen: Seen) -> Found | None:
    """IP addresses; numbers of versions, such as 1.2.0.11, are none."""
    if seen.is_number:
        return None
    hits = [checks.is_ip(text) for text in seen.texts]
    share = seen.share(hits)
    if share < 0.8 or len(seen.texts) < 3:
        return None
    large = [":" in text or max(map(int, text.split("."))) > 99 for text, hit in zip(seen.texts, hits, strict=True) if hit]
    return Found("ip", share, len(seen.texts), seen.of) if np.mean(large) > 0.5 else None


def _phones(seen: Seen) -> Found | None:
    """Telephone numbers: some with a mark (blank, dash, plus), or all without one and none that can not be."""
    is_bare = np.array([text.isdecimal() for text in seen.texts])
    hits = np.array(
        [(BARE.fullmatch(text) if bare else is_phone(text)) for text, bare in zip(seen.texts, is_bare, strict=True)]
    )
    hits = hits.astype(bool)
    share, is_called = seen.share(hits), seen.called("phone")
    if share < (0.4 if is_called else 0.6) or len(seen.texts) < 3:
        return None
    is_marked = seen.share(hits & ~is_bare) >= 0.25
    if not is_marked and not is_called:
        starts = {text[:3] for text, hit in zip(seen.texts, is_bare & hits, strict=True) if hit}
        kept = seen.share(is_bare & hits) / max(1e-9, seen.share(is_bare))
        if len(seen.texts) < MANY or kept < 0.98 or len(starts) < FEWEST or _repeats(seen):
            return None
    return Found("phone", share, len(seen.texts), seen.of)


def _repeats(seen: Seen) -> bool:
    """Says whether values come back more often than numbers of people do: on average ten times."""
    return bool(seen.weights.mean() > 10)


def _social_numbers(seen: Seen) -> Found | None:
    """Social security numbers: with dashes by their form, without by what no such number has and others of nine digits do."""
    dashed = re.compile(r"\d{3}-\d{2}-\d{4}")
    share = seen.share([dashed.fullmatch(text) is not None and checks.is_ssn(text) for text in seen.texts])
    if share >= 0.5 and len(seen.texts) >= 3:
        return Found("ssn", share, len(seen.texts), seen.of)
    padded = [text.zfill(9) if text.isdecimal() and 7 <= len(text) <= 9 else "" for text in seen.texts]
    share = seen.share([bool(text) and checks.is_ssn(text) for text in padded])
    if seen.called("ssn") and share >= 0.8:
        return Found("ssn", share, len(seen.texts), seen.of)
    areas = {text[:3] for text in padded if text}
    is_wide = len({area[0] for area in areas}) == 9 and len(areas) >= 150
    if share >= 0.999 and is_wide and len(seen.texts) >= 400 and not _repeats(seen):
        return Found("ssn", share, len(seen.texts), seen.of)
    return None


def _names(seen: Seen) -> Found | None:
    """Names of people: full, given or surnames, and a column may hold English and Chinese ones."""
    if seen.is_number:
        return None
    is_han = np.array([any("\u3400" <= mark <= "\u9fff" for mark in text) for text in seen.texts])
    forms = np.array([name_form_zh(text) if han else name_form(text) for text, han in zip(seen.texts, is_han, strict=True)])
    called, total = seen.called("name"), seen.weights.sum()
    good, size = 0.0, 0.0
    for part, least in ((is_han, 0.85), (~is_han, 0.5)):
        weight = seen.weights[part]
        if not part.any() or weight.sum() < 0.05 * total:
            continue
        mine = _name_share(forms[part], weight, called, bool(is_han[part][0]))
        distinct = int((forms[part] != "").sum())
        if mine >= (0.6 * least if called else least) and distinct >= (3 if called else FEWEST):
            good += weight.sum()
            size += mine * weight.sum()
    share = good / total
    return Found("name", float(size / total), len(seen.texts), seen.of) if share >= 0.6 else None


def _name_share(forms: np.ndarray, weights: np.ndarray, is_called: bool, is_han: bool) -> float:
    """Gives the share of rows that hold a name; surnames alone count where there are many different ones."""
    total = weights.sum()
    full, given, surname = (float(weights[forms == form].sum() / total) for form in ("full", "given", "surname"))
    if is_han:
        return full + given + surname
    if full >= given + surname:
        return full + given
    few = len(forms) < (FEWEST if is_called else MANY)
    if few:
        return full + given if given > 0.7 else 0.0
    # A list of the commonest surnames holds about half of the people: two fifths of the values are enough.
    return full + given if given > surname else min(1.0, 1.3 * (full + given + surname))


def _births(values: pd.Series, name: str) -> Found | None:
    """Dates of birth: by the name of the column, and ages that people have."""
    present = values.dropna()
    if not len(present) or not Seen([], np.ones(0), 0, name, False).called("birth_date"):
        return None
    years = pd.Timestamp.now().year - present.dt.year
    share = float(((years >= 0) & (years <= checks.MOST_YEARS)).mean())
    return Found("birth_date", share, len(present), len(present)) if share >= 0.9 else None


def _births_as_text(seen: Seen) -> Found | None:
    if not seen.called("birth_date"):
        return None
    day = re.compile(r"(?:18|19|20)\d{2}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.](?:18|19|20)?\d{2}")
    share = seen.share([day.fullmatch(text) is not None for text in seen.texts])
    return Found("birth_date", share, len(seen.texts), seen.of) if share >= 0.9 else None


def _postcodes(seen: Seen) -> Found | None:
    if not seen.called("postcode"):
        return None
    code = re.compile(r"\d{4,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d")
    share = seen.share([code.fullmatch(text) is not None for text in seen.texts])
    return Found("postcode", share, len(seen.texts), seen.of) if share >= 0.8 else None
