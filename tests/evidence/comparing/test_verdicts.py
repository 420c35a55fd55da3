"""The words of a comparison: better, same, worse, underpowered."""

import numpy as np
import pytest

from lepton_automl.evidence.comparing import (
    VALUE,
    Comparison,
    Difference,
    Rows,
    Side,
    Ways,
    Word,
    compare_rows,
    figure_of,
    holm,
    judged,
    whole_of,
    word_of,
)
from lepton_automl.tasks import METRICS
from lepton_automl.tasks.metrics import quantile_metrics


def figure(value, error, margin=0.01, is_score=True, is_deciding=True, name="roc_auc"):
    sides = (0.8, 0.8 + value)
    return figure_of(name, "", 500, sides, Difference(value, error, 499, "x"), is_score, 0.95, margin, is_deciding)


@pytest.mark.parametrize(
    ("value", "error", "is_score", "word"),
    [
        (0.05, 0.01, True, Word.BETTER),
        (-0.05, 0.01, True, Word.WORSE),
        (0.05, 0.01, False, Word.WORSE),
        (-0.05, 0.01, False, Word.BETTER),
        (0.001, 0.002, True, Word.SAME),
        (0.006, 0.001, True, Word.SAME),
        (0.012, 0.002, True, Word.BETTER),
        (0.001, 0.02, True, Word.UNDERPOWERED),
        (0.0, 0.0, True, Word.SAME),
        (0.1, float("nan"), True, Word.UNDERPOWERED),
    ],
    ids=["up", "down", "loss up", "loss down", "small", "small and sure", "over the margin", "few rows", "alike", "unknown"],
)
def test_the_word_follows_from_interval_and_margin(value, error, is_score, word):
    assert word_of(figure(value, error, is_score=is_score), 0.95) is word


def test_many_figures_raise_the_bar_for_each():
    p_values = [0.012, 0.02, 0.04, 0.3]

    assert holm(p_values) == pytest.approx([0.048, 0.06, 0.08, 0.3])
    assert holm([]) == []


def test_deciding_figures_are_not_held_back_by_the_others():
    side = Side("a", "credit")
    figures = (figure(0.03, 0.012), *(figure(0.03, 0.012, is_deciding=False, name=f"m{i}") for i in range(6)))

    (found,) = judged([Comparison("model", "test", 500, side, side, figures, 0.95)])

    assert [f.word for f in found.figures] == [Word.BETTER] + 6 * [Word.UNDERPOWERED]
    assert found.word is Word.BETTER


def test_candidates_share_the_correction():
    side = Side("a", "credit")
    one = Comparison("model", "test", 500, side, side, (figure(0.03, 0.0148),), 0.95)

    assert judged([one])[0].word is Word.BETTER
    assert {found.word for found in judged([one, one])} == {Word.UNDERPOWERED}


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        ([Word.BETTER, Word.WORSE], Word.WORSE),
        ([Word.BETTER, Word.UNDERPOWERED], Word.BETTER),
        ([Word.SAME, Word.SAME], Word.SAME),
        ([Word.SAME, Word.UNDERPOWERED], Word.UNDERPOWERED),
    ],
)
def test_the_whole_is_as_good_as_its_worst_deciding_figure(words, whole):
    from dataclasses import replace

    figures = [replace(figure(0.01, 0.01), word=word) for word in words]

    assert whole_of([*figures, replace(figures[0], is_deciding=False, word=Word.WORSE)]) is whole


@pytest.fixture
def binary():
    rng = np.random.default_rng(4)
    y = (rng.random(600) < 0.4).astype("int64")
    good, poor = (1 / (1 + np.exp(-(2 * y - 1 + rng.normal(0, s, 600)))) for s in (0.8, 3.0))
    return y, *(np.stack([1 - p, p], axis=1) for p in (good, poor))


def test_every_metric_every_slice_and_money_is_compared(binary):
    y, good, poor = binary
    metrics = tuple(METRICS[name] for name in ("roc_auc", "log_loss", "accuracy"))
    sex = np.where(np.arange(600) < 590, np.where(np.arange(600) % 2, "f", "m"), "x").astype(object)
    worth = np.stack([-1.0 * ((p[:, 1] > 0.5) != y) for p in (poor, good)])
    rows = Rows(y, poor, good, slices={"sex": sex}, worth=worth)

    figures, few = compare_rows(rows, Ways(metrics, frozenset({"roc_auc", VALUE}), resamples=200, currency="EUR"))

    shown = [(f.name, f.slice, f.is_deciding) for f in figures]
    assert shown == [
        ("roc_auc", "", True),
        (VALUE, "", True),
        ("log_loss", "", False),
        ("accuracy", "", False),
        ("roc_auc", "sex = f", False),
        (VALUE, "sex = f", False),
        ("roc_auc", "sex = m", False),
        (VALUE, "sex = m", False),
    ]
    assert few == ["sex = x"]
    assert figures[0].method == "DeLong" and figures[2].method == "paired bootstrap"
    assert figures[0].baseline == METRICS["roc_auc"].of(y, poor) and figures[0].candidate == METRICS["roc_auc"].of(y, good)
    assert figures[1].unit == "EUR" and figures[1].difference == pytest.approx(worth[1].mean() - worth[0].mean())
    (whole,) = judged([Comparison("model", "test", 600, Side("a", "r"), Side("b", "r"), tuple(figures), 0.95)])
    assert whole.word is Word.BETTER
    assert {f.word for f in whole.figures if not f.slice} == {Word.BETTER}


def test_weights_and_entities_take_the_place_of_delong(binary):
    y, good, poor = binary
    ways = Ways((METRICS["roc_auc"],), frozenset({"roc_auc"}), resamples=100)

    (weighted,), _ = compare_rows(Rows(y, poor, good, weight=np.ones(600)), ways)
    (grouped,), _ = compare_rows(Rows(y, poor, good, group=np.arange(600) // 5), ways)

    assert weighted.method == "paired bootstrap" and grouped.method == "paired bootstrap of entities"


def test_forecasts_are_compared_moment_by_moment():
    rng = np.random.default_rng(0)
    n, series = 56, 4
    moment = np.tile(np.arange(n), series)
    y = rng.normal(50, 5, n * series)
    near, far = (np.stack([y + rng.normal(0, s, n * series) + q for q in (-2, 0, 2)], axis=1) for s in (1, 4))
    metrics = tuple(quantile_metrics((0.1, 0.5, 0.9)).values())
    slices = {"name": np.repeat(np.array(["a", "b", "c", "d"], dtype=object), n)}

    figures, _ = compare_rows(
        Rows(y, far, near, moment=moment, slices=slices), Ways(metrics, frozenset({"wape"}), steps=28, has_labels=False)
    )

    assert {f.method for f in figures} == {"Diebold–Mariano"}
    assert [f.slice for f in figures if f.name == "wape"] == ["", "name = a", "name = b", "name = c", "name = d"]
    assert figures[0].difference == pytest.approx(metrics[0].of(y, near) - metrics[0].of(y, far))
    assert figures[0].high < 0


def test_an_exact_null_is_flagged_about_as_often_as_agreed(binary):
    y, good, poor = binary
    rng, flagged = np.random.default_rng(9), 0
    ways = Ways((METRICS["roc_auc"],), frozenset({"roc_auc"}))

    for _ in range(400):
        swap = rng.random(600)[:, None] < 0.5
        (found,), _ = compare_rows(Rows(y, np.where(swap, good, poor), np.where(swap, poor, good)), ways)
        flagged += found.p < 0.05

    assert 0.02 <= flagged / 400 <= 0.08


def test_rows_whose_worth_is_not_known_do_not_count_as_money(binary):
    y, good, poor = binary
    worth = np.stack([np.where(y == 1, 2.0, 0.0), np.where(y == 1, 3.0, 0.0)])
    worth[0, 100:] = np.nan
    rows = Rows(y, poor, good, worth=worth)

    figures, _ = compare_rows(rows, Ways((METRICS["accuracy"],), frozenset({VALUE}), resamples=50, currency="EUR"))

    (money,) = [found for found in figures if found.name == VALUE]
    share = y[:100].mean()
    assert (money.n, money.baseline, money.candidate) == (100, pytest.approx(2 * share), pytest.approx(3 * share))
