"""What is done to typed values on every table alike: training rows, test rows, and rows that are scored later.

A treatment is a word that travels with the column's `Reading`, into the artefact too: `missing:-999`. One that was carried out
already changes nothing more.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import os
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from lepton_automl.data.personal.mentions import mask_text, mask_texts
from lepton_automl.data.personal.people import HAN
from lepton_automl.data.texts import strip_texts
from lepton_automl.errors import DataError, Problem
from lepton_automl.registry import did_you_mean

Treatment = Callable[[pd.Series, str], pd.Series]


def treat(values: pd.Series, treatments: tuple[str, ...], column: str = "") -> pd.Series:
    """Gives typed values as treatments leave them, in order.

    Args:
        values: Values stored as their kind asks, shape `(n,)`.
        treatments: Each `name` or `name:argument`.
        column: Name of the column, for messages.

    Raises:
        DataError: If one is not known, or can not be carried out here.
    """
    for words in treatments:
        name, _, argument = words.partition(":")
        if name not in TREATMENTS:
            raise DataError(Problem(column or name, f"{name!r} is no treatment of values.", did_you_mean(name, TREATMENTS)))
        values = TREATMENTS[name](values, argument)
    return values


def _missing(values: pd.Series, argument: str) -> pd.Series:
    """Makes one value missing: a number, a date in ISO format, or a text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_categories([argument]) if argument in values.cat.categories else values
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.mask(values == pd.Timestamp(argument))
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        hit = numbers == float(argument)
        return pd.Series(np.where(hit, np.nan, numbers), index=values.index) if hit.any() else values
    return values.mask(values == argument)


def _outside(values: pd.Series, argument: str, is_below: bool) -> pd.Series:
    """Makes numbers or dates missing that are below, or above, a number or a date in ISO format."""
    limit: Any = pd.Timestamp(argument) if pd.api.types.is_datetime64_any_dtype(values) else float(argument)
    return _masked(values, values < limit if is_below else values > limit)


def _fractions(values: pd.Series, argument: str) -> pd.Series:
    """Makes numbers missing that are not whole."""
    return _masked(values, values % 1 > 0)


def _unlisted(values: pd.Series, argument: str) -> pd.Series:
    """Makes values missing that are not in a JSON list of texts, numbers, or dates in ISO format."""
    listed = json.loads(argument)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.remove_categories([level for level in values.cat.categories if level not in set(listed)])
    if pd.api.types.is_datetime64_any_dtype(values):
        listed = [pd.Timestamp(day) for day in listed]
    return _masked(values, ~(values.isin(listed) | values.isna()))


def _unlike(values: pd.Series, argument: str) -> pd.Series:
    """Makes texts missing that a regular expression does not fit."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        levels = values.cat.categories
        return values.cat.remove_categories(levels[~is_like(pd.Series(levels), argument).to_numpy()])
    return _masked(values, ~is_like(values, argument))


def _masked(values: pd.Series, is_gone: pd.Series) -> pd.Series:
    if not is_gone.any():
        return values
    return values.astype("float64").mask(is_gone) if pd.api.types.is_numeric_dtype(values) else values.mask(is_gone)


def is_like(values: pd.Series, pattern: str) -> pd.Series:
    """Says which texts a regular expression (RE2) fits from end to end; missing ones count as fitting, shape `(n,)`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = values.astype("category")
    levels = pa.array(texts.cat.categories.astype(object), pa.large_string())
    fits = pc.match_substring_regex(levels, rf"\A(?:{pattern})\z").to_numpy(zero_copy_only=False)
    return pd.Series(np.append(fits, True)[texts.cat.codes.to_numpy()], index=values.index, dtype=bool)


HASH_LENGTH = 32
"""Hexadecimal digits kept of a hash: 128 bits, so that two values of one hash are not to be expected."""
HASHED = re.compile(rf"h_[0-9a-f]{{{HASH_LENGTH}}}")
MASKED = "***"


def _hash(values: pd.Series, variable: str) -> pd.Series:
    """Puts a keyed hash in the place of each value: the same for the same value, and not to be guessed without the key.

    A value that is such a hash already stays, so that whoever sends rows may send hashes. The key is read from the environment
    variable that the argument names.

    Source: HMAC-SHA256, RFC 2104.
    """
    key = os.environ.get(variable, "").encode()
    if not key:
        fix = f"export {variable}=… with the key of training; without it no value can be hashed as it was."
        raise DataError(Problem(variable, f"the environment has no {variable}: the key of hashed columns.", fix))

    def hashed(text: str) -> str:
        if HASHED.fullmatch(text):
            return text
        return f"h_{hmac.new(key, text.encode(errors='surrogatepass'), hashlib.sha256).hexdigest()[:HASH_LENGTH]}"

    return _by_level(values, hashed)


def _mask(values: pd.Series, argument: str) -> pd.Series:
    """Hides each value, or with `mentions` what names a person inside it."""
    if argument != "mentions":
        return _by_level(values, lambda _: MASKED)
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _by_level(values, mask_text)
    masked = mask_texts(strip_texts(values)[0])
    return pd.Series(masked.to_numpy(zero_copy_only=False), index=values.index, dtype="str")


def _generalise(values: pd.Series, argument: str) -> pd.Series:
    """Leaves of each value only what many people share: the year, the place, the network, or the start."""
    if argument == "year":
        return _years(values)
    return _by_level(values, GENERAL[argument])


def _years(values: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.year.astype("float64")
    found = _by_level(values, lambda text: (re.findall(r"(?:18|19|20)\d{2}", text) or [MASKED])[0]).astype(object)
    return pd.Series(pd.to_numeric(found, errors="coerce").to_numpy(dtype="float64"), index=values.index)


def _place(text: str) -> str:
    """Gives the state of an American address, the province and city of a Chinese one.

    >>> _place("123 Main St, Springfield, IL 62704"), _place("湖南省长沙市芙蓉路12号"), _place("123 Main St")
    ('IL', '湖南省长沙市', '***')
    """
    if re.fullmatch(r"[A-Z]{2}", text):
        return text
    chinese = re.match(rf"[{HAN}]{{2,8}}?(?:省|自治区|市)(?:[{HAN}]{{1,8}}?[市州盟县])?", text)
    american = re.search(r"[, ]([A-Z]{2}) \d{5}(?:-\d{4})?$", text)
    return chinese.group() if chinese else american.group(1) if american else MASKED


def _network(text: str) -> str:
    """Gives the network of an IP address: /16 of version 4, /32 of version 6.

    >>> _network("203.0.113.77"), _network("2001:db8:1::5")
    ('203.0.0.0/16', '2001:db8::/32')
    """
    try:
        found = ipaddress.ip_address(text.partition("/")[0])
        return str(ipaddress.ip_network(f"{found}/{16 if found.version == 4 else 32}", strict=False))
    except ValueError:
        return MASKED


def _start(text: str) -> str:
    return text[:3]


GENERAL: Mapping[str, Callable[[str], str]] = {"place": _place, "network": _network, "start": _start}
"""What is left of a value, by the argument of `generalise`; besides them there is `year`."""


def _by_level(values: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Changes each different value once; gives categories. Numbers are written as whole numbers where they are."""
    texts, _ = strip_texts(values.cat.remove_unused_categories() if isinstance(values.dtype, pd.CategoricalDtype) else values)
    encoded = texts.dictionary_encode()
    changed = [change(text) for text in encoded.dictionary.to_pylist()]
    levels = sorted(set(changed))
    place = {level: code for code, level in enumerate(levels)}
    codes = np.array([*(place[text] for text in changed), -1], dtype="int64")
    where = encoded.indices.fill_null(len(changed)).to_numpy(zero_copy_only=False)
    return pd.Series(pd.Categorical.from_codes(codes[where], categories=pd.Index(levels, dtype="str")), index=values.index)


def _limits(argument: str) -> tuple[float, float]:
    low, _, high = argument.partition(",")
    return float(low), float(high)


def _clip(values: pd.Series, argument: str) -> pd.Series:
    """Puts numbers outside of `low,high` on the limit they exceed."""
    low, high = _limits(argument)
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    if not ((numbers < low) | (numbers > high)).any():
        return values
    clipped = np.clip(numbers, low, high)
    is_whole = pd.api.types.is_integer_dtype(values) and bool((clipped == np.floor(clipped)).all())
    return pd.Series(clipped.astype("int64") if is_whole else clipped, index=values.index)


def _out_of_range(values: pd.Series, argument: str) -> pd.Series:
    """Makes numbers outside of `low,high` missing."""
    low, high = _limits(argument)
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    is_out = (numbers < low) | (numbers > high)
    return pd.Series(np.where(is_out, np.nan, numbers), index=values.index) if is_out.any() else values


TREATMENTS: Mapping[str, Treatment] = {
    "missing": _missing,
    "missing_below": partial(_outside, is_below=True),
    "missing_above": partial(_outside, is_below=False),
    "missing_fractions": _fractions,
    "missing_unlisted": _unlisted,
    "missing_unlike": _unlike,
    "hash": _hash,
    "mask": _mask,
    "generalise": _generalise,
    "clip": _clip,
    "outside": _out_of_range,
}
"""Name to what it does, given the values and the argument."""
