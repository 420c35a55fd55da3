"""Texts as weighted terms."""

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from lepton_automl.features.texts import TextStep

TEXTS = ["Fire rescue officer", "police officer officer", "Bus operator", "Feuerwehr Straße 12", "police sergeant"] * 3
NEW = ["officer of the bus, officer", "nothing known", "", "STRASSE straße"]


@pytest.mark.parametrize(
    ("analyzer", "options"),
    [
        ("word", {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}),
        ("char", {"ngram_range": (1, 3), "analyzer": "char"}),
        ("runs", {"ngram_range": (2, 5), "analyzer": "char_wb"}),
    ],
)
def test_weights_are_those_of_scikit_learn(analyzer, options):
    step = TextStep.learn(pd.DataFrame({"title": TEXTS}), "title", 1000, 2, analyzer)
    theirs = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options).fit(TEXTS)

    assert step.terms == tuple(theirs.get_feature_names_out())
    np.testing.assert_allclose(step.read(NEW).toarray(), theirs.transform(NEW).toarray(), rtol=1e-5, atol=1e-7)


def test_a_missing_text_holds_no_term():
    step = TextStep.learn(pd.DataFrame({"title": TEXTS}), "title", 1000, 1)

    assert step.apply(pd.DataFrame({"title": [None, "police"]}), None).getnnz(axis=1).tolist() == [0, 1]
