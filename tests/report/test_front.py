"""The section of the ensemble: score against the time for one row."""

from dataclasses import replace

import pytest

from lepton_automl.ensemble import Trialled
from lepton_automl.evidence import Gate, Verdict
from lepton_automl.report.front import Choice, front, front_figure
from lepton_automl.report.page import render_page
from lepton_automl.report.sections.ensemble import ensemble_section
from lepton_automl.report.wording import metric_words, share

QUICK, MIDDLE, BEATEN, BEST = (
    Choice("quick", 1.0, 0.5),
    Choice("middle", 2.0, 0.4),
    Choice("beaten", 3.0, 0.45),
    Choice("best", 5.0, 0.3, is_delivered=True),
)


def test_the_front_holds_what_no_other_choice_beats_in_both():
    assert front([BEST, BEATEN, QUICK, MIDDLE]) == [QUICK, MIDDLE, BEST]


def test_the_figure_rings_what_is_delivered_and_leaves_beaten_choices_hollow():
    drawn = str(front_figure([BEST, BEATEN, QUICK, MIDDLE], metric_words("log_loss")))

    assert drawn.count('class="dot model ringed"') == 1
    assert drawn.count('class="dot hollow"') == 1
    assert "best: 0.3 in 5 ms" in drawn
    assert "time for one row, ms" in drawn


def test_one_choice_needs_no_figure():
    assert front_figure([BEST], metric_words("log_loss")) == ""


def test_the_section_tells_what_each_member_brings_and_takes(make_facts):
    shown = ensemble_section(make_facts())

    assert shown["intro"].startswith("2 members, 1.5 MB on disk. Scoring one row from Python took 3 ms")
    rows = [(row["model"], row["weight"], row["alone"], row["joined"], row["milliseconds"]) for row in shown["members"]]
    assert rows == [
        ("linear", share(0.75), "0.8000", "0.8000", "0.5"),
        ("lightgbm", share(0.25), "0.7000", "0.8100", "1.5"),
    ]
    assert "linear (trial 1) and 1 more member: 0.81 in 3 ms" in shown["figure"]
    assert "linear (trial 1) alone: 0.8 in 1.5 ms" in shown["figure"]
    assert "lightgbm (trial 0) alone: 0.7 in 2.5 ms" in shown["figure"]


@pytest.mark.parametrize(("kept", "word"), [(None, "tried and left out"), (object(), "are calibrated")])
def test_the_section_says_what_calibration_changed(make_facts, kept, word):
    facts = make_facts(calibrated=Trialled("temperature", "log_loss", 0.41, 0.39, kept))

    said = ensemble_section(facts)["calibration"]

    assert word in said
    assert "the Log loss of out-of-fold rows goes from 0.41 to 0.39" in said


def test_without_a_measured_time_the_members_are_shown_all_the_same(make_facts):
    facts = make_facts()

    page = render_page(replace(facts, latency=None))

    assert 'id="ensemble"' in page
    assert "Score against time" not in page


def test_a_promise_of_the_artefact_is_shown_among_the_gates_under_its_own_key(make_facts):
    verdict = Verdict(Gate("max_latency_ms", None, 2.0, False), 3.0, 3.0, passed=False)

    page = render_page(make_facts(verdicts=[verdict]))

    assert "Time to score one row, in ms" in page
    assert "delivery.max_latency_ms" in page
