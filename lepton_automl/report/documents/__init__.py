"""The documents that a reviewer asks for, made of the recipe and of what the run found; nothing is decided here."""

from lepton_automl.report.documents.render import EVERY_RUN, TITLES, render_document, write_documents
from lepton_automl.report.documents.validation import write_validation_pack

__all__ = ["EVERY_RUN", "TITLES", "render_document", "write_documents", "write_validation_pack"]
