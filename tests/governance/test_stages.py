"""Rules before and after the split: what forbids going on is gathered from both, as far as the table lets rules look."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from lepton_automl.errors import DataError, GovernanceStop, Problem, RunError
from lepton_automl.governance import Finding, Stage, Subject, Verdict, govern_stages
from lepton_automl.ledger import Ledger, read_ledger, verify_ledger
from lepton_automl.tasks import Goal, Makes, RandomSplitter
from lepton_automl.testing import table

GOAL = Goal(Makes.PROBABILITIES, 2)
STOP = [Finding("TST001", "a", Verdict.STOP, measured=0.7, limit=0.5, unit="share", note="is forbidden")]
DROP = [Finding("TST001", "", Verdict.ACTED, "rows dropped", np.arange(50), 50, note="old")]


@dataclass
class Made:
    """A rule made for a test."""

    findings: list = field(default_factory=list)
    stage: Stage = Stage.DATA
    error: Exception | None = None
    code: str = "TST001"
    title: str = "A rule made for a test"
    seen: list = field(default_factory=list)

    def check(self, looked_at):
        self.seen.append(looked_at)
        if self.error is not None:
            raise self.error
        return self.findings


def rows(missing=0, n=50):
    y = np.where(np.arange(n) < missing, np.nan, np.arange(n) % 2)
    return table(target="y", y=y, a=np.arange(n), b=np.arange(n) % 7)


def subject(data, stage, test=None):
    y = data.values("y")
    known = y.notna().to_numpy()
    if stage is Stage.DATA:
        return Subject(data.without(["y"]), GOAL, None, known, test)
    return Subject(data, GOAL, y.fillna(-1).to_numpy().astype("int64"), known, None if test is None else test.without(["y"]))


def cut(data):
    return RandomSplitter("y").holdout(data, 0.2, 0)


def no_cut(data):
    raise DataError(Problem("split.group", "has one group.", "Split by another column."))


def stopped(data, rules, ledger=None, cut=cut, test=None):
    with pytest.raises(GovernanceStop) as caught:
        govern_stages(data, rules, Ledger() if ledger is None else ledger, subject, cut, test)
    return [(problem.key, problem.message) for problem in caught.value.problems]


def test_rules_that_let_go_on_leave_table_split_and_test_rows():
    spy = Made(stage=Stage.TRAIN)
    governed = govern_stages(rows(), [("spy", spy)], Ledger(), subject, cut)
    assert sorted([*governed.train, *governed.test.row_ids]) == list(range(50))
    assert spy.seen[0].data.row_ids.tolist() == governed.train.tolist() and len(governed.test) == 10


def test_a_table_of_test_rows_leaves_all_others_to_training():
    governed = govern_stages(rows(), [], Ledger(), subject, None, rows(n=7))
    assert governed.split is None and len(governed.train) == 50 and governed.test.row_ids.tolist() == list(range(7))


def test_rules_after_the_split_look_although_one_before_it_stops(tmp_path):
    late, ledger = Made(STOP, Stage.TRAIN), Ledger.open(tmp_path)
    found = stopped(rows(), [("early", Made(STOP)), ("late", late)], ledger)
    assert [key for key, _ in found] == ["governance.rules.early a", "governance.rules.late a"]
    assert {said for _, said in found} == {"is forbidden (TST001: measured 0.7, limit 0.5 share)"}
    assert len(late.seen[0].data) == 40 and len(late.seen[0].test) == 10
    assert verify_ledger(tmp_path / "ledger.jsonl") == []
    assert [(e["code"], e["effect"]) for e in read_ledger(tmp_path / "ledger.jsonl")] == [
        ("TST001", "stop"),
        ("STOP001", "noted"),
        ("TST001", "stop"),
    ]


def test_rules_after_the_split_look_at_rows_with_a_target_only(tmp_path):
    late, ledger = Made(stage=Stage.TRAIN), Ledger.open(tmp_path)
    stopped(rows(missing=20), [("early", Made(STOP)), ("late", late)], ledger)
    assert (late.seen[0].target >= 0).all() and len(late.seen[0].data) + len(late.seen[0].test) == 30
    assert verify_ledger(tmp_path / "ledger.jsonl") == []


def test_the_features_of_a_table_of_test_rows_are_looked_at_too():
    late = Made(stage=Stage.TRAIN)
    stopped(rows(), [("early", Made(STOP)), ("late", late)], cut=None, test=rows(n=7))
    assert len(late.seen[0].data) == 50 and late.seen[0].test.names == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "rules", "cut", "why"),
    [
        pytest.param(rows(missing=50), [], cut, "no row with a target is left", id="no target"),
        pytest.param(rows(), [("old", Made(DROP))], cut, "no row with a target is left", id="no rows"),
        pytest.param(rows(), [], no_cut, "has one group.", id="no split"),
    ],
)
def test_where_the_table_can_not_go_on_it_is_told_that_later_rules_could_not_look(data, rules, cut, why):
    late, ledger = Made(STOP, Stage.TRAIN), Ledger()
    found = stopped(data, [("early", Made(STOP)), *rules, ("late", late)], ledger, cut)
    assert late.seen == []
    assert found[0][0] == "governance.rules.early a" and found[-1][0] == "rules after the split"
    assert (("split.group", "has one group.") in found) is (why == "has one group.")
    assert (ledger.entries[-1].code, ledger.entries[-1].note) == ("STOP002", f"could not look: {why}")


@pytest.mark.parametrize("stage", Stage)
def test_a_rule_that_fails_on_a_table_that_is_refused_anyway_hides_no_reason(stage):
    ledger = Ledger()
    fails = Made(stage=stage, error=ZeroDivisionError("17 of Ana"))
    found = stopped(rows(), [("early", Made(STOP)), ("fails", fails), ("late", Made(STOP, Stage.TRAIN))], ledger)
    note = "could not look at the table as it is (ZeroDivisionError)"
    assert ("governance.rules.fails", f"{note} (TST001)") in found and len(found) == 3
    assert note in [entry.note for entry in ledger.entries if entry.effect == "not applicable"]


@pytest.mark.parametrize("stage", Stage)
def test_a_rule_that_fails_on_a_good_table_is_a_mistake_of_the_rule(stage):
    with pytest.raises(ZeroDivisionError):
        govern_stages(rows(), [("fails", Made(stage=stage, error=ZeroDivisionError()))], Ledger(), subject, cut)


def test_a_rule_that_drops_rows_after_the_split_is_refused():
    with pytest.raises(RunError, match="the rule late drops rows after the split"):
        govern_stages(rows(), [("late", Made(DROP, Stage.TRAIN))], Ledger(), subject, cut)


def test_a_table_that_can_not_be_split_is_told_alone_where_no_rule_stops():
    with pytest.raises(DataError, match="has one group"):
        govern_stages(rows(), [], Ledger(), subject, no_cut)
