"""A preparation is learned on training rows, kept as data, and takes what later tables bring."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from lepton_automl.data import Kind
from lepton_automl.features import FeatureOptions, Learning, Needs, Preparation, learn_preparation, learn_prepared
from lepton_automl.models import MODELS, pack_arrays, unpack_arrays
from lepton_automl.testing import table

WORDS = ["good work", "poor work done", "done", "very good", "work and more work"]
NEEDS = {
    "codes, missing kept": Needs(),
    "codes, filled": Needs(missing="fill"),
    "one-hot, scaled, terms": Needs(category="onehot", missing="fill", scale=True, text="tfidf"),
    "scaled, missing kept": Needs(scale=True),
}
OF_TARGET = {
    "all that is made": Needs("target", text="target", made=True),
    "all that is made, filled": Needs("target", "fill", True, "target", True),
    "one-hot and made, scaled": Needs("onehot", "fill", True, "tfidf", True),
    "topics": Needs(text="topics"),
}


def mixed(n=40, seed=0):
    rng = np.random.default_rng(seed)
    return table(
        kinds={"note": Kind.TEXT},
        amount=pd.Series(rng.normal(size=n)).where(rng.random(n) > 0.2),
        count=rng.integers(0, 9, n),
        is_new=rng.random(n) > 0.5,
        city=pd.Series(rng.choice(list("abc"), n)).where(rng.random(n) > 0.1),
        since=pd.Timestamp("2021-03-01 05:00") + pd.to_timedelta(rng.integers(0, 9999, n), unit="h"),
        note=[WORDS[i] for i in rng.integers(0, 5, n)],
    )


def learn(data, needs, history=None):
    return learn_preparation(data, needs, FeatureOptions(), history)


def learn_of_target(data, needs, width=1):
    rng = np.random.default_rng(3)
    amount = data.frame["amount"].fillna(0.0).to_numpy()
    score = amount * data.frame["count"].to_numpy() + 3.0 * data.frame["note"].str.contains("good").to_numpy()
    y = score + 0.1 * rng.normal(size=len(data)) if width == 1 else np.digitize(score, [0.0, 3.0][: width - 1])
    options = FeatureOptions(target_min_levels=2)
    return learn_prepared(Learning(data, y, width, needs, options))


def stored(preparation):
    meta, arrays = preparation.state()
    return Preparation.load(json.loads(json.dumps(meta)), unpack_arrays(pack_arrays(arrays)))


def dense(prepared):
    return prepared.X.toarray() if sparse.issparse(prepared.X) else prepared.X


@pytest.mark.parametrize("needs", NEEDS.values(), ids=NEEDS)
def test_a_preparation_is_exactly_the_same_once_stored_and_loaded(needs):
    data, later = mixed(), mixed(seed=9)
    preparation = learn(data, needs)

    loaded = stored(preparation)

    assert json.dumps(loaded.state()[0]) == json.dumps(preparation.state()[0])
    for name, array in preparation.state()[1].items():
        assert np.array_equal(array, loaded.state()[1][name], equal_nan=True) and array.dtype == loaded.state()[1][name].dtype
    before, after = preparation.apply(later.frame), loaded.apply(later.frame)
    assert np.array_equal(dense(before), dense(after), equal_nan=True)
    assert (before.names, before.sources, before.categorical, before.levels) == (
        after.names,
        after.sources,
        after.categorical,
        after.levels,
    )


@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("needs", OF_TARGET.values(), ids=OF_TARGET)
def test_what_is_made_of_the_target_is_the_same_once_stored_and_loaded(needs, width):
    data, later = mixed(600), mixed(seed=9)
    preparation, own = learn_of_target(data, needs, width)

    loaded = stored(preparation)

    assert json.dumps(loaded.state()[0]) == json.dumps(preparation.state()[0])
    before, after = preparation.apply(later.frame), loaded.apply(later.frame)
    assert np.array_equal(dense(before), dense(after), equal_nan=True)
    assert before.names == after.names == own.names and len(set(own.names)) == len(own.names)
    assert dense(own).shape == (600, len(own.names)) and dense(own).dtype == np.float32
    assert needs.missing == "keep" or np.isfinite(dense(own)).all()


@pytest.mark.parametrize("needs", OF_TARGET.values(), ids=OF_TARGET)
def test_only_what_knows_the_target_differs_between_training_rows_and_new_ones(needs):
    data = mixed(600)
    preparation, own = learn_of_target(data, needs)
    again = preparation.apply(data.frame)
    differs = [
        name for i, name in enumerate(own.names) if not np.array_equal(dense(own)[:, i], dense(again)[:, i], equal_nan=True)
    ]
    assert all("target by" in name or "target read in" in name for name in differs)
    assert bool(differs) == ("target" in (needs.category, needs.text))


@pytest.mark.parametrize("needs", OF_TARGET.values(), ids=OF_TARGET)
def test_what_is_made_takes_rows_alone_and_no_row_at_all(needs):
    data = mixed(600)
    preparation, _ = learn_of_target(data, needs)
    whole = dense(preparation.apply(data.frame))
    for row in (0, 599):
        alone = dense(preparation.apply(data.frame.iloc[[row]].reset_index(drop=True)))
        assert np.allclose(alone[0], whole[row], rtol=1e-5, atol=1e-6, equal_nan=True)
    assert preparation.apply(data.frame.iloc[:0]).X.shape == (0, whole.shape[1])


@pytest.mark.parametrize("needs", NEEDS.values(), ids=NEEDS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_rows_outside_of_training_never_change_what_is_learned(needs, seed):
    train, others = mixed(30, seed=1), mixed(30, seed=seed)
    frame = pd.concat([train.frame, others.frame], ignore_index=True)
    frame["city"] = frame["city"].astype("category")
    whole = type(train)(frame, train.columns, np.arange(60))

    alone, beside = learn(train, needs).state(), learn(whole.rows(np.arange(30)), needs).state()

    assert json.dumps(alone[0]) == json.dumps(beside[0])
    assert all(np.array_equal(array, beside[1][name], equal_nan=True) for name, array in alone[1].items())


@pytest.mark.parametrize("needs", NEEDS.values(), ids=NEEDS)
def test_a_row_is_prepared_alone_as_it_is_among_others(needs):
    data = mixed()
    preparation = learn(data, needs)
    whole = dense(preparation.apply(data.frame))
    for row in (0, 7, 39):
        alone = dense(preparation.apply(data.frame.iloc[[row]].reset_index(drop=True)))
        assert np.array_equal(alone[0], whole[row], equal_nan=True)


@pytest.mark.parametrize("needs", NEEDS.values(), ids=NEEDS)
def test_columns_names_sources_and_types_agree(needs):
    data = mixed()
    prepared = learn(data, needs).apply(data.frame)
    assert prepared.X.shape == (40, len(prepared.names)) == (len(prepared), len(prepared.sources))
    assert prepared.X.dtype == np.float32
    assert set(prepared.sources) <= set(data.names)
    assert len(set(prepared.names)) == len(prepared.names)


def test_no_row_at_all_is_prepared_to_no_row():
    data = mixed()
    for needs in NEEDS.values():
        assert learn(data, needs).apply(data.frame.iloc[:0]).X.shape[0] == 0


def test_numbers_are_filled_with_the_median_and_flagged():
    data = table(a=[1.0, 2.0, np.nan, 9.0], b=[5.0, 5.0, 5.0, 5.0])
    prepared = learn(data, Needs(missing="fill")).apply(data.frame)
    assert prepared.names == ("a", "b", "a is missing")
    assert prepared.X.tolist() == [[1, 5, 0], [2, 5, 0], [2, 5, 1], [9, 5, 0]]


def test_numbers_are_scaled_by_what_training_rows_say():
    data = table(a=[1.0, 3.0], b=[7.0, 7.0])
    preparation = learn(data, Needs(missing="fill", scale=True))
    later = table(a=[5.0, np.nan], b=[8.0, 7.0])
    assert preparation.apply(later.frame).X.tolist() == [[3, 1], [0, 0]]


def test_scaled_numbers_keep_missing_ones_where_the_model_wants_them():
    data = table(a=[1.0, 3.0, np.nan], b=[np.nan] * 3)
    X = learn(data, Needs(scale=True)).apply(data.frame).X
    assert X[:2, 0].tolist() == [-1, 1]
    assert np.isnan(X[2, 0]) and np.isnan(X[:, 1]).all()


def test_a_number_too_large_for_float32_stays_finite():
    data = table(a=[1.0, 1e300, -1e300])
    for needs in (Needs(), Needs(missing="fill", scale=True)):
        assert np.isfinite(learn(data, needs).apply(data.frame).X).all()


def test_a_column_of_missing_values_is_prepared():
    data = table(a=[np.nan] * 4, c=pd.Series([None] * 4, dtype="object"), d=pd.Series([pd.NaT] * 4))
    for needs in NEEDS.values():
        prepared = learn(data, needs).apply(data.frame)
        assert len(prepared) == 4
        assert np.isfinite(prepared.X).all() or needs.missing == "keep"


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        (["b", "a"], [1, 0]),
        (["new", None], [np.nan, np.nan]),
        (pd.Categorical(["b", "a"], categories=["b", "z", "a"]), [1, 0]),
    ],
    ids=["known", "unseen and missing", "another order of levels"],
)
def test_a_level_keeps_its_number_in_later_tables(later, expected):
    preparation = learn(table(c=["a", "b", "a"]), Needs())
    found = preparation.apply(pd.DataFrame({"c": later})).X[:, 0]
    assert np.array_equal(found, np.array(expected, dtype="float32"), equal_nan=True)


@pytest.mark.parametrize(
    "later",
    [[3, 10], [3.0, 10.0], ["3", "10"], ["3.0", "10.0"], pd.Categorical(["3.0", "10"]), pd.Series([3, 10], dtype="Int64")],
    ids=["int", "float", "text", "text with decimals", "category", "Int64"],
)
@pytest.mark.parametrize("trained", [["3", "10", "x"], ["3.0", "10.0", "x"]], ids=["whole", "decimals"])
def test_codes_are_the_same_level_however_a_table_writes_them(trained, later):
    preparation = learn(table(c=trained), Needs())
    levels = preparation.state()[0]["steps"][0]["levels"]
    found = preparation.apply(pd.DataFrame({"c": pd.Series(later)})).X[:, 0]
    assert [levels[int(code)].partition(".")[0] for code in found] == ["3", "10"]


def test_codes_with_leading_zeros_stay_apart():
    preparation = learn(table(c=["007", "7"]), Needs())
    assert preparation.apply(pd.DataFrame({"c": ["7", "007", "7.0"]})).X[:, 0].tolist() == [1, 0, 1]


def test_rare_levels_share_a_column_and_unseen_ones_have_none():
    levels = [f"l{i:02d}" for i in range(25)]
    data = table(c=levels[:24] * 10 + levels[24:])
    preparation = learn(data, Needs(category="onehot", missing="fill"))
    later = preparation.apply(pd.DataFrame({"c": ["l00", "l24", "never", None]}))
    assert later.names[-1] == "c is rare"
    X = dense(later)
    assert X.sum(axis=1).tolist() == [1, 1, 0, 0]
    assert X[0, 0] == 1 and X[1, -1] == 1


def test_the_most_levels_of_a_linear_model_is_kept_to():
    data = table(c=[f"l{i}" for i in range(12)] * 3)
    preparation = learn_preparation(data, Needs(category="onehot", missing="fill"), FeatureOptions(max_levels=5), None)
    assert len(preparation.apply(data.frame).names) == 6


def test_a_date_becomes_the_parts_that_vary():
    data = table(d=pd.to_datetime(["2024-01-31 10:00", "2024-02-29 10:00", None]))
    prepared = learn(data, Needs()).apply(data.frame)
    assert prepared.names == ("d month", "d day", "d weekday", "d days")
    assert prepared.X[1].tolist() == [2, 29, 3, np.float32(19782 + 10 / 24)]
    assert np.isnan(prepared.X[2]).all()


def test_a_linear_model_sees_dates_on_circles_besides():
    data = table(d=pd.date_range("2024-01-01", periods=400, freq="D"))
    preparation = learn(data, Needs("onehot", "fill", True))
    prepared = preparation.apply(data.frame)
    names = [f"d {part} {side}" for part in ("month", "weekday", "day of year") for side in ("sin", "cos")]
    assert [name for name in prepared.names if name.endswith(("sin", "cos"))] == names
    monday, tuesday, sunday = (prepared.X[row, prepared.names.index("d weekday cos")] for row in (0, 1, 6))
    assert tuesday == pytest.approx(sunday, abs=1e-5) and monday > tuesday
    assert np.array_equal(stored(preparation).apply(data.frame).X, prepared.X)


def test_dates_are_left_out_where_the_recipe_says_so():
    data = table(d=pd.to_datetime(["2024-01-31", "2024-02-29"]), a=[1.0, 2.0])
    preparation = learn_preparation(data, Needs(), FeatureOptions(date_parts=False), None)
    assert preparation.apply(data.frame).names == ("a",)


def test_terms_of_text_are_weighted_as_scikit_learn_does():
    train, later = pd.Series(WORDS * 3), pd.Series(["good good work", "nothing known", None])
    data = table(kinds={"t": Kind.TEXT}, t=train)
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", dtype=np.float32).fit(train)

    preparation = stored(learn(data, Needs(text="tfidf")))
    mine = preparation.apply(pd.DataFrame({"t": later.astype("str")}))

    assert mine.names == tuple(f"t: {term}" for term in theirs.get_feature_names_out())
    assert np.abs(dense(mine) - theirs.transform(later.fillna("")).toarray()).max() < 1e-7


def test_text_without_blanks_is_cut_into_characters():
    data = table(kinds={"t": Kind.TEXT}, t=["今天天气很好", "天气不好", "今天很好"])
    names = learn(data, Needs(text="tfidf")).apply(data.frame).names
    assert "t: 天气" in names and "t: 今天天" in names


def test_text_without_any_term_gives_no_column():
    data = table(kinds={"t": Kind.TEXT}, t=["", "", ""], a=[1.0, 2.0, 3.0])
    assert learn(data, Needs(text="tfidf")).apply(data.frame).names == ("a",)


def test_many_columns_are_kept_sparse_and_few_are_not():
    few = mixed()
    assert isinstance(learn(few, NEEDS["one-hot, scaled, terms"]).apply(few.frame).X, np.ndarray)
    many = table(c=[f"l{i}" for i in range(300)] * 2, a=np.arange(600.0))
    X = learn(many, NEEDS["one-hot, scaled, terms"]).apply(many.frame).X
    assert sparse.issparse(X) and X.format == "csr" and X.shape == (600, 301)


def test_what_a_preparation_keeps_is_json_and_arrays_without_pickle():
    for model in MODELS.names():
        meta, arrays = learn(mixed(), MODELS.find(model)().needs).state()
        json.dumps(meta, allow_nan=False)
        with np.load(io.BytesIO(pack_arrays(arrays)), allow_pickle=False) as file:
            assert set(file.files) == set(arrays)
