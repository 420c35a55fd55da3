"""Writes into the ledger which columns the delivered models saw that the table does not have."""

from __future__ import annotations

from pathlib import Path

from lepton_automl.ensemble import Ensemble
from lepton_automl.features import Making, account
from lepton_automl.ledger import Entry, Ledger
from lepton_automl.search import load_preparation


def note_features(ensemble: Ensemble, work: Path, ledger: Ledger) -> None:
    """Adds an entry for each kind of made columns, in each representation that a member of the ensemble sees.

    What is chosen may differ between folds: the entry counts the columns of the fold with the most and names those of all.

    Args:
        ensemble: What is delivered.
        work: The search's working folder, with the preparations.
        ledger: Where it is written.
    """
    seen: dict[str, tuple[list[str], set[str]]] = {}
    for member in ensemble.members:
        for fit in member.fits:
            names, members = seen.setdefault(fit.preparation.rpartition("_")[0], ([], set()))
            members.add(f"{member.trial.candidate} {member.trial.number}")
            if fit.preparation not in names:
                names.append(fit.preparation)
    for view, (names, members) in seen.items():
        found: dict[str, list[Making]] = {}
        for name in names:
            for making in account(load_preparation(work / "table" / name)):
                found.setdefault(making.code, []).append(making)
        for code, makings in sorted(found.items()):
            of = dict.fromkeys(one for making in makings for one in making.of)
            note = f"{view} ({', '.join(sorted(members))}): {'; '.join(of)}"
            count = max(making.count for making in makings)
            ledger.add(Entry("features", code, makings[0].kind, "columns made", count=count, note=note))
