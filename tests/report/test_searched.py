"""What the search found out about itself, as figures and tables."""

import re
from dataclasses import replace

from lepton_automl.report.page import render_page
from lepton_automl.report.searched import front_figure, history_figure, importance_rows
from lepton_automl.report.wording import metric_words
from lepton_automl.search import Fit, Trial, TrialState

SEARCHED = {
    "sampler": "tpe",
    "pruner": "racing",
    "storage": "study.journal",
    "studies": ["lightgbm", "linear"],
    "objectives": ["metric", "predict_seconds"],
    "values": {0: [-0.7, 0.1], 1: [-0.8, 0.4], 2: [-0.75, 0.2]},
    "front": [0, 1],
    "ended_seconds": {0: 4.0, 1: 9.5, 2: 6.0},
    "importances": {
        "lightgbm": {"trials": 12, "shares": {f"p<{n}>": 0.1 for n in range(10)}, "why_not": ""},
        "linear": {"trials": 3, "shares": {}, "why_not": "too few trials"},
    },
    "warm_start": ["Warm start from a/b: 2 configurations start first."],
}


def trial(number, loss, state=TrialState.DONE):
    return Trial(number, "linear", {}, "start", state, {0: Fit(0, loss, (), 0.1, 0.1, 0.1, "", "")})


def centres(drawn):
    return [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', str(drawn))]


def test_trials_stand_at_the_second_in_which_they_ended():
    drawn = history_figure(
        [trial(0, 0.5), trial(1, 0.4), trial(2, 0.3)], {0: 10.0, 1: 30.0, 2: 20.0}, set(), metric_words("rmse")
    )

    across = [x for x, _ in centres(drawn)]
    assert across == sorted(across) and len(across) == 3
    assert "the best after 20.0 s" in str(drawn)
    assert history_figure([trial(0, 0.5), trial(1, 0.4)], {0: 1.0}, set(), metric_words("rmse")) == ""


def test_the_front_marks_whom_no_other_beats():
    trials, values = [trial(0, 0.5), trial(1, 0.4), trial(2, 0.6)], {0: (0.5, 0.1), 1: (0.4, 0.3), 2: (0.6, 0.2)}

    drawn = str(front_figure(trials, values, {0, 1}, "predict_seconds", metric_words("rmse")))

    assert drawn.count('class="dot model"') == 2 and drawn.count('class="dot hollow"') == 1
    assert "2 of 3 complete trials are on the front" in drawn


def test_a_family_without_importances_says_why():
    rows = importance_rows(SEARCHED["importances"])

    assert [(row["family"], row["why_not"], len(row["bars"]), row["more"]) for row in rows] == [
        ("lightgbm", "", 8, 2),
        ("linear", "too few trials", 0, 0),
    ]


def test_the_page_shows_history_front_importances_and_where_the_studies_are(make_facts):
    page = render_page(make_facts(searched=SEARCHED))

    for said in ("Score over seconds", "Pareto front", "Which parameters mattered", "Not computed: too few trials.", "a/b: 2"):
        assert said in page
    assert "lightgbm, linear in study.journal" in page
    assert "p<x" not in page and page.count('class="front"') == 2


def test_a_search_of_one_objective_shows_no_front(make_facts):
    page = render_page(make_facts(searched={**SEARCHED, "objectives": ["metric"], "values": {}, "front": []}))

    assert "Pareto front" not in page and "Score over seconds" in page


def test_a_page_without_what_the_search_found_out_still_renders(make_facts):
    page = render_page(replace(make_facts(), searched={}))

    assert "Which parameters mattered" not in page and "Leaderboard" in page
