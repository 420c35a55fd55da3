"""One examiner a file: each writes a chapter of the evidence."""

from lepton_automl.registry import Registry

EXAMINERS = Registry(
    "chapter of the evidence",
    "lepton_automl.examiners",
    {
        "value": "lepton_automl.evidence.examiners.value:Valued",
        "calibration": "lepton_automl.evidence.examiners.calibration:Calibrated",
    },
)

__all__ = ["EXAMINERS"]
