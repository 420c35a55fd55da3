"""Comparisons and sweeps with known figures, in which every part of a page has something to show."""

import math

from lepton_automl.evidence.comparing import (
    VALUE,
    Change,
    Comparison,
    Difference,
    Effect,
    Side,
    Sweep,
    SweepRun,
    Word,
    figure_of,
    judged,
)

NOTICES = (
    "Money is not compared: the currencies differ (EUR, zq).",
    "Too few rows to be compared: zq = zqa.",
    "No test rows were set aside: these rows also took part in choosing the models of both runs.",
    "The baseline was optimised for zqone, the candidate for zqtwo; the verdict goes by the baseline's metric.",
    "Made by different versions: 0.1.0 and 0.2.0.",
)
METHODS = ("DeLong", "paired bootstrap", "paired bootstrap of entities", "paired bootstrap of blocks of 3 moments")


def figure(name="roc_auc", slice_="", value=0.03, error=0.01, is_score=True, is_deciding=True, unit="", **more):
    difference = Difference(value, error, 199, more.get("method", "paired bootstrap"))
    margin = more.get("margin", 0.01)
    return figure_of(name, slice_, 200, (0.8, 0.8 + value), difference, is_score, 0.95, margin, is_deciding, unit)


def made(*candidates, question="model", basis="test", languages=(), **more):
    """Makes a comparison of one baseline with candidates, whose figures are given."""
    sides = [Side("zq/b", "zqrecipe", "1" * 64, "0.1.0")]
    sides += [
        Side(f"zq/c{k}", "zqrecipe", "2" * 64, "0.1.0", code) for k, code in enumerate(languages or ["en"] * len(candidates))
    ]
    found = [
        Comparison(
            question,
            basis,
            more.get("n", 200),
            sides[0],
            side,
            tuple(figures),
            0.95,
            more.get("changes", (Change("zq.seed", "1", "2"), Change("zq.gone", "{}", "…"))),
            more.get("notices", NOTICES),
            "zqtarget",
        )
        for side, figures in zip(sides[1:], candidates, strict=True)
    ]
    return judged(found)


def whole(worse=0.0):
    """Gives figures of one candidate with all four verdicts, money and slices among them."""
    return (
        figure(method="DeLong", value=0.03 - worse),
        figure(VALUE, value=-0.02, error=0.05, unit="EUR"),
        figure("log_loss", value=-0.02, is_score=False, is_deciding=False, error=0.001),
        figure("f1", value=0.0, error=0.0, is_deciding=False),
        figure("accuracy", value=0.001, error=0.001, is_deciding=False),
        figure("brier_score", value=0.2, error=0.01, is_score=False, is_deciding=False, method=METHODS[3]),
        figure("average_precision", value=0.02, error=math.nan, is_deciding=False),
        figure("roc_auc", "zqage = over 41", 0.01, 0.02, is_deciding=False, method=METHODS[2]),
        figure("roc_auc", "zqage = up to 27", -0.2, 0.02, is_deciding=False),
        figure("roc_auc", "zqage = 27 to 41", 0.02, 0.02, is_deciding=False),
        figure("roc_auc", "zqsex = zqm", 0.02, 0.02, is_deciding=False),
        figure("roc_auc", "zqsex = (others)", 0.02, 0.02, is_deciding=False),
    )


def sweep(metric="roc_auc", language="en"):
    """Makes a sweep of six runs over two keys, of which one has an effect, with a run that failed."""
    is_score = metric == "roc_auc"
    runs = [
        SweepRun(
            f"zq.zqleaves={leaves},zq.zqrate={rate}",
            {"zq.zqleaves": str(leaves), "zq.zqrate": rate},
            0.8 + leaves / 1000,
            0.75,
            0.9,
            12.5,
            0.4,
            None
            if (leaves, rate) == (64, "zqa")
            else Word.SAME
            if leaves == 64
            else Word.UNDERPOWERED
            if leaves == 16
            else None,
        )
        for leaves in (64, 16, 4)
        for rate in ("zqa", "zqb")
    ]
    effects = [
        Effect("zq.zqleaves", "up to 4", 2, 0.8, -0.02, -0.03, -0.01),
        Effect("zq.zqleaves", "4 to 16", 2, 0.81, 0.0, -0.01, 0.01),
        Effect("zq.zqleaves", "over 16", 2, 0.82, 0.02, 0.01, 0.03),
        Effect("zq.zqrate", "zqa", 3, 0.81, 0.001, -0.002, 0.004),
        Effect("zq.zqrate", "zqb", 3, 0.81, math.nan, math.nan, math.nan),
    ]
    notices = ("The best of 6 was chosen by these figures, so its own is likely a little too good.",)
    unfinished = {"zqrun": "stopped midway", "zqother": "zq"}
    return Sweep("zqsweep", metric, is_score, "zqtarget", tuple(runs), tuple(effects), unfinished, 0.95, notices, language)
