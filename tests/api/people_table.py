"""A small table about people, with a name that tries to break out of a page, and a recipe for it."""

import numpy as np
import pandas as pd

EVIL = "<script>alert('x')</script>"


def people(rows=120, seed=0):
    """Gives a table: two numbers, a category whose name is a script, and labels that depend on them."""
    rng = np.random.default_rng(seed)
    age, debt = rng.integers(20, 70, rows), rng.gamma(2.0, 900.0, rows).round(2)
    city = rng.choice(["Bern", "Roma", "Oslo"], rows)
    chance = 1 / (1 + np.exp(-(debt / 900 - age / 25 + (city == "Oslo"))))
    late = np.where(rng.random(rows) < chance, "late", "paid")
    return pd.DataFrame({"age": age, "debt": debt, EVIL: city, "outcome": late})


RECIPE = {
    "name": "people",
    "defaults": [{"override /search": "quick"}],
    "report": {"title": f"Loans {EVIL}"},
    "task": {"kind": "binary", "target": "outcome", "positive": "late"},
    "budget": {"trials": 2},
    "hardware": {"threads": 1},
    "evidence": {"resamples": 50},
    "decision": {"payoff": {"true_positive": 0, "false_positive": -1, "false_negative": -5}},
    "gates": {"test.roc_auc": {"min": 0.2}},
}
