"""What is shown while a run goes on."""

import time

import pytest

from lepton_automl.cli import progress
from lepton_automl.cli.progress import failing, left, make_progress, standing
from lepton_automl.engine import compile  # noqa: A004 - the name of what it does
from lepton_automl.limits import Clock
from lepton_automl.recipe import compose
from lepton_automl.search import Trial, TrialState


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return compile(
        compose(["recipe=credit", "budget.seconds=60", "hardware.threads=1"]), tmp_path_factory.mktemp("plan") / "run"
    )


@pytest.fixture
def trials():
    states = [("linear", "done"), ("tabm", "failed"), ("linear", "failed"), ("tabm", "failed"), ("tabm", "running")]
    return [Trial(number, name, {}, "start", TrialState(state)) for number, (name, state) in enumerate(states)]


def test_families_that_always_fail_are_named_and_those_that_sometimes_do_are_not(trials):
    assert failing(trials) == "tabm (2 of 2)"


def test_a_line_tells_states_best_score_in_its_own_sense_time_left_and_what_fails(plan, trials):
    clock = Clock(time.time() - 18.6, plan.budget)

    said = standing(plan, clock, trials, -0.78125)

    assert said == ["1 running, 1 done, 3 failed", "best roc_auc 0.78125", "41 s left", "always fails: tabm (2 of 2)"]


def test_before_the_first_trial_has_ended_the_line_says_so(plan):
    said = standing(plan, Clock(time.time(), plan.budget), [], None)

    assert said[:2] == ["no trial has ended yet", "best roc_auc –"]


def test_where_trials_are_counted_their_number_is_told(tmp_path, trials):
    plan = compile(compose(["recipe=credit", "budget={seconds: null, trials: 20}", "hardware.threads=1"]), tmp_path / "run")

    assert left(plan, Clock(time.time(), plan.budget), trials) == "4 of 20 trials"


def test_lines_go_on_in_the_search_when_no_trial_ends_and_only_there(plan, capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.05)
    monkeypatch.setattr(progress, "TICK_SECONDS", 0.01)
    shown = ""

    with make_progress("plain", plan, Clock(time.time(), plan.budget)) as display:
        display.on_stage("data")
        time.sleep(0.3)
        assert "no trial" not in capsys.readouterr().out
        display.on_stage("search")
        while shown.count("no trial has ended yet; best roc_auc –") < 2:
            time.sleep(0.02)
            shown += capsys.readouterr().out


def test_the_live_display_shows_the_same(plan, trials, capsys):
    from rich.console import Console

    display = progress.Live(plan, Clock(time.time() - 18.6, plan.budget))
    display.on_stage("search")
    display.on_trial(trials[0], trials, -0.78125)
    console = Console(width=100, record=True)

    console.print(display._picture())

    text = console.export_text()
    for part in ("search", "1 running, 1 done, 3 failed", "best roc_auc", "0.78125", "41 s left", "tabm (2 of 2)"):
        assert part in text
