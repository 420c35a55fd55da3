"""One examiner a file: each writes a chapter of the evidence."""

from lepton_automl.registry import Registry

EXAMINERS = Registry(
    "chapter of the evidence",
    "lepton_automl.examiners",
    {
        "calibration": "lepton_automl.evidence.examiners.calibration:Calibrated",
        "explanation": "lepton_automl.evidence.examiners.explanation:Explained",
    },
)

__all__ = ["EXAMINERS"]
