"""What the tests of the rules about leaks share."""

import numpy as np

from lepton_automl.data import Role
from lepton_automl.governance import RULES, Stage, Subject
from lepton_automl.tasks import Goal, Makes

LABELS, THREE, NUMBER = Goal(Makes.PROBABILITIES, 2), Goal(Makes.PROBABILITIES, 3), Goal(Makes.VALUES)
QUANTILES = Goal(Makes.QUANTILES, 1, (0.5,))


def findings(name, data, goal=LABELS, test=None, aside=None, test_aside=None, today=None, **settings):
    """Lets a rule look at a table with the target y; of test rows only the features are shown."""
    rule = RULES.find(name)(**settings)
    shown = None if test is None else test.without([c.name for c in test.with_role(Role.TARGET)])
    if rule.stage is Stage.DATA:
        seen = data.without(["y"]) if "y" in data.names else data
        return rule.check(Subject(seen, goal, None, np.ones(len(data), dtype=bool), shown, today=today))
    y = data.values("y").to_numpy()
    return rule.check(Subject(data, goal, y, np.ones(len(y), dtype=bool), shown, aside=aside, test_aside=test_aside))


def told(found):
    """Gives code, column and verdict of each finding."""
    return [(f.code, f.column, str(f.verdict)) for f in found]


def labels_and_features(n=2000, seed=0):
    """Gives labels, and three features that go with them and with each other."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n)
    y = (base + 0.5 * rng.normal(size=n) > 0).astype("int64")
    return y, {"base": base + rng.normal(size=n), "more": base + rng.normal(size=n), "city": rng.choice(list("abc"), n)}


def numbers_and_features(n=2000, seed=0):
    """Gives numbers, and three features that go with them and with each other."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n)
    y = 10 + 3 * base + rng.normal(size=n)
    return y, {"base": base + rng.normal(size=n), "more": base + rng.normal(size=n), "city": rng.choice(list("abc"), n)}
