"""The figures: marks stand where their values are."""

import re

import pytest

from lepton_automl.measure import Measure
from lepton_automl.report.figures import progress_figure, roc_figure
from lepton_automl.report.race import best_so_far
from lepton_automl.report.spread import spread_figure
from lepton_automl.report.svg import Axis, Plot, axis_over, bar, tick
from lepton_automl.report.wording import metric_words, number, rounded, tone_of
from lepton_automl.search import Fit, Trial, TrialState


def trial(number, loss, state=TrialState.DONE):
    return Trial(number, "linear", {}, "start", state, {0: Fit(0, loss, (), 0.1, 0.1, 0.1, "", "")})


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        pytest.param(0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0], id="shares"),
        pytest.param(-3.0, 4.0, [-2.0, 0.0, 2.0, 4.0], id="both signs"),
        pytest.param(0.0, 18_000.0, [0.0, 5000.0, 10000.0, 15000.0], id="thousands"),
        pytest.param(0.71, 0.79, [0.72, 0.74, 0.76, 0.78], id="narrow"),
    ],
)
def test_ticks_are_round_values_inside_the_axis(low, high, ticks):
    assert Axis("", low, high).ticks == pytest.approx(ticks)


def test_an_axis_over_one_value_or_over_nothing_finite_still_has_a_width():
    assert axis_over("", [3.0, 3.0]).low < 3.0 < axis_over("", [3.0, 3.0]).high
    assert axis_over("", [float("inf"), float("nan")]).ticks != []
    assert axis_over("", [0.0]).high > 0.0


def test_a_value_beyond_the_axis_stands_at_its_edge():
    plot = Plot(Axis("", 0, 1), Axis("", 0, 1))

    assert plot.place(2.0, 0.5) == plot.place(1.0, 0.5)


def test_the_roc_curve_rises_from_the_lower_left_to_the_upper_right():
    drawn = str(roc_figure([[0.0, 0.0], [0.2, 0.9], [1.0, 1.0]], 0.85, "bad"))

    (path,) = re.findall(r'<path class="line model" d="M([^"]*)"', drawn)
    points = [tuple(map(float, pair.split())) for pair in path.split("L")]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert "area 0.85" in drawn and "finds 90 % and calls 20 % of the other rows so too" in drawn


@pytest.mark.parametrize(
    ("name", "value", "baseline", "says"),
    [
        pytest.param("roc_auc", 0.75, 0.5, "50 % of the way", id="higher is better"),
        pytest.param("rmse", 1.0, 4.0, "75 % of the way", id="lower is better"),
        pytest.param("r2", -0.5, 0.0, "−50 % of the way", id="worse than the baseline"),
    ],
)
def test_a_metric_is_placed_between_baseline_and_perfect(name, value, baseline, says):
    drawn = progress_figure("p", metric_words(name), Measure(value, value - 0.1, value + 0.1, 10), baseline)

    assert says in drawn


def test_a_metric_whose_best_figure_is_not_known_has_no_place():
    assert progress_figure("p", metric_words("my_metric"), Measure(1.0, 1.0, 1.0, 10), 0.5) == ""


def test_the_best_so_far_moves_only_when_a_complete_trial_is_better():
    trials = [trial(0, -0.7), trial(1, -0.6), trial(2, -0.9, TrialState.PRUNED), trial(3, -0.8)]

    assert best_so_far(trials, -1.0) == [(0, 0.7), (3, 0.7), (3, 0.8)]
    assert best_so_far([trial(0, 1.0, TrialState.SKIPPED)], 1.0) == []


def test_a_bar_of_a_negative_figure_ends_at_zero():
    assert 'x="10.00%"' in bar(0.4, 0.1) and 'width="30.00%"' in bar(0.4, 0.1)


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        pytest.param(0.82573, 0.7593, 0.8869, "0.826", id="share"),
        pytest.param(538.7, 513.3, 566.8, "539", id="hundreds"),
        pytest.param(0.97934, 0.97798, 0.9807, "0.9793", id="narrow interval"),
        pytest.param(-0.55, -0.655, -0.4524, "−0.550", id="money"),
        pytest.param(0.5, 0.5, 0.5, "0.5", id="no interval"),
        pytest.param(float("nan"), 0.4, 0.6, "–", id="not a number"),
        pytest.param(-0.00001, -0.2, 0.3, "0.000", id="no minus before nothing"),
    ],
)
def test_a_figure_has_the_decimals_that_its_interval_can_bear(value, low, high, text):
    assert rounded(value, Measure(value, low, high, 10)) == text


def test_numerals_and_tones_are_the_same_everywhere():
    assert [number(v) for v in (None, True, 0, 1e-9, 12345.678, 1e20)] == ["–", "–", "0", "1e−09", "12,346", "1e+20"]
    assert [tick(v) for v in (0.5, 20_000.0, 3e9)] == ["0.5", "20k", "3G"]
    assert [tone_of(e) for e in ("passed", "gate failed", "values set missing", "trial pruned")] == [
        "good",
        "bad",
        "acted",
        "calm",
    ]


def test_the_picture_of_both_labels_counts_up_and_down_and_shows_the_line():
    bins = [[0, 40], [5, 10], [10, 0], [0, 0]]

    drawn = spread_figure(bins, "bad", "good", 0.5, "All “bad” rows lie above it.")

    columns = re.findall(r'<rect class="column (model|)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawn)
    ups, downs = ([float(height) for style, *_, height in columns if style == kind] for kind in ("model", ""))
    assert ups[2] / ups[1] == pytest.approx(2, rel=0.02) and downs[0] / ups[2] == pytest.approx(4, rel=0.02)
    assert "0.25 to 0.5: 5 “bad”, 10 “good”" in drawn and "line 0.5" in drawn
    assert "All “bad” rows lie above it." in drawn
    assert drawn.count('class="dot hover"') == 3, "an empty bin is not read"
    assert ">−" not in drawn, "rows are counted, downward too"
