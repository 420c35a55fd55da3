"""GOV022: somebody says what the model is for, and answers for it."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from lepton_automl.governance.protocol import Finding, Stage, Subject, Verdict


@dataclass(frozen=True)
class Purpose:
    """A run whose engagement does not say what the model is for, or who answers for it, stops.

    Args:
        required: Keys under `engagement` that must be filled in.
    """

    required: tuple[str, ...] = ("intended_use", "owner")
    code = "GOV022"
    title = "The engagement says what the model is for, and who answers for it"
    stage = Stage.DATA

    def check(self, subject: Subject) -> list[Finding]:
        """Finds the keys that are empty."""
        if subject.engagement is None:
            return [Finding(self.code, "", Verdict.NOT_APPLICABLE, note="nothing is known of the engagement")]
        absent = [key for key in self.required if not str(subject.engagement.get(key) or "").strip()]
        return [Finding(self.code, "", Verdict.STOP, note=f"engagement.{key} is empty: write it down") for key in absent]
