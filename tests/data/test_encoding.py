"""Files that are not UTF-8."""

import pytest

from lepton_automl.errors import DataError

WESTERN = "name,city\nFrançois,Orléans\nHélène,Béziers\nJosé,Málaga\n"
CHINESE = "城市,评论\n北京,房间很干净服务很好\n上海,早餐一般位置不错\n广州,下次还会再来的\n"


@pytest.mark.parametrize(
    ("text", "encoding", "note"),
    [
        pytest.param(WESTERN, "cp1252", "read as cp1252", id="cp1252"),
        pytest.param("item;price\npen;5 €\nbook;7 €\n", "cp1252", "read as cp1252", id="the euro sign of cp1252"),
        pytest.param(CHINESE, "gb18030", "read as gb18030", id="gb18030"),
        pytest.param(WESTERN, "utf-16", "a byte-order mark says utf-16", id="utf-16"),
        pytest.param(WESTERN, "utf-16-le", "read as utf-16-le", id="utf-16 without a mark"),
        pytest.param(WESTERN, "utf-16-be", "read as utf-16-be", id="utf-16 the other way round"),
        pytest.param(WESTERN, "utf-32", "a byte-order mark says utf-32", id="utf-32"),
        pytest.param(WESTERN, "utf-8-sig", "a byte-order mark says utf-8", id="utf-8 with a mark"),
    ],
)
def test_the_encoding_is_found_and_noted(csv, text, encoding, note):
    plain = csv(text)

    found = csv(text.encode(encoding))

    assert found.data.names == plain.data.names
    assert found.data.fingerprint == plain.data.fingerprint
    (entry,) = [entry for entry in found.entries if entry.code == "LOAD001"]
    assert note in entry.note


def test_the_first_odd_byte_may_be_far_down(csv):
    table = csv(("a,b\n" + "1,plain\n" * 60_000 + "2,Ünal\n").encode("cp1252"))

    assert table.values("b")[-1] == "Ünal"


def test_a_few_broken_bytes_do_not_spoil_a_utf8_file_and_are_counted(csv):
    text = "name,n\n" + "".join(f"Gödel {i},{i}\n" for i in range(50))

    table = csv(text.encode() + b"br\xffken,1\n")

    assert table.values("name")[0] == "Gödel 0" and table.values("name")[-1] == "br\ufffdken"
    assert ("LOAD009", "", 1) in table.counts()


def test_an_encoding_given_is_used(csv):
    assert csv("name,n\nŁukasz,1\n".encode("cp1250"), encoding="cp1250").values("name") == ["Łukasz"]


@pytest.mark.parametrize("encoding", ["utf-8", "klingon"])
def test_an_encoding_that_does_not_fit_is_refused(csv, encoding):
    with pytest.raises(DataError, match=rf"data\.source\.encoding +.*table\.csv is not {encoding}: .*Set another encoding"):
        csv(WESTERN.encode("cp1252"), encoding=encoding)
