"""Personal data is known by its values; business data is left alone."""

import re

import numpy as np
import pandas as pd
import pytest
from faker import Faker

from lepton_automl.data.personal import (
    count_mentions,
    find_personal,
    is_personal,
    mask_text,
    quoting_nobody,
    said_safely,
    shown_safely,
)

ROWS = 600


def people(locale, what, n=ROWS):
    fake = Faker(locale)
    fake.seed_instance(7)
    return [getattr(fake, what)() for _ in range(n)]


def kind_of(values, name="field_3"):
    found = find_personal(values if isinstance(values, pd.Series) else pd.Series(values, dtype="category"), name)
    return None if found is None else found.kind


def digits(texts):
    return pd.Series([int(re.sub(r"\D", "", re.sub(r"x.*", "", text))) for text in texts])


PERSONAL = {
    "email": "email",
    "name": "name",
    "first_name": "name",
    "last_name": "name",
    "phone_number": "phone",
    "address": "address",
    "street_address": "address",
    "credit_card_number": "card",
    "iban": "iban",
    "ipv4": "ip",
    "ipv6": "ip",
    "mac_address": "mac",
}


@pytest.mark.parametrize("locale", ["en_US", "zh_CN"])
@pytest.mark.parametrize(("what", "kind"), PERSONAL.items(), ids=PERSONAL)
def test_a_column_is_known_by_its_values_under_a_name_that_says_nothing(locale, what, kind):
    assert kind_of(people(locale, what)) == kind


@pytest.mark.parametrize(("locale", "kind"), [("en_US", "ssn"), ("zh_CN", "resident_id")])
def test_numbers_of_the_state_are_known(locale, kind):
    assert kind_of(people(locale, "ssn")) == kind


@pytest.mark.parametrize("what", ["name", "first_name", "last_name", "address", "phone_number", "email"])
def test_a_column_may_hold_english_and_chinese_people(what):
    mixed = [value for pair in zip(people("en_US", what), people("zh_CN", what), strict=True) for value in pair]
    assert kind_of(mixed) == PERSONAL[what]


@pytest.mark.parametrize(
    ("locale", "what", "kind"),
    [
        ("en_US", "phone_number", "phone"),
        ("zh_CN", "phone_number", "phone"),
        ("en_US", "ssn", "ssn"),
        ("en_US", "credit_card_number", "card"),
    ],
)
def test_numbers_that_were_read_as_numbers_are_known(locale, what, kind):
    values = digits(people(locale, what))
    assert kind_of(values) == kind
    assert kind_of(values.astype("float64").where(values.index % 9 > 0)) == kind


@pytest.mark.parametrize("locale", ["en_US", "zh_CN"])
@pytest.mark.parametrize("what", ["city", "company", "job", "country", "color_name", "word", "bs", "catch_phrase", "file_name"])
def test_words_of_business_are_not_personal(locale, what):
    assert kind_of(people(locale, what)) is None


BUSINESS = {
    "order numbers of 8 digits": lambda rng: rng.integers(10**7, 10**8, ROWS),
    "order numbers of 9 digits": lambda rng: rng.integers(10**8, 10**9, ROWS),
    "order numbers of 10 digits": lambda rng: rng.integers(10**9, 10**10, ROWS),
    "order numbers of 11 digits": lambda rng: rng.integers(10**10, 10**11, ROWS),
    "order numbers of 16 digits": lambda rng: rng.integers(10**15, 9 * 10**15, ROWS),
    "order numbers in a row": lambda rng: np.arange(13_900_000_000, 13_900_000_000 + ROWS),
    "seconds since 1970": lambda rng: 1_700_000_000 + rng.integers(0, 10**8, ROWS),
    "amounts": lambda rng: np.round(rng.lognormal(10, 1, ROWS), 2),
    "whole amounts": lambda rng: (rng.lognormal(14, 2, ROWS)).astype("int64"),
    "product codes": lambda rng: [f"AB-{x}" for x in rng.integers(1000, 9999, ROWS)],
    "versions": lambda rng: [f"{a}.{b}.{c}.{d}" for a, b, c, d in rng.integers(0, 20, (ROWS, 4))],
    "postcodes": lambda rng: [f"{x:05d}" for x in rng.integers(501, 99950, ROWS)],
    "brands": lambda rng: rng.choice(["Ford", "Dodge", "Lincoln", "Mercedes", "Kia", "Seat"], ROWS),
    "states": lambda rng: rng.choice(["Virginia", "Georgia", "Carolina", "Dakota", "Washington"], ROWS),
    "provinces": lambda rng: rng.choice(["黄山", "武汉", "江苏", "安徽", "陕西", "广东", "常州", "金华"], ROWS),
    "moments": lambda rng: pd.Series(pd.Timestamp("1990-01-01") + pd.to_timedelta(rng.integers(0, 9999, ROWS), "D")),
    "nothing": lambda rng: pd.Series([None] * ROWS, dtype="str"),
}


@pytest.mark.parametrize("make", BUSINESS.values(), ids=BUSINESS)
def test_numbers_and_codes_of_business_are_not_personal(make):
    values = make(np.random.default_rng(5))
    values = values if isinstance(values, pd.Series) else pd.Series(values)
    assert kind_of(values) is None
    assert kind_of(values.astype("str").astype("category")) is None


def test_the_name_of_a_column_helps_where_values_alone_do_not_tell():
    days = pd.Series(pd.date_range("1950-01-01", periods=300, freq="40D"))
    assert (kind_of(days, "customer_birth_date"), kind_of(days, "opened")) == ("birth_date", None)
    assert kind_of(days + pd.DateOffset(years=80), "dob") is None
    codes = pd.Series(np.random.default_rng(0).integers(10000, 99999, 50)).astype("str").astype("category")
    assert (kind_of(codes, "zip_code"), kind_of(codes, "code")) == ("postcode", None)


def test_a_large_column_is_sampled_and_says_so():
    values = pd.Series([f"person{i}@example.com" for i in range(20_000)], dtype="category")
    found = find_personal(values, "x")
    assert (found.kind, found.share, found.is_sample, found.looked_at) == ("email", 1.0, True, 5000)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ann.lee@acme.com today", "write to [email] today"),
        ("Please call (415) 555-2671.", "Please call [phone]."),
        ("ring +44 20 7946 0958 now", "ring [phone] now"),
        ("card 4111 1111 1111 1111 declined", "card [card] declined"),
        ("order 4111 1111 1111 1112 sent", "order 4111 1111 1111 1112 sent"),
        ("to GB82 WEST 1234 5698 7654 32 please", "to [iban] please"),
        ("SSN 078-05-1120 on file", "SSN [ssn] on file"),
        ("from 203.0.113.77 at noon", "from [ip] at noon"),
        ("release 1.2.0.11 is out", "release 1.2.0.11 is out"),
        ("met Mrs. Quackenbush", "met Mrs. [name]"),
        ("James Smith complained", "[name] complained"),
        ("North Carolina and New York", "North Carolina and New York"),
        ("lives at 12 Oak Street, Springfield, IL 62704", "lives at [address]"),
        ("客户：张伟，电话13812345678", "客户：[name]，电话[phone]"),
        ("身份证11010519491231002X", "身份证[resident_id]"),
        ("请王先生回电010-62345678", "请[name]先生回电[phone]"),
        ("寄到北京市朝阳区建国路88号", "寄到[address]"),
        ("房间很好，服务员很热情，下次还来", "房间很好，服务员很热情，下次还来"),
        ("the parcel 2024-11-05 weighs 12.5 kg", "the parcel 2024-11-05 weighs 12.5 kg"),
        ("1234567890123", "1234567890123"),
    ],
)
def test_mentions_inside_text_are_replaced_by_a_mark_and_the_rest_stays(text, masked):
    assert mask_text(text) == masked


def test_mentions_are_counted_by_rows():
    values = pd.Series(["a@b.com", "x", "a@b.com", None, "call 415-555-2671"], dtype="category")
    assert count_mentions(values) == ({"email": 2, "phone": 1}, 3, 0)
    assert count_mentions(values.astype("str")) == ({"email": 2, "phone": 1}, 3, 0)


def test_a_raw_column_is_personal_as_a_whole_or_by_a_mention():
    assert is_personal(pd.Series(["write to a@b.com", "no"]), "note")
    assert not is_personal(pd.Series(["red", "green"]), "colour")
    assert not is_personal(pd.Series([{"a": 1}, [2]], dtype="object"), "odd")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("a@b.com", "[email]"), ("13812345678", "[phone]"), ("Jane Miller", "[name]"), ("yes", "yes"), (3.5, "3.5")],
)
def test_a_value_in_a_message_is_shown_only_where_it_names_nobody(value, shown):
    assert shown_safely(value) == shown


def test_rows_with_several_mentions_are_counted_once():
    texts = pd.Series(["call 415-555-2671 or write to a@b.com", "write to c@d.com", "nothing here", "call 415-555-2672"])
    assert count_mentions(texts) == ({"phone": 2, "email": 2}, 3, 0)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Could not convert string 'Ann' to INT32", "Could not convert string '[value]' to INT32"),
        ('invalid input syntax for type integer: "Zora"', 'invalid input syntax for type integer: "[value]"'),
        ("{'a': '王伟芳', 'b': 'vip'}", "{'a': '[name]', 'b': 'vip'}"),
        ("no such column: 'amount' of 2026-11-25, got 12345 rows", "no such column: 'amount' of 2026-11-25, got 12345 rows"),
    ],
)
def test_an_error_is_told_without_what_it_quotes_of_people(said, told):
    assert said_safely(ValueError(said)) == told


def test_an_error_keeps_its_name_and_trace_and_loses_texts_people_and_what_it_arose_from():
    with pytest.raises(Exception, match="can not read") as caught, quoting_nobody(lambda: ["the mayor's dog barks", "", "can"]):
        try:
            int("ann@acme.com")
        except ValueError as error:
            raise KeyError("can not read: the mayor's dog barks, of bob@acme.com") from error
    assert type(caught.value).__name__ == "KeyError"
    assert str(caught.value) == '"can not read: [text], of [email]"'
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert caught.traceback[-1].name.startswith("test_an_error_keeps")


def test_what_memory_ran_out_for_is_not_rewritten():
    with pytest.raises(MemoryError), quoting_nobody():
        raise MemoryError
