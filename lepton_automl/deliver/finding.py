"""Finds the artefact of a finished run."""

from __future__ import annotations

from pathlib import Path

from lepton_automl.errors import ArtifactError, Problem


def artifact_folder(folder: Path) -> Path:
    """Gives the artefact of a finished run, or the folder itself if it is one."""
    if (folder / "manifest.json").is_file():
        return folder
    if not folder.is_dir():
        raise ArtifactError(
            Problem(str(folder), "does not exist.", "Give the folder of a finished run, such as outputs/credit/DATE_TIME.")
        )
    if not (folder / "metrics.json").is_file():
        why = (folder / "failed.txt").read_text().strip() if (folder / "failed.txt").is_file() else "it has no metrics.json"
        raise ArtifactError(Problem(str(folder), f"is not a finished run: {why}.", "Run the recipe again."))
    return folder / "artifact"
