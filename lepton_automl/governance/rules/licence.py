"""GOV021: data that may not be used for money."""

from __future__ import annotations

import re

from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict

NOT_COMMERCIAL = re.compile(
    r"(?<![a-z])nc(?![a-z])|non-?\s?commercial|not for commercial|no commercial|research (use )?only|academic|personal use",
    re.I,
)
NO_DERIVATIVES = re.compile(r"(?<![a-z])nd(?![a-z])|no-?\s?derivatives", re.I)
COMMERCIAL = re.compile(
    r"^(mit|apache|bsd|isc|cc0|cc[- ]by(?![- ](nc|nd))|pddl|odc[- ]by|odbl|dbcl|cdla|public domain|unlicense|gpl|lgpl|agpl|mpl|"
    r"ogl|open government|own data|proprietary)",
    re.I,
)


@dataclass(frozen=True)
class Licence:
    """Data under a non-commercial licence stops a run whose engagement is commercial.

    Args:
        licence: Licence of the data, such as `CC-BY-4.0`; several with ` AND ` between them.
        is_required: Whether a run without a declared licence stops.
    """

    licence: str = ""
    is_required: bool = False
    code = "GOV021"
    title = "The licence of the data allows the use"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Holds the declared licence against the engagement."""
        if not self.licence.strip():
            verdict = Verdict.STOP if self.is_required else Verdict.NOT_APPLICABLE
            note = "no licence of the data is declared: write governance.rules.licence.licence"
            return [Finding(self.code, "", verdict, note=note)]
        is_commercial = (subject.engagement or {}).get("commercial", True)
        parts = [part.strip() for part in re.split(r"\s+and\s+", self.licence.strip(), flags=re.I)]
        return [self._judged(part, bool(is_commercial)) for part in parts]

    def _judged(self, licence: str, is_commercial: bool) -> Finding:
        if NOT_COMMERCIAL.search(licence):
            if is_commercial:
                note = f"{licence} does not allow commercial use; engagement.commercial says that it is"
                return Finding(self.code, "", Verdict.STOP, note=note)
            return Finding(
                self.code, "", Verdict.NOTED, note=f"{licence}: not for commercial use, and engagement.commercial is false"
            )
        if NO_DERIVATIVES.search(licence):
            return Finding(
                self.code, "", Verdict.NOTED, note=f"{licence} allows no derivatives: a lawyer must say what a model is"
            )
        if not COMMERCIAL.match(licence):
            return Finding(self.code, "", Verdict.NOTED, note=f"{licence} is not known to this rule: somebody must read it")
        return Finding(self.code, "", Verdict.NOTED, note=f"{licence} allows the use")
