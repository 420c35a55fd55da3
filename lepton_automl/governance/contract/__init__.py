"""What a table is promised to be: the words of a contract, its checks, and how one is proposed."""

from lepton_automl.governance.contract.propose import propose
from lepton_automl.governance.contract.terms import Action, ColumnTerms, FreshnessTerms, RelationTerms
from lepton_automl.governance.contract.violations import Contracted, Violation, find_test_violations, find_violations
from lepton_automl.governance.contract.written import written

__all__ = [
    "Action",
    "ColumnTerms",
    "Contracted",
    "FreshnessTerms",
    "RelationTerms",
    "Violation",
    "find_test_violations",
    "find_violations",
    "propose",
    "written",
]
