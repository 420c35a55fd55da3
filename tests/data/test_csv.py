"""CSV files as people write them."""

import pytest

from lepton_automl.errors import DataError


def test_text_that_reads_as_numbers_becomes_numbers_and_whole_ones_stay_whole(csv):
    table = csv("n,x,y\n1,0.5,a\n2,,b\n3,1e3,a\n")

    assert table.values("n") == [1, 2, 3] and str(table.data.values("n").dtype) == "int64"
    assert table.values("x") == [0.5, None, 1000.0]
    assert table.values("y") == ["a", "b", "a"]
    assert table.reason("x") == "its text reads as numbers"
    assert table.counts() == []


def test_the_ledger_says_how_many_rows_were_read(csv):
    (entry,) = csv("a,b\n1,2\n3,4\n").entries

    assert (entry.code, entry.effect, entry.count) == ("LOAD002", "rows read", 2)


@pytest.mark.parametrize(
    ("cells", "numbers", "rewritten"),
    [
        pytest.param(["$1,234.50", "$7", "-$3.5"], [1234.5, 7, -3.5], 3, id="currency and thousands marks"),
        pytest.param(["1.234,50", "7,25", "3"], [1234.5, 7.25, 3], 2, id="decimal comma"),
        pytest.param(["1 234,5 €", "7 €", "12"], [1234.5, 7, 12], 2, id="blank as thousands mark, currency behind"),
        pytest.param(["1\u202f234", "1\u00a0000", "5"], [1234, 1000, 5], 2, id="narrow and no-break blanks"),
        pytest.param(["12'500.5", "3'000", "1"], [12500.5, 3000, 1], 2, id="apostrophe"),
        pytest.param(["12%", "3.5 %", "4"], [12, 3.5, 4], 2, id="percent"),
        pytest.param(["(1,000)", "250", "-3"], [-1000, 250, -3], 1, id="accounting brackets"),
        pytest.param(["USD 5", "7 EUR", "9"], [5, 7, 9], 2, id="currency codes"),
        pytest.param(["\u22125", "+4", "1"], [-5, 4, 1], 1, id="minus sign of typesetters"),
        pytest.param([" 5", "6 ", "7"], [5, 6, 7], 0, id="blanks around"),
    ],
)
def test_numbers_with_marks_are_read_and_those_rewritten_are_counted(csv, cells, numbers, rewritten):
    table = csv("row,value\n" + "".join(f'{i},"{cell}"\n' for i, cell in enumerate(cells)))

    assert table.values("value") == numbers
    assert table.counts() == ([("LOAD024", "value", rewritten)] if rewritten else [])


def test_a_thousands_mark_at_the_wrong_place_is_no_number(csv):
    table = csv('a,b\n"1,23,4",1\n"2,34",2\n"x",3\n')

    assert table.kind("a") == "category"


def test_words_for_missing_become_missing_and_are_counted(csv):
    table = csv("age,city\n31,Rome\n?,N/A\nNA,\n 40 ,  \n")

    assert table.values("age") == [31, None, None, 40]
    assert table.values("city") == ["Rome", None, None, None]
    assert table.counts() == [("LOAD021", "age", 2), ("LOAD021", "city", 2)]


def test_a_few_values_that_are_no_numbers_become_missing_and_are_counted(csv):
    table = csv("a,b\n" + "".join(f"{i}.5,x\n" for i in range(98)) + "unknown,x\nabout 7,x\n")

    assert table.kind("a") == "number"
    assert table.values("a")[-3:] == [97.5, None, None]
    assert table.counts() == [("LOAD022", "a", 2)]


def test_many_values_that_are_no_numbers_leave_a_category(csv):
    table = csv("a,b\n" + "1,x\n2,y\n" * 9 + "low,x\nhigh,y\n")

    assert table.kind("a") == "category" and table.counts() == []


def test_the_recipe_can_force_a_number_and_sees_what_it_costs(csv):
    from lepton_automl.data import Kind

    table = csv("a,b\n1,x\nlow,y\nhigh,z\n", kinds={"a": Kind.NUMBER})

    assert table.values("a") == [1, None, None] and table.reason("a") == "the recipe says so"
    assert table.counts() == [("LOAD029", "a", 3), ("LOAD022", "a", 2)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        pytest.param(["02139", "10001", "94110"], "numbers with leading zeros are codes", id="postal codes"),
        pytest.param(["007", "12", "0045"], "numbers with leading zeros are codes", id="of several widths"),
        pytest.param(
            ["4111111111111111", "4000056655665556"], "whole numbers of 16 and more digits are codes", id="card numbers"
        ),
        pytest.param(
            [*map(str, range(536370, 536420)), "C536379"], "codes of 6 digits, some with letters", id="a letter before"
        ),
        pytest.param([*map(str, range(22700, 22790)), "85123A"], "codes of 5 digits, some with letters", id="a letter behind"),
    ],
)
def test_codes_of_digits_stay_categories_and_lose_nothing(csv, cells, reason):
    table = csv("code,b\n" + "".join(f"{cell},x\n" for cell in cells))

    assert table.kind("code") == "category" and table.reason("code") == reason
    assert table.values("code") == cells


def test_ages_with_a_unit_here_and_there_are_still_numbers(csv):
    table = csv("age,b\n" + "".join(f"{i},x\n" for i in range(20, 60)) + "41yrs,x\n")

    assert table.kind("age") == "number" and table.counts() == [("LOAD022", "age", 1)]


def test_infinite_values_become_missing_and_are_counted(csv):
    table = csv("a,b\n1.5,x\ninf,y\n-Infinity,z\n1e999,w\n2,v\n")

    assert table.values("a") == [1.5, None, None, None, 2]
    assert table.counts() == [("LOAD023", "a", 3)]


def test_true_and_false_in_any_spelling_are_truth_values(csv):
    table = csv("a,b\nTrue,x\nFALSE,y\ntrue,z\n,w\n")

    assert table.kind("a") == "boolean" and table.values("a") == [1, 0, 1, None]


def test_yes_and_no_are_truth_values_when_the_recipe_says_so_and_others_are_unreadable(csv):
    from lepton_automl.data import Kind

    table = csv("a,b\nYes,x\nno,y\nmaybe,z\n", kinds={"a": Kind.BOOLEAN})

    assert table.values("a") == [1, 0, None] and table.counts() == [("LOAD029", "a", 3), ("LOAD022", "a", 1)]


def test_blanks_around_text_go_and_are_counted(csv):
    table = csv("a,b\nred ,1\nred,2\n blue,3\n")

    assert table.values("a") == ["red", "red", "blue"] and table.counts() == [("LOAD026", "a", 2)]


def test_sentences_are_text_and_repeated_ones_a_category(csv):
    said = ["the room was clean and quiet", "we will not come back here", "breakfast was cold and late"]
    table = csv("said,often\n" + "".join(f"{one} {i},out of stock again\n" for i in range(4) for one in said))

    assert table.kind("said") == "text" and "words a value" in table.reason("said")
    assert table.kind("often") == "category"


def test_chinese_sentences_are_text_too(csv):
    table = csv("said,n\n房间很干净服务很好,1\n早餐一般位置不错,2\n下次还会再来住的,3\n")

    assert table.kind("said") == "text"


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
def test_the_separator_is_found(csv, separator):
    table = csv("name,price\nanna,1\nbert,2\n".replace(",", separator))

    assert table.data.names == ["name", "price"] and table.values("price") == [1, 2]


def test_a_semicolon_file_with_decimal_commas_is_read(csv):
    assert csv("a;b\n1,5;x\n2,25;y\n").values("a") == [1.5, 2.25]


def test_a_separator_given_is_used(csv):
    assert csv("a:b\n1:2\n", separator=":").values("b") == [2]


def test_a_separator_of_two_characters_is_refused(csv):
    with pytest.raises(DataError, match=r"data\.source\.separator +must be one plain character, got '::'"):
        csv("a::b\n1::2\n", separator="::")


def test_a_file_of_one_column_keeps_its_blank_lines_as_missing_values(csv):
    table = csv("price\n1\n\n3\n\n\n")

    assert table.values("price") == [1, None, 3]


def test_newlines_and_separators_within_quotes_belong_to_the_value(csv):
    table = csv('a,b\n"x\ny",1\n"p,q",2\n"say ""hi""",3\n')

    assert table.values("a") == ["x\ny", "p,q", 'say "hi"']


def test_a_quotation_mark_that_is_never_closed_is_refused_with_its_line(csv):
    with pytest.raises(DataError, match=r"table\.csv opens a quotation mark near line 3 that is never closed"):
        csv('a,b\n1,2\n3,"x\n4,5\n6,7\n')


def test_a_quotation_mark_within_a_cell_is_only_a_character(csv):
    assert csv('a,b\n1,5" pipe\n2,6\n3,7\n').values("b")[0] == '5" pipe'


def test_rows_with_too_many_or_too_few_cells_are_dropped_and_rows_add_up(csv):
    table = csv("a,b\n1,2\n3,4,5\n6\n7,8\n")

    (entry,) = [entry for entry in table.entries if entry.code == "LOAD003"]
    assert table.values("a") == [1, 7]
    assert (entry.effect, entry.count, entry.rows_before, entry.rows_after) == ("rows dropped", 2, 4, 2)
    assert entry.note == "cells found: 1, 3; the header has 2"


def test_ragged_rows_are_an_error_if_the_recipe_says_so(csv):
    with pytest.raises(DataError, match=r"1 of 2 rows of .* have another number of cells \(3\) than the header \(2\)"):
        csv("a,b\n1,2\n3,4,5\n", ragged_rows="error")


def test_a_file_of_which_no_row_fits_the_header_is_refused(csv):
    with pytest.raises(DataError, match=r"all rows of .* have another number of cells \(3\) than the header \(2\)"):
        csv("a,b\nr1,1,2\nr2,3,4\n")


@pytest.mark.parametrize("content", ["a,b\n", "a,b"])
def test_a_file_with_only_a_header_has_no_rows(csv, content):
    with pytest.raises(DataError, match=r"data\.source\.path +.*table\.csv has no rows"):
        csv(content)


@pytest.mark.parametrize("content", ["", "\n\n", "   "])
def test_an_empty_file_is_refused(csv, content):
    with pytest.raises(DataError, match=r"table\.csv is empty"):
        csv(content)


def test_a_parquet_file_that_is_called_csv_is_refused_with_its_kind(csv):
    with pytest.raises(DataError, match=r"is not CSV but parquet.*Set data\.source\.kind: parquet"):
        csv(b"PAR1\x00\x00")
