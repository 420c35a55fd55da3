"""The sections of the report: each takes the facts and gives what its template shows."""

from lepton_automl.report.sections.answer import answer_section
from lepton_automl.report.sections.appendix import appendix_section
from lepton_automl.report.sections.data import data_section
from lepton_automl.report.sections.ensemble import ensemble_section
from lepton_automl.report.sections.proof import proof_section
from lepton_automl.report.sections.search import search_section

__all__ = ["answer_section", "appendix_section", "data_section", "ensemble_section", "proof_section", "search_section"]
