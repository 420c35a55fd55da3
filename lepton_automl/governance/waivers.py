"""A waiver: somebody answers for it that a rule is not obeyed, for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from lepton_automl.governance.protocol import Finding, Verdict


@dataclass(frozen=True)
class Waiver:
    """What a rule would do or forbid, and somebody lets be.

    Args:
        by: Who answers for it.
        why: The reason.
        until: The last day it holds.
        columns: Columns it is about; empty: all the rule finds.
    """

    by: str
    why: str
    until: date
    columns: tuple[str, ...] = ()

    def is_over(self, today: date) -> bool:
        """Says whether it holds no more."""
        return today > self.until

    def applied(self, finding: Finding) -> Finding:
        """Gives a finding that neither acts nor stops, where the waiver is about it."""
        is_meant = not self.columns or finding.column in self.columns
        if not is_meant or finding.verdict not in (Verdict.ACTED, Verdict.STOP):
            return finding
        note = f"{finding.note}; waived by {self.by} until {self.until}: {self.why}"
        return replace(finding, verdict=Verdict.WAIVED, effect="", rows=None, treatments=(), note=note)
