"""One examiner a file: each writes a chapter of the evidence."""

from lepton_automl.registry import Registry

EXAMINERS = Registry(
    "chapter of the evidence",
    "lepton_automl.examiners",
    {
        "value": "lepton_automl.evidence.examiners.value:Valued",
        "calibration": "lepton_automl.evidence.examiners.calibration:Calibrated",
        "fairness": "lepton_automl.evidence.examiners.fairness:Fair",
        "slices": "lepton_automl.evidence.examiners.slices:Slices",
        "ranking": "lepton_automl.evidence.examiners.ranking:Ranking",
        "conformal": "lepton_automl.evidence.examiners.conformal:Intervals",
        "robustness": "lepton_automl.evidence.examiners.robustness:Stressed",
        "learning_curve": "lepton_automl.evidence.examiners.learning_curve:Learned",
    },
)

__all__ = ["EXAMINERS"]
