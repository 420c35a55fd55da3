"""Renders pages, figures and documents from finished facts; decides nothing."""

from lepton_automl.report.documents import write_validation_pack
from lepton_automl.report.facts import Facts
from lepton_automl.report.write import write_report

__all__ = ["Facts", "write_report", "write_validation_pack"]
