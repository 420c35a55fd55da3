"""A small table that every task can be asked of."""

import numpy as np
import pandas as pd


def table(rows: int = 80) -> pd.DataFrame:
    """Makes the table."""
    rng = np.random.default_rng(0)
    age, income = rng.integers(18, 70, rows), rng.normal(30, 9, rows).round(2)
    return pd.DataFrame(
        {
            "age": age,
            "income": income,
            "town": rng.choice(["Ulm", "Bonn", "Kiel"], rows),
            "day": pd.date_range("2024-01-01", periods=rows).strftime("%Y-%m-%d"),
            "shop": [f"s{number % 8}" for number in range(rows)],
            "five": [f"class {number % 5}" for number in range(rows)],
            "price": (income * 2 + rng.normal(0, 3, rows)).round(3),
            "y": np.where(income + rng.normal(0, 6, rows) > 30, "yes", "no"),
        }
    )
