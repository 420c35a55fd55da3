"""Texts and phrases become topics, and what a linear model reads of the target in them."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind
from lepton_automl.features import FeatureOptions, Learning, Needs, count_phrases, learn_prepared
from lepton_automl.features.reading import ReadingStep
from lepton_automl.features.svd import SvdStep, is_phrase
from lepton_automl.features.target import INNER_FOLDS, Aim
from lepton_automl.testing import table

RANKS = {"Junior": 1.0, "Senior": 3.0, "Chief": 9.0}
TRADES = {"Bus Operator": 2.0, "Police Officer": 4.0, "Records Clerk": 1.0, "Fire Captain": 6.0}


def titles(n=400, seed=0):
    """Titles of a rank, a trade and a number, nearly all different, and the pay that follows from rank and trade."""
    rng = np.random.default_rng(seed)
    ranks, trades = rng.choice(list(RANKS), n), rng.choice(list(TRADES), n)
    names = [f"{rank} {trade} {rng.integers(0, 99)}" for rank, trade in zip(ranks, trades, strict=True)]
    pay = np.array([RANKS[rank] * TRADES[trade] for rank, trade in zip(ranks, trades, strict=True)])
    return pd.DataFrame({"title": pd.Categorical(names)}), pay + 0.1 * rng.normal(size=n)


def read(frame, y, width=1, inner=None):
    inner = np.arange(len(y)) % INNER_FOLDS if inner is None else inner
    return ReadingStep.learn(frame, ["title"], 2, Aim.of(y, width, None, inner), seed=0)


def test_a_reading_of_titles_never_seen_follows_the_target():
    frame, y = titles()
    later, truth = titles(200, seed=5)
    step, _ = read(frame, y)
    assert step.names == ("target read in title",)
    assert np.corrcoef(step.apply(later, None)[:, 0], truth)[0, 1] > 0.9


def test_no_row_is_read_with_its_own_target():
    frame, y = titles()
    _, before = read(frame, y)
    for row in (0, 123, 399):
        other = y.copy()
        other[row] += 1000.0
        _, after = read(frame, other)
        assert np.array_equal(after[row], before[row])
        assert not np.array_equal(after, before)


def test_shuffled_targets_are_not_read_in_training_rows():
    rng = np.random.default_rng(1)
    found = []
    for seed in range(8):
        frame, _ = titles(300, seed)
        y = rng.normal(size=300)
        _, block = read(frame, y, inner=rng.permutation(300) % INNER_FOLDS)
        found.append(np.corrcoef(block[:, 0], y)[0, 1])
    assert abs(np.mean(found)) < 0.1


def test_each_class_is_read_on_its_own():
    frame, y = titles()
    classes = np.digitize(y, [3.0, 12.0])
    step, block = read(frame, classes, width=3)
    assert step.names == tuple(f"target of class {code} read in title" for code in range(3))
    assert (block.argmax(axis=1) == classes).mean() > 0.8


def test_a_missing_text_holds_no_term():
    frame, y = titles()
    step, _ = read(frame, y)
    found = step.apply(pd.DataFrame({"title": pd.Series([None, "xyzzy"], dtype="object")}), None)
    assert found[0] == pytest.approx(step.bias, rel=1e-5)
    assert np.isfinite(found).all()


def test_texts_without_any_term_are_not_read():
    frame = pd.DataFrame({"title": pd.Categorical(["", " ", ""])})
    assert read(frame, np.arange(3.0)) is None


def test_several_texts_are_read_together():
    frame, y = titles()
    frame["note"] = pd.Series(["late shift", "early shift"] * 200, dtype="str")
    step, _ = ReadingStep.learn(frame, ["title", "note"], 1, Aim.of(y + [5, 0] * 200, 1, None, np.arange(400) % 5), seed=0)
    late, early = step.apply(
        pd.DataFrame({"title": ["Senior Bus Operator 7"] * 2, "note": ["late shift", "early shift"]}), None
    )
    assert step.names == ("target read in title, note",) and step.sources == ("title",)
    assert float(late[0] - early[0]) == pytest.approx(5, abs=1.0)


def test_two_topics_of_phrases_are_found():
    kinds = [["red apple pie", "apple tart red", "sweet apple pie"], ["steel pipe bolt", "bolt and pipe", "steel bolt nut"]]
    frame = pd.DataFrame({"item": [kinds[i % 2][i % 3] for i in range(60)]})
    step = SvdStep.learn(frame, "item", 2, 1, seed=0)
    found = step.apply(frame, None)
    assert step.names == ("item topic 1", "item topic 2")
    is_fruit = np.arange(60) % 2 == 0
    assert (np.abs(found[is_fruit]).argmax(axis=1) != np.abs(found[~is_fruit]).argmax(axis=1)).all()


def test_a_missing_text_has_no_topic():
    step = SvdStep.learn(pd.DataFrame({"item": ["red pie", "red nut", "blue nut", "blue pie"]}), "item", 2, 1, seed=0)
    assert np.isnan(step.apply(pd.DataFrame({"item": pd.Series([None], dtype="object")}), None)).all()


def test_categories_of_many_levels_of_several_words_are_phrases():
    frame, _ = titles(900)
    assert is_phrase(frame["title"])
    assert not is_phrase(pd.Series([f"c{i}" for i in range(400)], dtype="category"))
    assert not is_phrase(pd.Series(["New York", "San Jose"] * 40, dtype="category"))
    unused = frame["title"].iloc[:10]
    assert len(unused.cat.categories) > 50 and not is_phrase(unused)
    assert count_phrases(table(kinds={"note": Kind.TEXT}, title=frame["title"], note=["a"] * 900, a=np.arange(900.0))) == 2


@pytest.mark.parametrize(("text_target", "expected"), [(True, ["target read in title"]), (False, [])])
def test_reading_is_left_out_where_the_recipe_says_so(text_target, expected):
    frame, y = titles()
    data = table(title=frame["title"])
    options = FeatureOptions(text_target=text_target, text_topics=0)
    _, prepared = learn_prepared(Learning(data, y, 1, Needs(text="target"), options))
    assert [name for name in prepared.names if "read" in name] == expected
