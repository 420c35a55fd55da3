"""A waiver that is over, or of no rule, is a mistake of the recipe; one that holds is in the plan."""

from datetime import UTC, datetime, timedelta

import pytest

from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.errors import RecipeError
from lepton_automl.recipe import compose


def waived(rule, until):
    return f"governance.waivers.{rule}={{by: M. Keller, why: agreed, until: {until}}}"


def problems(*words):
    with pytest.raises(RecipeError) as caught:
        compile(compose(["recipe=credit", *words]))
    return {problem.key: problem.message for problem in caught.value.problems}


def test_a_waiver_that_is_over_and_one_of_no_rule_are_told_at_once():
    found = problems(waived("leakage", "2020-01-01"), waived("leekage", "2100-01-01"))
    assert "is 2020-01-01: the waiver is over since then." in found["governance.waivers.leakage.until"]
    assert "does not have" in found["governance.waivers.leekage"]


def test_a_day_that_is_none_is_told_with_how_to_write_it():
    found = problems(waived("leakage", "soon"))
    assert "no day of the calendar" in found["governance.waivers.leakage.until"]


def test_a_waiver_holds_today_and_is_in_the_plan():
    today = datetime.now(UTC).date()
    plan = compile(compose(["recipe=credit", waived("leakage", today + timedelta(1))]))
    told = plan.to_dict()["waivers"]["leakage"]
    assert told == {"by": "M. Keller", "why": "agreed", "until": str(today + timedelta(1)), "columns": []}
