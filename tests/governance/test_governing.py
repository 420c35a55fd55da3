"""What every rule offers, what it may see, and how what it finds is carried out and recorded."""

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from lepton_automl.data import Role, read_column
from lepton_automl.errors import GovernanceStop, RunError
from lepton_automl.governance import RULES, Finding, Stage, Subject, Verdict, Waiver, govern, treated_like
from lepton_automl.ledger import Ledger, read_ledger, verify_ledger
from lepton_automl.tasks import Goal, Makes
from lepton_automl.testing import table

GOAL = Goal(Makes.PROBABILITIES, 2)


def data(n=80):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n).astype("float64")
    y[[3, 9]] = np.nan
    base = rng.integers(0, 5, n)
    return table(
        target="y",
        roles={"sex": Role.PROTECTED},
        y=y,
        base=base,
        again=base,
        one=[1] * n,
        key=[f"k{i}" for i in range(n)],
        sex=rng.choice(["m", "f"], n),
        leak=np.nan_to_num(y) * 2 + rng.random(n) * 0.1,
        gaps=np.where(rng.random(n) < 0.3, np.nan, base),
    )


def subject(rows, stage, test=None):
    y = rows.values("y")
    if stage is Stage.DATA:
        return Subject(rows.without(["y"]), GOAL, None, y.notna().to_numpy())
    shown = None if test is None else test.without(["y"])
    return Subject(rows, GOAL, y.to_numpy().astype("int64"), y.notna().to_numpy(), shown)


def all_rules():
    return [(name, RULES.find(name)(**({"missing": "drop"} if name == "target" else {}))) for name in RULES.names()]


@dataclass
class Made:
    """A rule made for a test."""

    findings: list = field(default_factory=list)
    stage: Stage = Stage.DATA
    code: str = "TST001"
    title: str = "A rule made for a test"
    seen: list = field(default_factory=list)

    def check(self, looked_at):
        self.seen.append(looked_at)
        return self.findings


def test_there_are_36_rules():
    assert len(RULES.names()) == 36


@pytest.mark.parametrize("name", RULES.names())
def test_a_rule_has_code_title_stage_and_words(name):
    kind = RULES.find(name)
    rule = kind()
    assert rule.code.startswith("GOV") and rule.code[3:].isdigit() and len(rule.code) == 6
    assert rule.title[0].isupper() and not rule.title.endswith(".")
    assert isinstance(rule.stage, Stage)
    assert len(kind.__doc__.split()) > 5
    assert __import__(kind.__module__, fromlist=["x"]).__doc__.startswith(rule.code)
    for setting in kind.__dataclass_fields__:
        assert f"{setting}: " in kind.__doc__


def test_codes_are_unique():
    codes = [RULES.find(name).code for name in RULES.names()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", RULES.names())
def test_a_rule_records_its_own_code_and_changes_nothing_itself(name):
    rule = dict(all_rules())[name]
    rows = data().rows(data().values("y").notna().to_numpy()) if rule.stage is Stage.TRAIN else data()
    before = rows.frame.copy()
    for finding in rule.check(subject(rows, rule.stage)):
        assert finding.code == rule.code
        assert finding.effect in ("", "column dropped", "rows dropped", "values set missing", "values changed")
        assert (finding.verdict is Verdict.ACTED) == bool(finding.effect)
        assert finding.note
    assert rows.frame.equals(before)


def test_rules_before_the_split_never_see_a_value_of_the_target():
    spy = Made()
    govern(data(), [("spy", spy)], Stage.DATA, Ledger(), subject)
    (seen,) = spy.seen
    assert "y" not in seen.data.names
    assert seen.target is None
    assert seen.has_target.sum() == 78


def test_rules_after_the_split_see_training_rows_only():
    spy = Made(stage=Stage.TRAIN)
    whole = data()
    govern(whole, [("spy", spy)], Stage.TRAIN, Ledger(), subject, rows=np.arange(10, 30))
    (seen,) = spy.seen
    assert seen.data.row_ids.tolist() == list(range(10, 30))
    assert len(seen.target) == 20


def test_a_stage_runs_its_own_rules_only():
    early, late = Made(), Made(stage=Stage.TRAIN)
    govern(data(), [("early", early), ("late", late)], Stage.DATA, Ledger(), subject)
    assert (len(early.seen), len(late.seen)) == (1, 0)


def test_every_rule_leaves_a_record_and_the_arithmetic_is_proved(tmp_path):
    ledger = Ledger.open(tmp_path)
    rows = govern(data(), all_rules(), Stage.DATA, ledger, subject)
    train = np.arange(60)
    rows = govern(rows, all_rules(), Stage.TRAIN, ledger, subject, rows=train)

    assert verify_ledger(tmp_path / "ledger.jsonl") == []
    written = read_ledger(tmp_path / "ledger.jsonl")
    assert {line["rule"] for line in written} == set(RULES.names())
    assert len(data()) - sum(line["count"] for line in written if line["effect"] == "rows dropped") == len(rows) == 78
    dropped = {line["column"] for line in written if line["effect"] == "column dropped"}
    assert dropped == {"again", "one", "key", "leak"} == set(data().names) - set(rows.names)


def test_a_row_that_two_findings_drop_is_counted_once(tmp_path):
    ledger = Ledger.open(tmp_path)
    twice = [
        Finding("TST001", "", Verdict.ACTED, "rows dropped", np.array([0, 1, 2]), 3),
        Finding("TST001", "", Verdict.ACTED, "rows dropped", np.array([2, 5]), 2),
        Finding("TST001", "base", Verdict.ACTED, "column dropped"),
    ]

    left = govern(data(), [("made", Made(twice))], Stage.DATA, ledger, subject)

    assert left.row_ids.tolist() == [3, 4, *range(6, 80)]
    assert [(e.count, e.rows_before, e.rows_after) for e in ledger.entries] == [(3, 80, 77), (1, 77, 76), (0, 76, 76)]
    assert verify_ledger(tmp_path / "ledger.jsonl") == []


def test_a_rule_that_finds_nothing_is_recorded_as_passed():
    ledger = Ledger()
    govern(data(), [("made", Made())], Stage.DATA, ledger, subject)
    (entry,) = ledger.entries
    assert (entry.effect, entry.code, entry.note, entry.rows_before, entry.rows_after) == (
        "passed",
        "TST001",
        "A rule made for a test",
        80,
        80,
    )


def test_all_rules_that_stop_are_told_at_once_after_all_have_looked():
    stop = [Finding("TST001", "a", Verdict.STOP, note="is forbidden.")]
    last = Made()
    with pytest.raises(GovernanceStop) as caught:
        govern(data(), [("one", Made(stop)), ("two", Made(stop)), ("last", last)], Stage.DATA, Ledger(), subject)
    assert [problem.key for problem in caught.value.problems] == ["governance.rules.one a", "governance.rules.two a"]
    assert len(last.seen) == 1
    assert caught.value.exit_code == 3


def test_no_rule_drops_rows_after_the_split():
    drop = Made([Finding("TST001", "", Verdict.ACTED, "rows dropped", np.array([0]), 1)], stage=Stage.TRAIN)
    with pytest.raises(RunError, match="the rule made drops rows after the split"):
        govern(data(), [("made", drop)], Stage.TRAIN, Ledger(), subject, rows=np.arange(3))


def test_rules_after_the_split_see_the_features_of_test_rows_and_not_their_target():
    spy, whole = Made(stage=Stage.TRAIN), data()
    govern(whole, [("spy", spy)], Stage.TRAIN, Ledger(), subject, np.arange(10, 30), whole.rows(np.arange(40, 50)))
    (seen,) = spy.seen
    assert seen.test.row_ids.tolist() == list(range(40, 50))
    assert "y" not in seen.test.names


WAIVER = Waiver("M. Keller", "the bank closes the gap in spring", date(2100, 1, 1))


@pytest.mark.parametrize("verdict", [Verdict.STOP, Verdict.ACTED])
def test_what_is_waived_neither_acts_nor_stops_and_the_ledger_says_who_answers_for_it(verdict):
    effect = "column dropped" if verdict is Verdict.ACTED else ""
    rule = Made([Finding("TST001", "base", verdict, effect, note="too good")])
    ledger = Ledger()

    after = govern(data(), [("made", rule)], Stage.DATA, ledger, subject, waivers={"made": WAIVER})

    assert "base" in after.names
    (entry,) = ledger.entries
    assert entry.effect == "waived"
    assert "M. Keller" in entry.note and "spring" in entry.note and "2100-01-01" in entry.note


def test_a_waiver_of_one_column_leaves_the_others_to_the_rule():
    findings = [Finding("TST001", name, Verdict.ACTED, "column dropped", note="gone") for name in ("base", "again")]
    waived = replace(WAIVER, columns=("again",))
    after = govern(data(), [("made", Made(findings))], Stage.DATA, Ledger(), subject, waivers={"made": waived})
    assert "again" in after.names and "base" not in after.names


@pytest.mark.parametrize(("day", "is_over"), [(date(2026, 5, 1), False), (date(2026, 5, 2), True)])
def test_a_waiver_holds_on_its_last_day_and_no_longer(day, is_over):
    assert Waiver("a", "b", date(2026, 5, 1)).is_over(day) is is_over


def test_values_that_a_rule_makes_missing_are_so_on_training_and_on_test_rows_and_when_rows_are_read_later():
    whole, ledger = data(), Ledger()
    rule = Made([Finding("TST001", "base", Verdict.ACTED, "values set missing", count=5, treatments=("missing:3",), note="3")])

    after = govern(whole, [("made", rule)], Stage.DATA, ledger, subject)
    test = treated_like(whole.rows(np.arange(20)), after)

    was = whole.values("base").to_numpy()
    assert after.values("base").isna().tolist() == (was == 3).tolist()
    assert test.values("base").isna().tolist() == (was[:20] == 3).tolist()
    later = read_column(pd.Series(["1", "3", "4"]), after.column("base").reading).values
    assert later.isna().tolist() == [False, True, False]
    (entry,) = ledger.entries
    assert entry.hash_before != entry.hash_after


def test_the_ledger_says_which_table_a_rule_met_and_left():
    ledger = Ledger()
    rules = [(name, rule) for name, rule in all_rules() if rule.stage is Stage.DATA]
    govern(data(), rules, Stage.DATA, ledger, subject)
    for entry, later in pairwise(ledger.entries):
        assert later.hash_before in (entry.hash_after, entry.hash_before)
        assert (entry.hash_before == entry.hash_after) == (entry.effect not in ("column dropped", "rows dropped"))
        assert entry.columns_before - entry.columns_after >= (entry.effect == "column dropped")
    assert sum(entry.seconds for entry in ledger.entries) > 0
