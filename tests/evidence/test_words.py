"""Words of a text: their effects add up, and those that matter are found."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.evidence.explaining import Piece, common_words, pieces_of, word_effects

WEIGHTS = {"good": 2.0, "bad": -3.0, "not": 0.0}


def score(frame):
    """Adds up the weights of the words; “not” turns what follows around, and a missing text is 0."""
    values = []
    for text in frame["text"]:
        words = [] if pd.isna(text) else text.split()
        value = sum(WEIGHTS.get(word, 0.0) for word in words)
        values.append(-value if "not" in words else value)
    return np.column_stack([-np.array(values), values])


def rows(*texts):
    return pd.DataFrame({"text": pd.array(list(texts), dtype="str"), "other": np.arange(len(texts))})


def test_what_words_add_on_their_own_is_their_effect():
    (pieces,) = word_effects(score, rows("a good day and a bad night"), "text", np.array([1]), 0)

    effects = {piece.text.strip(): piece.effect for piece in pieces}
    assert effects["good"] == pytest.approx(2) and effects["bad"] == pytest.approx(-3)
    assert effects["day"] == effects["night"] == 0
    assert "".join(piece.text for piece in pieces) == "a good day and a bad night"


def test_effects_of_each_row_add_up_to_its_prediction_less_that_without_the_text():
    table = rows("not good", "bad " * 100, "", None, "下雨 good")
    found = word_effects(score, table, "text", np.array([1, 1, 1, 1, 0]), 3)

    told = score(table)[np.arange(5), [1, 1, 1, 1, 0]]
    assert [sum(piece.effect for piece in pieces) for pieces in found] == pytest.approx(told)
    assert len(found[1]) == 40 and found[2] == found[3] == ()
    assert found[0][0].effect == pytest.approx(-2) and found[0][1].effect == pytest.approx(0), (
        "both share what they do together"
    )


def test_a_row_is_told_the_same_whatever_rows_are_beside_it():
    alone = word_effects(score, rows("not good bad"), "text", np.array([1]), 5)
    beside = word_effects(score, rows("bad bad", "not good bad"), "text", np.array([1, 1]), 5)

    assert alone[0] == beside[1]


def test_only_words_that_many_training_rows_hold_are_named():
    pieces = [("yes", (Piece("Secret ", 9.0), Piece("rain, ", 2.0))), ("yes", (Piece("rain", 4.0), Piece("two words", 5.0)))]
    train = pd.Series(["Rain today"] * 10 + ["secret"] * 9 + [None])

    assert common_words(pieces, train, 10) == [{"of": "yes", "word": "rain", "effect": 3.0, "n": 2}]


def test_pieces_joined_are_the_text():
    for text in ("x", "a  b\tc", "今天 天气 good", "w " * 500):
        assert "".join(pieces_of(text)) == text.strip()
