"""Features that stand for protected columns: told with the features that do it best, alone and together."""

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Kind, Role
from lepton_automl.errors import GovernanceStop
from lepton_automl.governance import RULES, Subject, Verdict, Waiver, govern
from lepton_automl.ledger import Ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

N = 2000
LOOKS = ("alone", "together")


def looked(data, waivers=None, **settings):
    """Gives what the rule records of a table that has the target late."""
    rule, ledger = RULES.find("proxies")(**settings), Ledger()

    def subject(rows, stage, shown=None):
        y = np.arange(len(rows)) % 2
        return Subject(rows, Goal(Makes.PROBABILITIES, 2), y, np.ones(len(rows), dtype=bool), shown)

    govern(data, [("proxies", rule)], rule.stage, ledger, subject, np.arange(len(data)), waivers=waivers)
    return ledger.entries


def people(protected, n=N, roles=None, kinds=None, **more):
    """A table with features that say nothing of the protected column, and more."""
    rng = np.random.default_rng(7)
    plain = {"noise": rng.normal(size=n), "city": rng.choice(list("abcde"), n)}
    return table(roles={"sex": Role.PROTECTED, **(roles or {})}, kinds=kinds or {}, sex=protected, **plain, **more)


def sexes(n=N, seed=0):
    return np.random.default_rng(seed).choice(["m", "f"], n)


def kinship(sex, wrong=0.1, seed=1):
    """Husband or wife by sex, the other one in a share of the rows."""
    is_wrong = np.random.default_rng(seed).random(len(sex)) < wrong
    return np.where((sex == "m") ^ is_wrong, "husband", "wife")


@pytest.mark.parametrize("look", LOOKS)
def test_features_that_say_nothing_of_a_protected_column_are_told_as_such(look):
    (entry,) = looked(people(sexes()), look=look)
    assert (entry.code, entry.column, entry.effect, entry.limit, entry.unit) == ("GOV035", "sex", "noted", 0.8, "AUC")
    assert 0.45 < entry.measured < 0.55
    assert "none tells much of it alone" in entry.note and "stand for it" not in entry.note


@pytest.mark.parametrize("look", LOOKS)
def test_a_feature_that_stands_for_a_protected_column_is_named(look):
    sex = sexes()
    (entry,) = looked(people(sex, kin=kinship(sex)), look=look)
    assert entry.effect == "noted" and entry.count == N
    assert entry.measured == pytest.approx(0.9, abs=0.03)
    assert "best alone: kin 0.9" in entry.note and entry.note.endswith("More than 0.8: they stand for it")


def test_features_that_stand_for_a_protected_column_only_together_are_found_together():
    rng = np.random.default_rng(3)
    left, right = rng.integers(0, 2, N), rng.integers(0, 2, N)
    data = people(np.where(left ^ right, "m", "f"), left=left, right=right)
    alone, together = (looked(data, look=look)[0] for look in LOOKS)
    assert alone.measured < 0.55 and together.measured > 0.95
    assert "none tells much of it alone" in together.note and "they stand for it" in together.note


def test_of_several_levels_the_mean_of_each_against_the_rest_counts():
    rng = np.random.default_rng(4)
    origin = rng.integers(0, 4, N)
    data = people(np.array(list("pqrs"))[origin], is_p=(origin == 0), language=np.array(list("wxyz"))[origin])
    alone = looked(people(np.array(list("pqrs"))[origin], is_p=(origin == 0)), look="alone")[0]
    assert alone.measured == pytest.approx((1 + 3 * 2 / 3) / 4, abs=0.03)
    assert [entry.measured for look in LOOKS for entry in looked(data, look=look)] == pytest.approx([1, 1], abs=1e-6)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", ["numbers", "dates"])
def test_numbers_and_dates_are_told_by_their_ranks(look, kind):
    rng = np.random.default_rng(5)
    age = rng.normal(size=N)
    years = age + 0.5 * rng.normal(size=N)
    shown = np.exp(3 * age) if kind == "numbers" else pd.Timestamp("1970-01-01") + pd.to_timedelta((age * 5000).round(), "D")
    (entry,) = looked(people(shown, years=years), look=look)
    assert (entry.unit, entry.limit) == ("R²", 0.5)
    assert 0.7 < entry.measured < 0.85
    assert "best alone: years 0." in entry.note and "city" not in entry.note


@pytest.mark.parametrize("values", [[0, 1], [1.0, 2.0], [True, False]], ids=["0 and 1", "codes", "truth"])
def test_numbers_that_are_codes_are_levels(values):
    sex = sexes()
    (entry,) = looked(people(np.where(sex == "m", *values), kin=kinship(sex)))
    assert entry.unit == "AUC" and entry.measured == pytest.approx(0.9, abs=0.03)


def test_every_protected_column_is_looked_at_and_no_other():
    sex = sexes()
    roles = {"kin": Role.PROTECTED, "later": Role.EVALUATION_ONLY}
    entries = looked(people(sex, roles=roles, kin=kinship(sex), later=kinship(sex)))
    assert [entry.column for entry in entries] == ["sex", "kin"]
    assert all(entry.measured < 0.55 for entry in entries)  # neither is a feature that could stand for the other


def test_rows_without_a_value_and_rare_levels_are_left_out():
    sex = sexes().astype("object")
    sex[:100], sex[100:110] = None, "x"
    (entry,) = looked(people(sex, kin=kinship(sex)))
    assert entry.count == N - 110 and entry.measured > 0.85


def test_rows_of_one_person_are_never_told_from_each_other():
    rng = np.random.default_rng(6)
    of = rng.integers(0, 100, N)
    sex, marks = sexes(100)[of], {f"mark{k}": rng.normal(size=100)[of] for k in range(6)}
    apart = looked(people(sex, roles={"person": Role.GROUP}, person=of, **marks))[0].measured
    mixed = looked(people(sex, **marks))[0].measured
    assert mixed > 0.95 and apart < 0.65


def test_a_protected_column_that_features_stand_for_stops_the_run_where_the_recipe_says_so():
    sex = sexes()
    data = people(sex, kin=kinship(sex))
    with pytest.raises(GovernanceStop, match=r"proxies sex .*they stand for it \(GOV035: measured 0\.\d+, limit 0\.8 AUC\)"):
        looked(data, action="stop")
    assert looked(data, action="stop", max_auc=0.99)[0].effect == "noted"
    waiver = Waiver("M. Keller", "needed by law", pd.Timestamp("2100-01-01").date(), ("sex",))
    assert looked(data, {"proxies": waiver}, action="stop")[0].effect == "waived"


@pytest.mark.parametrize(
    ("data", "note"),
    [
        pytest.param(table(a=np.arange(500.0)), "no column is protected", id="none"),
        pytest.param(people(sexes(100), 100), "needs a feature that is no text, 200 rows", id="few rows"),
        pytest.param(people(["m"] * N), "needs a feature that is no text, 200 rows", id="one level"),
        pytest.param(people([7.5] * N), "needs a feature that is no text, 200 rows", id="one number"),
        pytest.param(people(["so it is"] * N, kinds={"sex": Kind.TEXT}), "needs a feature", id="text"),
        pytest.param(table(roles={"sex": Role.PROTECTED}, sex=sexes()), "needs a feature", id="no feature"),
    ],
)
def test_where_there_is_nothing_to_tell_it_does_not_apply(data, note):
    (entry,) = looked(data)
    assert entry.effect == str(Verdict.NOT_APPLICABLE) and entry.note.startswith(note)


def test_the_same_rows_give_the_same_figures():
    sex = sexes()
    first, again = (looked(people(sex, kin=kinship(sex, 0.3)))[0] for _ in range(2))
    assert (first.measured, first.note) == (again.measured, again.note)


def test_a_large_table_is_looked_at_on_a_sample_and_the_note_says_so():
    sex = sexes(12_000)
    (entry,) = looked(people(sex, 12_000, kin=kinship(sex)), look="alone")
    assert entry.count == 10_000 and "on a sample of 10,000 of 12,000 rows" in entry.note
