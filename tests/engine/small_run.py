"""A small table about people, and the words that fill in what policies ask for."""

import numpy as np
import pandas as pd

WORDS = ["search=quick", "budget.seconds=null", "budget.trials=1", "evidence.resamples=50", "hardware.threads=1"]
WORDS += ["evidence.explanation=null"]
FIELDS = [
    "engagement.owner=Retail risk",
    "engagement.goal=Decide on loans",
    "engagement.intended_use=A first opinion",
    "engagement.limits=Not for companies",
    "engagement.affected_people=Applicants",
    "engagement.human_oversight=A clerk decides",
    "engagement.redress=Reasons by letter",
    "engagement.risks=Wrong refusals",
    "engagement.retention=25 months",
    "engagement.monitoring=Each month",
    "data.roles.protected=[household]",
    "explanation.phrases={name: Name, age: Age, city: City, income: Income}",
]


def people(folder, leaks=()):
    """Writes a table with a name for each row and labels that depend on two columns; gives its path.

    Args:
        folder: Where to.
        leaks: Names of columns that give the label away.
    """
    rng = np.random.default_rng(0)
    n = 240
    frame = pd.DataFrame(
        {
            "name": [f"Zoltan{number:03d}" for number in range(n)],
            "age": rng.integers(20, 70, n),
            "city": rng.choice(["Bernville", "Romeburg", "Osloford"], n),
            "household": rng.integers(0, 60, n),
            "income": rng.normal(30, 9, n).round(2),
        }
    )
    late = (frame["age"] + 15 * (frame["city"] == "Romeburg") + rng.normal(0, 8, n)) > 52
    for name in leaks:
        frame[name] = late * 5 + rng.random(n)
    frame["late"] = late.map({True: "yes", False: "no"})
    path = folder / "people.csv"
    frame.to_csv(path, index=False)
    return path
