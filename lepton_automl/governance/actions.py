"""What becomes of a column that a rule finds: it is dropped, it stops the run, or it is told."""

from __future__ import annotations

from typing import Literal

from lepton_automl.governance.protocol import Verdict

Action = Literal["drop", "stop", "note"]


def verdict_of(action: Action, is_certain: bool = True) -> tuple[Verdict, str]:
    """Gives verdict and effect of a finding about a column.

    Args:
        action: What the recipe asks for.
        is_certain: Whether it is beyond doubt; what is not is told where the recipe asks for dropping, and stops all the same.
    """
    if action == "stop":
        return Verdict.STOP, ""
    return (Verdict.ACTED, "column dropped") if action == "drop" and is_certain else (Verdict.NOTED, "")
