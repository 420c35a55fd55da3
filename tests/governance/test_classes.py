"""Class balance, label noise and sample size: whether there is enough to learn from."""

import numpy as np
import pytest

from lepton_automl.data import Kind
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Subject, govern
from lepton_automl.governance.rules.label_noise import noise_share
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

LABELS, NUMBER = Goal(Makes.PROBABILITIES, 2), Goal(Makes.VALUES)


def applied(name, data, y, goal=LABELS, test=None, **settings):
    """Gives what a rule of training rows records, but passes."""

    def subject(rows, stage, shown=None):
        return Subject(rows, goal, np.asarray(y), np.ones(len(rows), dtype=bool), shown)

    rule, ledger = RULES.find(name)(**settings), Ledger()
    govern(data, [(name, rule)], rule.stage, ledger, subject, np.arange(len(data)), test)
    return [entry for entry in ledger.entries if entry.effect != "passed"]


def separated(n=2000, wrong=0.0, classes=2):
    """Rows whose class two features tell, and a share of labels that are another class's."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, classes, n)
    given = np.where(rng.random(n) < wrong, (truth + rng.integers(1, classes, n)) % classes, truth)
    kind = np.array(list("abcdef"))[truth]
    return table(a=truth + rng.normal(0, 0.1, n), b=np.where(rng.random(n) < 0.9, kind, "z"), c=rng.normal(size=n)), given


@pytest.mark.parametrize(("rare", "is_unbalanced"), [(300, False), (20, True)])
def test_the_smallest_class_is_told(rare, is_unbalanced):
    y = np.repeat([0, 1], [1000 - rare, rare])
    (entry,) = applied("class_balance", table(a=np.arange(1000)), y)
    assert (entry.code, entry.effect, entry.count, entry.measured) == ("GOV028", "noted", rare, rare / 1000)
    assert entry.note.startswith("unbalanced") is is_unbalanced
    assert f"the smallest of 2 classes has {rare} of 1,000 training rows" in entry.note


def test_a_class_below_the_floor_stops_the_run():
    y = np.repeat([0, 1, 2], [500, 19, 20])
    with pytest.raises(GovernanceStop, match="1 of 3 classes have fewer than 20 training rows"):
        applied("class_balance", table(a=np.arange(539)), y, Goal(Makes.PROBABILITIES, 3), min_rows=20)
    assert applied("class_balance", table(a=np.arange(539)), y, Goal(Makes.PROBABILITIES, 3), min_rows=19)[0].effect == "noted"


@pytest.mark.parametrize("name", ["class_balance", "label_noise"])
def test_numbers_have_no_classes(name):
    (entry,) = applied(name, table(a=np.arange(300)), np.arange(300.0), NUMBER)
    assert entry.effect == "not applicable"


@pytest.mark.parametrize("wrong", [0.0, 0.1, 0.25])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_share_of_wrong_labels_is_estimated(wrong, classes):
    (entry,) = applied("label_noise", *separated(wrong=wrong, classes=classes), Goal(Makes.PROBABILITIES, classes))
    assert (entry.code, entry.effect) == ("GOV029", "noted")
    assert entry.measured == pytest.approx(wrong, abs=0.03)
    assert entry.count == round(entry.measured * 2000)


def test_too_many_wrong_labels_stop_the_run_where_the_recipe_says_so():
    with pytest.raises(GovernanceStop, match="of the training labels are not borne out by the other rows"):
        applied("label_noise", *separated(wrong=0.25), max_share=0.1)
    assert applied("label_noise", *separated(wrong=0.05), max_share=0.1)[0].effect == "noted"


@pytest.mark.parametrize(
    ("data", "y"),
    [
        pytest.param(table(a=np.arange(50)), np.arange(50) % 2, id="few rows"),
        pytest.param(table(a=np.arange(300)), np.zeros(300, dtype=int), id="one class"),
        pytest.param(table(a=["so it is"] * 300, kinds={"a": Kind.TEXT}), np.arange(300) % 2, id="text only"),
    ],
)
def test_noise_of_labels_is_not_estimated_where_nothing_can_be_said(data, y):
    (entry,) = applied("label_noise", data, y)
    assert entry.effect == "not applicable"


def test_the_joint_of_given_and_true_labels_is_that_of_the_paper():
    codes = np.array([0, 0, 0, 0, 1, 1])
    chances = np.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.2, 0.8]])
    # limits: 0.7 for class 0, 0.8 for class 1; counts [[3, 1], [0, 2]]; each row as large as its class: 1 of 6 is off
    assert noise_share(codes, chances) == pytest.approx(1 / 6)


def test_few_rows_and_small_classes_are_told_and_can_stop_the_run():
    wide = table(**{f"x{i}": np.arange(60.0) for i in range(10)})
    y = np.repeat([0, 1], [50, 10])
    notes = [entry.note for entry in applied("sample_size", wide, y, test=wide.rows(np.arange(25)))]
    assert notes == [
        "60 training rows are few",
        "6.0 training rows a feature are few: 60 rows, 10 features",
        "1 of 2 classes have fewer than 20 training rows",
        "25 test rows: a share near one half is known to 19.6% up or down at best",
    ]
    with pytest.raises(GovernanceStop, match="60 training rows are too few"):
        applied("sample_size", wide, y, min_rows=61)


def test_enough_rows_pass():
    data = table(a=np.arange(1000.0))
    assert applied("sample_size", data, np.arange(1000) % 2, test=data.rows(np.arange(400))) == []
